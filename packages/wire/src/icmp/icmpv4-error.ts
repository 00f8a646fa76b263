import { IpAddress } from "@multihome/base";
import { checkIpv4Header, describeIpv4Header, ipv4HeaderLength } from "../ip/ipv4.js";
import type { FieldList } from "../tree-fields.js";
import { describeIcmpExtension, icmpOriginalDatagramLength } from "./icmp-extension.js";
import { ICMP_HEADER_LENGTH, icmpCode, icmpType } from "./icmp-header.js";
import {
  ICMPV4_FRAGMENTATION_NEEDED,
  ICMPV4_PARAMETER_PROBLEM,
  ICMPV4_REDIRECT,
  ICMPV4_UNREACHABLE,
  icmpv4CodeName,
  icmpv4TypeName,
} from "./icmpv4-types.js";
import { summarizeQuotedPacket } from "./quoted-packet.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Pointer (12)   |Length(3,11,12)|   Next-Hop MTU (3, code 4)    |   type 5: Gateway Address instead
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Internet Header + leading octets of original datagram    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 792; Next-Hop MTU: RFC 1191 s4; Length: RFC 4884 s4.1 .. s4.3. Written with `writeIcmp`, whose
// `rest` is the second word.

/**
 * Next-hop MTU of a destination unreachable with code 4: bytes of IP header and data. 0 from routers older
 * than RFC 1191 (s5 there says what to do then).
 */
export const icmpv4NextHopMtu = (view: DataView, at: number): number => view.getUint16(at + 6);
/** Offset in the quoted packet of what a parameter problem is about. */
export const icmpv4Pointer = (view: DataView, at: number): number => view.getUint8(at + 4);
/** Where a redirect says to send; allocates. */
export const icmpv4Gateway = (view: DataView, at: number): IpAddress =>
  IpAddress.readV4(view, at + 4);

/** Adds what an error has after its checksum: its second word, the quoted packet, extensions. */
export function describeIcmpv4ErrorBody(
  fields: FieldList,
  view: DataView,
  at: number,
  end: number,
): void {
  const type = icmpType(view, at);
  const length = icmpOriginalDatagramLength(view, at, end, 4);
  if (type === ICMPV4_REDIRECT) fields.address("gateway", at + 4, 4);
  if (type === ICMPV4_PARAMETER_PROBLEM) fields.uint("pointer", at + 4, 1);
  if (length > 0) fields.uint("length", at + 5, 1, `${length} bytes of original datagram`);
  if (type === ICMPV4_UNREACHABLE && icmpCode(view, at) === ICMPV4_FRAGMENTATION_NEEDED) {
    fields.uint("nextHopMtu", at + 6, 2);
  }
  const quoteAt = at + ICMP_HEADER_LENGTH;
  const quoteEnd = length === 0 ? end : quoteAt + length;
  if (quoteEnd > quoteAt) {
    fields.push(describeIpv4Header(view, quoteAt, quoteEnd));
    if (checkIpv4Header(view, quoteAt, quoteEnd) === "ok") {
      const dataAt = quoteAt + ipv4HeaderLength(view, quoteAt);
      fields.hex("originalData", dataAt, quoteEnd - dataAt);
    }
  }
  if (length > 0) fields.push(describeIcmpExtension(view, quoteEnd, end));
}

/** One line without the leading `ICMP`: type, code, and the packet that it is about. */
export function summarizeIcmpv4Error(view: DataView, at: number, end: number): string {
  const type = icmpType(view, at);
  const code = icmpCode(view, at);
  let line = icmpv4TypeName(type) ?? `type ${type}`;
  const codeName = icmpv4CodeName(type, code);
  if (codeName !== undefined) line += `, ${codeName}`;
  else if (code !== 0) line += `, code ${code}`;
  if (type === ICMPV4_UNREACHABLE && code === ICMPV4_FRAGMENTATION_NEEDED) {
    line += `, mtu ${icmpv4NextHopMtu(view, at)}`;
  }
  if (type === ICMPV4_REDIRECT) line += ` to ${icmpv4Gateway(view, at).toString()}`;
  if (type === ICMPV4_PARAMETER_PROBLEM) line += ` at ${icmpv4Pointer(view, at)}`;
  return line + summarizeQuotedPacket(view, at, end, 4);
}
