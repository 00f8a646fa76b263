import { checkFixedOption } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { MPTCP_MP_TCPRST, type MptcpCheck, writeMptcpHead } from "./mptcp-subtype.js";

// +---------------+---------------+-------+-----------------------+
// |     Kind      |    Length     |Subtype|U|V|W|T|    Reason     |
// +---------------+---------------+-------+-----------------------+
// RFC 8684 s3.6.
const REASON = 3;
const TRANSIENT = 0x1;

/** Bytes of the option. */
export const MP_TCPRST_LENGTH = 4;

/** Reason: none given, but an MPTCP-aware device made the RST. */
export const MP_TCPRST_UNSPECIFIED = 0;
/** Reason: an error in MPTCP options. */
export const MP_TCPRST_MPTCP_SPECIFIC = 1;
/** Reason: the sender has not enough resources for the subflow. */
export const MP_TCPRST_LACK_OF_RESOURCES = 2;
/** Reason: the sender's policy forbids the subflow. */
export const MP_TCPRST_ADMIN_PROHIBITED = 3;
/** Reason: too much data waits there that other subflows have had acknowledged. */
export const MP_TCPRST_TOO_MUCH_OUTSTANDING = 4;
/** Reason: the subflow is too slow beside the others. */
export const MP_TCPRST_UNACCEPTABLE_PERFORMANCE = 5;
/** Reason: something on the path changes MPTCP's signals or data. */
export const MP_TCPRST_MIDDLEBOX_INTERFERENCE = 6;

/** Checks that the option has 4 bytes. */
export const checkMpTcprst = (view: DataView, at: number, end: number): MptcpCheck =>
  checkFixedOption(view, at, end, MP_TCPRST_LENGTH);

/** T: the cause may pass, so the subflow may be tried again. */
export const mpTcprstTransient = (view: DataView, at: number): boolean =>
  (view.getUint8(at + 2) & TRANSIENT) !== 0;
/** Why the subflow ends: {@link MP_TCPRST_UNSPECIFIED} .. or a number that is not known here. */
export const mpTcprstReason = (view: DataView, at: number): number => view.getUint8(at + REASON);

/** Writes the option: 4 bytes. */
export function writeMpTcprst(
  view: DataView,
  at: number,
  transient: boolean,
  reason: number,
): number {
  writeMptcpHead(view, at, MP_TCPRST_LENGTH, MPTCP_MP_TCPRST, transient ? TRANSIENT : 0);
  view.setUint8(at + REASON, reason);
  return MP_TCPRST_LENGTH;
}

const REASONS = [
  "unspecified error",
  "MPTCP-specific error",
  "lack of resources",
  "administratively prohibited",
  "too much outstanding data",
  "unacceptable performance",
  "middlebox interference",
];

/** The option as a tree; `end` is the end of the option. */
export function describeMpTcprst(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_TCPRST");
  fields.flag("transient", at + 2, 1, TRANSIENT);
  fields.uint("reason", at + REASON, 1, (reason) => REASONS[reason]);
  return headerNode("mpTcprst", at, end - at, fields, checkMpTcprst(view, at, end));
}

/** `mptcp reset transient middlebox interference`. */
export function summarizeMpTcprst(view: DataView, at: number, end: number): string {
  const state = checkMpTcprst(view, at, end);
  if (state !== "ok") return `mptcp reset [${state}]`;
  const reason = mpTcprstReason(view, at);
  const transient = mpTcprstTransient(view, at) ? " transient" : "";
  return `mptcp reset${transient} ${REASONS[reason] ?? `reason ${reason}`}`;
}
