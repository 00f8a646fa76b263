// Whole packets made with the writers, from `a` to `z`, one layer around the other.
import { IpAddress, seqNum } from "@multihome/base";
import {
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  IP_PROTOCOL_FRAGMENT,
  IP_PROTOCOL_ICMP,
  IP_PROTOCOL_ICMPV6,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  IPV4_DONT_FRAGMENT,
  IPV4_MIN_HEADER_LENGTH,
  IPV6_FRAGMENT_LENGTH,
  IPV6_HEADER_LENGTH,
  LINUX_SLL2_LENGTH,
  paddedLength,
  pseudoHeaderSum,
  SCTP_HEADER_LENGTH,
  setIcmpChecksum,
  setTcpChecksum,
  setUdpChecksum,
  TCP_MIN_HEADER_LENGTH,
  UDP_HEADER_LENGTH,
  writeEthernet,
  writeIcmp,
  writeIpv4,
  writeIpv6,
  writeIpv6Fragment,
  writeLinuxSll2,
  writeSctpChecksum,
  writeSctpHeader,
  writeTcp,
  writeUdp,
} from "@multihome/wire";

export type Family = 4 | 6;

export const ADDRESS_OF_A: Readonly<Record<Family, IpAddress>> = {
  4: IpAddress.parse("192.0.2.1"),
  6: IpAddress.parse("2001:db8::1"),
};
export const ADDRESS_OF_Z: Readonly<Record<Family, IpAddress>> = {
  4: IpAddress.parse("198.51.100.2"),
  6: IpAddress.parse("2001:db8:1::2"),
};
const MAC_OF_A = 0x02005e100001;
const MAC_OF_Z = 0x02005e100002;

type Fill = (view: DataView, bytes: Uint8Array) => void;

/** `length` bytes, filled in by `fill`. */
export function made(length: number, fill: Fill): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer), bytes);
  return bytes;
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const pseudoSum = (family: Family, protocol: number, length: number): number =>
  pseudoHeaderSum(ADDRESS_OF_A[family], ADDRESS_OF_Z[family], protocol, length);

/** What {@link ethernet} and {@link linuxSll2} carry. */
export const etherTypeOf = (family: Family): number =>
  family === 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6;

export const ethernet = (payload: Uint8Array, etherType: number): Uint8Array =>
  joined(
    made(14, (view) => writeEthernet(view, 0, MAC_OF_Z, MAC_OF_A, etherType)),
    payload,
  );

export const linuxSll2 = (payload: Uint8Array, etherType: number, index: number): Uint8Array =>
  joined(
    made(LINUX_SLL2_LENGTH, (view) => writeLinuxSll2(view, 0, etherType, index, 1, 4, 6)),
    payload,
  );

/** @param options a multiple of 4 bytes */
export function ipv4(
  protocol: number,
  payload: Uint8Array,
  {
    options = new Uint8Array(0),
    flagsAndOffset = IPV4_DONT_FRAGMENT,
    tos = 0,
  }: { options?: Uint8Array; flagsAndOffset?: number; tos?: number } = {},
): Uint8Array {
  const headerLength = IPV4_MIN_HEADER_LENGTH + options.length;
  const total = headerLength + payload.length;
  return made(total, (view, bytes) => {
    bytes.set(options, IPV4_MIN_HEADER_LENGTH);
    bytes.set(payload, headerLength);
    const [a, z] = [ADDRESS_OF_A[4], ADDRESS_OF_Z[4]];
    writeIpv4(view, 0, headerLength, tos, total, 0x1234, flagsAndOffset, 64, protocol, a, z);
  });
}

/** @param extensions headers before the payload, the last of which names its protocol */
export function ipv6(
  nextHeader: number,
  payload: Uint8Array,
  extensions: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const length = extensions.length + payload.length;
  const [a, z] = [ADDRESS_OF_A[6], ADDRESS_OF_Z[6]];
  const header = made(IPV6_HEADER_LENGTH, (view) =>
    writeIpv6(view, 0, 0, 0x12345, length, nextHeader, 64, a, z),
  );
  return joined(header, extensions, payload);
}

const ipv6FragmentHeader = (protocol: number, offset: number, more: boolean): Uint8Array =>
  made(IPV6_FRAGMENT_LENGTH, (view) => writeIpv6Fragment(view, 0, protocol, offset, more, 7));

export const ipv6Fragment = (
  protocol: number,
  offset: number,
  more: boolean,
  payload: Uint8Array,
): Uint8Array => ipv6(IP_PROTOCOL_FRAGMENT, payload, ipv6FragmentHeader(protocol, offset, more));

/** An IP packet of either family around `payload`. */
export const ip = (family: Family, protocol: number, payload: Uint8Array): Uint8Array =>
  family === 4 ? ipv4(protocol, payload) : ipv6(protocol, payload);

export function udp(
  family: Family,
  sourcePort: number,
  destinationPort: number,
  data: Uint8Array,
): Uint8Array {
  const length = UDP_HEADER_LENGTH + data.length;
  return made(length, (view, bytes) => {
    writeUdp(view, 0, sourcePort, destinationPort, length, 0);
    bytes.set(data, UDP_HEADER_LENGTH);
    setUdpChecksum(bytes, view, 0, pseudoSum(family, IP_PROTOCOL_UDP, length));
  });
}

/** A segment from port 40000 to 80. @param options a multiple of 4 bytes */
export function tcp(
  family: Family,
  flags: number,
  options: Uint8Array,
  data: Uint8Array,
  urgentPointer = 0,
): Uint8Array {
  const headerLength = TCP_MIN_HEADER_LENGTH + options.length;
  const length = headerLength + data.length;
  return made(length, (view, bytes) => {
    const [seq, ack] = [seqNum(1000), seqNum(2000)];
    writeTcp(view, 0, headerLength, 40_000, 80, seq, ack, flags, 5000, urgentPointer);
    bytes.set(options, TCP_MIN_HEADER_LENGTH);
    bytes.set(data, headerLength);
    setTcpChecksum(bytes, view, 0, length, pseudoSum(family, IP_PROTOCOL_TCP, length));
  });
}

export function icmp(
  family: Family,
  type: number,
  code: number,
  rest: number,
  body: Uint8Array,
): Uint8Array {
  const length = 8 + body.length;
  return made(length, (view, bytes) => {
    writeIcmp(view, 0, type, code, rest);
    bytes.set(body, 8);
    const sum = family === 4 ? 0 : pseudoSum(6, IP_PROTOCOL_ICMPV6, length);
    setIcmpChecksum(bytes, view, 0, length, sum);
  });
}

export const icmpProtocolOf = (family: Family): number =>
  family === 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6;

/** A packet from port 5000 to 5001, each chunk padded with zeros. */
export function sctp(verificationTag: number, ...chunks: readonly Uint8Array[]): Uint8Array {
  const length = chunks.reduce((sum, c) => sum + paddedLength(c.length), SCTP_HEADER_LENGTH);
  return made(length, (view, bytes) => {
    let at = writeSctpHeader(view, 0, 5000, 5001, verificationTag);
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += paddedLength(chunk.length);
    }
    writeSctpChecksum(bytes, view, 0, length);
  });
}
