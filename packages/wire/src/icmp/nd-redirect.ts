import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_REDIRECT } from "./icmpv6-types.js";
import { checkNdOptions, type NdOptionsCheck } from "./nd-option-list.js";
import { describeNdOptions, summarizeNdOptions } from "./nd-options.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// |                           Reserved                            |
// |                  Target Address (16 bytes)                    |
// |                Destination Address (16 bytes)                 |
// |   Options ...
// +-+-+-+-+-+-+-+-+-+-+-+-
// RFC 4861 s4.5.
const TARGET = 8;
const DESTINATION = 24;

/** Offset of the options, the bytes before them. */
export const ND_REDIRECT_LENGTH = 40;

/** Why the message is not used. RFC 4861 s8.1 */
export type NdRedirectCheck = NdOptionsCheck | "multicastDestination";

/** Checks length, destination and options; source, target, hop limit, code and checksum are the stack's to check. */
export function checkNdRedirect(view: DataView, at: number, end: number): NdRedirectCheck {
  if (end - at < ND_REDIRECT_LENGTH) return "truncated";
  if (view.getUint8(at + DESTINATION) === 0xff) return "multicastDestination";
  return checkNdOptions(view, at + ND_REDIRECT_LENGTH, end);
}

/** A better first hop, or the destination itself if it is a neighbor; allocates. */
export const ndRedirectTarget = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + TARGET);
/** What is to be sent there; allocates. */
export const ndRedirectDestination = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + DESTINATION);

/** Writes the message without options: 40 bytes, with a checksum of 0. */
export function writeNdRedirect(
  view: DataView,
  at: number,
  target: IpAddress,
  destination: IpAddress,
): number {
  writeIcmp(view, at, ICMPV6_REDIRECT, 0, 0);
  target.write(view, at + TARGET);
  destination.write(view, at + DESTINATION);
  return ND_REDIRECT_LENGTH;
}

/** The message as a tree. */
export function describeNdRedirect(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  fields.address("target", at + TARGET, 16);
  fields.address("destination", at + DESTINATION, 16);
  for (const node of describeNdOptions(view, at + ND_REDIRECT_LENGTH, end)) fields.push(node);
  return headerNode("redirect", at, end - at, fields, checkNdRedirect(view, at, end));
}

/** `redirect, 2001:db8::1 to fe80::1, target 02:00:5e:10:00:01`. */
export function summarizeNdRedirect(view: DataView, at: number, end: number): string {
  const state = checkNdRedirect(view, at, end);
  if (state !== "ok") return `redirect [${state}]`;
  const destination = ndRedirectDestination(view, at).toString();
  const target = ndRedirectTarget(view, at).toString();
  const options = summarizeNdOptions(view, at + ND_REDIRECT_LENGTH, end);
  return `redirect, ${destination} to ${target}${options}`;
}
