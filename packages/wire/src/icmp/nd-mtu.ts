import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |           Reserved            |
// |                              MTU                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4861 s4.6.4.
const MTU = 4;
const LENGTH = 8;

/** Type of the option. */
export const ND_OPTION_MTU = 5;

/** Why the option is not used. */
export type NdMtuCheck = "ok" | "truncated" | "badLength";

/** Checks that the option has 8 bytes. */
export function checkNdMtu(view: DataView, at: number, end: number): NdMtuCheck {
  const length = ndOptionLength(view, at, end);
  if (length === 0) return "truncated";
  return length === LENGTH ? "ok" : "badLength";
}

/** The MTU recommended for the link, in bytes. */
export const ndMtu = (view: DataView, at: number): number => view.getUint32(at + MTU);

/** Writes the option: 8 bytes. */
export function writeNdMtu(view: DataView, at: number, mtu: number): number {
  writeNdOptionHead(view, at, ND_OPTION_MTU, LENGTH);
  view.setUint16(at + 2, 0);
  view.setUint32(at + MTU, mtu);
  return LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdMtu(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  fields.uint("mtu", at + MTU, 4);
  return headerNode("mtu", at, end - at, fields, checkNdMtu(view, at, end));
}

/** `mtu 1500`. */
export function summarizeNdMtu(view: DataView, at: number, end: number): string {
  const state = checkNdMtu(view, at, end);
  return state === "ok" ? `mtu ${ndMtu(view, at)}` : `mtu [${state}]`;
}
