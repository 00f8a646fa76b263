import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { icmpType, writeIcmp } from "./icmp-header.js";
import { icmpv6TypeName } from "./icmpv6-types.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// |     Maximum Response Delay    |          Reserved             |
// |                Multicast Address (16 bytes)                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// Query (130), Report (131), Done (132) of version 1. RFC 2710 s3.
const MAX_RESPONSE_DELAY = 4;
const MULTICAST_ADDRESS = 8;

/** Bytes of a message of version 1; a query that is longer is one of version 2 (RFC 3810 s8.1). */
export const MLD_LENGTH = 24;

/** Why a message of version 1 cannot be read. */
export type MldCheck = "ok" | "truncated";

/** Checks that the 24 bytes are there; more are allowed and ignored (RFC 2710 s3.7). */
export const checkMld = (_view: DataView, at: number, end: number): MldCheck =>
  end - at < MLD_LENGTH ? "truncated" : "ok";

/** Milliseconds in which a query wants its answer. */
export const mldMaxResponseDelay = (view: DataView, at: number): number =>
  view.getUint16(at + MAX_RESPONSE_DELAY);
/** The group; unspecified in a general query. Allocates. */
export const mldMulticastAddress = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + MULTICAST_ADDRESS);

/** Writes a message: 24 bytes, with a checksum of 0. @param type 130, 131 or 132 */
export function writeMld(
  view: DataView,
  at: number,
  type: number,
  maxResponseDelay: number,
  multicastAddress: IpAddress,
): number {
  writeIcmp(view, at, type, 0, maxResponseDelay * 0x10000);
  multicastAddress.write(view, at + MULTICAST_ADDRESS);
  return MLD_LENGTH;
}

/** The message as a tree. */
export function describeMld(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1, icmpv6TypeName);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  fields.uint("maximumResponseDelay", at + MAX_RESPONSE_DELAY, 2, (ms) => `${ms} ms`);
  fields.address("multicastAddress", at + MULTICAST_ADDRESS, 16);
  return headerNode("mld", at, Math.max(0, end - at), fields, checkMld(view, at, end));
}

/** `multicast listener report, ff02::1:ff00:1`. */
export function summarizeMld(view: DataView, at: number, end: number): string {
  const state = checkMld(view, at, end);
  if (state !== "ok") return `multicast listener [${state}]`;
  const name = icmpv6TypeName(icmpType(view, at)) ?? "multicast listener";
  return `${name}, ${mldMulticastAddress(view, at).toString()}`;
}
