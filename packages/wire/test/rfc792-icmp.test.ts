import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  checkIcmpv4,
  describeIcmpv4,
  formatTree,
  ICMPV4_ROUTER_ADVERTISEMENT,
  icmpChecksumOk,
  icmpCode,
  icmpIdentifier,
  icmpRest,
  icmpSequence,
  icmpType,
  icmpv4AddressMask,
  icmpv4Gateway,
  icmpv4NextHopMtu,
  icmpv4OriginateTimestamp,
  icmpv4Pointer,
  icmpv4ReceiveTimestamp,
  icmpv4RouterAddress,
  icmpv4RouterCount,
  icmpv4RouterEntryWords,
  icmpv4RouterLifetime,
  icmpv4RouterPreference,
  icmpv4TransmitTimestamp,
  isIcmpv4Error,
  setIcmpChecksum,
  summarizeIcmpv4,
  writeIcmp,
  writeIcmpEcho,
  writeIcmpv4AddressMask,
  writeIcmpv4RouterAdvertisement,
  writeIcmpv4Timestamp,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

/** Byte j of what the recorded sender sent: (7 j + floor(j / 251)) mod 256. */
const streamHex = (length: number): string =>
  Array.from({ length }, (_, j) =>
    ((7 * j + Math.floor(j / 251)) & 255).toString(16).padStart(2, "0"),
  ).join("");

// Linux router with a next-hop MTU of 1300, quoting 548 bytes of a TCP segment with 1448.
const FRAGMENTATION_NEEDED =
  "03047b2900000514" +
  "450005dc288440004006f7920a0100020a010102" +
  "e0dc1451b6e5bc508abf74ce8010003f375b00000101080a3712be7ef7c97b06" +
  streamHex(496);
// Linux without SCTP, answering the INIT that usrsctp sent.
const PROTOCOL_UNREACHABLE =
  "03021c9b00000000" +
  "45000084ef2100003f8476cf0a0100020a010102" +
  "ee60138900000000d9f892cc0100006204e7c0ef0002 0000000a08007a40d909800000 04c0000004800800" +
  "09c00fc18082000000800200 2414b36ed70a597593b2a4351f9720556b77d41bf1a788276b34000db6fc6911c4" +
  "8004000600010000800300 0680c10000000c000600050000";

function writeByType({ view, at }: Placed, out: DataView): number {
  const type = icmpType(view, at);
  const [id, seq] = [icmpIdentifier(view, at), icmpSequence(view, at)];
  if (icmpCode(view, at) !== 0)
    return writeIcmp(out, 0, type, icmpCode(view, at), icmpRest(view, at));
  if (type === 0 || type === 8) return writeIcmpEcho(out, 0, type, id, seq);
  if (type === 13 || type === 14) {
    const originate = icmpv4OriginateTimestamp(view, at);
    const receive = icmpv4ReceiveTimestamp(view, at);
    const transmit = icmpv4TransmitTimestamp(view, at);
    return writeIcmpv4Timestamp(out, 0, type, id, seq, originate, receive, transmit);
  }
  if (type === 17 || type === 18) {
    return writeIcmpv4AddressMask(out, 0, type, id, seq, icmpv4AddressMask(view, at));
  }
  if (type === ICMPV4_ROUTER_ADVERTISEMENT && icmpv4RouterEntryWords(view, at) === 2) {
    const routers = Array.from({ length: icmpv4RouterCount(view, at) }, (_, i) => ({
      address: icmpv4RouterAddress(view, at, i),
      preference: icmpv4RouterPreference(view, at, i),
    }));
    return writeIcmpv4RouterAdvertisement(out, 0, icmpv4RouterLifetime(view, at), routers);
  }
  return writeIcmp(out, 0, type, 0, icmpRest(view, at));
}

function rewrite(from: Placed, out: DataView, outBytes: Uint8Array): number {
  const written = writeByType(from, out);
  outBytes.set(from.bytes.subarray(from.at + written, from.end), written);
  setIcmpChecksum(outBytes, out, 0, from.end - from.at, 0);
  return from.end - from.at;
}

codecSuite(
  "ICMPv4",
  { check: checkIcmpv4, rewrite, describe: describeIcmpv4, summarize: summarizeIcmpv4 },
  [
    {
      name: "Linux ping, echo request",
      hex: "080038867b610001f292016b00000000904601000000000010111213141516171819 1a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
      beyond: 56,
      summary: "ICMP echo request, id 31585, seq 1, length 64",
    },
    {
      name: "echo reply without data",
      hex: "0000feff00010100".replace("feff", "fefe"),
      summary: "ICMP echo reply, id 1, seq 256, length 8",
    },
    {
      name: "Linux router, fragmentation needed",
      hex: FRAGMENTATION_NEEDED,
      beyond: 548,
      summary:
        "ICMP destination unreachable, fragmentation needed and DF set, mtu 1300, for TCP 10.1.0.2.57564 > 10.1.1.2.5201",
    },
    {
      name: "Linux, protocol unreachable",
      hex: PROTOCOL_UNREACHABLE,
      beyond: 132,
      summary:
        "ICMP destination unreachable, protocol unreachable, for SCTP 10.1.0.2.61024 > 10.1.1.2.5001",
    },
    {
      name: "time exceeded",
      hex: "0b000a1f000000004500001c1dd74000001147f50a0100020a0101021b591b580008b427",
      beyond: 28,
      summary:
        "ICMP time exceeded, time to live exceeded in transit, for UDP 10.1.0.2.7001 > 10.1.1.2.7000",
    },
    {
      name: "parameter problem in an option",
      hex: "0c00b3d7140000004600002000000000400100000a0000010a0000028a0300000800000000000000",
      beyond: 32,
      summary:
        "ICMP parameter problem, pointer indicates the error at 20, for ICMP 10.0.0.1 > 10.0.0.2",
    },
    {
      name: "source quench",
      hex: "0400111f000000004500001c1dd74000401107f50a0100020a0101021b591b580008b427",
      beyond: 28,
      summary: "ICMP source quench, for UDP 10.1.0.2.7001 > 10.1.1.2.7000",
    },
    {
      name: "redirect",
      hex: "0501061c0a0100014500001c1dd74000401107f50a0100020a0101021b591b580008b427",
      beyond: 28,
      summary: "ICMP redirect, for the host to 10.1.0.1, for UDP 10.1.0.2.7001 > 10.1.1.2.7000",
    },
    {
      name: "timestamp request",
      hex: "0d00f7641234000102bee6a70000000000000000",
      summary: "ICMP timestamp request, id 4660, seq 1, length 20",
    },
    { name: "timestamp reply", hex: "0e0023961234000102bee6a702bee6a802bee6a9" },
    {
      name: "information request",
      hex: "0f00dec912340002",
      summary: "ICMP information request, id 4660, seq 2, length 8",
    },
    {
      name: "address mask reply, RFC 950",
      hex: "1200eef600070001ffffff00",
      summary: "ICMP address mask reply 255.255.255.0, length 12",
    },
    {
      name: "router advertisement, RFC 1256",
      hex: "0900e9f002020708c000020100000000c000020280000000",
      summary: "ICMP router advertisement, lifetime 1800 s, 192.0.2.1, 192.0.2.2, length 24",
    },
    {
      name: "router solicitation, RFC 1256",
      hex: "0a00f5ff00000000",
      summary: "ICMP router solicitation, length 8",
    },
    {
      name: "an unknown type",
      hex: "2a07ccf20102030405",
      beyond: 1,
      summary: "ICMP type 42, length 9",
    },
  ],
);

describe("ICMPv4", () => {
  test.each([FRAGMENTATION_NEEDED, PROTOCOL_UNREACHABLE])("checksums of Linux are right", (hex) => {
    const p = place(hex);
    expect(icmpChecksumOk(p.bytes, p.at, p.end, 0)).toBe(true);
    p.view.setUint8(p.end - 1, p.view.getUint8(p.end - 1) ^ 1);
    expect(icmpChecksumOk(p.bytes, p.at, p.end, 0)).toBe(false);
  });

  test("the fields of errors", () => {
    const tooBig = place(FRAGMENTATION_NEEDED);
    expect(icmpv4NextHopMtu(tooBig.view, tooBig.at)).toBe(1300);
    const problem = place("0c00000014000000");
    expect(icmpv4Pointer(problem.view, problem.at)).toBe(20);
    const redirect = place("050100000a010001");
    expect(icmpv4Gateway(redirect.view, redirect.at).toString()).toBe("10.1.0.1");
  });

  test("only the five error types quote a packet", () => {
    const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpv4Error);
    expect(errors).toEqual([3, 4, 5, 11, 12]);
  });

  test.each([
    ["no router", 4, 0, "badLength"],
    ["entries of one word", 5, 1, "badLength"],
    ["entries of three words", 5, 3, "truncated"],
    ["one router more", 4, 3, "truncated"],
    ["one router less", 4, 1, "ok"],
  ])("router advertisement with %s", (_name, offset, value, expected) => {
    const p = place("0900e9f002020708c000020100000000c000020280000000");
    p.view.setUint8(p.at + offset, value);
    expect(checkIcmpv4(p.view, p.at, p.end)).toBe(expected);
  });

  test("a router can be advertised that is never to be the default", () => {
    const p = place("00".repeat(24));
    writeIcmpv4RouterAdvertisement(p.view, p.at, 1800, [
      { address: IpAddress.parse("192.0.2.1"), preference: 7 },
      { address: IpAddress.parse("192.0.2.2"), preference: -(2 ** 31) },
    ]);
    expect(icmpv4RouterPreference(p.view, p.at, 0)).toBe(7);
    expect(icmpv4RouterPreference(p.view, p.at, 1)).toBe(-(2 ** 31));
  });

  test("an error is printed with the packet that it quotes", () => {
    const p = place("0304000000000514450005dc288440004006f7920a0100020a010102e0dc1451b6e5bc50");
    expect(formatTree(describeIcmpv4(p.view, p.at, p.end))).toBe(
      [
        "icmp",
        "  type: 3 (destination unreachable)",
        "  code: 4 (fragmentation needed and DF set)",
        "  checksum: 0",
        "  nextHopMtu: 1300",
        "  ipv4",
        "    version: 4",
        "    ihl: 5 (20 bytes)",
        "    dscp: 0",
        "    ecn: 0 (Not-ECT)",
        "    totalLength: 1500",
        "    identification: 10372",
        "    reserved: false",
        "    dontFragment: true",
        "    moreFragments: false",
        "    fragmentOffset: 0 (byte 0)",
        "    ttl: 64",
        "    protocol: 6 (TCP)",
        "    headerChecksum: 63378 (right)",
        "    source: 10.1.0.2",
        "    destination: 10.1.1.2",
        "  originalData: e0dc1451b6e5bc50",
      ].join("\n"),
    );
  });
});
