// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |              ...              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4861 s4.6: Length counts type and length too, in units of 8 bytes.

/** Why the options of a neighbor discovery message cannot be read. */
export type NdOptionsCheck = "ok" | "truncated" | "zeroLengthOption";

/** Bytes of the option at `at`, a multiple of 8, or 0 if its length is 0 or goes beyond `end`. */
export function ndOptionLength(view: DataView, at: number, end: number): number {
  if (end - at < 8) return 0;
  const length = 8 * view.getUint8(at + 1);
  return length <= end - at ? length : 0;
}

/** Checks that options fill `at .. end` exactly. RFC 4861 s4.6: a length of zero spoils the whole message. */
export function checkNdOptions(view: DataView, at: number, end: number): NdOptionsCheck {
  let o = at;
  while (o < end) {
    const length = ndOptionLength(view, o, end);
    if (length === 0) {
      return end - o >= 2 && view.getUint8(o + 1) === 0 ? "zeroLengthOption" : "truncated";
    }
    o += length;
  }
  return "ok";
}

/**
 * Where the option after the one at `at` begins; `end` if there is none or the one at `at` cannot be read. So
 * that `for (let o = start; o < end; o = nextNdOption(view, o, end))` always comes to an end.
 */
export function nextNdOption(view: DataView, at: number, end: number): number {
  const length = ndOptionLength(view, at, end);
  return length === 0 ? end : at + length;
}

/** Where the first whole option of this type begins, or -1. */
export function findNdOption(view: DataView, at: number, end: number, type: number): number {
  for (let o = at; o < end; o = nextNdOption(view, o, end)) {
    if (view.getUint8(o) === type) return ndOptionLength(view, o, end) === 0 ? -1 : o;
  }
  return -1;
}

/** Writes type and length (in bytes, a multiple of 8) of an option. Returns 2. */
export function writeNdOptionHead(
  view: DataView,
  at: number,
  type: number,
  length: number,
): number {
  view.setUint8(at, type);
  view.setUint8(at + 1, length >>> 3);
  return 2;
}
