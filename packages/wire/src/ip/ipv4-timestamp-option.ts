import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +--------+--------+--------+--------+
// |01000100| length | pointer|oflw|flg|
// +--------+--------+--------+--------+
// |         internet address          |  (flag 1 and 3)
// +--------+--------+--------+--------+
// |             timestamp             |
// +--------+--------+--------+--------+
// |                ...                |
// RFC 791 s3.1.
const LENGTH = 1;
const POINTER = 2;
const OVERFLOW_AND_FLAG = 3;
const ENTRIES = 4;

/** Kind of Internet Timestamp. */
export const IPV4_OPTION_TIMESTAMP = 68;
/** Flag: timestamps alone. */
export const IPV4_TIMESTAMP_ONLY = 0;
/** Flag: each timestamp follows the address of who registered it. */
export const IPV4_TIMESTAMP_WITH_ADDRESS = 1;
/** Flag: the sender has named the addresses that shall register. */
export const IPV4_TIMESTAMP_PRESPECIFIED = 3;

/** Why a timestamp option cannot be used. */
export type Ipv4TimestampOptionCheck = "ok" | "truncated" | "badLength" | "badPointer" | "badFlag";

const entrySize = (flag: number): number => (flag === IPV4_TIMESTAMP_ONLY ? 4 : 8);

/** Checks length, flag and pointer. */
export function checkIpv4TimestampOption(
  view: DataView,
  at: number,
  end: number,
): Ipv4TimestampOptionCheck {
  if (end - at < ENTRIES) return "truncated";
  const length = view.getUint8(at + LENGTH);
  // RFC 791 s3.1: maximum length 40.
  if (length < ENTRIES || length > 40 || length % 4 !== 0) return "badLength";
  if (end - at < length) return "truncated";
  const flag = ipv4TimestampFlag(view, at);
  if (flag > 3 || flag === 2) return "badFlag";
  const size = entrySize(flag);
  if ((length - ENTRIES) % size !== 0) return "badLength";
  const pointer = view.getUint8(at + POINTER);
  if (pointer < 5 || (pointer <= length && (pointer - 5) % size !== 0)) return "badPointer";
  return "ok";
}

/** From the option's first byte, counted from 1, to the room of the next timestamp. */
export const ipv4TimestampPointer = (view: DataView, at: number): number =>
  view.getUint8(at + POINTER);
/** How many modules could not register for lack of room, 0 .. 15. */
export const ipv4TimestampOverflow = (view: DataView, at: number): number =>
  view.getUint8(at + OVERFLOW_AND_FLAG) >>> 4;
/** What the entries are: {@link IPV4_TIMESTAMP_ONLY} and the two after it. */
export const ipv4TimestampFlag = (view: DataView, at: number): number =>
  view.getUint8(at + OVERFLOW_AND_FLAG) & 15;

/**
 * Writes the option's first four bytes. The entries, `length - 4` bytes, are the caller's to write.
 * @param length bytes of the whole option, a multiple of 4, at most 40
 * @returns `length`
 */
export function writeIpv4TimestampOption(
  view: DataView,
  at: number,
  length: number,
  pointer: number,
  overflow: number,
  flag: number,
): number {
  view.setUint8(at, IPV4_OPTION_TIMESTAMP);
  view.setUint8(at + LENGTH, length);
  view.setUint8(at + POINTER, pointer);
  view.setUint8(at + OVERFLOW_AND_FLAG, (overflow << 4) | flag);
  return length;
}

const FLAGS = ["timestamps only", "with addresses", undefined, "prespecified addresses"];

/** RFC 791 s3.1: with the high bit set the value is not milliseconds since midnight UT. */
const timestampMeaning = (value: number): string =>
  value >= 0x80000000 ? "non-standard" : `${value} ms since midnight UT`;

/** The option as a tree; `end` is the end of the option. */
export function describeIpv4TimestampOption(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + LENGTH, 1);
  fields.uint("pointer", at + POINTER, 1);
  fields.bits("overflow", at + OVERFLOW_AND_FLAG, 1, 4, 4);
  fields.bits("flag", at + OVERFLOW_AND_FLAG, 1, 0, 4, (flag) => FLAGS[flag]);
  const size = fields.has(at, ENTRIES) ? entrySize(ipv4TimestampFlag(view, at)) : 4;
  for (let o = at + ENTRIES; o + size <= end; o += size) {
    if (size === 8) fields.address("address", o, 4);
    fields.uint("timestamp", o + size - 4, 4, timestampMeaning);
  }
  const state = checkIpv4TimestampOption(view, at, end);
  return headerNode("timestamp", at, end - at, fields, state);
}

/** `TS 192.0.2.1@36000000 ^ ...`: `^` stands where the pointer does. */
export function summarizeIpv4TimestampOption(view: DataView, at: number, end: number): string {
  const state = checkIpv4TimestampOption(view, at, end);
  if (state !== "ok") return `TS [${state}]`;
  const words = ["TS"];
  const size = entrySize(ipv4TimestampFlag(view, at));
  const stop = at + view.getUint8(at + LENGTH);
  for (let o = at + ENTRIES; o < stop; o += size) {
    if (o - at + 1 === ipv4TimestampPointer(view, at)) words.push("^");
    const bytes = [0, 1, 2, 3].map((i) => view.getUint8(o + i)).join(".");
    const stamp = view.getUint32(o + size - 4);
    words.push(size === 8 ? `${bytes}@${stamp}` : String(stamp));
  }
  if (ipv4TimestampOverflow(view, at) > 0)
    words.push(`overflow ${ipv4TimestampOverflow(view, at)}`);
  return words.join(" ");
}
