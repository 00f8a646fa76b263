import type { OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";

// +--------+--------+--------+--------+
// |  Kind  | Length |       ExID      |
// +--------+--------+--------+--------+
// |  option contents...
// +--------+--------+--------+---
// Kinds 253 and 254. RFC 6994 s3. ExIDs are unique by their first 16 bits (s3.1); whether two more bytes
// belong to it, only who knows the experiment can tell.

/** Offset of what follows the 16-bit ExID. */
export const TCP_EXPERIMENTAL_CONTENT_OFFSET = 4;
/** ExID of Fast Open before kind 34 was assigned. RFC 7413 s9 */
export const TCP_EXID_FAST_OPEN = 0xf989;

/** Checks that there is an ExID. RFC 6994 s3: an option without one is of no experiment that can be known. */
export function checkTcpExperimental(view: DataView, at: number, end: number): OptionListCheck {
  if (end - at < 2) return "truncated";
  const length = view.getUint8(at + 1);
  if (length < TCP_EXPERIMENTAL_CONTENT_OFFSET) return "badLength";
  return end - at < length ? "truncated" : "ok";
}

/** The first 16 bits of the ExID. */
export const tcpExid = (view: DataView, at: number): number => view.getUint16(at + 2);

/**
 * Writes kind, length and a 16-bit ExID; `contentLength` bytes after them are the caller's to write.
 * @param kind 253 or 254
 * @returns 4
 */
export function writeTcpExperimental(
  view: DataView,
  at: number,
  kind: number,
  exid: number,
  contentLength: number,
): number {
  view.setUint8(at, kind);
  view.setUint8(at + 1, TCP_EXPERIMENTAL_CONTENT_OFFSET + contentLength);
  view.setUint16(at + 2, exid);
  return TCP_EXPERIMENTAL_CONTENT_OFFSET;
}

const exidName = (exid: number): string | undefined =>
  exid === TCP_EXID_FAST_OPEN ? "Fast Open" : undefined;

/** The option as a tree; `end` is the end of the option. */
export function describeTcpExperimental(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.uint("exid", at + 2, 2, exidName);
  const contentAt = at + TCP_EXPERIMENTAL_CONTENT_OFFSET;
  if (end > contentAt) fields.hex("content", contentAt, end - contentAt);
  return headerNode("experimental", at, end - at, fields, checkTcpExperimental(view, at, end));
}

/** `exp-f989 0123456789abcdef`. */
export function summarizeTcpExperimental(view: DataView, at: number, end: number): string {
  const state = checkTcpExperimental(view, at, end);
  if (state !== "ok") return `exp [${state}]`;
  const contentAt = at + TCP_EXPERIMENTAL_CONTENT_OFFSET;
  const content = hexBytes(view, contentAt, at + view.getUint8(at + 1) - contentAt);
  return `exp-${tcpExid(view, at).toString(16).padStart(4, "0")} ${content}`.trimEnd();
}
