import { checkFixedOption } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { MPTCP_MP_FAIL, type MptcpCheck, writeMptcpHead } from "./mptcp-subtype.js";

// +---------------+---------------+-------+----------------------+
// |     Kind      |   Length=12   |Subtype|      (reserved)      |
// +---------------+---------------+-------+----------------------+
// |                 Data Sequence Number (8 octets)              |
// +--------------------------------------------------------------+
// RFC 8684 s3.7.
const DSN = 4;

/** Bytes of the option. */
export const MP_FAIL_LENGTH = 12;

/** Checks that the option has 12 bytes. */
export const checkMpFail = (view: DataView, at: number, end: number): MptcpCheck =>
  checkFixedOption(view, at, end, MP_FAIL_LENGTH);

/** High 32 bits of the data sequence number from which data failed its checksum. */
export const mpFailDsnHigh = (view: DataView, at: number): number => view.getUint32(at + DSN);
/** Low 32 bits of it. */
export const mpFailDsnLow = (view: DataView, at: number): number => view.getUint32(at + DSN + 4);

/** Writes the option: 12 bytes. */
export function writeMpFail(view: DataView, at: number, dsnHigh: number, dsnLow: number): number {
  writeMptcpHead(view, at, MP_FAIL_LENGTH, MPTCP_MP_FAIL, 0);
  view.setUint8(at + 3, 0);
  view.setUint32(at + DSN, dsnHigh);
  view.setUint32(at + DSN + 4, dsnLow);
  return MP_FAIL_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeMpFail(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_FAIL");
  fields.uint64("dataSequenceNumber", at + DSN);
  return headerNode("mpFail", at, end - at, fields, checkMpFail(view, at, end));
}

/** `mptcp fail seq 12345678901234567890`. */
export function summarizeMpFail(view: DataView, at: number, end: number): string {
  const state = checkMpFail(view, at, end);
  if (state !== "ok") return `mptcp fail [${state}]`;
  return `mptcp fail seq ${view.getBigUint64(at + DSN).toString()}`;
}
