/**
 * What the buffers of all associations of a host may take beyond their first sizes, in bytes. It is only
 * counted here; who holds a part gives it back.
 */
export class BufferBudget {
  readonly total: number;
  #used: number;

  /** @param total bytes; 0 keeps every buffer at its first size */
  constructor(total: number) {
    this.total = total;
    this.#used = 0;
  }

  /** Bytes handed out. */
  get used(): number {
    return this.#used;
  }

  /** Hands out up to `bytes`; returns how many. */
  take(bytes: number): number {
    const given = Math.min(bytes, this.total - this.#used);
    this.#used += given;
    return given;
  }

  /** Takes back what was handed out. */
  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}
