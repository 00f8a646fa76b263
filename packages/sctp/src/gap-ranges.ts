/** What an association has that never saw a gap. */
const NONE = new Float64Array(0);

/**
 * Ranges of chunks that the peer's last SACK reported in Gap Ack Blocks, in ascending order, by the number
 * of the chunk within the association ({@link Outstanding.firstNumber}). Two SACKs are compared range by
 * range, so that one costs what it says and not what it covers.
 */
export class GapRanges {
  length: number;
  #starts: Float64Array;
  #ends: Float64Array;

  constructor() {
    this.length = 0;
    this.#starts = NONE;
    this.#ends = NONE;
  }

  start(i: number): number {
    return this.#starts[i] as number;
  }

  /** The last number of range `i`, which belongs to it. */
  end(i: number): number {
    return this.#ends[i] as number;
  }

  /** Adds a range after all others. */
  push(start: number, end: number): void {
    if (this.length === this.#starts.length) this.#grow();
    this.#starts[this.length] = start;
    this.#ends[this.length] = end;
    this.length++;
  }

  clear(): void {
    this.length = 0;
  }

  #grow(): void {
    const size = Math.max(16, 2 * this.length);
    const starts = new Float64Array(size);
    const ends = new Float64Array(size);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}

/** What all associations have whose peer never reported a gap; nothing is pushed to it. */
export const NO_RANGES: GapRanges = new GapRanges();
