import type { IpAddress } from "@multihome/base";
import {
  IP_PROTOCOL_ICMP,
  IP_PROTOCOL_ICMPV6,
  IP_PROTOCOL_UDP,
  IPV4_DONT_FRAGMENT,
  IPV4_MIN_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  pseudoHeaderSum,
  setIcmpChecksum,
  setUdpChecksum,
  writeIcmp,
  writeIpv4,
  writeIpv6,
  writeUdp,
} from "@multihome/wire";
import { icmpTypeAndCode } from "./icmp-error.js";
import { type SimPacket, udpHeaderBytes } from "./sim-packet.js";

/** Room for the largest packet there can be, with the headers of an ICMP error. */
export const MAX_IP_BYTES = 66_000;

/**
 * Writes the packet as it would stand on a wire, from offset 0: IP header, then UDP with its checksum, ICMP
 * error, or payload alone.
 * @returns its length
 */
export function writeIpPacket(packet: SimPacket, bytes: Uint8Array, view: DataView): number {
  const { source, destination, icmp } = packet;
  let protocol = protocolOf(packet.sourcePort, packet.destinationPort, packet.protocol);
  if (icmp !== "none") protocol = source.family === 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6;
  const headers: IpFields = {
    source,
    destination,
    protocol,
    length: packet.wireBytes,
    ecn: packet.ecn,
    id: packet.id,
    hopLimit: packet.hopLimit,
    dontFragment: packet.dontFragment,
  };
  const at = writeIp(view, 0, headers);
  const payload = packet.bytes.subarray(packet.start, packet.end);
  const end = packet.wireBytes;
  const pseudoSum = pseudoHeaderSum(source, destination, protocol, end - at);
  if (icmp === "none") {
    bytes.set(payload, at + udpHeaderBytes(packet.sourcePort, packet.destinationPort));
    if (protocol === IP_PROTOCOL_UDP) {
      writeUdp(view, at, packet.sourcePort, packet.destinationPort, end - at, 0);
      setUdpChecksum(bytes, view, at, pseudoSum);
    }
    return end;
  }
  const [type, code] = icmpTypeAndCode(icmp, source.family);
  const quoteAt = at + writeIcmp(view, at, type, code, packet.icmpMtu);
  bytes.set(payload, writeQuotedHeaders(packet, view, quoteAt));
  setIcmpChecksum(bytes, view, at, end, source.family === 4 ? 0 : pseudoSum);
  return end;
}

/** Writes IP and UDP header of the packet that an error is about; returns the offset after them. */
function writeQuotedHeaders(packet: SimPacket, view: DataView, at: number): number {
  const sourcePort = packet.quotedSourcePort;
  const destinationPort = packet.quotedDestinationPort;
  const after = writeIp(view, at, {
    source: packet.quotedSource,
    destination: packet.quotedDestination,
    protocol: protocolOf(sourcePort, destinationPort, packet.quotedProtocol),
    length: packet.quotedWireBytes,
    ecn: 0,
    id: 0,
    hopLimit: 1,
    dontFragment: true,
  });
  if (udpHeaderBytes(sourcePort, destinationPort) === 0) return after;
  // Its checksum is left out: it covers bytes that are not quoted.
  const length = packet.quotedWireBytes - (after - at);
  return after + writeUdp(view, after, sourcePort, destinationPort, length, 0);
}

interface IpFields {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  /** With the header. */
  readonly length: number;
  readonly ecn: number;
  readonly id: number;
  readonly hopLimit: number;
  readonly dontFragment: boolean;
}

/** Writes an IPv4 or IPv6 header; returns the offset after it. */
function writeIp(view: DataView, at: number, ip: IpFields): number {
  if (ip.source.family === 6) {
    const payload = ip.length - IPV6_HEADER_LENGTH;
    const { ecn, protocol, hopLimit, source, destination } = ip;
    return at + writeIpv6(view, at, ecn, 0, payload, protocol, hopLimit, source, destination);
  }
  const header = writeIpv4(
    view,
    at,
    IPV4_MIN_HEADER_LENGTH,
    ip.ecn,
    ip.length,
    ip.id & 0xffff,
    ip.dontFragment ? IPV4_DONT_FRAGMENT : 0,
    ip.hopLimit,
    ip.protocol,
    ip.source,
    ip.destination,
  );
  return at + header;
}

const protocolOf = (sourcePort: number, destinationPort: number, bare: number): number =>
  udpHeaderBytes(sourcePort, destinationPort) === 0 ? bare : IP_PROTOCOL_UDP;
