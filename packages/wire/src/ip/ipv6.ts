import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ecnName } from "./ecn.js";
import { ipProtocolName } from "./ip-protocol.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Version| Traffic Class |           Flow Label                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Payload Length        |  Next Header  |   Hop Limit   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  Source Address (16 bytes)                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               Destination Address (16 bytes)                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8200 s3.
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
const SOURCE = 8;
const DESTINATION = 24;

/** Bytes of the IPv6 header without extension headers. */
export const IPV6_HEADER_LENGTH = 40;

/** Why an IPv6 packet cannot be read. `truncated`: it says that it is longer than what is there. */
export type Ipv6Check = "ok" | "truncated" | "badVersion";

/**
 * Checks the 40 bytes of the header; what follows may be cut short, as it is inside ICMP errors. The
 * readers are safe once this returns `ok`.
 */
export function checkIpv6Header(view: DataView, at: number, end: number): Ipv6Check {
  if (end - at < IPV6_HEADER_LENGTH) return "truncated";
  return view.getUint8(at) >>> 4 === 6 ? "ok" : "badVersion";
}

/**
 * Checks header and length: once this returns `ok` the whole payload is there. Bytes after it are
 * allowed. A jumbogram (RFC 2675) is read as a packet with an empty payload.
 */
export function checkIpv6(view: DataView, at: number, end: number): Ipv6Check {
  const header = checkIpv6Header(view, at, end);
  if (header !== "ok") return header;
  const length = IPV6_HEADER_LENGTH + view.getUint16(at + PAYLOAD_LENGTH);
  return end - at < length ? "truncated" : "ok";
}

/** DSCP and ECN together. */
export const ipv6TrafficClass = (view: DataView, at: number): number =>
  (view.getUint16(at) >>> 4) & 0xff;
/** Differentiated services code point, 0 .. 63. */
export const ipv6Dscp = (view: DataView, at: number): number => ipv6TrafficClass(view, at) >>> 2;
/** ECN field, 0 .. 3: Not-ECT, ECT(1), ECT(0), CE. */
export const ipv6Ecn = (view: DataView, at: number): number => (view.getUint8(at + 1) >>> 4) & 3;
/** 0 .. 1,048,575. */
export const ipv6FlowLabel = (view: DataView, at: number): number => view.getUint32(at) & 0xfffff;
/** Bytes after the 40 of the header, extension headers included. */
export const ipv6PayloadLength = (view: DataView, at: number): number =>
  view.getUint16(at + PAYLOAD_LENGTH);
/** What follows: an extension header or the upper layer, by `IP_PROTOCOL_` number. */
export const ipv6NextHeader = (view: DataView, at: number): number =>
  view.getUint8(at + NEXT_HEADER);
/** How many hops it may still go. */
export const ipv6HopLimit = (view: DataView, at: number): number => view.getUint8(at + HOP_LIMIT);
/** Source address; allocates. */
export const ipv6Source = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + SOURCE);
/** Destination address; allocates. */
export const ipv6Destination = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + DESTINATION);

/** Sets the ECN field, as a router does that marks congestion. There is no checksum to correct. */
export function setIpv6Ecn(view: DataView, at: number, ecn: number): void {
  view.setUint8(at + 1, (view.getUint8(at + 1) & 0xcf) | (ecn << 4));
}

/** Takes one from the hop limit, which must not be 0. There is no checksum to correct. */
export function decrementIpv6HopLimit(view: DataView, at: number): void {
  view.setUint8(at + HOP_LIMIT, view.getUint8(at + HOP_LIMIT) - 1);
}

/**
 * Writes a header: 40 bytes.
 *
 * @param trafficClass DSCP and ECN: `dscp << 2 | ecn`
 * @param flowLabel 0 .. 1,048,575
 * @param payloadLength bytes of extension headers and payload
 * @param nextHeader of the first extension header or the upper layer
 * @param source an IPv6 address, as `destination`
 */
export function writeIpv6(
  view: DataView,
  at: number,
  trafficClass: number,
  flowLabel: number,
  payloadLength: number,
  nextHeader: number,
  hopLimit: number,
  source: IpAddress,
  destination: IpAddress,
): number {
  view.setUint32(at, 0x60000000 | (trafficClass << 20) | flowLabel);
  view.setUint16(at + PAYLOAD_LENGTH, payloadLength);
  view.setUint8(at + NEXT_HEADER, nextHeader);
  view.setUint8(at + HOP_LIMIT, hopLimit);
  source.write(view, at + SOURCE);
  destination.write(view, at + DESTINATION);
  return IPV6_HEADER_LENGTH;
}

/** The header as a tree, without extension headers. Whether the payload is there does not matter. */
export function describeIpv6Header(view: DataView, at: number, end: number): TreeNode {
  return describe(view, at, end, checkIpv6Header(view, at, end));
}

/** The header as a tree, without extension headers; malformed also if the payload is cut short. */
export function describeIpv6(view: DataView, at: number, end: number): TreeNode {
  return describe(view, at, end, checkIpv6(view, at, end));
}

function describe(view: DataView, at: number, end: number, state: Ipv6Check): TreeNode {
  const fields = new FieldList(view, end);
  fields.bits("version", at, 1, 4, 4);
  fields.bits("dscp", at, 2, 6, 6);
  fields.bits("ecn", at, 2, 4, 2, ecnName);
  fields.bits("flowLabel", at, 4, 0, 20);
  fields.uint("payloadLength", at + PAYLOAD_LENGTH, 2);
  fields.uint("nextHeader", at + NEXT_HEADER, 1, ipProtocolName);
  fields.uint("hopLimit", at + HOP_LIMIT, 1);
  fields.address("source", at + SOURCE, 16);
  fields.address("destination", at + DESTINATION, 16);
  const length = Math.max(0, Math.min(IPV6_HEADER_LENGTH, end - at));
  return headerNode("ipv6", at, length, fields, state);
}

/** One line: `IP6 2001:db8::1 > 2001:db8::2, hlim 64`, with flow label and ECN if not 0. */
export function summarizeIpv6(view: DataView, at: number, end: number): string {
  const header = checkIpv6Header(view, at, end);
  if (header !== "ok") return `IP6 [${header}]`;
  let line = `IP6 ${ipv6Source(view, at).toString()} > ${ipv6Destination(view, at).toString()}`;
  line += `, hlim ${ipv6HopLimit(view, at)}`;
  const flowLabel = ipv6FlowLabel(view, at);
  if (flowLabel !== 0) line += `, flowlabel 0x${flowLabel.toString(16).padStart(5, "0")}`;
  if (ipv6Ecn(view, at) !== 0) line += `, ${ecnName(ipv6Ecn(view, at))}`;
  if (checkIpv6(view, at, end) !== "ok") line += " [truncated]";
  return line;
}
