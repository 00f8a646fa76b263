import { IpAddress } from "@multihome/base";
import {
  IP_PROTOCOL_SCTP,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  ipProtocolName,
} from "../ip/ip-protocol.js";
import {
  checkIpv4Header,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4TotalLength,
} from "../ip/ipv4.js";
import { checkIpv6Header, IPV6_HEADER_LENGTH, ipv6PayloadLength } from "../ip/ipv6.js";
import { Ipv6Chain, walkIpv6Chain } from "../ip/ipv6-chain.js";
import { ipv6FragmentOffset } from "../ip/ipv6-fragment.js";
import { icmpOriginalDatagramLength } from "./icmp-extension.js";
import { ICMP_HEADER_LENGTH, icmpType } from "./icmp-header.js";
import { isIcmpv4Error } from "./icmpv4-types.js";
import { isIcmpv6Error } from "./icmpv6-types.js";

/**
 * Why there is no quoted packet to act on. `laterFragment`: it is a fragment that does not begin with the
 * transport header, so that nothing in it can be compared.
 */
export type QuotedPacketCheck = "ok" | "notAnError" | "truncated" | "badHeader" | "laterFragment";

/**
 * The packet that an ICMP error is about, as far as it is quoted: offsets in the same bytes. One object can
 * be used for many messages.
 */
export class QuotedPacket {
  /** Family of the quoted packet, which is that of the ICMP message. */
  family: 4 | 6;
  /** Offset of the quoted IP header. */
  ipAt: number;
  /** Offset of the source address, 4 or 16 bytes: an address of ours, if the error is genuine. */
  sourceAt: number;
  /** Offset of the destination address. */
  destinationAt: number;
  /** The transport, such as 6, 17 or 132. */
  protocol: number;
  /** Offset of the transport header's first byte. */
  transportAt: number;
  /** Offset after the last quoted byte; 8 bytes of transport are usual, fewer are possible. */
  end: number;
  readonly #chain: Ipv6Chain;

  constructor() {
    this.family = 4;
    this.ipAt = 0;
    this.sourceAt = 0;
    this.destinationAt = 0;
    this.protocol = 0;
    this.transportAt = 0;
    this.end = 0;
    this.#chain = new Ipv6Chain();
  }

  /**
   * Finds the packet quoted in the ICMP message `at .. end` of that family, and fills in the fields. Only
   * with `ok` are all of them to be used. Bytes of padding and of an extension structure (RFC 4884) are not
   * counted as quoted. What is quoted is the sender's word: compare addresses, ports, tags and sequence
   * numbers before believing it.
   */
  find(view: DataView, at: number, end: number, family: 4 | 6): QuotedPacketCheck {
    if (end - at < ICMP_HEADER_LENGTH) return "truncated";
    const type = icmpType(view, at);
    if (!(family === 4 ? isIcmpv4Error(type) : isIcmpv6Error(type))) return "notAnError";
    const ipAt = at + ICMP_HEADER_LENGTH;
    const length = icmpOriginalDatagramLength(view, at, end, family);
    this.family = family;
    this.ipAt = ipAt;
    this.end = length === 0 ? end : ipAt + length;
    return family === 4 ? this.#findV4(view, ipAt) : this.#findV6(view, ipAt);
  }

  /** The quoted source address; allocates. */
  source(view: DataView): IpAddress {
    return readAddress(view, this.sourceAt, this.family);
  }

  /** The quoted destination address; allocates. */
  destination(view: DataView): IpAddress {
    return readAddress(view, this.destinationAt, this.family);
  }

  #findV4(view: DataView, at: number): QuotedPacketCheck {
    const state = checkIpv4Header(view, at, this.end);
    if (state !== "ok") return state === "truncated" ? state : "badHeader";
    this.sourceAt = at + 12;
    this.destinationAt = at + 16;
    this.protocol = ipv4Protocol(view, at);
    this.transportAt = at + ipv4HeaderLength(view, at);
    this.end = Math.min(this.end, at + ipv4TotalLength(view, at));
    return ipv4FragmentOffset(view, at) > 0 ? "laterFragment" : "ok";
  }

  #findV6(view: DataView, at: number): QuotedPacketCheck {
    const state = checkIpv6Header(view, at, this.end);
    if (state !== "ok") return state === "truncated" ? state : "badHeader";
    this.sourceAt = at + 8;
    this.destinationAt = at + 24;
    const payloadLength = ipv6PayloadLength(view, at);
    // A payload length of 0 can be a jumbogram (RFC 2675 s3): then what is quoted is all we know.
    if (payloadLength > 0) this.end = Math.min(this.end, at + IPV6_HEADER_LENGTH + payloadLength);
    const chain = this.#chain;
    const walked = walkIpv6Chain(view, at, this.end, chain);
    this.protocol = chain.protocol;
    this.transportAt = chain.at;
    if (walked !== "ok") return walked === "truncated" ? walked : "badHeader";
    const later = chain.fragmentAt >= 0 && ipv6FragmentOffset(view, chain.fragmentAt) > 0;
    return later ? "laterFragment" : "ok";
  }
}

const readAddress = (view: DataView, at: number, family: 4 | 6): IpAddress =>
  family === 4 ? IpAddress.readV4(view, at) : IpAddress.readV6(view, at);

/** `, for TCP 192.0.2.1.40000 > 192.0.2.2.80`: the packet that the ICMP error `at .. end` is about. */
export function summarizeQuotedPacket(
  view: DataView,
  at: number,
  end: number,
  family: 4 | 6,
): string {
  const quoted = new QuotedPacket();
  const state = quoted.find(view, at, end, family);
  if (state !== "ok" && state !== "laterFragment") return `, quoted packet [${state}]`;
  const protocol = ipProtocolName(quoted.protocol) ?? `protocol ${quoted.protocol}`;
  const ports = state === "ok" && hasPorts(quoted.protocol) && quoted.end - quoted.transportAt >= 4;
  const port = (offset: number): string =>
    ports ? `.${view.getUint16(quoted.transportAt + offset)}` : "";
  const source = quoted.source(view).toString();
  const destination = quoted.destination(view).toString();
  return `, for ${protocol} ${source}${port(0)} > ${destination}${port(2)}`;
}

const hasPorts = (protocol: number): boolean =>
  protocol === IP_PROTOCOL_TCP || protocol === IP_PROTOCOL_UDP || protocol === IP_PROTOCOL_SCTP;
