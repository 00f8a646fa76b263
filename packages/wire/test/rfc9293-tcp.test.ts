import { describe, expect, test } from "@jest/globals";
import {
  checkTcp,
  describeTcp,
  formatTree,
  ipv4PseudoHeaderSum,
  ipv6PseudoHeaderSum,
  setTcpChecksum,
  summarizeTcp,
  TCP_ACK,
  TCP_CWR,
  TCP_ECE,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_URG,
  tcpAck,
  tcpChecksum,
  tcpChecksumOk,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpReserved,
  tcpSeq,
  tcpSourcePort,
  tcpUrgentPointer,
  tcpWindow,
  writeTcp,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

// Whole IP packets that Linux sent.
const SYN_V4 =
  "4500003c56f240004006cec40a0100020a010102" +
  "dec41f903648b45600000000a002faf0cb9e0000020405b40402080a7a7109030000000001 03030a";
const SYN_V6 =
  "600891d500280640fd000001000000000000000000000002fd000001000100000000000000000002" +
  "914c1451f416cf2a00000000a002fd20c8520000020405a00402080ae5543a61000000000103030a";
const URGENT =
  "450000354ac440004006daf90a0100020a010102" +
  "854b1b58e0c4bc4f2592c0918038003f6b5b00010101080a355d0489a128d60821";
const FAST_OPEN_DATA =
  "45000053e3ad4000400641f20a0100020a010102" +
  "e0ac1b584eabaac100000000d002faf0207b0000020405b40402080a3d745440000000000103030a" +
  "220a2cc8002e5353b45301016461746120696e2053594e";
const RST = "45000028000040003f0626cb0a0101020a010002176f984a00000000bc58b96c50140000754c0000";

const segmentOf = (packet: string, header: number): string =>
  packet.replaceAll(" ", "").slice(2 * header);

function rewrite({ bytes, view, at, end }: Placed, out: DataView, outBytes: Uint8Array): number {
  outBytes.set(bytes.subarray(at + 20, end), 20);
  const header = writeTcp(
    out,
    0,
    tcpHeaderLength(view, at),
    tcpSourcePort(view, at),
    tcpDestinationPort(view, at),
    tcpSeq(view, at),
    tcpAck(view, at),
    (tcpReserved(view, at) << 8) | tcpFlags(view, at),
    tcpWindow(view, at),
    tcpUrgentPointer(view, at),
  );
  expect(header).toBe(20);
  out.setUint16(16, tcpChecksum(view, at));
  return end - at;
}

codecSuite("TCP", { check: checkTcp, rewrite, describe: describeTcp, summarize: summarizeTcp }, [
  {
    name: "Linux, SYN",
    hex: segmentOf(SYN_V4, 20),
    summary:
      "TCP 57028 > 8080: Flags [S], seq 910734422, win 64240, options [mss 1460,sackOK,TS val 2054228227 ecr 0,nop,wscale 10], length 0",
  },
  {
    name: "Linux, urgent data",
    hex: segmentOf(URGENT, 20),
    beyond: 1,
    summary:
      "TCP 34123 > 7000: Flags [P.U], seq 3770989647:3770989648, ack 630374545, win 63, urg 1, options [nop,nop,TS val 895288457 ecr 2703808008], length 1",
  },
  {
    name: "Linux, data in a SYN with Fast Open",
    hex: segmentOf(FAST_OPEN_DATA, 20),
    beyond: 11,
  },
  {
    name: "Linux, RST",
    hex: segmentOf(RST, 20),
    summary: "TCP 5999 > 38986: Flags [R.], seq 0, ack 3159931244, win 0, length 0",
  },
  { name: "all flags and reserved bits", hex: "00010002fffffffffffffffe5fffffffffffffff" },
]);

describe("TCP header", () => {
  test.each([
    [0x40, "badDataOffset"],
    [0x00, "badDataOffset"],
    [0x50, "ok"],
    [0x60, "ok"],
    [0xa0, "ok"],
    [0xb0, "truncated"],
    [0xf0, "truncated"],
  ])("data offset byte %i with 40 bytes there: %s", (value, expected) => {
    const p = place(segmentOf(SYN_V4, 20));
    p.view.setUint8(p.at + 12, value);
    expect(checkTcp(p.view, p.at, p.end)).toBe(expected);
  });

  test.each([
    ["IPv4 SYN", SYN_V4, 20, ipv4PseudoHeaderSum],
    ["IPv6 SYN", SYN_V6, 40, ipv6PseudoHeaderSum],
    ["IPv4, odd length", URGENT, 20, ipv4PseudoHeaderSum],
    ["IPv4 RST", RST, 20, ipv4PseudoHeaderSum],
  ])("the checksum over %s is checked and computed as Linux does", (_name, hex, header, sumAt) => {
    const p = place(hex);
    const at = p.at + header;
    const sum = sumAt(p.view, p.at, 6, p.end - at);
    expect(tcpChecksumOk(p.bytes, at, p.end, sum)).toBe(true);
    const sent = tcpChecksum(p.view, at);
    p.view.setUint16(at + 16, 0xffff);
    setTcpChecksum(p.bytes, p.view, at, p.end, sum);
    expect(tcpChecksum(p.view, at)).toBe(sent);
    p.view.setUint8(p.end - 1, p.view.getUint8(p.end - 1) ^ 0x40);
    expect(tcpChecksumOk(p.bytes, at, p.end, sum)).toBe(false);
  });

  test("reserved bits are no flags", () => {
    const p = place("00010002000000000000000051020000 00000000");
    expect(tcpFlags(p.view, p.at)).toBe(TCP_SYN);
    expect(tcpReserved(p.view, p.at)).toBe(1);
    expect(tcpHeaderLength(p.view, p.at)).toBe(20);
  });

  test.each([
    [0, "none"],
    [TCP_FIN | TCP_ACK, "F."],
    [TCP_SYN | TCP_ECE | TCP_CWR, "SEW"],
    [TCP_RST, "R"],
    [TCP_PSH | TCP_ACK | TCP_URG, "P.U"],
  ])("flags %i are shown as %s", (flags, letters) => {
    const p = place("0001000200000000000000005000000000000000");
    p.view.setUint8(p.at + 13, flags);
    expect(summarizeTcp(p.view, p.at, p.end)).toContain(`Flags [${letters}],`);
  });

  test("is printed as a tree with its options", () => {
    const p = place(segmentOf(SYN_V4, 20));
    expect(formatTree(describeTcp(p.view, p.at, p.end))).toBe(
      [
        "tcp",
        "  sourcePort: 57028",
        "  destinationPort: 8080",
        "  sequenceNumber: 910734422",
        "  acknowledgmentNumber: 0",
        "  dataOffset: 10 (40 bytes)",
        "  reserved: 0",
        "  flags: 2 (syn)",
        "  window: 64240",
        "  checksum: 52126",
        "  urgentPointer: 0",
        "  maximumSegmentSize",
        "    kind: 2",
        "    length: 4",
        "    mss: 1460",
        "  sackPermitted",
        "    kind: 4",
        "    length: 2",
        "  timestamps",
        "    kind: 8",
        "    length: 10",
        "    tsVal: 2054228227",
        "    tsEcr: 0",
        "  noOperation",
        "  windowScale",
        "    kind: 3",
        "    length: 3",
        "    shiftCount: 10 (times 1024)",
      ].join("\n"),
    );
  });

  test("an option that goes beyond the header makes it malformed, though there is data", () => {
    const p = place(`00010002000000000000000060100000 00000000 01010104 ${"00".repeat(40)}`);
    expect(checkTcp(p.view, p.at, p.end)).toBe("ok");
    expect(describeTcp(p.view, p.at, p.end).malformed).toBe("truncated");
    p.view.setUint32(p.at + 20, 0x01080a00);
    expect(describeTcp(p.view, p.at, p.end).malformed).toBe("badLength");
  });
});
