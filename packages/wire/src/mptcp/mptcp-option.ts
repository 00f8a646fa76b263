import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { checkAddAddr, describeAddAddr, summarizeAddAddr } from "./add-addr.js";
import { checkDss, describeDss, summarizeDss } from "./dss.js";
import { checkMpCapable, describeMpCapable, summarizeMpCapable } from "./mp-capable.js";
import {
  checkMpExperimental,
  describeMpExperimental,
  summarizeMpExperimental,
} from "./mp-experimental.js";
import { checkMpFail, describeMpFail, summarizeMpFail } from "./mp-fail.js";
import { checkMpFastclose, describeMpFastclose, summarizeMpFastclose } from "./mp-fastclose.js";
import { checkMpJoin, describeMpJoin, summarizeMpJoin } from "./mp-join.js";
import { checkMpPrio, describeMpPrio, summarizeMpPrio } from "./mp-prio.js";
import { checkMpTcprst, describeMpTcprst, summarizeMpTcprst } from "./mp-tcprst.js";
import {
  checkMptcpLength,
  MPTCP_ADD_ADDR,
  MPTCP_DSS,
  MPTCP_MP_CAPABLE,
  MPTCP_MP_EXPERIMENTAL,
  MPTCP_MP_FAIL,
  MPTCP_MP_FASTCLOSE,
  MPTCP_MP_JOIN,
  MPTCP_MP_PRIO,
  MPTCP_MP_TCPRST,
  MPTCP_REMOVE_ADDR,
  type MptcpCheck,
  mptcpSubtype,
} from "./mptcp-subtype.js";
import { checkRemoveAddr, describeRemoveAddr, summarizeRemoveAddr } from "./remove-addr.js";

/**
 * Checks the MPTCP option (kind 30) at `at` by its subtype; an unknown subtype needs only to be whole.
 * Allocates nothing.
 */
export function checkMptcpOption(view: DataView, at: number, end: number): MptcpCheck {
  const state = checkMptcpLength(view, at, end, 3);
  if (state !== "ok") return state;
  switch (mptcpSubtype(view, at)) {
    case MPTCP_MP_CAPABLE:
      return checkMpCapable(view, at, end);
    case MPTCP_MP_JOIN:
      return checkMpJoin(view, at, end);
    case MPTCP_DSS:
      return checkDss(view, at, end);
    case MPTCP_ADD_ADDR:
      return checkAddAddr(view, at, end);
    case MPTCP_REMOVE_ADDR:
      return checkRemoveAddr(view, at, end);
    case MPTCP_MP_PRIO:
      return checkMpPrio(view, at, end);
    case MPTCP_MP_FAIL:
      return checkMpFail(view, at, end);
    case MPTCP_MP_FASTCLOSE:
      return checkMpFastclose(view, at, end);
    case MPTCP_MP_TCPRST:
      return checkMpTcprst(view, at, end);
    case MPTCP_MP_EXPERIMENTAL:
      return checkMpExperimental(view, at, end);
    default:
      return "ok";
  }
}

interface Printer {
  readonly describe: (view: DataView, at: number, end: number) => TreeNode;
  readonly summarize: (view: DataView, at: number, end: number) => string;
}

const PRINTERS: ReadonlyMap<number, Printer> = new Map([
  [MPTCP_MP_CAPABLE, { describe: describeMpCapable, summarize: summarizeMpCapable }],
  [MPTCP_MP_JOIN, { describe: describeMpJoin, summarize: summarizeMpJoin }],
  [MPTCP_DSS, { describe: describeDss, summarize: summarizeDss }],
  [MPTCP_ADD_ADDR, { describe: describeAddAddr, summarize: summarizeAddAddr }],
  [MPTCP_REMOVE_ADDR, { describe: describeRemoveAddr, summarize: summarizeRemoveAddr }],
  [MPTCP_MP_PRIO, { describe: describeMpPrio, summarize: summarizeMpPrio }],
  [MPTCP_MP_FAIL, { describe: describeMpFail, summarize: summarizeMpFail }],
  [MPTCP_MP_FASTCLOSE, { describe: describeMpFastclose, summarize: summarizeMpFastclose }],
  [MPTCP_MP_TCPRST, { describe: describeMpTcprst, summarize: summarizeMpTcprst }],
  [MPTCP_MP_EXPERIMENTAL, { describe: describeMpExperimental, summarize: summarizeMpExperimental }],
]);

const printerOf = (view: DataView, at: number, end: number): Printer | undefined =>
  end - at < 3 ? undefined : PRINTERS.get(mptcpSubtype(view, at));

/** The option as a tree, by its subtype; `end` is the end of the option. */
export function describeMptcpOption(view: DataView, at: number, end: number): TreeNode {
  const printer = printerOf(view, at, end);
  if (printer !== undefined) return printer.describe(view, at, end);
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4);
  fields.bits("bits", at + 2, 1, 0, 4);
  if (end - at > 3) fields.hex("content", at + 3, end - at - 3);
  return headerNode("mptcpUnknown", at, end - at, fields, checkMptcpOption(view, at, end));
}

/** The option in a few words, by its subtype: `mptcp dss ack 12345`. */
export function summarizeMptcpOption(view: DataView, at: number, end: number): string {
  const printer = printerOf(view, at, end);
  if (printer !== undefined) return printer.summarize(view, at, end);
  const state = checkMptcpOption(view, at, end);
  return state === "ok" ? `mptcp subtype ${mptcpSubtype(view, at)}` : `mptcp [${state}]`;
}
