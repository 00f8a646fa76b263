import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndLifetime } from "./nd-lifetime.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Length    |           Reserved            |
// |                           Lifetime                            |
// :            Addresses of IPv6 Recursive DNS Servers            :
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8106 s5.1.
const LIFETIME = 4;
const ADDRESSES = 8;

/** Type of the option. */
export const ND_OPTION_RDNSS = 25;

/** Why the option is not used. `badLength`: no address, or not a whole number of them. */
export type NdRdnssCheck = "ok" | "truncated" | "badLength";

/** Checks that there is an address or more. */
export function checkNdRdnss(view: DataView, at: number, end: number): NdRdnssCheck {
  const length = ndOptionLength(view, at, end);
  if (length === 0) return "truncated";
  // RFC 8106 s5.1: at least one address.
  return length >= 24 && (length - ADDRESSES) % 16 === 0 ? "ok" : "badLength";
}

/** Seconds; 0 takes the servers back, 0xffffffff is forever. */
export const ndRdnssLifetime = (view: DataView, at: number): number =>
  view.getUint32(at + LIFETIME);
/** How many servers there are, at least 1. */
export const ndRdnssCount = (view: DataView, at: number): number =>
  (view.getUint8(at + 1) - 1) >>> 1;
/** The server at `index`, 0 up to the count; allocates. */
export const ndRdnssAddress = (view: DataView, at: number, index: number): IpAddress =>
  IpAddress.readV6(view, at + ADDRESSES + 16 * index);

/** Writes the option. Returns `8 + 16 * servers.length`. */
export function writeNdRdnss(
  view: DataView,
  at: number,
  lifetime: number,
  servers: readonly IpAddress[],
): number {
  const length = ADDRESSES + 16 * servers.length;
  writeNdOptionHead(view, at, ND_OPTION_RDNSS, length);
  view.setUint16(at + 2, 0);
  view.setUint32(at + LIFETIME, lifetime);
  let to = at + ADDRESSES;
  for (const server of servers) to += server.write(view, to);
  return length;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdRdnss(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  fields.uint("lifetime", at + LIFETIME, 4, ndLifetime);
  for (let o = at + ADDRESSES; o + 16 <= end; o += 16) fields.address("address", o, 16);
  return headerNode("rdnss", at, end - at, fields, checkNdRdnss(view, at, end));
}

/** `rdnss 2001:db8::53, lifetime 1800 s`. */
export function summarizeNdRdnss(view: DataView, at: number, end: number): string {
  const state = checkNdRdnss(view, at, end);
  if (state !== "ok") return `rdnss [${state}]`;
  let line = "rdnss";
  for (let i = 0; i < ndRdnssCount(view, at); i++) {
    line += ` ${ndRdnssAddress(view, at, i).toString()}`;
  }
  return `${line}, lifetime ${ndLifetime(ndRdnssLifetime(view, at))}`;
}
