import { describe, expect, test } from "@jest/globals";
import {
  ascii,
  ethernet,
  icmp,
  icmpProtocolOf,
  ip,
  ipv4,
  ipv6Fragment,
  joined,
  made,
  sctp,
  tcp,
  udp,
} from "../../../test/support/packet-builder.js";
import {
  type CaptureCounts,
  CaptureSummary,
  ChunkType,
  type DissectOptions,
  ErrorCause,
  IP_PROTOCOL_SCTP,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  IPV4_MORE_FRAGMENTS,
  LINK_TYPE,
  TCP_ACK,
  TCP_ECE,
  TCP_SYN,
  writeCauseHeader,
  writeChunkHeader,
  writeCookieAck,
} from "../src/index.js";

const NONE = new Uint8Array(0);
const hello = ascii("hello");
const cookieAck = made(4, (view) => writeCookieAck(view, 0));

interface Given {
  readonly packet: Uint8Array;
  readonly linkType?: number;
  readonly us?: number;
}

function count(given: readonly Given[], options?: DissectOptions): CaptureCounts {
  const summary = new CaptureSummary(options);
  for (const { packet, linkType = LINK_TYPE.raw, us } of given) {
    const bytes = joined(hello, packet, hello);
    const end = 5 + packet.length;
    summary.add(bytes, new DataView(bytes.buffer), 5, end, linkType, us);
  }
  return summary.toCounts(1234);
}

const broken = (packet: Uint8Array, at: number): Uint8Array => {
  const copy = packet.slice();
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
};

describe("a capture summary", () => {
  test("of nothing has the fields that are always there", () => {
    expect(count([])).toEqual({
      bytes: 1234,
      link_type: "",
      packets: 0,
      seconds: 0,
      packets_with_protocol: {},
    });
  });

  test("tells link types and the time between the first and the last packet", () => {
    const packet = ip(4, IP_PROTOCOL_UDP, udp(4, 1, 2, hello));
    const counts = count([
      { packet, us: 1_700_000_000_000_000 },
      { packet: ethernet(packet, 0x0800), linkType: LINK_TYPE.ethernet },
      { packet, us: 1_700_000_001_234_999 },
    ]);
    expect(counts).toEqual({
      bytes: 1234,
      link_type: "RAW,ETHERNET",
      packets: 3,
      seconds: 1.23,
      packets_with_protocol: { ip: 3, udp: 3 },
      udp_payload_bytes: 15,
    });
  });

  test("counts chunks, quoted ones too, causes and parameters", () => {
    const error = joined(
      made(4, (view) => writeChunkHeader(view, 0, ChunkType.error, 0, 16)),
      made(4, (view) => writeCauseHeader(view, 0, ErrorCause.unrecognizedChunkType, 8)),
      Uint8Array.of(0x7e, 0, 0, 4),
      made(4, (view) => writeCauseHeader(view, 0, ErrorCause.outOfResource, 4)),
    );
    const reConfig = joined(
      made(4, (view) => writeChunkHeader(view, 0, ChunkType.reConfig, 0, 20)),
      Uint8Array.of(0, 15, 0, 8, 0, 0, 0, 1),
      Uint8Array.of(0x99, 0x99, 0, 8, 0, 0, 0, 1),
    );
    const counts = count([
      { packet: ip(4, IP_PROTOCOL_SCTP, sctp(1, error, cookieAck)) },
      { packet: ip(6, IP_PROTOCOL_UDP, udp(6, 9899, 9899, sctp(1, reConfig))) },
    ]);
    expect(counts).toMatchObject({
      packets_with_protocol: { ip: 1, ipv6: 1, sctp: 2, udp: 1 },
      sctp_chunks: { "126": 1, COOKIE_ACK: 1, ERROR: 1, RE_CONFIG: 1 },
      sctp_error_causes: { "4": 1, "6": 1 },
      sctp_reconfig_parameters: { SSN_TSN_RESET: 1, "39321": 1 },
      sctp_bad_crc32c: 0,
    });
  });

  test("counts wrong checksums, and a CRC32c of zero as one", () => {
    const packet = ip(4, IP_PROTOCOL_SCTP, sctp(1, cookieAck));
    const zero = packet.slice().fill(0, 28, 32);
    const segment = ip(4, IP_PROTOCOL_TCP, tcp(4, TCP_ACK, NONE, hello));
    const counts = count([
      { packet },
      { packet: zero },
      { packet: broken(packet, 30) },
      { packet: broken(packet, 11) },
      { packet: segment },
      { packet: broken(segment, 44) },
    ]);
    expect(counts).toMatchObject({ sctp_bad_crc32c: 2, tcp_bad_checksum: 1, ip_bad_checksum: 1 });
  });

  test("counts what a cut packet has, without a verdict on its checksum", () => {
    const packet = ip(4, IP_PROTOCOL_SCTP, sctp(1, cookieAck, cookieAck));
    const counts = count([{ packet: packet.subarray(0, packet.length - 3) }]);
    expect(counts).toMatchObject({ sctp_chunks: { COOKIE_ACK: 1 }, sctp_bad_crc32c: 0 });
  });

  test("counts TCP flags, options, payload, and both directions as one stream", () => {
    const options = made(4, (view) => view.setUint32(0, 0x01_01_04_02));
    const unknown = made(8, (view) => view.setUint32(0, 0x63_02_1e_03));
    const there = tcp(4, TCP_SYN | TCP_ECE, options, NONE);
    const back = tcp(4, TCP_ACK, unknown, hello);
    const [a, z] = [back.slice(0, 2), back.slice(2, 4)];
    back.set(z, 0);
    back.set(a, 2);
    const swapped = ip(4, IP_PROTOCOL_TCP, back);
    const addresses = swapped.slice(12, 20);
    swapped.set(addresses.subarray(4), 12);
    swapped.set(addresses.subarray(0, 4), 16);
    const counts = count([{ packet: ip(4, IP_PROTOCOL_TCP, there) }, { packet: swapped }]);
    expect(counts).toMatchObject({
      tcp_flags: { SYN: 1, FIN: 0, RST: 0, ECE: 1, CWR: 0, URG: 0 },
      tcp_options: { "99": 1, EOL: 1, MPTCP: 1, NOP: 2, SACK_PERMITTED: 1 },
      mptcp_options: { MP_CAPABLE: 1 },
      tcp_payload_bytes: 5,
      tcp_streams: 1,
      tcp_bad_checksum: 0,
    });
  });

  test("of ICMP errors counts what is quoted as a protocol, and for nothing else", () => {
    for (const family of [4, 6] as const) {
      const quoted = ip(family, IP_PROTOCOL_SCTP, sctp(1, cookieAck));
      const error = icmp(family, family === 4 ? 3 : 1, 0, 0, quoted);
      const counts = count([{ packet: ip(family, icmpProtocolOf(family), error) }]);
      const [name, ipName] = family === 4 ? ["icmp", "ip"] : ["icmpv6", "ipv6"];
      expect(counts.packets_with_protocol).toEqual({ [name]: 1, [ipName]: 1, sctp: 1 });
      expect(counts).toMatchObject({ [`${name}_types`]: { [family === 4 ? "3" : "1"]: 1 } });
      expect(counts).not.toHaveProperty("sctp_chunks");
    }
  });

  test("counts fragments and ECN marks", () => {
    const datagram = udp(4, 1, 2, ascii("a longer datagram"));
    const counts = count([
      {
        packet: ipv4(IP_PROTOCOL_UDP, datagram.subarray(0, 16), {
          flagsAndOffset: IPV4_MORE_FRAGMENTS,
          tos: 3,
        }),
      },
      { packet: ipv4(IP_PROTOCOL_UDP, datagram.subarray(16), { flagsAndOffset: 2, tos: 1 }) },
      { packet: ipv4(IP_PROTOCOL_UDP, datagram, { tos: 2 }) },
      { packet: ipv6Fragment(IP_PROTOCOL_UDP, 8, false, hello) },
    ]);
    expect(counts).toMatchObject({
      ip4_fragments: 2,
      ip6_fragments: 1,
      ip_ce_marked: 1,
      ip_ect: 2,
      udp_payload_bytes: 34,
    });
  });

  test("looks for SCTP on the UDP ports it was given", () => {
    const packet = ip(4, IP_PROTOCOL_UDP, udp(4, 5, 9899, sctp(1, cookieAck)));
    expect(count([{ packet }], { sctpUdpPorts: [5] }).sctp_chunks).toEqual({ COOKIE_ACK: 1 });
    expect(count([{ packet }], { sctpUdpPorts: [6] })).not.toHaveProperty("sctp_chunks");
  });
});
