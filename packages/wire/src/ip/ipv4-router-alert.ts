import { checkFixedOption } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +--------+--------+--------+--------+
// |10010100|00000100|  2 octet value  |
// +--------+--------+--------+--------+
// RFC 2113 s2.1.
const LENGTH = 4;

/** Kind of Router Alert. */
export const IPV4_OPTION_ROUTER_ALERT = 148;

/** Why a router alert cannot be read. */
export type Ipv4RouterAlertCheck = "ok" | "truncated" | "badLength";

/** Checks that the option has 4 bytes. */
export const checkIpv4RouterAlert = (
  view: DataView,
  at: number,
  end: number,
): Ipv4RouterAlertCheck => checkFixedOption(view, at, end, LENGTH);

/** 0: each router shall examine the packet; other values are reserved. */
export const ipv4RouterAlertValue = (view: DataView, at: number): number => view.getUint16(at + 2);

/** Writes the option: 4 bytes. */
export function writeIpv4RouterAlert(view: DataView, at: number, value: number): number {
  view.setUint16(at, (IPV4_OPTION_ROUTER_ALERT << 8) | LENGTH);
  view.setUint16(at + 2, value);
  return LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeIpv4RouterAlert(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1);
  fields.uint("value", at + 2, 2, (v) => (v === 0 ? "router shall examine packet" : "reserved"));
  return headerNode("routerAlert", at, end - at, fields, checkIpv4RouterAlert(view, at, end));
}

/** `RA`, with the value if it is not 0. */
export function summarizeIpv4RouterAlert(view: DataView, at: number, end: number): string {
  const state = checkIpv4RouterAlert(view, at, end);
  if (state !== "ok") return `RA [${state}]`;
  const value = ipv4RouterAlertValue(view, at);
  return value === 0 ? "RA" : `RA ${value}`;
}
