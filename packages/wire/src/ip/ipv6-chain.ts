import type { TreeNode } from "../tree.js";
import {
  IP_PROTOCOL_DESTINATION_OPTIONS,
  IP_PROTOCOL_FRAGMENT,
  IP_PROTOCOL_HOP_BY_HOP,
  IP_PROTOCOL_ROUTING,
} from "./ip-protocol.js";
import { IPV6_HEADER_LENGTH, ipv6NextHeader } from "./ipv6.js";
import {
  describeIpv6Fragment,
  IPV6_FRAGMENT_LENGTH,
  ipv6FragmentOffset,
  summarizeIpv6Fragment,
} from "./ipv6-fragment.js";
import { describeIpv6OptionsHeader, summarizeIpv6OptionsHeader } from "./ipv6-options-header.js";
import { describeIpv6Routing, summarizeIpv6Routing } from "./ipv6-routing.js";

/**
 * How many extension headers are walked before a packet is given up. RFC 8504 s5.3 lets a host limit
 * them; the order that RFC 8200 s4.1 recommends has at most seven.
 */
export const IPV6_MAX_EXTENSION_HEADERS = 8;

/**
 * Why the upper layer was not found. `misplacedHopByHop`: a Hop-by-Hop Options header not directly after
 * the IPv6 header, to be answered as an unknown Next Header (RFC 8200 s4).
 */
export type Ipv6ChainCheck = "ok" | "truncated" | "misplacedHopByHop" | "tooManyHeaders";

/** Where {@link walkIpv6Chain} came to. One object can be used for many packets. */
export class Ipv6Chain {
  /**
   * What follows the last extension header: a transport protocol, 50 (ESP) or 51 (AH), which are not
   * looked into, 59 (nothing), or any other number.
   */
  protocol: number;
  /** Offset of its first byte. */
  at: number;
  /** Offset of the byte that named `protocol`: what an ICMP Parameter Problem points to. */
  protocolAt: number;
  /** Offset of the Hop-by-Hop Options header, or -1. */
  hopByHopAt: number;
  /** Offset of the last Routing header, or -1. */
  routingAt: number;
  /**
   * Offset of the last Fragment header, or -1. In a fragment that is not the first, `at` is where its data
   * begins, which are no header (`protocol` is then only what the first fragment begins with).
   */
  fragmentAt: number;
  /** Extension headers that were passed. */
  count: number;

  constructor() {
    this.protocol = 0;
    this.at = 0;
    this.protocolAt = 0;
    this.hopByHopAt = -1;
    this.routingAt = -1;
    this.fragmentAt = -1;
    this.count = 0;
  }
}

/** True for the extension headers that are walked: 0, 43, 44 and 60. */
export const isIpv6Extension = (nextHeader: number): boolean =>
  nextHeader === IP_PROTOCOL_HOP_BY_HOP ||
  nextHeader === IP_PROTOCOL_ROUTING ||
  nextHeader === IP_PROTOCOL_FRAGMENT ||
  nextHeader === IP_PROTOCOL_DESTINATION_OPTIONS;

/** Bytes of the extension header of this kind at `at`, or 0 if it goes beyond `end`. */
export function ipv6ExtensionLength(view: DataView, at: number, end: number, kind: number): number {
  if (end - at < 8) return 0;
  const length =
    kind === IP_PROTOCOL_FRAGMENT ? IPV6_FRAGMENT_LENGTH : 8 + 8 * view.getUint8(at + 1);
  return length <= end - at ? length : 0;
}

/**
 * Walks the extension headers after the IPv6 header at `at`, which was checked, up to `end`, the packet's
 * end. It finds offsets and lengths only: whether options are well formed, their own checks say. Stops at
 * a fragment that is not the first, at ESP, AH and No Next Header. Fills `chain`, also when it fails: then
 * `at` and `protocol` tell the header it failed at.
 */
export function walkIpv6Chain(
  view: DataView,
  at: number,
  end: number,
  chain: Ipv6Chain,
): Ipv6ChainCheck {
  chain.protocol = ipv6NextHeader(view, at);
  chain.protocolAt = at + 6;
  chain.at = at + IPV6_HEADER_LENGTH;
  chain.hopByHopAt = -1;
  chain.routingAt = -1;
  chain.fragmentAt = -1;
  chain.count = 0;
  while (isIpv6Extension(chain.protocol)) {
    if (chain.protocol === IP_PROTOCOL_HOP_BY_HOP && chain.count > 0) return "misplacedHopByHop";
    if (chain.count === IPV6_MAX_EXTENSION_HEADERS) return "tooManyHeaders";
    const length = ipv6ExtensionLength(view, chain.at, end, chain.protocol);
    if (length === 0) return "truncated";
    const isFragment = chain.protocol === IP_PROTOCOL_FRAGMENT;
    if (isFragment) chain.fragmentAt = chain.at;
    else if (chain.protocol === IP_PROTOCOL_HOP_BY_HOP) chain.hopByHopAt = chain.at;
    else if (chain.protocol === IP_PROTOCOL_ROUTING) chain.routingAt = chain.at;
    chain.protocol = view.getUint8(chain.at);
    chain.protocolAt = chain.at;
    chain.at += length;
    chain.count++;
    if (isFragment && ipv6FragmentOffset(view, chain.fragmentAt) > 0) return "ok";
  }
  return "ok";
}

function describeExtension(view: DataView, at: number, end: number, kind: number): TreeNode {
  switch (kind) {
    case IP_PROTOCOL_FRAGMENT:
      return describeIpv6Fragment(view, at, end);
    case IP_PROTOCOL_ROUTING:
      return describeIpv6Routing(view, at, end);
    case IP_PROTOCOL_HOP_BY_HOP:
      return describeIpv6OptionsHeader(view, at, end, "hopByHopOptions");
    default:
      return describeIpv6OptionsHeader(view, at, end, "destinationOptions");
  }
}

function summarizeExtension(view: DataView, at: number, end: number, kind: number): string {
  switch (kind) {
    case IP_PROTOCOL_FRAGMENT:
      return `frag ${summarizeIpv6Fragment(view, at, end)}`;
    case IP_PROTOCOL_ROUTING:
      return `routing ${summarizeIpv6Routing(view, at, end)}`;
    case IP_PROTOCOL_HOP_BY_HOP:
      return `hbh ${summarizeIpv6OptionsHeader(view, at, end)}`.trimEnd();
    default:
      return `dstopt ${summarizeIpv6OptionsHeader(view, at, end)}`.trimEnd();
  }
}

/** Calls `visit` for each extension header, the last one perhaps cut short; returns what ended the walk. */
function eachExtension(
  view: DataView,
  at: number,
  end: number,
  visit: (at: number, kind: number) => void,
): Ipv6ChainCheck {
  const chain = new Ipv6Chain();
  const state = walkIpv6Chain(view, at, end, chain);
  let kind = ipv6NextHeader(view, at);
  for (let o = at + IPV6_HEADER_LENGTH; o < chain.at; ) {
    visit(o, kind);
    const length = ipv6ExtensionLength(view, o, end, kind);
    kind = view.getUint8(o);
    o += length;
  }
  if (state !== "ok" && chain.at < end) visit(chain.at, chain.protocol);
  return state;
}

/** One node for each extension header after the IPv6 header at `at`, which was checked. */
export function describeIpv6Extensions(view: DataView, at: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  const state = eachExtension(view, at, end, (o, kind) => {
    nodes.push(describeExtension(view, o, end, kind));
  });
  const last = nodes.pop();
  if (last !== undefined) nodes.push(state === "ok" ? last : { ...last, malformed: state });
  return nodes;
}

/** The extension headers after the IPv6 header at `at`, `hbh RA, frag id 0x79654b57 0:1448+`, or nothing. */
export function summarizeIpv6Extensions(view: DataView, at: number, end: number): string {
  const words: string[] = [];
  const state = eachExtension(view, at, end, (o, kind) => {
    words.push(summarizeExtension(view, o, end, kind));
  });
  if (state !== "ok") words.push(`[${state}]`);
  return words.join(", ");
}
