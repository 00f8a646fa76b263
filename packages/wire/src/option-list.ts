// IPv4 and TCP options share one shape: kinds 0 (end of list) and 1 (no operation) are single bytes,
// any other has a length byte that counts kind and length too. RFC 791 s3.1, RFC 9293 s3.1.

/** Ends the list; what follows is padding. */
export const OPTION_END_OF_LIST = 0;
/** One byte that means nothing. */
export const OPTION_NO_OPERATION = 1;

/** Why a list of options cannot be read to its end. */
export type OptionListCheck = "ok" | "truncated" | "badLength";

/**
 * Bytes of the option at `at`, or 0 if it cannot be read: its length byte is missing, is below 2 or goes
 * beyond `end`. `at` must be before `end`.
 */
export function optionLength(view: DataView, at: number, end: number): number {
  if (view.getUint8(at) <= OPTION_NO_OPERATION) return 1;
  if (end - at < 2) return 0;
  const length = view.getUint8(at + 1);
  return length >= 2 && length <= end - at ? length : 0;
}

/**
 * Where the option after the one at `at` begins; `end` when there is none, be it that the bytes are used
 * up, that an end-of-list came, or that the option at `at` cannot be read. So that
 * `for (let o = start; o < end; o = nextOption(view, o, end))` always comes to an end; in its body a reader
 * must still ask {@link optionLength} or the option's own check.
 */
export function nextOption(view: DataView, at: number, end: number): number {
  if (view.getUint8(at) === OPTION_END_OF_LIST) return end;
  const length = optionLength(view, at, end);
  return length === 0 ? end : at + length;
}

/** Checks that the list can be read up to its end or its end-of-list option. */
export function checkOptionList(view: DataView, at: number, end: number): OptionListCheck {
  let o = at;
  while (o < end) {
    if (view.getUint8(o) === OPTION_END_OF_LIST) return "ok";
    const length = optionLength(view, o, end);
    if (length === 0) return end - o < 2 ? "truncated" : "badLength";
    o += length;
  }
  return "ok";
}

/** Where the first whole option of this kind (2 .. 255) begins, or -1. */
export function findOption(view: DataView, at: number, end: number, kind: number): number {
  for (let o = at; o < end; o = nextOption(view, o, end)) {
    if (view.getUint8(o) === kind) return optionLength(view, o, end) === 0 ? -1 : o;
  }
  return -1;
}

/** Checks that the option at `at` lies before `end` and has exactly that length. */
export function checkFixedOption(
  view: DataView,
  at: number,
  end: number,
  length: number,
): OptionListCheck {
  if (end - at < 2) return "truncated";
  if (view.getUint8(at + 1) !== length) return "badLength";
  return end - at < length ? "truncated" : "ok";
}
