import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ICMP_HEADER_LENGTH, icmpType } from "./icmp-header.js";
import {
  ICMPV4_PARAMETER_PROBLEM,
  ICMPV4_TIME_EXCEEDED,
  ICMPV4_UNREACHABLE,
} from "./icmpv4-types.js";
import { ICMPV6_TIME_EXCEEDED, ICMPV6_UNREACHABLE } from "./icmpv6-types.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Version|      (Reserved)       |           Checksum            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |             Length            |   Class-Num   |   C-Type      |  objects follow
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4884 s7, s8.
const VERSION = 2;
const HEADER_LENGTH = 4;
const OBJECT_HEADER_LENGTH = 4;
// RFC 4884 s4: with an extension the original datagram has at least 128 bytes.
const MIN_ORIGINAL_DATAGRAM = 128;

/** Bytes that the message's length attribute says, which only some types have; 0 if it has none. */
function lengthAttribute(view: DataView, at: number, family: 4 | 6): number {
  const type = icmpType(view, at);
  if (family === 4) {
    const has =
      type === ICMPV4_UNREACHABLE ||
      type === ICMPV4_TIME_EXCEEDED ||
      type === ICMPV4_PARAMETER_PROBLEM;
    return has ? 4 * view.getUint8(at + 5) : 0;
  }
  const has = type === ICMPV6_UNREACHABLE || type === ICMPV6_TIME_EXCEEDED;
  return has ? 8 * view.getUint8(at + 4) : 0;
}

/**
 * Bytes of the original datagram field of the ICMP error `at .. end` (with padding) if its length attribute
 * tells them, or 0: then all that follows the header is original datagram. An attribute that cannot be true
 * is taken for a sender that does not know of it, whose bits there say nothing. RFC 4884 s4, s5.4
 */
export function icmpOriginalDatagramLength(
  view: DataView,
  at: number,
  end: number,
  family: 4 | 6,
): number {
  const length = lengthAttribute(view, at, family);
  const fits = length >= MIN_ORIGINAL_DATAGRAM && at + ICMP_HEADER_LENGTH + length <= end;
  return fits ? length : 0;
}

/** Why an extension structure cannot be read. */
export type IcmpExtensionCheck = "ok" | "truncated" | "badVersion" | "badLength";

/** Checks version and objects of the extension structure `at .. end`, not its checksum. */
export function checkIcmpExtension(view: DataView, at: number, end: number): IcmpExtensionCheck {
  if (end - at < HEADER_LENGTH) return "truncated";
  if (view.getUint8(at) >>> 4 !== VERSION) return "badVersion";
  for (let o = at + HEADER_LENGTH; o < end; o += view.getUint16(o)) {
    if (end - o < OBJECT_HEADER_LENGTH) return "truncated";
    const length = view.getUint16(o);
    // RFC 4884 s8: an object is one or more 32-bit words.
    if (length < OBJECT_HEADER_LENGTH || length % 4 !== 0) return "badLength";
    if (length > end - o) return "truncated";
  }
  return "ok";
}

/** Writes the 4 bytes before the objects, with checksum 0, which says that there is none. */
export function writeIcmpExtensionHeader(view: DataView, at: number): number {
  view.setUint32(at, VERSION << 28);
  return HEADER_LENGTH;
}

/** Writes the 4 bytes of an object; `length` counts them and the payload, a multiple of 4. */
export function writeIcmpExtensionObject(
  view: DataView,
  at: number,
  length: number,
  classNum: number,
  cType: number,
): number {
  view.setUint16(at, length);
  view.setUint8(at + 2, classNum);
  view.setUint8(at + 3, cType);
  return OBJECT_HEADER_LENGTH;
}

/** The extension structure as a tree. */
export function describeIcmpExtension(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.bits("version", at, 1, 4, 4);
  fields.uint("checksum", at + 2, 2, (c) => (c === 0 ? "absent" : undefined));
  const state = checkIcmpExtension(view, at, end);
  for (let o = at + HEADER_LENGTH; end - o >= OBJECT_HEADER_LENGTH; ) {
    const length = view.getUint16(o);
    if (length < OBJECT_HEADER_LENGTH || length > end - o) break;
    const object = new FieldList(view, end);
    object.uint("length", o, 2);
    object.uint("classNum", o + 2, 1);
    object.uint("cType", o + 3, 1);
    object.hex("payload", o + OBJECT_HEADER_LENGTH, length - OBJECT_HEADER_LENGTH);
    fields.push(headerNode("object", o, length, object, "ok"));
    o += length;
  }
  return headerNode("extension", at, Math.max(0, end - at), fields, state);
}
