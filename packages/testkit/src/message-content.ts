import type { Side } from "@multihome/netsim";

const GOLDEN = 0x9e3779b1;

/**
 * The bytes of message number `index` of one side: the same for the same arguments, and different in
 * every byte range for others, so that a message that is mixed up, cut or repeated does not go unnoticed.
 */
export function contentOf(seed: number, side: Side, index: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let word = start(seed, side, index);
  for (let i = 0; i < bytes; i++) {
    if ((i & 3) === 0) word = next(word);
    out[i] = word >>> (8 * (i & 3));
  }
  return out;
}

/** True if `data` is what {@link contentOf} gives for these arguments and this length. */
export function isContentOf(data: Uint8Array, seed: number, side: Side, index: number): boolean {
  let word = start(seed, side, index);
  for (let i = 0; i < data.length; i++) {
    if ((i & 3) === 0) word = next(word);
    if (data[i] !== ((word >>> (8 * (i & 3))) & 0xff)) return false;
  }
  return true;
}

const start = (seed: number, side: Side, index: number): number =>
  (Math.imul(seed | 0, GOLDEN) ^ Math.imul(index + 1, 0x85ebca6b) ^ (side === "a" ? 0x27d4 : 0)) |
    0 || 1;

/** xorshift32 (Marsaglia, 2003): never 0, period 2^32 - 1. */
function next(word: number): number {
  let w = word;
  w ^= w << 13;
  w ^= w >>> 17;
  w ^= w << 5;
  return w;
}
