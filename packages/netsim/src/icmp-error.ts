import type { IpAddress } from "@multihome/base";
import type { SimContext } from "./sim-context.js";
import type { IcmpNotice } from "./sim-node.js";
import {
  copyPacket,
  type IcmpKind,
  INITIAL_HOP_LIMIT,
  ipHeaderBytes,
  measure,
  type SimPacket,
  udpHeaderBytes,
} from "./sim-packet.js";

// RFC 1812 s4.3.2.3: as much as possible without exceeding 576 bytes; RFC 4443 s2.4 (c): without
// exceeding the minimum IPv6 MTU, 1280 (RFC 8200 s5).
const MAX_ERROR_V4 = 576;
const MAX_ERROR_V6 = 1280;
const ICMP_HEADER = 8;

/**
 * Makes the ICMP error about a packet, which stays the caller's.
 *
 * @param from address of who sends the error, of the packet's family
 * @param mtu for `packetTooBig`, otherwise 0
 * @param quoteBytes most bytes to quote after the IP header
 * @returns `undefined` when the packet is itself an ICMP error: RFC 1812 s4.3.2.7, RFC 4443 s2.4 (e.1)
 */
export function makeIcmpError(
  context: SimContext,
  kind: Exclude<IcmpKind, "none">,
  offending: SimPacket,
  from: IpAddress,
  mtu: number,
  quoteBytes: number,
): SimPacket | undefined {
  if (offending.icmp !== "none") return undefined;
  const ip = ipHeaderBytes(offending.source);
  const udp = udpHeaderBytes(offending.sourcePort, offending.destinationPort);
  const most = (ip === 20 ? MAX_ERROR_V4 : MAX_ERROR_V6) - ip - ICMP_HEADER - ip;
  const room = Math.max(0, Math.min(most, quoteBytes) - udp);
  const length = Math.min(room, offending.end - offending.start);

  const error = context.pool.take(length);
  copyPacket(offending, error, length);
  error.id = context.nextPacketId();
  error.source = from;
  error.destination = offending.source;
  error.sourcePort = 0;
  error.destinationPort = 0;
  error.ecn = 0;
  error.dontFragment = false;
  error.hopLimit = INITIAL_HOP_LIMIT;
  error.icmp = kind;
  error.icmpMtu = mtu;
  error.quotedSource = offending.source;
  error.quotedDestination = offending.destination;
  error.quotedSourcePort = offending.sourcePort;
  error.quotedDestinationPort = offending.destinationPort;
  error.quotedProtocol = offending.protocol;
  error.quotedWireBytes = offending.wireBytes;
  measure(error);
  return error;
}

// RFC 792: destination unreachable is type 3, with host unreachable code 1 and fragmentation needed code
// 4; time exceeded in transit is type 11, code 0. ICMPv6: RFC 4443 s3.1, s3.2, s3.3.
const V4 = { unreachable: [3, 1], packetTooBig: [3, 4], timeExceeded: [11, 0] } as const;
const V6 = { unreachable: [1, 3], packetTooBig: [2, 0], timeExceeded: [3, 0] } as const;

/** ICMP or ICMPv6 type and code of an error. */
export const icmpTypeAndCode = (
  kind: Exclude<IcmpKind, "none">,
  family: 4 | 6,
): readonly [type: number, code: number] => (family === 4 ? V4 : V6)[kind];

/** What a host tells its node about an ICMP error that came in. */
export function noticeOf(packet: SimPacket, kind: Exclude<IcmpKind, "none">): IcmpNotice {
  const [type, code] = icmpTypeAndCode(kind, packet.source.family);
  return { kind, type, code, mtu: packet.icmpMtu, from: packet.source };
}
