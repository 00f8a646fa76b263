import { checkFixedOption, type OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_SACK_PERMITTED } from "./tcp-option-kind.js";

// +---------+---------+
// | Kind=4  | Length=2|
// +---------+---------+
// RFC 2018 s2.

/** Bytes of the option. */
export const TCP_SACK_PERMITTED_LENGTH = 2;

/** Checks that the option has 2 bytes. */
export const checkTcpSackPermitted = (view: DataView, at: number, end: number): OptionListCheck =>
  checkFixedOption(view, at, end, TCP_SACK_PERMITTED_LENGTH);

/** Writes the option: 2 bytes. Only in a SYN (RFC 2018 s2). */
export function writeTcpSackPermitted(view: DataView, at: number): number {
  view.setUint16(at, (TCP_OPTION_SACK_PERMITTED << 8) | TCP_SACK_PERMITTED_LENGTH);
  return TCP_SACK_PERMITTED_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpSackPermitted(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  return headerNode("sackPermitted", at, end - at, fields, checkTcpSackPermitted(view, at, end));
}

/** `sackOK`. */
export function summarizeTcpSackPermitted(view: DataView, at: number, end: number): string {
  const state = checkTcpSackPermitted(view, at, end);
  return state === "ok" ? "sackOK" : `sackOK [${state}]`;
}
