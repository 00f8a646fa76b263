import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ecnName } from "./ecn.js";
import { ipProtocolName } from "./ip-protocol.js";
import { checkIpv4Options, describeIpv4Options, summarizeIpv4Options } from "./ipv4-options.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Version|  IHL  |   DSCP    |ECN|          Total Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Identification        |Flags|      Fragment Offset    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Time to Live |    Protocol   |         Header Checksum       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Source Address                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Destination Address                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Options                    |    Padding    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 791 s3.1; the second byte as RFC 2474 s3 and RFC 3168 s5 have it.
const TOS = 1;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS_AND_OFFSET = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;

/** Bytes of an IPv4 header without options. */
export const IPV4_MIN_HEADER_LENGTH = 20;
/** Bytes of an IPv4 header at most. */
export const IPV4_MAX_HEADER_LENGTH = 60;
/** More Fragments, in the 16 bits of flags and fragment offset. */
export const IPV4_MORE_FRAGMENTS = 0x2000;
/** Don't Fragment, in the 16 bits of flags and fragment offset. */
export const IPV4_DONT_FRAGMENT = 0x4000;

/** Why an IPv4 packet cannot be read. `truncated`: it says that it is longer than what is there. */
export type Ipv4Check = "ok" | "truncated" | "badVersion" | "badHeaderLength" | "badTotalLength";

/**
 * Checks the header alone; the payload may be cut short, as it is inside ICMP errors. The readers of the
 * header and the options are safe once this returns `ok`.
 */
export function checkIpv4Header(view: DataView, at: number, end: number): Ipv4Check {
  if (end - at < IPV4_MIN_HEADER_LENGTH) return "truncated";
  const first = view.getUint8(at);
  if (first >>> 4 !== 4) return "badVersion";
  const headerLength = (first & 15) * 4;
  if (headerLength < IPV4_MIN_HEADER_LENGTH) return "badHeaderLength";
  if (view.getUint16(at + TOTAL_LENGTH) < headerLength) return "badTotalLength";
  return end - at < headerLength ? "truncated" : "ok";
}

/**
 * Checks header and length: once this returns `ok` all `ipv4TotalLength` bytes are there. Bytes after
 * them (padding of short Ethernet frames) are allowed. The checksum is apart: {@link ipv4ChecksumOk}.
 */
export function checkIpv4(view: DataView, at: number, end: number): Ipv4Check {
  const header = checkIpv4Header(view, at, end);
  if (header !== "ok") return header;
  return end - at < view.getUint16(at + TOTAL_LENGTH) ? "truncated" : "ok";
}

/** Bytes of the header with its options, 20 .. 60. */
export const ipv4HeaderLength = (view: DataView, at: number): number =>
  (view.getUint8(at) & 15) * 4;
/** DSCP and ECN together, as in the header. */
export const ipv4Tos = (view: DataView, at: number): number => view.getUint8(at + TOS);
/** Differentiated services code point, 0 .. 63. */
export const ipv4Dscp = (view: DataView, at: number): number => view.getUint8(at + TOS) >>> 2;
/** ECN field, 0 .. 3: Not-ECT, ECT(1), ECT(0), CE. */
export const ipv4Ecn = (view: DataView, at: number): number => view.getUint8(at + TOS) & 3;
/** Bytes of header and payload. */
export const ipv4TotalLength = (view: DataView, at: number): number =>
  view.getUint16(at + TOTAL_LENGTH);
/** What fragments of one datagram have in common. */
export const ipv4Identification = (view: DataView, at: number): number =>
  view.getUint16(at + IDENTIFICATION);
/** The 16 bits that {@link writeIpv4} takes. */
export const ipv4FlagsAndOffset = (view: DataView, at: number): number =>
  view.getUint16(at + FLAGS_AND_OFFSET);
/** DF: no router may fragment it. */
export const ipv4DontFragment = (view: DataView, at: number): boolean =>
  (view.getUint16(at + FLAGS_AND_OFFSET) & IPV4_DONT_FRAGMENT) !== 0;
/** MF: this is not the last fragment. */
export const ipv4MoreFragments = (view: DataView, at: number): boolean =>
  (view.getUint16(at + FLAGS_AND_OFFSET) & IPV4_MORE_FRAGMENTS) !== 0;
/** Where this fragment belongs, in bytes (a multiple of 8). */
export const ipv4FragmentOffset = (view: DataView, at: number): number =>
  (view.getUint16(at + FLAGS_AND_OFFSET) & 0x1fff) * 8;
/** True for a fragment, false for a whole datagram. */
export const ipv4IsFragment = (view: DataView, at: number): boolean =>
  (view.getUint16(at + FLAGS_AND_OFFSET) & 0x3fff) !== 0;
/** How many hops it may still go. */
export const ipv4Ttl = (view: DataView, at: number): number => view.getUint8(at + TTL);
/** What the payload is, by `IP_PROTOCOL_` number. */
export const ipv4Protocol = (view: DataView, at: number): number => view.getUint8(at + PROTOCOL);
/** The header checksum as sent. */
export const ipv4Checksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);
/** Source address; allocates. */
export const ipv4Source = (view: DataView, at: number): IpAddress =>
  IpAddress.readV4(view, at + SOURCE);
/** Destination address; allocates. */
export const ipv4Destination = (view: DataView, at: number): IpAddress =>
  IpAddress.readV4(view, at + DESTINATION);
/** The 32 bits of the source address. */
export const ipv4SourceBits = (view: DataView, at: number): number => view.getUint32(at + SOURCE);
/** The 32 bits of the destination address. */
export const ipv4DestinationBits = (view: DataView, at: number): number =>
  view.getUint32(at + DESTINATION);

/** The header's one's complement sum, folded to 16 bits: 0xffff when its checksum is right. */
function headerSum(view: DataView, at: number): number {
  const end = at + ipv4HeaderLength(view, at);
  let sum = 0;
  for (let i = at; i < end; i += 2) sum += view.getUint16(i);
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}

/** True if the header checksum is right. Call after {@link checkIpv4Header}. */
export const ipv4ChecksumOk = (view: DataView, at: number): boolean =>
  headerSum(view, at) === 0xffff;

/** Computes the header checksum, options included, and writes it. */
export function setIpv4Checksum(view: DataView, at: number): void {
  view.setUint16(at + CHECKSUM, 0);
  view.setUint16(at + CHECKSUM, ~headerSum(view, at) & 0xffff);
}

/** Writes the 16 bits at `field` and corrects the header checksum. RFC 1624 s3, eqn 3 */
function patch(view: DataView, at: number, field: number, value: number): void {
  const old = view.getUint16(at + field);
  let sum = (~view.getUint16(at + CHECKSUM) & 0xffff) + (~old & 0xffff) + value;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at + field, value);
  view.setUint16(at + CHECKSUM, ~sum & 0xffff);
}

/** Takes one from the TTL, which must not be 0, and corrects the checksum, as a router does. */
export function decrementIpv4Ttl(view: DataView, at: number): void {
  patch(view, at, TTL, view.getUint16(at + TTL) - 0x100);
}

/** Sets the ECN field and corrects the checksum, as a router does that marks congestion. */
export function setIpv4Ecn(view: DataView, at: number, ecn: number): void {
  patch(view, at, 0, (view.getUint16(at) & 0xfffc) | ecn);
}

/**
 * Writes a header and its checksum. Options, if `headerLength` is above 20, must already be at `at + 20`.
 *
 * @param headerLength bytes of header and options, a multiple of 4, 20 .. 60: the room that is needed
 * @param tos DSCP and ECN: `dscp << 2 | ecn`
 * @param totalLength bytes of header and payload
 * @param flagsAndOffset {@link IPV4_DONT_FRAGMENT}, {@link IPV4_MORE_FRAGMENTS} and the offset in units of 8 bytes
 * @param source an IPv4 address, as `destination`
 * @returns `headerLength`
 */
export function writeIpv4(
  view: DataView,
  at: number,
  headerLength: number,
  tos: number,
  totalLength: number,
  identification: number,
  flagsAndOffset: number,
  ttl: number,
  protocol: number,
  source: IpAddress,
  destination: IpAddress,
): number {
  view.setUint8(at, 0x40 | (headerLength >>> 2));
  view.setUint8(at + TOS, tos);
  view.setUint16(at + TOTAL_LENGTH, totalLength);
  view.setUint16(at + IDENTIFICATION, identification);
  view.setUint16(at + FLAGS_AND_OFFSET, flagsAndOffset);
  view.setUint8(at + TTL, ttl);
  view.setUint8(at + PROTOCOL, protocol);
  view.setUint32(at + SOURCE, source.w3);
  view.setUint32(at + DESTINATION, destination.w3);
  setIpv4Checksum(view, at);
  return headerLength;
}

/** The header and its options as a tree. Whether the payload is there does not matter. */
export function describeIpv4Header(view: DataView, at: number, end: number): TreeNode {
  return describe(view, at, end, checkIpv4Header(view, at, end));
}

/** The header and its options as a tree, malformed also if the payload is cut short. */
export function describeIpv4(view: DataView, at: number, end: number): TreeNode {
  return describe(view, at, end, checkIpv4(view, at, end));
}

function describe(view: DataView, at: number, end: number, state: Ipv4Check): TreeNode {
  const readable = checkIpv4Header(view, at, end) === "ok";
  const right = readable ? (ipv4ChecksumOk(view, at) ? "right" : "wrong") : undefined;
  const fields = new FieldList(view, end);
  fields.bits("version", at, 1, 4, 4);
  fields.bits("ihl", at, 1, 0, 4, (ihl) => `${ihl * 4} bytes`);
  fields.bits("dscp", at + TOS, 1, 2, 6);
  fields.bits("ecn", at + TOS, 1, 0, 2, ecnName);
  fields.uint("totalLength", at + TOTAL_LENGTH, 2);
  fields.uint("identification", at + IDENTIFICATION, 2);
  fields.flag("reserved", at + FLAGS_AND_OFFSET, 2, 0x8000);
  fields.flag("dontFragment", at + FLAGS_AND_OFFSET, 2, IPV4_DONT_FRAGMENT);
  fields.flag("moreFragments", at + FLAGS_AND_OFFSET, 2, IPV4_MORE_FRAGMENTS);
  fields.bits("fragmentOffset", at + FLAGS_AND_OFFSET, 2, 0, 13, (n) => `byte ${n * 8}`);
  fields.uint("ttl", at + TTL, 1);
  fields.uint("protocol", at + PROTOCOL, 1, ipProtocolName);
  fields.uint("headerChecksum", at + CHECKSUM, 2, () => right);
  fields.address("source", at + SOURCE, 4);
  fields.address("destination", at + DESTINATION, 4);
  if (!readable) {
    const length = Math.max(0, Math.min(IPV4_MIN_HEADER_LENGTH, end - at));
    return headerNode("ipv4", at, length, fields, state);
  }
  const headerLength = ipv4HeaderLength(view, at);
  const optionsAt = at + IPV4_MIN_HEADER_LENGTH;
  const optionsEnd = at + headerLength;
  for (const node of describeIpv4Options(view, optionsAt, optionsEnd)) fields.push(node);
  const options = checkIpv4Options(view, optionsAt, optionsEnd);
  return headerNode("ipv4", at, headerLength, fields, state === "ok" ? options : state);
}

/** One line: `IP 192.0.2.1 > 192.0.2.2, ttl 64`, with fragment, DF, ECN and options where they matter. */
export function summarizeIpv4(view: DataView, at: number, end: number): string {
  const header = checkIpv4Header(view, at, end);
  if (header !== "ok") return `IP [${header}]`;
  let line = `IP ${ipv4Source(view, at).toString()} > ${ipv4Destination(view, at).toString()}`;
  line += `, ttl ${ipv4Ttl(view, at)}`;
  if (ipv4Ecn(view, at) !== 0) line += `, ${ecnName(ipv4Ecn(view, at))}`;
  if (ipv4IsFragment(view, at)) {
    const length = ipv4TotalLength(view, at) - ipv4HeaderLength(view, at);
    const more = ipv4MoreFragments(view, at) ? "+" : "";
    line += `, frag id ${ipv4Identification(view, at)} ${ipv4FragmentOffset(view, at)}:${length}${more}`;
  }
  if (ipv4HeaderLength(view, at) > IPV4_MIN_HEADER_LENGTH) {
    const optionsEnd = at + ipv4HeaderLength(view, at);
    line += `, options [${summarizeIpv4Options(view, at + IPV4_MIN_HEADER_LENGTH, optionsEnd)}]`;
  }
  if (!ipv4ChecksumOk(view, at)) line += ", bad cksum";
  if (checkIpv4(view, at, end) !== "ok") line += " [truncated]";
  return line;
}
