//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                          Chunk Value                          /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.2
const FLAGS = 1;
const LENGTH = 2;

/** Bytes of type, flags and length, with which each chunk begins. */
export const CHUNK_HEADER_LENGTH = 4;

/**
 * Why a chunk cannot be read. `badLength`: its length field is below what its kind needs, or does not
 * fit what the chunk says it holds. `truncated`: it goes beyond the bytes at hand.
 */
export type ChunkCheck = "ok" | "truncated" | "badLength";

/** Checks that the chunk's header and value are there. Its last padding bytes may be missing. */
export function checkChunk(view: DataView, at: number, end: number): ChunkCheck {
  if (end - at < CHUNK_HEADER_LENGTH) return "truncated";
  const length = view.getUint16(at + LENGTH);
  if (length < CHUNK_HEADER_LENGTH) return "badLength";
  return length > end - at ? "truncated" : "ok";
}

/** {@link checkChunk}, and the length field is at least `least`: for chunks with fixed fields. */
export function checkChunkOfAtLeast(
  view: DataView,
  at: number,
  end: number,
  least: number,
): ChunkCheck {
  const state = checkChunk(view, at, end);
  return state === "ok" && view.getUint16(at + LENGTH) < least ? "badLength" : state;
}

/** {@link checkChunk}, and the length field is `length`: for chunks of one size. */
export function checkChunkOfLength(
  view: DataView,
  at: number,
  end: number,
  length: number,
): ChunkCheck {
  const state = checkChunk(view, at, end);
  return state === "ok" && view.getUint16(at + LENGTH) !== length ? "badLength" : state;
}

export const chunkType = (view: DataView, at: number): number => view.getUint8(at);
export const chunkFlags = (view: DataView, at: number): number => view.getUint8(at + FLAGS);
/** Bytes of header and value, without padding. */
export const chunkLength = (view: DataView, at: number): number => view.getUint16(at + LENGTH);

/** `n` rounded up to a multiple of 4: what a chunk or parameter of length `n` takes with its padding. */
export const paddedLength = (n: number): number => (n + 3) & ~3;

/** Where the chunk after this one begins; beyond the packet's end when the last has no padding. */
export const nextChunk = (view: DataView, at: number): number =>
  at + paddedLength(view.getUint16(at + LENGTH));

/**
 * Writes type, flags and length (header and value, without padding); 4 bytes.
 * @returns 4
 */
export function writeChunkHeader(
  view: DataView,
  at: number,
  type: number,
  flags: number,
  length: number,
): number {
  view.setUint8(at, type);
  view.setUint8(at + FLAGS, flags);
  view.setUint16(at + LENGTH, length);
  return CHUNK_HEADER_LENGTH;
}

/** Changes the length field of a chunk whose parameters or causes are written by now. */
export function setChunkLength(view: DataView, at: number, length: number): void {
  view.setUint16(at + LENGTH, length);
}

/** Zeroes the 0 .. 3 padding bytes after the chunk or parameter of `length` bytes at `at`. */
export function zeroPadding(bytes: Uint8Array, at: number, length: number): void {
  const stop = at + paddedLength(length);
  for (let i = at + length; i < stop; i++) bytes[i] = 0;
}
