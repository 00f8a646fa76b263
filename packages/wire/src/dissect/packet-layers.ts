import { LINK_TYPE } from "../capture/link-type.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../ethernet/ether-type.js";
import { checkEthernet, ethernetHeaderLength, ethernetPayloadType } from "../ethernet/ethernet.js";
import { checkLinuxSll2, LINUX_SLL2_LENGTH, linuxSll2Protocol } from "../ethernet/linux-sll2.js";
import { QuotedPacket } from "../icmp/quoted-packet.js";
import {
  IP_PROTOCOL_ICMP,
  IP_PROTOCOL_ICMPV6,
  IP_PROTOCOL_SCTP,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
} from "../ip/ip-protocol.js";
import {
  checkIpv4Header,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4TotalLength,
} from "../ip/ipv4.js";
import { checkIpv6Header, IPV6_HEADER_LENGTH, ipv6PayloadLength } from "../ip/ipv6.js";
import { Ipv6Chain, walkIpv6Chain } from "../ip/ipv6-chain.js";
import { ipv6FragmentIsAtomic, ipv6FragmentOffset } from "../ip/ipv6-fragment.js";
import { ipv6RoutingSegmentsLeft } from "../ip/ipv6-routing.js";
import { checkTcp, tcpHeaderLength } from "../tcp/tcp.js";
import {
  checkUdp,
  UDP_HEADER_LENGTH,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
} from "../udp/udp.js";
import { checkLinuxSll, LINUX_SLL_LENGTH, linuxSllProtocol } from "./linux-sll.js";

/** UDP ports that SCTP is looked for on. RFC 6951 s5.1: 9899 is the port that IANA assigned. */
export const DEFAULT_SCTP_UDP_PORTS: readonly number[] = [9899];

/** How packets are read; fixed for a whole capture. */
export interface DissectOptions {
  /** A datagram from or to one of these UDP ports carries SCTP. Default: 9899 alone. */
  readonly sctpUdpPorts?: readonly number[];
}

/** What a layer is. `fragmentData`: part of an IP payload that does not begin with its header. */
export type LayerKind =
  | "ethernet"
  | "linuxSll"
  | "linuxSll2"
  | "arp"
  | "ipv4"
  | "ipv6"
  | "icmpv4"
  | "icmpv6"
  | "udp"
  | "tcp"
  | "sctp"
  | "fragmentData"
  | "data";

/** One header of a packet and what it carries, as offsets. */
export interface Layer {
  readonly kind: LayerKind;
  /** Offset of its first byte. */
  readonly at: number;
  /** Offset after the last byte that it carries, as far as captured. */
  readonly end: number;
  /** Offset of the IP header that carries it, -1 below IP. */
  readonly ipAt: number;
  /**
   * True if all that it carries is there: neither a fragment nor cut short. Only then a checksum can be
   * verified.
   */
  readonly whole: boolean;
}

interface Walk {
  readonly view: DataView;
  readonly sctpUdpPorts: readonly number[];
  readonly layers: Layer[];
}

/**
 * Finds the headers of the packet `at .. end`, outermost first. Each layer's own check says whether it can be
 * read; when one cannot, it is the last. What an ICMP error quotes is apart: {@link findQuotedLayers}.
 */
export function findLayers(
  view: DataView,
  at: number,
  end: number,
  linkType: number,
  options: DissectOptions,
): Layer[] {
  const walk = startWalk(view, options);
  switch (linkType) {
    case LINK_TYPE.ethernet:
      push(walk, "ethernet", at, end, -1, true);
      if (checkEthernet(view, at, end) === "ok") {
        const payload = at + ethernetHeaderLength(view, at);
        walkEtherType(walk, ethernetPayloadType(view, at), payload, end);
      }
      break;
    case LINK_TYPE.linuxSll:
      push(walk, "linuxSll", at, end, -1, true);
      if (checkLinuxSll(view, at, end) === "ok") {
        walkEtherType(walk, linuxSllProtocol(view, at), at + LINUX_SLL_LENGTH, end);
      }
      break;
    case LINK_TYPE.linuxSll2:
      push(walk, "linuxSll2", at, end, -1, true);
      if (checkLinuxSll2(view, at, end) === "ok") {
        walkEtherType(walk, linuxSll2Protocol(view, at), at + LINUX_SLL2_LENGTH, end);
      }
      break;
    case LINK_TYPE.raw:
      if (at < end && view.getUint8(at) >>> 4 === 6) walkIpv6(walk, at, end);
      else walkIpv4(walk, at, end);
      break;
    case LINK_TYPE.ipv4:
      walkIpv4(walk, at, end);
      break;
    case LINK_TYPE.ipv6:
      walkIpv6(walk, at, end);
      break;
    case LINK_TYPE.sctp:
      push(walk, "sctp", at, end, -1, true);
      break;
    default:
      push(walk, "data", at, end, -1, true);
  }
  return walk.layers;
}

/**
 * Finds the headers after the IP header that the ICMP error in `layer` quotes. They are cut short as a rule,
 * and not verified.
 */
export function findQuotedLayers(
  view: DataView,
  layer: Layer,
  options: DissectOptions,
): readonly Layer[] {
  const quoted = new QuotedPacket();
  const found = quoted.find(view, layer.at, layer.end, layer.kind === "icmpv4" ? 4 : 6);
  if (found !== "ok") return [];
  const walk = startWalk(view, options);
  walkTransport(walk, quoted.protocol, quoted.transportAt, quoted.end, quoted.ipAt, false);
  return walk.layers;
}

const startWalk = (view: DataView, options: DissectOptions): Walk => ({
  view,
  sctpUdpPorts: options.sctpUdpPorts ?? DEFAULT_SCTP_UDP_PORTS,
  layers: [],
});

function push(
  walk: Walk,
  kind: LayerKind,
  at: number,
  end: number,
  ipAt: number,
  whole: boolean,
): void {
  walk.layers.push({ kind, at, end, ipAt, whole });
}

function walkEtherType(walk: Walk, etherType: number, at: number, end: number): void {
  if (etherType === ETHER_TYPE_IPV4) walkIpv4(walk, at, end);
  else if (etherType === ETHER_TYPE_IPV6) walkIpv6(walk, at, end);
  else if (etherType === ETHER_TYPE_ARP) push(walk, "arp", at, end, -1, true);
  else pushData(walk, at, end, -1);
}

function walkIpv4(walk: Walk, at: number, end: number): void {
  const { view } = walk;
  const checked = checkIpv4Header(view, at, end) === "ok";
  const ipEnd = checked ? at + ipv4TotalLength(view, at) : end;
  const stop = Math.min(end, ipEnd);
  push(walk, "ipv4", at, stop, -1, ipEnd <= end);
  if (!checked) return;
  const payload = at + ipv4HeaderLength(view, at);
  if (ipv4FragmentOffset(view, at) > 0) push(walk, "fragmentData", payload, stop, at, false);
  else {
    const whole = ipEnd <= end && !ipv4IsFragment(view, at);
    walkTransport(walk, ipv4Protocol(view, at), payload, stop, at, whole);
  }
}

function walkIpv6(walk: Walk, at: number, end: number): void {
  const { view } = walk;
  const checked = checkIpv6Header(view, at, end) === "ok";
  const ipEnd = checked ? at + IPV6_HEADER_LENGTH + ipv6PayloadLength(view, at) : end;
  const stop = Math.min(end, ipEnd);
  push(walk, "ipv6", at, stop, -1, ipEnd <= end);
  if (!checked) return;
  const chain = new Ipv6Chain();
  if (walkIpv6Chain(view, at, stop, chain) !== "ok") return;
  const fragment = chain.fragmentAt;
  if (fragment >= 0 && ipv6FragmentOffset(view, fragment) > 0) {
    push(walk, "fragmentData", chain.at, stop, at, false);
    return;
  }
  // With segments left the pseudo header has another destination than the IPv6 header (RFC 8200 s8.1).
  const routed = chain.routingAt >= 0 && ipv6RoutingSegmentsLeft(view, chain.routingAt) > 0;
  const inOnePiece = fragment < 0 || ipv6FragmentIsAtomic(view, fragment);
  const whole = ipEnd <= end && inOnePiece && !routed;
  walkTransport(walk, chain.protocol, chain.at, stop, at, whole);
}

function walkTransport(
  walk: Walk,
  protocol: number,
  at: number,
  end: number,
  ipAt: number,
  whole: boolean,
): void {
  const family = walk.view.getUint8(ipAt) >>> 4;
  switch (protocol) {
    case IP_PROTOCOL_UDP:
      walkUdp(walk, at, end, ipAt, whole);
      break;
    case IP_PROTOCOL_TCP:
      push(walk, "tcp", at, end, ipAt, whole);
      if (checkTcp(walk.view, at, end) === "ok") {
        pushData(walk, at + tcpHeaderLength(walk.view, at), end, ipAt);
      }
      break;
    case IP_PROTOCOL_SCTP:
      push(walk, "sctp", at, end, ipAt, whole);
      break;
    case family === 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6:
      push(walk, family === 4 ? "icmpv4" : "icmpv6", at, end, ipAt, whole);
      break;
    default:
      pushData(walk, at, end, ipAt);
  }
}

function walkUdp(walk: Walk, at: number, end: number, ipAt: number, whole: boolean): void {
  const { view } = walk;
  const state = checkUdp(view, at, end);
  push(walk, "udp", at, end, ipAt, whole && state === "ok");
  if (end - at < UDP_HEADER_LENGTH || state === "badLength") return;
  const payload = at + UDP_HEADER_LENGTH;
  const stop = Math.min(end, at + udpLength(view, at));
  const ports = walk.sctpUdpPorts;
  const isSctp =
    ports.includes(udpSourcePort(view, at)) || ports.includes(udpDestinationPort(view, at));
  if (isSctp && stop > payload) push(walk, "sctp", payload, stop, ipAt, whole && state === "ok");
  else pushData(walk, payload, stop, ipAt);
}

/** Bytes that are not looked into; none make no layer. */
function pushData(walk: Walk, at: number, end: number, ipAt: number): void {
  if (end > at) push(walk, "data", at, end, ipAt, true);
}
