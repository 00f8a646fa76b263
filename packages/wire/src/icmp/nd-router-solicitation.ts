import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_ROUTER_SOLICITATION } from "./icmpv6-types.js";
import { checkNdOptions, type NdOptionsCheck } from "./nd-option-list.js";
import { describeNdOptions, summarizeNdOptions } from "./nd-options.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// |                            Reserved                           |
// |   Options ...
// +-+-+-+-+-+-+-+-+-+-+-+-
// RFC 4861 s4.1.

/** Offset of the options, the bytes before them. */
export const ROUTER_SOLICITATION_LENGTH = 8;

/** Checks length and options (RFC 4861 s6.1.1); hop limit, code and checksum are the stack's to check. */
export function checkRouterSolicitation(view: DataView, at: number, end: number): NdOptionsCheck {
  if (end - at < ROUTER_SOLICITATION_LENGTH) return "truncated";
  return checkNdOptions(view, at + ROUTER_SOLICITATION_LENGTH, end);
}

/** Writes the message without options: 8 bytes, with a checksum of 0. */
export const writeRouterSolicitation = (view: DataView, at: number): number =>
  writeIcmp(view, at, ICMPV6_ROUTER_SOLICITATION, 0, 0);

/** The message as a tree. */
export function describeRouterSolicitation(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  for (const node of describeNdOptions(view, at + ROUTER_SOLICITATION_LENGTH, end)) {
    fields.push(node);
  }
  const state = checkRouterSolicitation(view, at, end);
  return headerNode("routerSolicitation", at, end - at, fields, state);
}

/** `router solicitation, source 02:00:5e:10:00:01`. */
export function summarizeRouterSolicitation(view: DataView, at: number, end: number): string {
  const state = checkRouterSolicitation(view, at, end);
  if (state !== "ok") return `router solicitation [${state}]`;
  return `router solicitation${summarizeNdOptions(view, at + ROUTER_SOLICITATION_LENGTH, end)}`;
}
