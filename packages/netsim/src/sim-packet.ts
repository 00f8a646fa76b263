import { type Instant, IpAddress, NEVER } from "@multihome/base";
import type { Timed } from "./time-heap.js";

/** Room before the payload of each packet: an IPv6 and a UDP header, rounded up. */
export const HEADROOM = 64;

/** Hop limit of what hosts send, and of ICMP errors. */
export const INITIAL_HOP_LIMIT = 64;

/** What an ICMP error says. `none` marks an ordinary packet. */
export type IcmpKind = "none" | "packetTooBig" | "unreachable" | "timeExceeded";

const UNSPECIFIED = IpAddress.v4(0);

/**
 * A packet on its way, with the slot that holds its payload. Pooled: taken from and given back to a
 * `PacketPool`, never made per packet. Who is handed one owns it and must pass it on or release it.
 *
 * An ICMP error has in its payload the quoted part of the packet it is about, after that packet's IP
 * header and UDP header, and keeps these headers' fields in `quoted*`.
 */
export class SimPacket implements Timed {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset where the payload starts; {@link HEADROOM} bytes before it are scratch. */
  readonly start: number;
  /** Offset after the last byte that fits. */
  readonly limit: number;
  readonly large: boolean;
  /** False while it lies in the pool. */
  live: boolean;

  heapIndex: number;
  at: Instant;
  seq: number;

  /** Number given by the simulation when a host sent it; a duplicate has its original's. */
  id: number;
  /** Offset after the last byte of the payload. */
  end: number;
  source: IpAddress;
  destination: IpAddress;
  /** UDP ports; both 0 when the payload follows the IP header at once. */
  sourcePort: number;
  destinationPort: number;
  /** IP protocol number of a payload without UDP. */
  protocol: number;
  ecn: number;
  dontFragment: boolean;
  hopLimit: number;
  /** When it entered the queue of the link that it is in. */
  queuedAt: Instant;
  /** Bytes with IP and UDP (or ICMP) headers: what links and queues count. */
  wireBytes: number;

  icmp: IcmpKind;
  /** Of `packetTooBig`: what would have fitted, with the IP header. */
  icmpMtu: number;
  quotedSource: IpAddress;
  quotedDestination: IpAddress;
  quotedSourcePort: number;
  quotedDestinationPort: number;
  quotedProtocol: number;
  /** Bytes on the wire of the packet that is quoted. */
  quotedWireBytes: number;

  constructor(bytes: Uint8Array, view: DataView, base: number, slotSize: number, large: boolean) {
    this.bytes = bytes;
    this.view = view;
    this.start = base + HEADROOM;
    this.limit = base + slotSize;
    this.large = large;
    this.live = false;
    this.heapIndex = -1;
    this.at = NEVER;
    this.seq = 0;
    this.id = 0;
    this.end = this.start;
    this.source = UNSPECIFIED;
    this.destination = UNSPECIFIED;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.protocol = 0;
    this.ecn = 0;
    this.dontFragment = false;
    this.hopLimit = 0;
    this.queuedAt = NEVER;
    this.wireBytes = 0;
    this.icmp = "none";
    this.icmpMtu = 0;
    this.quotedSource = UNSPECIFIED;
    this.quotedDestination = UNSPECIFIED;
    this.quotedSourcePort = 0;
    this.quotedDestinationPort = 0;
    this.quotedProtocol = 0;
    this.quotedWireBytes = 0;
  }
}

/** Bytes of an IP header without options, by family. */
export const ipHeaderBytes = (address: IpAddress): number => (address.family === 4 ? 20 : 40);

/** Bytes of a UDP header, or 0 when both ports are 0. */
export const udpHeaderBytes = (sourcePort: number, destinationPort: number): number =>
  sourcePort === 0 && destinationPort === 0 ? 0 : 8;

/** Counts the packet's bytes on the wire anew: after its payload, ports or family were set. */
export function measure(packet: SimPacket): void {
  const ip = ipHeaderBytes(packet.source);
  const payload = packet.end - packet.start;
  packet.wireBytes =
    packet.icmp === "none"
      ? ip + udpHeaderBytes(packet.sourcePort, packet.destinationPort) + payload
      : ip +
        8 +
        ipHeaderBytes(packet.quotedSource) +
        udpHeaderBytes(packet.quotedSourcePort, packet.quotedDestinationPort) +
        payload;
}

/** Copies the header fields and the first `length` bytes of payload, for which `to` must have room. */
export function copyPacket(
  from: SimPacket,
  to: SimPacket,
  length: number = from.end - from.start,
): void {
  to.bytes.set(from.bytes.subarray(from.start, from.start + length), to.start);
  to.end = to.start + length;
  to.id = from.id;
  to.source = from.source;
  to.destination = from.destination;
  to.sourcePort = from.sourcePort;
  to.destinationPort = from.destinationPort;
  to.protocol = from.protocol;
  to.ecn = from.ecn;
  to.dontFragment = from.dontFragment;
  to.hopLimit = from.hopLimit;
  to.queuedAt = from.queuedAt;
  to.wireBytes = from.wireBytes;
  to.icmp = from.icmp;
  to.icmpMtu = from.icmpMtu;
  to.quotedSource = from.quotedSource;
  to.quotedDestination = from.quotedDestination;
  to.quotedSourcePort = from.quotedSourcePort;
  to.quotedDestinationPort = from.quotedDestinationPort;
  to.quotedProtocol = from.quotedProtocol;
  to.quotedWireBytes = from.quotedWireBytes;
}
