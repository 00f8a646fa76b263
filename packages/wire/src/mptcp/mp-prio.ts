import { checkFixedOption } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { MPTCP_MP_PRIO, type MptcpCheck, writeMptcpHead } from "./mptcp-subtype.js";

// +---------------+---------------+-------+-----+-+
// |     Kind      |     Length    |Subtype|(rsv)|B|
// +---------------+---------------+-------+-----+-+
// RFC 8684 s3.3.8.

/** Bytes of the option. */
export const MP_PRIO_LENGTH = 3;

/** Checks that the option has 3 bytes. */
export const checkMpPrio = (view: DataView, at: number, end: number): MptcpCheck =>
  checkFixedOption(view, at, end, MP_PRIO_LENGTH);

/** B: use this subflow only when no other can be. */
export const mpPrioBackup = (view: DataView, at: number): boolean =>
  (view.getUint8(at + 2) & 1) !== 0;

/** Writes the option: 3 bytes. */
export const writeMpPrio = (view: DataView, at: number, backup: boolean): number =>
  writeMptcpHead(view, at, MP_PRIO_LENGTH, MPTCP_MP_PRIO, backup ? 1 : 0);

/** The option as a tree; `end` is the end of the option. */
export function describeMpPrio(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_PRIO");
  fields.flag("backup", at + 2, 1, 1);
  return headerNode("mpPrio", at, end - at, fields, checkMpPrio(view, at, end));
}

/** `mptcp prio backup`, or `mptcp prio` when it is no longer one. */
export function summarizeMpPrio(view: DataView, at: number, end: number): string {
  const state = checkMpPrio(view, at, end);
  if (state !== "ok") return `mptcp prio [${state}]`;
  return mpPrioBackup(view, at) ? "mptcp prio backup" : "mptcp prio";
}
