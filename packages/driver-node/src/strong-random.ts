import { randomFillSync } from "node:crypto";
import type { RandomSource } from "@multihome/base";

const POOL_BYTES = 4096;

/**
 * Numbers of the system's strong source (node:crypto). Drawn in advance, 4 KiB at a time, so that one
 * number costs no system call; what was given out is wiped.
 */
export class StrongRandom implements RandomSource {
  readonly #pool: Uint8Array;
  readonly #words: DataView;
  #used: number;

  constructor() {
    this.#pool = new Uint8Array(POOL_BYTES);
    this.#words = new DataView(this.#pool.buffer);
    this.#used = POOL_BYTES;
  }

  nextU32(): number {
    if (this.#used === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const n = this.#words.getUint32(this.#used);
    this.#words.setUint32(this.#used, 0);
    this.#used += 4;
    return n;
  }

  fill(into: Uint8Array): void {
    randomFillSync(into);
  }
}
