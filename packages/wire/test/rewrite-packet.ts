import type { IpAddress } from "@multihome/base";
import {
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  ethernetDestination,
  ethernetPayloadType,
  ethernetSource,
  formatTree,
  IP_PROTOCOL_ICMPV6,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  IPV4_MIN_HEADER_LENGTH,
  icmpCode,
  icmpRest,
  icmpType,
  ipv4Destination,
  ipv4FlagsAndOffset,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4Protocol,
  ipv4PseudoHeaderSum,
  ipv4RouteAddress,
  ipv4RouteCount,
  ipv4RoutePointer,
  ipv4Source,
  ipv4TimestampFlag,
  ipv4TimestampOverflow,
  ipv4TimestampPointer,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Ttl,
  ipv6Destination,
  ipv6FlowLabel,
  ipv6FragmentIdentification,
  ipv6FragmentMore,
  ipv6FragmentNextHeader,
  ipv6FragmentOffset,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6OptionLength,
  ipv6OptionsHeaderLength,
  ipv6OptionsNextHeader,
  ipv6PayloadLength,
  ipv6PseudoHeaderSum,
  ipv6Source,
  ipv6TrafficClass,
  linuxSll2AddressLength,
  linuxSll2ArphrdType,
  linuxSll2InterfaceIndex,
  linuxSll2PacketType,
  linuxSll2Protocol,
  MLDV2_REPORT_HEADER_LENGTH,
  mldv2RecordLength,
  mldv2RecordMulticastAddress,
  mldv2RecordSource,
  mldv2RecordSourceCount,
  mldv2RecordType,
  mldv2ReportRecordCount,
  NEIGHBOR_ADVERTISEMENT_LENGTH,
  NEIGHBOR_SOLICITATION_LENGTH,
  ndLinkLayerAddress,
  neighborAdvertisementFlags,
  neighborAdvertisementTarget,
  neighborSolicitationTarget,
  SCTP_HEADER_LENGTH,
  sctpDestinationPort,
  sctpSourcePort,
  sctpVerificationTag,
  setIcmpChecksum,
  setTcpChecksum,
  setUdpChecksum,
  TCP_MIN_HEADER_LENGTH,
  type TreeNode,
  tcpAck,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpReserved,
  tcpSeq,
  tcpSourcePort,
  tcpUrgentPointer,
  tcpWindow,
  udpChecksum,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
  writeArp,
  writeEthernet,
  writeIcmp,
  writeIpv4,
  writeIpv4RouteOption,
  writeIpv4TimestampOption,
  writeIpv6,
  writeIpv6Fragment,
  writeIpv6OptionsHeader,
  writeIpv6Padding,
  writeIpv6RouterAlert,
  writeLinuxSll2,
  writeMldv2Record,
  writeMldv2Report,
  writeNdLinkLayerAddress,
  writeNeighborAdvertisement,
  writeNeighborSolicitation,
  writeSctpChecksum,
  writeSctpHeader,
  writeTcp,
  writeUdp,
} from "../src/index.js";
import { rewriteChunk } from "./rewrite-chunk.js";
import { rewriteTcpOption } from "./rewrite-tcp-option.js";
import type { Rewriting } from "./sctp-rewrite.js";

/** A rewritten packet, and the names of the parts that were carried over as bytes because no codec knows them. */
export interface RewrittenPacket {
  readonly outBytes: Uint8Array;
  readonly carriedOver: readonly string[];
}

interface Walk extends Rewriting {
  readonly carriedOver: string[];
  /** The latest IP header passed. */
  ipAt: number;
  ipEnd: number;
  /** Checksums are computed when everything is written. */
  readonly checksums: (() => void)[];
}

/**
 * Reads every header, option, message and chunk that `tree`, a dissected packet of `bytes`, shows, and writes
 * it at the same place of the output with the writers, checksums included. Where the tree has nothing the
 * output has 0xa5.
 */
export function rewritePacket(bytes: Uint8Array, view: DataView, tree: TreeNode): RewrittenPacket {
  const outBytes = new Uint8Array(bytes.length).fill(0xa5);
  const out = new DataView(outBytes.buffer);
  const carriedOver: string[] = [];
  const walk: Walk = {
    bytes,
    view,
    outBytes,
    out,
    carriedOver,
    ipAt: -1,
    ipEnd: -1,
    checksums: [],
  };
  for (const node of tree.children ?? []) rewriteNode(walk, node);
  // From the inside out: UDP's checksum covers SCTP's.
  for (const setChecksum of walk.checksums.reverse()) setChecksum();
  return { outBytes, carriedOver };
}

function rewriteNode(walk: Walk, node: TreeNode): void {
  const { view, out } = walk;
  const { at } = node;
  switch (node.name) {
    case "ethernet": {
      const [to, from] = [ethernetDestination(view, at), ethernetSource(view, at)];
      writeEthernet(out, at, to, from, ethernetPayloadType(view, at));
      break;
    }
    case "linuxSll2":
      carry(walk, at + 12, 8);
      writeLinuxSll2(
        out,
        at,
        linuxSll2Protocol(view, at),
        linuxSll2InterfaceIndex(view, at),
        linuxSll2ArphrdType(view, at),
        linuxSll2PacketType(view, at),
        linuxSll2AddressLength(view, at),
      );
      break;
    case "arp":
      writeArp(
        out,
        at,
        arpOperation(view, at),
        arpSenderMac(view, at),
        arpSenderIp(view, at),
        arpTargetMac(view, at),
        arpTargetIp(view, at),
      );
      break;
    case "ipv4":
      rewriteIpv4(walk, node);
      break;
    case "ipv6":
      rewriteIpv6(walk, at);
      break;
    case "hopByHopOptions":
    case "destinationOptions":
      rewriteIpv6Options(walk, at);
      break;
    case "fragment":
      writeIpv6Fragment(
        out,
        at,
        ipv6FragmentNextHeader(view, at),
        ipv6FragmentOffset(view, at),
        ipv6FragmentMore(view, at),
        ipv6FragmentIdentification(view, at),
      );
      break;
    case "icmp":
    case "icmpv6":
      writeIcmp(out, at, icmpType(view, at), icmpCode(view, at), icmpRest(view, at));
      carry(walk, at + 8, node.length - 8);
      finishIcmp(walk, node);
      break;
    case "neighborSolicitation":
      writeNeighborSolicitation(out, at, neighborSolicitationTarget(view, at));
      rewriteNdOptions(walk, node, at + NEIGHBOR_SOLICITATION_LENGTH);
      finishIcmp(walk, node);
      break;
    case "neighborAdvertisement": {
      const flags = neighborAdvertisementFlags(view, at);
      writeNeighborAdvertisement(out, at, flags, neighborAdvertisementTarget(view, at));
      rewriteNdOptions(walk, node, at + NEIGHBOR_ADVERTISEMENT_LENGTH);
      finishIcmp(walk, node);
      break;
    }
    case "mldv2Report":
      rewriteMldv2Report(walk, node);
      finishIcmp(walk, node);
      break;
    case "udp":
      rewriteUdp(walk, node);
      break;
    case "tcp":
      rewriteTcp(walk, node);
      break;
    case "sctp":
      rewriteSctp(walk, node);
      break;
    case "data":
    case "fragmentData":
    case "trailer":
      carry(walk, at, node.length);
      break;
    default:
      throw new Error(`no way to rewrite\n${formatTree(node)}`);
  }
}

function rewriteIpv4(walk: Walk, node: TreeNode): void {
  const { view, out } = walk;
  const { at } = node;
  walk.ipAt = at;
  walk.ipEnd = at + ipv4TotalLength(view, at);
  const headerLength = ipv4HeaderLength(view, at);
  for (const option of node.children ?? []) {
    if (option.at < at + IPV4_MIN_HEADER_LENGTH) continue;
    if (option.name === "recordRoute") {
      const route: IpAddress[] = [];
      for (let i = 0; i < ipv4RouteCount(view, option.at); i++) {
        route.push(ipv4RouteAddress(view, option.at, i));
      }
      const type = view.getUint8(option.at);
      writeIpv4RouteOption(out, option.at, type, ipv4RoutePointer(view, option.at), route);
    } else if (option.name === "timestamp") {
      carry(walk, option.at, option.length);
      const [pointer, overflow] = [
        ipv4TimestampPointer(view, option.at),
        ipv4TimestampOverflow(view, option.at),
      ];
      const flag = ipv4TimestampFlag(view, option.at);
      writeIpv4TimestampOption(out, option.at, option.length, pointer, overflow, flag);
    } else {
      // No-operations and the end of the list.
      carry(walk, option.at, option.length);
      walk.carriedOver.push(option.name);
    }
  }
  writeIpv4(
    out,
    at,
    headerLength,
    ipv4Tos(view, at),
    ipv4TotalLength(view, at),
    ipv4Identification(view, at),
    ipv4FlagsAndOffset(view, at),
    ipv4Ttl(view, at),
    ipv4Protocol(view, at),
    ipv4Source(view, at),
    ipv4Destination(view, at),
  );
}

function rewriteIpv6(walk: Walk, at: number): void {
  const { view, out } = walk;
  walk.ipAt = at;
  walk.ipEnd = at + 40 + ipv6PayloadLength(view, at);
  writeIpv6(
    out,
    at,
    ipv6TrafficClass(view, at),
    ipv6FlowLabel(view, at),
    ipv6PayloadLength(view, at),
    ipv6NextHeader(view, at),
    ipv6HopLimit(view, at),
    ipv6Source(view, at),
    ipv6Destination(view, at),
  );
}

function rewriteIpv6Options(walk: Walk, at: number): void {
  const { view, out } = walk;
  const end = at + ipv6OptionsHeaderLength(view, at);
  let o = at + writeIpv6OptionsHeader(out, at, ipv6OptionsNextHeader(view, at), end - at);
  while (o < end) {
    const length = ipv6OptionLength(view, o, end);
    const type = view.getUint8(o);
    if (type <= 1) writeIpv6Padding(out, o, length);
    else if (type === 5) writeIpv6RouterAlert(out, o, view.getUint16(o + 2));
    else throw new Error(`no way to rewrite IPv6 option ${type}`);
    o += length;
  }
}

function rewriteNdOptions(walk: Walk, node: TreeNode, from: number): void {
  for (const option of node.children ?? []) {
    if (option.at < from) continue;
    const type = walk.view.getUint8(option.at);
    if (type > 2) throw new Error(`no way to rewrite ND option ${type}`);
    writeNdLinkLayerAddress(walk.out, option.at, type, ndLinkLayerAddress(walk.view, option.at));
  }
}

function rewriteMldv2Report({ view, out }: Walk, { at, length }: TreeNode): void {
  const count = mldv2ReportRecordCount(view, at);
  writeMldv2Report(out, at, count);
  let record = at + MLDV2_REPORT_HEADER_LENGTH;
  for (let i = 0; i < count; i++) {
    const sources = Array.from({ length: mldv2RecordSourceCount(view, record) }, (_, n) =>
      mldv2RecordSource(view, record, n),
    );
    const group = mldv2RecordMulticastAddress(view, record);
    writeMldv2Record(out, record, mldv2RecordType(view, record), group, sources);
    record += mldv2RecordLength(view, record, at + length);
  }
}

function finishIcmp(walk: Walk, node: TreeNode): void {
  const { outBytes, out, ipAt } = walk;
  const { at, length } = node;
  finishChecksum(walk, node, 2, () => {
    const isV4 = out.getUint8(ipAt) >>> 4 === 4;
    const pseudoSum = isV4 ? 0 : ipv6PseudoHeaderSum(out, ipAt, IP_PROTOCOL_ICMPV6, length);
    setIcmpChecksum(outBytes, out, at, at + length, pseudoSum);
  });
}

function rewriteUdp(walk: Walk, node: TreeNode): void {
  const { view, out, outBytes, ipAt } = walk;
  const { at } = node;
  const length = udpLength(view, at);
  const ports = [udpSourcePort(view, at), udpDestinationPort(view, at)] as const;
  writeUdp(out, at, ...ports, length, udpChecksum(view, at));
  finishChecksum(walk, node, 6, () => {
    setUdpChecksum(outBytes, out, at, pseudoSum(out, ipAt, IP_PROTOCOL_UDP, length));
  });
}

function rewriteTcp(walk: Walk, node: TreeNode): void {
  const { view, out, outBytes, ipAt, ipEnd } = walk;
  const { at } = node;
  const headerLength = tcpHeaderLength(view, at);
  writeTcp(
    out,
    at,
    headerLength,
    tcpSourcePort(view, at),
    tcpDestinationPort(view, at),
    tcpSeq(view, at),
    tcpAck(view, at),
    (tcpReserved(view, at) << 8) | tcpFlags(view, at),
    tcpWindow(view, at),
    tcpUrgentPointer(view, at),
  );
  for (const option of node.children ?? []) {
    if (option.at < at + TCP_MIN_HEADER_LENGTH) continue;
    if (!rewriteTcpOption(walk, option.at, option.length)) walk.carriedOver.push(option.name);
  }
  finishChecksum(walk, node, 16, () => {
    const end = ipEnd;
    setTcpChecksum(outBytes, out, at, end, pseudoSum(out, ipAt, IP_PROTOCOL_TCP, end - at));
  });
}

function rewriteSctp(walk: Walk, node: TreeNode): void {
  const { view, out, outBytes } = walk;
  const { at, length } = node;
  const tag = sctpVerificationTag(view, at);
  writeSctpHeader(out, at, sctpSourcePort(view, at), sctpDestinationPort(view, at), tag);
  for (const chunk of node.children ?? []) {
    if (chunk.at < at + SCTP_HEADER_LENGTH) continue;
    if (!rewriteChunk(walk, chunk.at, at + length)) {
      walk.carriedOver.push(`${chunk.name} ${view.getUint8(chunk.at)}`);
    }
  }
  finishChecksum(walk, node, 8, () => writeSctpChecksum(outBytes, out, at, at + length));
}

/** Computes the checksum if the tree calls it right; otherwise carries it over. */
function finishChecksum(walk: Walk, node: TreeNode, offset: number, compute: () => void): void {
  const field = node.children?.find((child) => child.name === "checksum");
  if (/right|correct/.test(field?.meaning ?? "")) walk.checksums.push(compute);
  else {
    carry(walk, node.at + offset, field?.length ?? 0);
    walk.carriedOver.push(
      `${node.name} checksum ${field?.meaning?.replace(/.*(zero|wrong).*/, "$1")}`,
    );
  }
}

const pseudoSum = (out: DataView, ipAt: number, protocol: number, length: number): number =>
  out.getUint8(ipAt) >>> 4 === 4
    ? ipv4PseudoHeaderSum(out, ipAt, protocol, length)
    : ipv6PseudoHeaderSum(out, ipAt, protocol, length);

function carry({ bytes, outBytes }: Walk, at: number, length: number): void {
  outBytes.set(bytes.subarray(at, at + length), at);
}
