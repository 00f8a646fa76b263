import { checkFixedOption, type OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_WINDOW_SCALE } from "./tcp-option-kind.js";

// +---------+---------+---------+
// | Kind=3  |Length=3 |shift.cnt|
// +---------+---------+---------+
// RFC 7323 s2.2.

/** Bytes of the option. */
export const TCP_WINDOW_SCALE_LENGTH = 3;
/** The largest shift that counts; a larger one is taken as this (RFC 7323 s2.3). */
export const TCP_MAX_WINDOW_SHIFT = 14;

/** Checks that the option has 3 bytes. */
export const checkTcpWindowScale = (view: DataView, at: number, end: number): OptionListCheck =>
  checkFixedOption(view, at, end, TCP_WINDOW_SCALE_LENGTH);

/** By how many bits the sender's windows are shifted, 0 .. 255 as sent. */
export const tcpWindowShift = (view: DataView, at: number): number => view.getUint8(at + 2);

/** Writes the option: 3 bytes. Only in a SYN (RFC 7323 s2.2). */
export function writeTcpWindowScale(view: DataView, at: number, shift: number): number {
  view.setUint16(at, (TCP_OPTION_WINDOW_SCALE << 8) | TCP_WINDOW_SCALE_LENGTH);
  view.setUint8(at + 2, shift);
  return TCP_WINDOW_SCALE_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpWindowScale(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.uint("shiftCount", at + 2, 1, (n) => `times ${2 ** Math.min(n, TCP_MAX_WINDOW_SHIFT)}`);
  return headerNode("windowScale", at, end - at, fields, checkTcpWindowScale(view, at, end));
}

/** `wscale 7`. */
export function summarizeTcpWindowScale(view: DataView, at: number, end: number): string {
  const state = checkTcpWindowScale(view, at, end);
  return state === "ok" ? `wscale ${tcpWindowShift(view, at)}` : `wscale [${state}]`;
}
