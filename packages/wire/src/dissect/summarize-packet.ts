import { summarizeArp } from "../arp/arp.js";
import { summarizeEthernet } from "../ethernet/ethernet.js";
import { summarizeLinuxSll2 } from "../ethernet/linux-sll2.js";
import { summarizeIcmpv4 } from "../icmp/icmpv4.js";
import { summarizeIcmpv6 } from "../icmp/icmpv6.js";
import { ipProtocolName } from "../ip/ip-protocol.js";
import { ipv4Protocol, summarizeIpv4 } from "../ip/ipv4.js";
import { checkIpv6Header, summarizeIpv6 } from "../ip/ipv6.js";
import { Ipv6Chain, summarizeIpv6Extensions, walkIpv6Chain } from "../ip/ipv6-chain.js";
import { summarizeSctpPacket } from "../sctp/packet.js";
import { summarizeTcp } from "../tcp/tcp.js";
import { summarizeUdp } from "../udp/udp.js";
import { layerChecksum } from "./layer-checksum.js";
import { summarizeLinuxSll } from "./linux-sll.js";
import { type DissectOptions, findLayers, type Layer, type LayerKind } from "./packet-layers.js";

/**
 * A packet in one line in the manner of tcpdump:
 * `if 2 Out IP 10.1.0.2 > 10.1.1.2, ttl 64: sctp 5001 > 5001 vtag 0x1a2b3c4d SACK cum=5 rwnd=65536`. Of the
 * link-layer header only interface and direction are shown, unless nothing above it is known. A wrong checksum
 * is marked `bad cksum`; what an ICMP error quotes is told by its addresses and ports. Parameters as for {@link dissectPacket}.
 */
export function summarizePacket(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  linkType: number,
  options: DissectOptions = {},
): string {
  const layers = findLayers(view, at, end, linkType, options);
  const words: string[] = [];
  let link = "";
  layers.forEach((layer, i) => {
    const next = layers[i + 1]?.kind;
    const isExplained = next !== undefined && next !== "data";
    if (isExplained && LINK_KINDS.has(layer.kind)) {
      // Ethernet addresses and types say nothing that what follows does not.
      const line = layer.kind === "ethernet" ? "" : summarizeLayer(view, layer);
      link = line.replace(/,.*/, " ");
      return;
    }
    // The line of what carries them tells their length.
    const carrier = layers[i - 1]?.kind;
    if (layer.kind === "fragmentData") return;
    if (layer.kind === "data" && (carrier === "udp" || carrier === "tcp")) return;
    const wrong = layer.kind !== "ipv4" && layerChecksum(bytes, view, layer) === "wrong";
    words.push(`${summarizeLayer(view, layer)}${wrong ? ", bad cksum" : ""}`);
  });
  return link + words.join(": ");
}

const LINK_KINDS: ReadonlySet<LayerKind> = new Set(["ethernet", "linuxSll", "linuxSll2"]);

function summarizeLayer(view: DataView, { kind, at, end, ipAt }: Layer): string {
  switch (kind) {
    case "ethernet":
      return summarizeEthernet(view, at, end);
    case "linuxSll":
      return summarizeLinuxSll(view, at, end);
    case "linuxSll2":
      return summarizeLinuxSll2(view, at, end);
    case "arp":
      return summarizeArp(view, at, end);
    case "ipv4":
      return summarizeIpv4(view, at, end);
    case "ipv6":
      return summarizeIpv6WithExtensions(view, at, end);
    case "icmpv4":
      return summarizeIcmpv4(view, at, end);
    case "icmpv6":
      return summarizeIcmpv6(view, at, end);
    case "udp":
      return summarizeUdp(view, at, end);
    case "tcp":
      return summarizeTcp(view, at, end);
    case "sctp":
      return summarizeSctpPacket(view, at, end);
    case "fragmentData":
    case "data":
      return `${ipAt < 0 ? "" : protocolText(view, ipAt, at)}length ${end - at}`;
  }
}

function summarizeIpv6WithExtensions(view: DataView, at: number, end: number): string {
  const line = summarizeIpv6(view, at, end);
  if (checkIpv6Header(view, at, end) !== "ok") return line;
  const extensions = summarizeIpv6Extensions(view, at, end);
  return extensions === "" ? line : `${line}, ${extensions}`;
}

/** `IGMP, `: what the payload at `end` of the IP header at `ipAt`, which was checked, is said to be. */
function protocolText(view: DataView, ipAt: number, end: number): string {
  const protocol =
    view.getUint8(ipAt) >>> 4 === 4 ? ipv4Protocol(view, ipAt) : ipv6Protocol(view, ipAt, end);
  return `${ipProtocolName(protocol) ?? `protocol ${protocol}`}, `;
}

function ipv6Protocol(view: DataView, ipAt: number, end: number): number {
  const chain = new Ipv6Chain();
  walkIpv6Chain(view, ipAt, end, chain);
  return chain.protocol;
}
