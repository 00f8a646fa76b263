import { checkIpv6Header, describeIpv6Header } from "../ip/ipv6.js";
import { describeIpv6Extensions, Ipv6Chain, walkIpv6Chain } from "../ip/ipv6-chain.js";
import type { FieldList } from "../tree-fields.js";
import { describeIcmpExtension, icmpOriginalDatagramLength } from "./icmp-extension.js";
import { ICMP_HEADER_LENGTH, icmpCode, icmpType } from "./icmp-header.js";
import {
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  icmpv6CodeName,
  icmpv6TypeName,
} from "./icmpv6-types.js";
import { summarizeQuotedPacket } from "./quoted-packet.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   type 2: MTU;  type 4: Pointer;  types 1 and 3: Length (1 byte)   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |              As much of invoking packet as possible           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4443 s3; Length: RFC 4884 s4.4, s4.5. Written with `writeIcmp`, whose `rest` is the second word.

/** MTU of the next link, of a packet too big, 0 .. 2^32 - 1. Below 1280 the message must be dropped (RFC 8201 s4). */
export const icmpv6Mtu = (view: DataView, at: number): number => view.getUint32(at + 4);
/** Offset in the quoted packet of what a parameter problem is about; it may be beyond what is quoted. */
export const icmpv6Pointer = (view: DataView, at: number): number => view.getUint32(at + 4);

/** Adds what an error has after its checksum: its second word, the quoted packet, extensions. */
export function describeIcmpv6ErrorBody(
  fields: FieldList,
  view: DataView,
  at: number,
  end: number,
): void {
  const type = icmpType(view, at);
  const length = icmpOriginalDatagramLength(view, at, end, 6);
  if (type === ICMPV6_PACKET_TOO_BIG) fields.uint("mtu", at + 4, 4);
  if (type === ICMPV6_PARAMETER_PROBLEM) fields.uint("pointer", at + 4, 4);
  if (length > 0) fields.uint("length", at + 4, 1, `${length} bytes of original datagram`);
  const quoteAt = at + ICMP_HEADER_LENGTH;
  const quoteEnd = length === 0 ? end : quoteAt + length;
  if (quoteEnd > quoteAt) describeQuote(fields, view, quoteAt, quoteEnd);
  if (length > 0) fields.push(describeIcmpExtension(view, quoteEnd, end));
}

function describeQuote(fields: FieldList, view: DataView, at: number, end: number): void {
  fields.push(describeIpv6Header(view, at, end));
  if (checkIpv6Header(view, at, end) !== "ok") return;
  for (const node of describeIpv6Extensions(view, at, end)) fields.push(node);
  const chain = new Ipv6Chain();
  const walked = walkIpv6Chain(view, at, end, chain);
  if (walked === "ok") fields.hex("originalData", chain.at, end - chain.at);
}

/** One line without the leading `ICMP6`: type, code, and the packet that it is about. */
export function summarizeIcmpv6Error(view: DataView, at: number, end: number): string {
  const type = icmpType(view, at);
  const code = icmpCode(view, at);
  let line = icmpv6TypeName(type) ?? `type ${type}`;
  const codeName = icmpv6CodeName(type, code);
  if (codeName !== undefined) line += `, ${codeName}`;
  else if (code !== 0) line += `, code ${code}`;
  if (type === ICMPV6_PACKET_TOO_BIG) line += `, mtu ${icmpv6Mtu(view, at)}`;
  if (type === ICMPV6_PARAMETER_PROBLEM) line += ` at ${icmpv6Pointer(view, at)}`;
  return line + summarizeQuotedPacket(view, at, end, 6);
}
