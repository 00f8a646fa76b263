import { LITTLE_ENDIAN, wordsOf } from "./word-view.js";

// Below this many bytes, finding the words costs more than they save (measured).
const WORDS_FROM = 160;
// What a 32-bit sum can take without losing a carry: 2^16 times 0xffff.
const MAX_BLOCK = 0x10000;

/**
 * The one's complement sum of the 16-bit big-endian words in `bytes[start .. end)`, folded to 16 bits
 * and **not** complemented, so that sums chain: give what one call returned as `initial` of the next.
 * An odd last byte counts as if a zero byte followed, so only the last piece may be odd. RFC 1071 s1
 *
 * A header with a right checksum in it gives 0xffff; zero comes only from bytes that are all zero.
 *
 * @param initial sum to start from, such as a pseudo-header's: 0 .. 2^31
 * @returns 0 .. 0xffff; {@link finishChecksum} makes the field's value of it
 */
export function internetChecksum(
  bytes: Uint8Array,
  start: number,
  end: number,
  initial = 0,
): number {
  let sum = fold(initial);
  let at = start;
  while (end - at > MAX_BLOCK) {
    sum = fold(sum + sumBlock(bytes, at, at + MAX_BLOCK));
    at += MAX_BLOCK;
  }
  return fold(sum + sumBlock(bytes, at, end));
}

/** The value of a checksum field: the complement of a sum of {@link internetChecksum}. RFC 1071 s1 */
export const finishChecksum = (sum: number): number => ~sum & 0xffff;

/** At most 64 KiB, folded. */
function sumBlock(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < WORDS_FROM || !LITTLE_ENDIAN) return fold(sumBytes(bytes, start, end, 0));
  const words = wordsOf(bytes);
  const offset = bytes.byteOffset;
  const firstWord = (start + offset + 3) >> 2;
  const endWord = (end + offset) >> 2;
  // A buffer that was resized since the words were found.
  if (endWord > words.length) return fold(sumBytes(bytes, start, end, 0));

  let high = 0;
  let low = 0;
  let k = firstWord;
  for (const stop = endWord - 3; k < stop; k += 4) {
    const a = words[k] ?? 0;
    const b = words[k + 1] ?? 0;
    const c = words[k + 2] ?? 0;
    const d = words[k + 3] ?? 0;
    high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
    low = (low + (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff)) | 0;
  }
  for (; k < endWord; k++) {
    const a = words[k] ?? 0;
    high = (high + (a >>> 16)) | 0;
    low = (low + (a & 0xffff)) | 0;
  }
  let middle = fold(high + low);
  // RFC 1071 s2 (B): words read in the other byte order give the sum with its bytes swapped; and so
  // does (once more) starting between the two bytes of a pair.
  const wordsStart = 4 * firstWord - offset;
  if (((wordsStart - start) & 1) === 0) middle = swap(middle);
  const tailStart = 4 * endWord - offset;
  return fold(
    middle +
      sumBytes(bytes, start, wordsStart, 0) +
      sumBytes(bytes, tailStart, end, (tailStart - start) & 1),
  );
}

/** Not folded. `odd` is 1 when the first byte is the second of its pair. */
function sumBytes(bytes: Uint8Array, start: number, end: number, odd: number): number {
  let sum = 0;
  let at = start;
  if (odd === 1 && at < end) sum += bytes[at++] ?? 0;
  for (const stop = end - 7; at < stop; at += 8) {
    sum =
      (sum +
        (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) +
        (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) +
        (((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0)) +
        (((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0))) |
      0;
  }
  for (const stop = end - 1; at < stop; at += 2) {
    sum = (sum + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0))) | 0;
  }
  return at < end ? (sum + ((bytes[at] ?? 0) << 8)) | 0 : sum;
}

/** To 16 bits with end-around carry, from any sum that fits 32 bits without sign. */
function fold(sum: number): number {
  const once = (sum >>> 16) + (sum & 0xffff);
  return (once >>> 16) + (once & 0xffff);
}

const swap = (sum: number): number => ((sum & 0xff) << 8) | (sum >>> 8);
