import type { OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";
import { TCP_OPTION_FAST_OPEN } from "./tcp-option-kind.js";

//                                 +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//                                 |   Kind = 34   |    Length     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                Cookie: 0, or 4 to 16 bytes                    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 7413 s4.1.1.

/** Offset of the cookie from the option's first byte, the bytes before it. */
export const TCP_FAST_OPEN_COOKIE_OFFSET = 2;
/** Bytes of a cookie at most. */
export const TCP_FAST_OPEN_MAX_COOKIE = 16;

/** RFC 7413 s4.1.1: without a cookie, or with an even number of 4 to 16 bytes; else it must be ignored. */
export function checkTcpFastOpen(view: DataView, at: number, end: number): OptionListCheck {
  if (end - at < TCP_FAST_OPEN_COOKIE_OFFSET) return "truncated";
  const length = view.getUint8(at + 1);
  const isCookie = length >= 6 && length <= 18 && length % 2 === 0;
  if (length !== TCP_FAST_OPEN_COOKIE_OFFSET && !isCookie) return "badLength";
  return end - at < length ? "truncated" : "ok";
}

/** Bytes of the cookie, which begins at `at + 2`; 0 asks for one. */
export const tcpFastOpenCookieLength = (view: DataView, at: number): number =>
  view.getUint8(at + 1) - TCP_FAST_OPEN_COOKIE_OFFSET;

/** Writes the first 2 bytes; a cookie of `cookieLength` bytes is the caller's to write. Returns 2. Only in a SYN. */
export function writeTcpFastOpen(view: DataView, at: number, cookieLength: number): number {
  const length = TCP_FAST_OPEN_COOKIE_OFFSET + cookieLength;
  view.setUint16(at, (TCP_OPTION_FAST_OPEN << 8) | length);
  return TCP_FAST_OPEN_COOKIE_OFFSET;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpFastOpen(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  const cookieLength = end - at - TCP_FAST_OPEN_COOKIE_OFFSET;
  if (cookieLength > 0) fields.hex("cookie", at + TCP_FAST_OPEN_COOKIE_OFFSET, cookieLength);
  return headerNode("fastOpen", at, end - at, fields, checkTcpFastOpen(view, at, end));
}

/** `tfo cookie 0123456789abcdef`, or `tfo cookiereq`. */
export function summarizeTcpFastOpen(view: DataView, at: number, end: number): string {
  const state = checkTcpFastOpen(view, at, end);
  if (state !== "ok") return `tfo [${state}]`;
  const length = tcpFastOpenCookieLength(view, at);
  if (length === 0) return "tfo cookiereq";
  return `tfo cookie ${hexBytes(view, at + TCP_FAST_OPEN_COOKIE_OFFSET, length)}`;
}
