import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_NEIGHBOR_ADVERTISEMENT } from "./icmpv6-types.js";
import { checkNdOptions, type NdOptionsCheck } from "./nd-option-list.js";
import { describeNdOptions, summarizeNdOptions } from "./nd-options.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// |R|S|O|                     Reserved                            |
// |                  Target Address (16 bytes)                    |
// |   Options ...
// +-+-+-+-+-+-+-+-+-+-+-+-
// RFC 4861 s4.4.
const FLAGS = 4;
const TARGET = 8;

/** Offset of the options, the bytes before them. */
export const NEIGHBOR_ADVERTISEMENT_LENGTH = 24;
/** R: the sender is a router. In the byte of flags. */
export const NEIGHBOR_ADVERTISEMENT_ROUTER = 0x80;
/** S: answers a solicitation, so the neighbor is reachable. */
export const NEIGHBOR_ADVERTISEMENT_SOLICITED = 0x40;
/** O: replaces a link-layer address already known. */
export const NEIGHBOR_ADVERTISEMENT_OVERRIDE = 0x20;

/** Why the message is not used. RFC 4861 s7.1.2 */
export type NeighborAdvertisementCheck = NdOptionsCheck | "multicastTarget";

/** Checks length, target and options; destination, hop limit, code and checksum are the stack's to check. */
export function checkNeighborAdvertisement(
  view: DataView,
  at: number,
  end: number,
): NeighborAdvertisementCheck {
  if (end - at < NEIGHBOR_ADVERTISEMENT_LENGTH) return "truncated";
  if (view.getUint8(at + TARGET) === 0xff) return "multicastTarget";
  return checkNdOptions(view, at + NEIGHBOR_ADVERTISEMENT_LENGTH, end);
}

/** The byte of flags: router, solicited, override. */
export const neighborAdvertisementFlags = (view: DataView, at: number): number =>
  view.getUint8(at + FLAGS);
/** The address that is told about; allocates. */
export const neighborAdvertisementTarget = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + TARGET);

/** Writes the message without options: 24 bytes, with a checksum of 0. */
export function writeNeighborAdvertisement(
  view: DataView,
  at: number,
  flags: number,
  target: IpAddress,
): number {
  writeIcmp(view, at, ICMPV6_NEIGHBOR_ADVERTISEMENT, 0, flags * 0x1000000);
  target.write(view, at + TARGET);
  return NEIGHBOR_ADVERTISEMENT_LENGTH;
}

/** The message as a tree. */
export function describeNeighborAdvertisement(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  fields.flag("router", at + FLAGS, 1, NEIGHBOR_ADVERTISEMENT_ROUTER);
  fields.flag("solicited", at + FLAGS, 1, NEIGHBOR_ADVERTISEMENT_SOLICITED);
  fields.flag("override", at + FLAGS, 1, NEIGHBOR_ADVERTISEMENT_OVERRIDE);
  fields.address("target", at + TARGET, 16);
  for (const node of describeNdOptions(view, at + NEIGHBOR_ADVERTISEMENT_LENGTH, end)) {
    fields.push(node);
  }
  const state = checkNeighborAdvertisement(view, at, end);
  return headerNode("neighborAdvertisement", at, end - at, fields, state);
}

/** `neighbor advertisement, fe80::1 router solicited override, target 02:00:5e:10:00:01`. */
export function summarizeNeighborAdvertisement(view: DataView, at: number, end: number): string {
  const state = checkNeighborAdvertisement(view, at, end);
  if (state !== "ok") return `neighbor advertisement [${state}]`;
  const flags = neighborAdvertisementFlags(view, at);
  const words = [`neighbor advertisement, ${neighborAdvertisementTarget(view, at).toString()}`];
  if ((flags & NEIGHBOR_ADVERTISEMENT_ROUTER) !== 0) words.push("router");
  if ((flags & NEIGHBOR_ADVERTISEMENT_SOLICITED) !== 0) words.push("solicited");
  if ((flags & NEIGHBOR_ADVERTISEMENT_OVERRIDE) !== 0) words.push("override");
  return words.join(" ") + summarizeNdOptions(view, at + NEIGHBOR_ADVERTISEMENT_LENGTH, end);
}
