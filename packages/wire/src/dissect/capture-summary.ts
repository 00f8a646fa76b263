import { linkTypeName } from "../capture/link-type.js";
import { icmpType } from "../icmp/icmp-header.js";
import { checkIpv4Header, ipv4Ecn, ipv4IsFragment } from "../ip/ipv4.js";
import { checkIpv6Header } from "../ip/ipv6.js";
import { Ipv6Chain, walkIpv6Chain } from "../ip/ipv6-chain.js";
import { UDP_HEADER_LENGTH, udpLength } from "../udp/udp.js";
import { layerChecksum } from "./layer-checksum.js";
import {
  type DissectOptions,
  findLayers,
  findQuotedLayers,
  type Layer,
  type LayerKind,
} from "./packet-layers.js";
import { SctpCounts, type SctpSummary } from "./sctp-counts.js";
import { Tally } from "./tally.js";
import { TcpCounts, type TcpSummary } from "./tcp-counts.js";

/**
 * What a capture holds, counted without any reassembly. The names are those of a report of tshark's
 * counts, with which it agrees. Packets that carry ICMP count for nothing but themselves and
 * `packets_with_protocol`: what they quote was not sent here.
 */
export interface CaptureCounts extends Partial<SctpSummary>, Partial<TcpSummary> {
  /** Size of the file. */
  readonly bytes: number;
  /** Name of the link type; several, if a pcapng file has them, joined by commas. */
  readonly link_type: string;
  readonly packets: number;
  /** Time of the last packet after the first, to 0.01; 0 without timestamps. */
  readonly seconds: number;
  /** Packets with each protocol that is known here, quoted ones included. */
  readonly packets_with_protocol: Readonly<Record<string, number>>;
  /** Sum of what the UDP headers tell, first fragments included; absent without UDP. */
  readonly udp_payload_bytes?: number;
  /** Messages by type; absent if there are none, as with all that follow. */
  readonly icmp_types?: Readonly<Record<string, number>>;
  readonly icmpv6_types?: Readonly<Record<string, number>>;
  readonly ip4_fragments?: number;
  readonly ip6_fragments?: number;
  /** IPv4 packets marked Congestion Experienced. */
  readonly ip_ce_marked?: number;
  /** IPv4 packets with ECT(0) or ECT(1). */
  readonly ip_ect?: number;
  /** IPv4 headers with a wrong checksum. */
  readonly ip_bad_checksum?: number;
}

const PROTOCOL_NAMES: Readonly<Partial<Record<LayerKind, string>>> = {
  arp: "arp",
  ipv4: "ip",
  ipv6: "ipv6",
  icmpv4: "icmp",
  icmpv6: "icmpv6",
  udp: "udp",
  tcp: "tcp",
  sctp: "sctp",
};

/**
 * Counts what a capture holds, packet by packet.
 *
 * @example
 * const summary = new CaptureSummary();
 * for (const p of readCapture(bytes)) {
 *   summary.add(bytes, view, p.at, p.at + p.capturedLength, p.linkType, p.timestampUs);
 * }
 * console.log(summary.toCounts(bytes.length).sctp_chunks);
 */
export class CaptureSummary {
  readonly #options: DissectOptions;
  readonly #linkTypes: Set<string>;
  readonly #protocols: Tally;
  readonly #icmpTypes: Tally;
  readonly #icmpv6Types: Tally;
  readonly #chain: Ipv6Chain;
  #packets: number;
  #firstUs: number | undefined;
  #lastUs: number;
  #sctp: SctpCounts | undefined;
  #tcp: TcpCounts | undefined;
  #udpPayloadBytes: number | undefined;
  #ip4Fragments: number;
  #ip6Fragments: number;
  #ceMarked: number;
  #ect: number;
  #badIpChecksum: number;

  constructor(options: DissectOptions = {}) {
    this.#options = options;
    this.#linkTypes = new Set();
    this.#protocols = new Tally();
    this.#icmpTypes = new Tally();
    this.#icmpv6Types = new Tally();
    this.#chain = new Ipv6Chain();
    this.#packets = 0;
    this.#firstUs = undefined;
    this.#lastUs = 0;
    this.#sctp = undefined;
    this.#tcp = undefined;
    this.#udpPayloadBytes = undefined;
    this.#ip4Fragments = 0;
    this.#ip6Fragments = 0;
    this.#ceMarked = 0;
    this.#ect = 0;
    this.#badIpChecksum = 0;
  }

  /**
   * Counts one packet; the bytes are borrowed until return. Any bytes are taken and nothing thrown.
   * Parameters as for {@link dissectPacket} and {@link CaptureRecord.timestampUs}.
   */
  add(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    linkType: number,
    timestampUs: number | undefined,
  ): void {
    this.#packets++;
    this.#linkTypes.add(linkTypeName(linkType));
    if (timestampUs !== undefined) {
      this.#firstUs ??= timestampUs;
      this.#lastUs = timestampUs;
    }
    const layers = findLayers(view, at, end, linkType, this.#options);
    const icmp = layers.find((layer) => layer.kind === "icmpv4" || layer.kind === "icmpv6");
    this.#addProtocols(view, layers, icmp);
    for (const layer of layers) this.#addLayer(bytes, view, layer, icmp === undefined);
  }

  /** What was counted so far. @param fileBytes size of the file, for `bytes` */
  toCounts(fileBytes: number): CaptureCounts {
    return {
      bytes: fileBytes,
      link_type: [...this.#linkTypes].join(","),
      packets: this.#packets,
      seconds: this.#seconds(),
      packets_with_protocol: this.#protocols.toRecord(),
      ...this.#sctp?.toSummary(),
      ...this.#tcp?.toSummary(),
      ...(this.#udpPayloadBytes === undefined ? {} : { udp_payload_bytes: this.#udpPayloadBytes }),
      ...(this.#icmpTypes.isEmpty ? {} : { icmp_types: this.#icmpTypes.toRecord() }),
      ...(this.#icmpv6Types.isEmpty ? {} : { icmpv6_types: this.#icmpv6Types.toRecord() }),
      ...(this.#ip4Fragments === 0 ? {} : { ip4_fragments: this.#ip4Fragments }),
      ...(this.#ip6Fragments === 0 ? {} : { ip6_fragments: this.#ip6Fragments }),
      ...(this.#ceMarked === 0 ? {} : { ip_ce_marked: this.#ceMarked }),
      ...(this.#ect === 0 ? {} : { ip_ect: this.#ect }),
      ...(this.#badIpChecksum === 0 ? {} : { ip_bad_checksum: this.#badIpChecksum }),
    };
  }

  #seconds(): number {
    return Math.round((this.#lastUs - (this.#firstUs ?? 0)) / 10_000) / 100;
  }

  #addProtocols(view: DataView, layers: readonly Layer[], icmp: Layer | undefined): void {
    const names = new Set(layers.map((layer) => PROTOCOL_NAMES[layer.kind]));
    if (icmp !== undefined) {
      for (const { kind } of findQuotedLayers(view, icmp, this.#options)) {
        names.add(PROTOCOL_NAMES[kind]);
      }
    }
    for (const name of names) if (name !== undefined) this.#protocols.add(name);
  }

  /** @param plain false for the layers of a packet with ICMP */
  #addLayer(bytes: Uint8Array, view: DataView, layer: Layer, plain: boolean): void {
    const { kind, at, end } = layer;
    if (kind === "ipv4") {
      if (checkIpv4Header(view, at, end) !== "ok") return;
      if (ipv4IsFragment(view, at)) this.#ip4Fragments++;
      if (!plain) return;
      const ecn = ipv4Ecn(view, at);
      if (ecn === 3) this.#ceMarked++;
      else if (ecn !== 0) this.#ect++;
      if (layerChecksum(bytes, view, layer) === "wrong") this.#badIpChecksum++;
    } else if (kind === "ipv6") {
      if (checkIpv6Header(view, at, end) !== "ok") return;
      walkIpv6Chain(view, at, end, this.#chain);
      if (this.#chain.fragmentAt >= 0) this.#ip6Fragments++;
    } else if (kind === "icmpv4" && end > at) {
      this.#icmpTypes.add(String(icmpType(view, at)));
    } else if (kind === "icmpv6" && end > at) {
      this.#icmpv6Types.add(String(icmpType(view, at)));
    } else if (kind === "udp" && end - at >= UDP_HEADER_LENGTH) {
      const length = Math.max(UDP_HEADER_LENGTH, udpLength(view, at)) - UDP_HEADER_LENGTH;
      this.#udpPayloadBytes = (this.#udpPayloadBytes ?? 0) + length;
    } else if (kind === "tcp") {
      this.#tcp ??= new TcpCounts();
      this.#tcp.add(view, layer, layerChecksum(bytes, view, layer));
    } else if (kind === "sctp") {
      this.#sctp ??= new SctpCounts();
      this.#sctp.add(view, layer, layerChecksum(bytes, view, layer));
    }
  }
}
