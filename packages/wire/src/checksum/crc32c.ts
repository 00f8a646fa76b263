import { StackError } from "@multihome/base";
import { LITTLE_ENDIAN, wordsOf } from "./word-view.js";

/** Computes the CRC32c of `bytes[start .. end)` as an unsigned 32-bit number. */
export type Crc32c = (bytes: Uint8Array, start: number, end: number) => number;

// RFC 9260 appendix A: the polynomial 0x1EDC6F41, here with its bits reversed.
const POLYNOMIAL = 0x82f63b78;
// Below this many bytes, finding the words costs more than they save; so does a call into native
// code (both measured).
const WORDS_FROM = 192;
const ACCELERATE_FROM = 96;

// Slicing by 8 in one flat table: entry 256 * k + b is byte b followed by k zero bytes. It measured
// faster than eight tables, and than slicing by 16. It is indexed in place: a helper function is not
// inlined where V8 first saw only long inputs, and short ones then take five times as long.
const TABLE = makeTable();

let accelerator: Crc32c | undefined;

/**
 * CRC32c (Castagnoli) of `bytes[start .. end)`, 0 .. 2^32 - 1. RFC 9260 appendix A
 *
 * The number's least significant byte goes first onto the wire. Uses the accelerator of
 * {@link useCrc32c} for all but short inputs.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  return accelerator !== undefined && end - start >= ACCELERATE_FROM
    ? accelerator(bytes, start, end)
    : crc32cPlain(bytes, start, end);
}

/** {@link crc32c} in plain TypeScript, whatever is installed. */
export function crc32cPlain(bytes: Uint8Array, start: number, end: number): number {
  return end - start >= WORDS_FROM && LITTLE_ENDIAN
    ? fromWords(bytes, start, end)
    : ~fromBytes(-1, bytes, start, end) >>> 0;
}

/**
 * Makes `crc32c` use `impl` for inputs of 96 bytes and more, or plain TypeScript again with
 * `undefined`. Process-wide, as there is only one right result.
 * @throws StackError `badCrc32c` if `impl` gives a wrong result for a known input; what was in use
 *   before then stays.
 */
export function useCrc32c(impl: Crc32c | undefined): void {
  if (impl !== undefined) check(impl);
  accelerator = impl;
}

/** Bytes 0, 1, 2 ... at every alignment and at lengths around those where implementations split. */
function check(impl: Crc32c): void {
  const bytes = Uint8Array.from({ length: 1600 }, (_, i) => (i * 167 + (i >> 8)) & 0xff);
  for (let start = 0; start < 9; start++) {
    for (const length of [0, 1, 3, 4, 7, 8, 9, 15, 16, 31, 32, 63, 64, 65, 128, 255, 1024, 1591]) {
      const expected = crc32cPlain(bytes, start, start + length);
      const got = impl(bytes, start, start + length);
      if (got !== expected) {
        throw new StackError(
          "badCrc32c",
          `CRC32c of ${length} bytes at offset ${start}: got ${String(got)}, expected ${expected}`,
          { start, length, got, expected },
        );
      }
    }
  }
}

function fromWords(bytes: Uint8Array, start: number, end: number): number {
  const words = wordsOf(bytes);
  const offset = bytes.byteOffset;
  const aligned = start + (-(start + offset) & 3);
  const pairs = (end - aligned) >> 3;
  let k = (aligned + offset) >> 2;
  const stop = k + 2 * pairs;
  // A buffer that was resized since the words were found.
  if (stop > words.length) return ~fromBytes(-1, bytes, start, end) >>> 0;

  let crc = fromBytes(-1, bytes, start, aligned);
  for (; k < stop; k += 2) {
    crc ^= words[k] ?? 0;
    const next = words[k + 1] ?? 0;
    crc =
      (TABLE[1792 + (crc & 0xff)] ?? 0) ^
      (TABLE[1536 + ((crc >>> 8) & 0xff)] ?? 0) ^
      (TABLE[1280 + ((crc >>> 16) & 0xff)] ?? 0) ^
      (TABLE[1024 + (crc >>> 24)] ?? 0) ^
      ((TABLE[768 + (next & 0xff)] ?? 0) ^
        (TABLE[512 + ((next >>> 8) & 0xff)] ?? 0) ^
        (TABLE[256 + ((next >>> 16) & 0xff)] ?? 0) ^
        (TABLE[next >>> 24] ?? 0));
  }
  return ~fromBytes(crc, bytes, aligned + 8 * pairs, end) >>> 0;
}

/** The register `crc` after `bytes[start .. end)`; neither inverted before nor after. */
function fromBytes(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    crc =
      (TABLE[1792 + ((crc ^ (bytes[i] ?? 0)) & 0xff)] ?? 0) ^
      (TABLE[1536 + (((crc >>> 8) ^ (bytes[i + 1] ?? 0)) & 0xff)] ?? 0) ^
      (TABLE[1280 + (((crc >>> 16) ^ (bytes[i + 2] ?? 0)) & 0xff)] ?? 0) ^
      (TABLE[1024 + ((crc >>> 24) ^ (bytes[i + 3] ?? 0))] ?? 0) ^
      ((TABLE[768 + (bytes[i + 4] ?? 0)] ?? 0) ^
        (TABLE[512 + (bytes[i + 5] ?? 0)] ?? 0) ^
        (TABLE[256 + (bytes[i + 6] ?? 0)] ?? 0) ^
        (TABLE[bytes[i + 7] ?? 0] ?? 0));
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc;
}

function makeTable(): Int32Array {
  const table = new Int32Array(2048);
  for (let b = 0; b < 256; b++) {
    let crc = b;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? POLYNOMIAL : 0);
    table[b] = crc;
  }
  for (let i = 256; i < 2048; i++) {
    const before = table[i - 256] ?? 0;
    table[i] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}
