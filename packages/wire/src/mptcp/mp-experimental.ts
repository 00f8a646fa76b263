import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";
import {
  checkMptcpLength,
  MPTCP_MP_EXPERIMENTAL,
  type MptcpCheck,
  writeMptcpHead,
} from "./mptcp-subtype.js";

// Subtype 0xf is for private experiments (RFC 8684 s7.2); what follows the subtype is theirs.
const CONTENT = 3;

/** Checks that the option is whole. */
export const checkMpExperimental = (view: DataView, at: number, end: number): MptcpCheck =>
  checkMptcpLength(view, at, end, CONTENT);

/** The 4 bits that share a byte with the subtype. */
export const mpExperimentalBits = (view: DataView, at: number): number =>
  view.getUint8(at + 2) & 15;
/** Bytes of content, which begin at `at + 3`. */
export const mpExperimentalContentLength = (view: DataView, at: number): number =>
  view.getUint8(at + 1) - CONTENT;

/** Writes the first 3 bytes; `contentLength` bytes after them are the caller's to write. Returns 3. */
export const writeMpExperimental = (
  view: DataView,
  at: number,
  bits: number,
  contentLength: number,
): number => writeMptcpHead(view, at, CONTENT + contentLength, MPTCP_MP_EXPERIMENTAL, bits);

/** The option as a tree; `end` is the end of the option. */
export function describeMpExperimental(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_EXPERIMENTAL");
  fields.bits("bits", at + 2, 1, 0, 4);
  if (end - at > CONTENT) fields.hex("content", at + CONTENT, end - at - CONTENT);
  return headerNode("mpExperimental", at, end - at, fields, checkMpExperimental(view, at, end));
}

/** `mptcp experimental 0123`. */
export function summarizeMpExperimental(view: DataView, at: number, end: number): string {
  const state = checkMpExperimental(view, at, end);
  if (state !== "ok") return `mptcp experimental [${state}]`;
  const content = hexBytes(view, at + CONTENT, mpExperimentalContentLength(view, at));
  return `mptcp experimental ${content}`.trimEnd();
}
