import { checkFixedOption } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";
import { MPTCP_MP_FASTCLOSE, type MptcpCheck, writeMptcpHead } from "./mptcp-subtype.js";

// +---------------+---------------+-------+-----------------------+
// |     Kind      |    Length     |Subtype|      (reserved)       |
// +---------------+---------------+-------+-----------------------+
// |               Option Receiver's Key (64 bits)                 |
// +---------------------------------------------------------------+
// RFC 8684 s3.5.
const KEY = 4;

/** Bytes of the option. */
export const MP_FASTCLOSE_LENGTH = 12;

/** Checks that the option has 12 bytes. */
export const checkMpFastclose = (view: DataView, at: number, end: number): MptcpCheck =>
  checkFixedOption(view, at, end, MP_FASTCLOSE_LENGTH);

/** The receiver's key: the option is valid only if it is right. */
export const mpFastcloseKey = (view: DataView, at: number): bigint => view.getBigUint64(at + KEY);

/** Writes the option: 12 bytes. */
export function writeMpFastclose(view: DataView, at: number, receiverKey: bigint): number {
  writeMptcpHead(view, at, MP_FASTCLOSE_LENGTH, MPTCP_MP_FASTCLOSE, 0);
  view.setUint8(at + 3, 0);
  view.setBigUint64(at + KEY, receiverKey);
  return MP_FASTCLOSE_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeMpFastclose(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_FASTCLOSE");
  fields.hex("receiverKey", at + KEY, 8);
  return headerNode("mpFastclose", at, end - at, fields, checkMpFastclose(view, at, end));
}

/** `mptcp fast-close key 0x0123456789abcdef`. */
export function summarizeMpFastclose(view: DataView, at: number, end: number): string {
  const state = checkMpFastclose(view, at, end);
  if (state !== "ok") return `mptcp fast-close [${state}]`;
  return `mptcp fast-close key 0x${hexBytes(view, at + KEY, 8)}`;
}
