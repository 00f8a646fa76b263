import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ipProtocolName } from "./ip-protocol.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |  Hdr Ext Len  |  Routing Type | Segments Left |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// .                      type-specific data                       .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8200 s4.4.
const HDR_EXT_LEN = 1;
const ROUTING_TYPE = 2;
const SEGMENTS_LEFT = 3;

/** Why a Routing header cannot be read. */
export type Ipv6RoutingCheck = "ok" | "truncated";

/** Checks that the header is there, whatever its type. */
export function checkIpv6Routing(view: DataView, at: number, end: number): Ipv6RoutingCheck {
  return end - at < 8 || end - at < ipv6RoutingLength(view, at) ? "truncated" : "ok";
}

/** Bytes of the header, a multiple of 8. */
export const ipv6RoutingLength = (view: DataView, at: number): number =>
  8 + 8 * view.getUint8(at + HDR_EXT_LEN);
/** What follows. */
export const ipv6RoutingNextHeader = (view: DataView, at: number): number => view.getUint8(at);
/** Type 0 is deprecated and to be treated as an unknown type (RFC 5095 s3). */
export const ipv6RoutingType = (view: DataView, at: number): number =>
  view.getUint8(at + ROUTING_TYPE);
/** With an unknown type the packet is processed if this is 0, else discarded. RFC 8200 s4.4 */
export const ipv6RoutingSegmentsLeft = (view: DataView, at: number): number =>
  view.getUint8(at + SEGMENTS_LEFT);

/**
 * Writes the first four bytes; the type-specific data is the caller's to write.
 * @param headerLength bytes of the whole header, a multiple of 8
 * @returns 4
 */
export function writeIpv6Routing(
  view: DataView,
  at: number,
  nextHeader: number,
  headerLength: number,
  routingType: number,
  segmentsLeft: number,
): number {
  view.setUint8(at, nextHeader);
  view.setUint8(at + HDR_EXT_LEN, (headerLength >>> 3) - 1);
  view.setUint8(at + ROUTING_TYPE, routingType);
  view.setUint8(at + SEGMENTS_LEFT, segmentsLeft);
  return 4;
}

/** The header as a tree. */
export function describeIpv6Routing(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("nextHeader", at, 1, ipProtocolName);
  fields.uint("hdrExtLen", at + HDR_EXT_LEN, 1, (n) => `${8 + 8 * n} bytes`);
  fields.uint("routingType", at + ROUTING_TYPE, 1);
  fields.uint("segmentsLeft", at + SEGMENTS_LEFT, 1);
  const length = fields.has(at, 4) ? Math.min(ipv6RoutingLength(view, at), end - at) : end - at;
  fields.hex("typeSpecificData", at + 4, length - 4);
  return headerNode("routing", at, length, fields, checkIpv6Routing(view, at, end));
}

/** One line: `type 4, segments left 1`. */
export function summarizeIpv6Routing(view: DataView, at: number, end: number): string {
  const state = checkIpv6Routing(view, at, end);
  if (state !== "ok") return `[${state}]`;
  return `type ${ipv6RoutingType(view, at)}, segments left ${ipv6RoutingSegmentsLeft(view, at)}`;
}
