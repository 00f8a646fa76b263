import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_NEIGHBOR_SOLICITATION } from "./icmpv6-types.js";
import { checkNdOptions, type NdOptionsCheck } from "./nd-option-list.js";
import { describeNdOptions, summarizeNdOptions } from "./nd-options.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// |                           Reserved                            |
// |                  Target Address (16 bytes)                    |
// |   Options ...
// +-+-+-+-+-+-+-+-+-+-+-+-
// RFC 4861 s4.3.
const TARGET = 8;

/** Offset of the options, the bytes before them. */
export const NEIGHBOR_SOLICITATION_LENGTH = 24;

/** Why the message is not used. RFC 4861 s7.1.1 */
export type NeighborSolicitationCheck = NdOptionsCheck | "multicastTarget";

/** Checks length, target and options; addresses, hop limit, code and checksum are the stack's to check. */
export function checkNeighborSolicitation(
  view: DataView,
  at: number,
  end: number,
): NeighborSolicitationCheck {
  if (end - at < NEIGHBOR_SOLICITATION_LENGTH) return "truncated";
  if (view.getUint8(at + TARGET) === 0xff) return "multicastTarget";
  return checkNdOptions(view, at + NEIGHBOR_SOLICITATION_LENGTH, end);
}

/** The address that is asked about; allocates. */
export const neighborSolicitationTarget = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + TARGET);

/** Writes the message without options: 24 bytes, with a checksum of 0. */
export function writeNeighborSolicitation(view: DataView, at: number, target: IpAddress): number {
  writeIcmp(view, at, ICMPV6_NEIGHBOR_SOLICITATION, 0, 0);
  target.write(view, at + TARGET);
  return NEIGHBOR_SOLICITATION_LENGTH;
}

/** The message as a tree. */
export function describeNeighborSolicitation(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  fields.address("target", at + TARGET, 16);
  for (const node of describeNdOptions(view, at + NEIGHBOR_SOLICITATION_LENGTH, end)) {
    fields.push(node);
  }
  const state = checkNeighborSolicitation(view, at, end);
  return headerNode("neighborSolicitation", at, end - at, fields, state);
}

/** `neighbor solicitation, who has fe80::1, source 02:00:5e:10:00:01`. */
export function summarizeNeighborSolicitation(view: DataView, at: number, end: number): string {
  const state = checkNeighborSolicitation(view, at, end);
  if (state !== "ok") return `neighbor solicitation [${state}]`;
  const target = neighborSolicitationTarget(view, at).toString();
  const options = summarizeNdOptions(view, at + NEIGHBOR_SOLICITATION_LENGTH, end);
  return `neighbor solicitation, who has ${target}${options}`;
}
