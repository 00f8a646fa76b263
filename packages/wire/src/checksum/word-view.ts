/** True where an Int32Array reads the least significant byte first, as nearly every machine does. */
export const LITTLE_ENDIAN: boolean = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

// Weak, so that a buffer does not outlive its last user because its checksum was taken once.
const known = new WeakMap<ArrayBufferLike, Int32Array>();

/**
 * The aligned 32-bit words of the memory under `bytes`, in the machine's byte order: word `k` is at
 * the buffer's (not the array's) offset `4 * k`. One view per buffer is made and kept, since making
 * one costs more than finding it.
 */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const buffer = bytes.buffer;
  let words = known.get(buffer);
  if (words === undefined) {
    words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    known.set(buffer, words);
  }
  return words;
}
