/** Where a core draws its numbers from. It comes with the configuration; a core never makes one. */
export interface RandomSource {
  /** The next 32 bits, 0 .. 2^32 - 1. */
  nextU32(): number;
  /** Fills `into` with random bytes. */
  fill(into: Uint8Array): void;
}

/**
 * A seeded generator (xoshiro128**): same seed, same numbers, on every platform. For simulation and
 * tests; keys and tags of real hosts need the driver's strong source.
 */
export class SeededRandom implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed any number; its lower 32 bits and the next 21 count. */
  constructor(seed: number) {
    // splitmix32 spreads the seed over the state, so that near seeds give far streams.
    let s = (seed >>> 0) ^ Math.imul(Math.floor(seed / 0x100000000) | 0, 0x9e3779b1);
    const next = (): number => {
      s = (s + 0x9e3779b9) | 0;
      let z = s ^ (s >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  nextU32(): number {
    const b5 = Math.imul(this.#b, 5);
    const result = Math.imul((b5 << 7) | (b5 >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.nextU32() >>> 24;
  }

  /** A generator of its own for one part, so that draws of one part do not shift another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.nextU32());
  }
}

/** A fraction in [0, 1) with 32 bits. */
export const randomFraction = (r: RandomSource): number => r.nextU32() / 0x100000000;

/** An integer in [0, n); n from 1 to 2^32. */
export const randomBelow = (r: RandomSource, n: number): number =>
  Math.floor((r.nextU32() / 0x100000000) * n);
