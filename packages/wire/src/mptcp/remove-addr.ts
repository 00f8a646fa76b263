import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import {
  checkMptcpLength,
  MPTCP_REMOVE_ADDR,
  type MptcpCheck,
  writeMptcpHead,
} from "./mptcp-subtype.js";

// +---------------+---------------+-------+-------+---------------+
// |     Kind      |Length = 3 + n |Subtype|(resvd)|   Address ID  | ... n Address IDs
// +---------------+---------------+-------+-------+---------------+
// RFC 8684 s3.4.2.
const IDS = 3;

/** Checks that there is an id or more. */
export const checkRemoveAddr = (view: DataView, at: number, end: number): MptcpCheck =>
  checkMptcpLength(view, at, end, IDS + 1);

/** How many ids there are, at least 1. */
export const removeAddrCount = (view: DataView, at: number): number => view.getUint8(at + 1) - IDS;
/** The id at `index`, 0 up to the count. */
export const removeAddrId = (view: DataView, at: number, index: number): number =>
  view.getUint8(at + IDS + index);

/** Writes the option. Returns `3 + ids.length`; at least one id, at most 37 fit in a header. */
export function writeRemoveAddr(view: DataView, at: number, ids: readonly number[]): number {
  writeMptcpHead(view, at, IDS + ids.length, MPTCP_REMOVE_ADDR, 0);
  let to = at + IDS;
  for (const id of ids) view.setUint8(to++, id);
  return IDS + ids.length;
}

/** The option as a tree; `end` is the end of the option. */
export function describeRemoveAddr(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "REMOVE_ADDR");
  for (let o = at + IDS; o < end; o++) fields.uint("addressId", o, 1);
  return headerNode("removeAddr", at, end - at, fields, checkRemoveAddr(view, at, end));
}

/** `mptcp rem-addr id 1 2`. */
export function summarizeRemoveAddr(view: DataView, at: number, end: number): string {
  const state = checkRemoveAddr(view, at, end);
  if (state !== "ok") return `mptcp rem-addr [${state}]`;
  let line = "mptcp rem-addr id";
  for (let i = 0; i < removeAddrCount(view, at); i++) line += ` ${removeAddrId(view, at, i)}`;
  return line;
}
