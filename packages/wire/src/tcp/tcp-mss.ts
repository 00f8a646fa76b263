import { checkFixedOption, type OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_MSS } from "./tcp-option-kind.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       2       |   Length = 4  |   Maximum Segment Size (MSS)  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9293 s3.2.

/** Bytes of the option. */
export const TCP_MSS_LENGTH = 4;

/** Checks that the option has 4 bytes. */
export const checkTcpMss = (view: DataView, at: number, end: number): OptionListCheck =>
  checkFixedOption(view, at, end, TCP_MSS_LENGTH);

/** The largest segment the sender takes, bytes of data. */
export const tcpMss = (view: DataView, at: number): number => view.getUint16(at + 2);

/** Writes the option: 4 bytes. Only in a SYN (RFC 9293 s3.2). */
export function writeTcpMss(view: DataView, at: number, mss: number): number {
  view.setUint16(at, (TCP_OPTION_MSS << 8) | TCP_MSS_LENGTH);
  view.setUint16(at + 2, mss);
  return TCP_MSS_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpMss(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.uint("mss", at + 2, 2);
  return headerNode("maximumSegmentSize", at, end - at, fields, checkTcpMss(view, at, end));
}

/** `mss 1460`. */
export function summarizeTcpMss(view: DataView, at: number, end: number): string {
  const state = checkTcpMss(view, at, end);
  return state === "ok" ? `mss ${tcpMss(view, at)}` : `mss [${state}]`;
}
