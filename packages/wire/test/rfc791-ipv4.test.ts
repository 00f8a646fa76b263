import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  checkIpv4,
  checkIpv4Header,
  decrementIpv4Ttl,
  describeIpv4,
  formatTree,
  ipv4Checksum,
  ipv4ChecksumOk,
  ipv4Destination,
  ipv4DontFragment,
  ipv4Ecn,
  ipv4FlagsAndOffset,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4IsFragment,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Ttl,
  setIpv4Checksum,
  setIpv4Ecn,
  summarizeIpv4,
  writeIpv4,
} from "../src/index.js";
import { codecSuite, fromHex, type Placed, place, toHex } from "./codec-suite.js";

// Linux ping -R: NOP, Record Route with one address, end of list.
const RECORD_ROUTE_REQUEST =
  "4f00007cc8694000400121000a0100020a010102 01 0727080a010002" +
  "00".repeat(32) +
  "0800aac9caaa0001f192016b00000000ccb9040000000000101112131415161718191a1b1c1d1e1f" +
  "202122232425262728292a2b2c2d2e2f3031323334353637";
// Linux ping -T tsonly, the answer: Timestamp with five entries, RFC 791 s3.1.
const TIMESTAMPS =
  "4f00007c6df000003f0102660a0101020a010002 44281900" +
  "02bee6a7".repeat(5) +
  "00".repeat(16) +
  "000067a2caab0001f192016b0000000017e0040000000000101112131415161718191a1b1c1d1e1f" +
  "202122232425262728292a2b2c2d2e2f3031323334353637";

function rewrite(from: Placed, out: DataView, outBytes: Uint8Array): number {
  const { view, at, bytes } = from;
  const headerLength = ipv4HeaderLength(view, at);
  const total = ipv4TotalLength(view, at);
  outBytes.set(bytes.subarray(at + 20, at + total), 20);
  const written = writeIpv4(
    out,
    0,
    headerLength,
    ipv4Tos(view, at),
    total,
    ipv4Identification(view, at),
    ipv4FlagsAndOffset(view, at),
    ipv4Ttl(view, at),
    ipv4Protocol(view, at),
    ipv4Source(view, at),
    ipv4Destination(view, at),
  );
  expect(written).toBe(headerLength);
  return total;
}

codecSuite(
  "IPv4",
  { check: checkIpv4, rewrite, describe: describeIpv4, summarize: summarizeIpv4 },
  [
    {
      name: "RFC 791 Appendix A, example 1",
      // Version 4, IHL 5, total length 21, identification 111, TTL 123, protocol 1, one byte of data.
      hex: "45000015006f00007b012b750a0100010a0100025a",
      summary: "IP 10.1.0.1 > 10.1.0.2, ttl 123",
    },
    {
      name: "Linux, UDP datagram",
      hex: "4500001c1dd74000401107f50a0100020a0101021b591b580008b427",
    },
    {
      name: "Linux ping -R, Record Route",
      hex: RECORD_ROUTE_REQUEST,
      summary:
        "IP 10.1.0.2 > 10.1.1.2, ttl 64, options [NOP,RR 10.1.0.2 ^ 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0]",
    },
    {
      name: "Linux ping -T, Timestamp",
      hex: TIMESTAMPS,
      summary:
        "IP 10.1.1.2 > 10.1.0.2, ttl 63, options [TS 46065319 46065319 46065319 46065319 46065319 ^ 0 0 0 0]",
    },
  ],
);

describe("IPv4 header", () => {
  const withHeader = (change: (p: Placed) => void): Placed => {
    const p = place("45000015006f00007b012b750a0100010a0100025a");
    change(p);
    return p;
  };

  test.each([
    ["version 6", 0, 0x65, "badVersion"],
    ["header length 16", 0, 0x44, "badHeaderLength"],
    ["header length beyond the total length", 0, 0x46, "badTotalLength"],
    ["total length below the header", 3, 19, "badTotalLength"],
    ["total length one more than there is", 3, 22, "truncated"],
    ["total length one less than there is (padding)", 3, 20, "ok"],
  ])("%s: %s", (_name, offset, value, expected) => {
    const p = withHeader(({ view, at }) => view.setUint8(at + offset, value));
    expect(checkIpv4(p.view, p.at, p.end)).toBe(expected);
  });

  test("a quoted header is fine without its payload", () => {
    const p = place("4500040c006f00007b012b750a0100010a010002");
    expect(checkIpv4Header(p.view, p.at, p.end)).toBe("ok");
    expect(checkIpv4(p.view, p.at, p.end)).toBe("truncated");
  });

  test("each changed bit makes the checksum wrong", () => {
    const p = place(RECORD_ROUTE_REQUEST);
    expect(ipv4ChecksumOk(p.view, p.at)).toBe(true);
    for (let bit = 8; bit < 60 * 8; bit++) {
      const byte = p.at + (bit >> 3);
      p.view.setUint8(byte, p.view.getUint8(byte) ^ (1 << (bit & 7)));
      expect(ipv4ChecksumOk(p.view, p.at)).toBe(false);
      p.view.setUint8(byte, p.view.getUint8(byte) ^ (1 << (bit & 7)));
    }
    expect(ipv4ChecksumOk(p.view, p.at)).toBe(true);
  });

  test("flags and fragment offset", () => {
    const p = withHeader(({ view, at }) => view.setUint16(at + 6, 0x2000 | 185));
    expect(ipv4FragmentOffset(p.view, p.at)).toBe(1480);
    expect(ipv4MoreFragments(p.view, p.at)).toBe(true);
    expect(ipv4DontFragment(p.view, p.at)).toBe(false);
    expect(ipv4IsFragment(p.view, p.at)).toBe(true);
    expect(summarizeIpv4(p.view, p.at, p.end)).toBe(
      "IP 10.1.0.1 > 10.1.0.2, ttl 123, frag id 111 1480:1+, bad cksum",
    );
    p.view.setUint16(p.at + 6, 0x4000);
    expect(ipv4IsFragment(p.view, p.at)).toBe(false);
    expect(ipv4DontFragment(p.view, p.at)).toBe(true);
  });

  test("the TTL is counted down as RFC 1624 asks, always leaving a right checksum", () => {
    const p = place(TIMESTAMPS);
    for (let ttl = 63; ttl > 0; ttl--) {
      decrementIpv4Ttl(p.view, p.at);
      expect(ipv4Ttl(p.view, p.at)).toBe(ttl - 1);
      expect(ipv4ChecksumOk(p.view, p.at)).toBe(true);
    }
  });

  test("an update that brings the sum to zero gives the checksum a full computation gives", () => {
    // RFC 1624 s4's example: the other words sum to 0xcd7a, a word goes from 0x5555 to 0x3285. Here the
    // word is TTL and protocol, and the header is filled so that the rest sums alike.
    const a = place("450000140000000001550000000000000000000" + "0");
    for (let rest = 0; rest <= 0xffff; rest += 1) {
      a.view.setUint16(a.at + 4, rest);
      a.view.setUint16(a.at + 8, 0x0155);
      setIpv4Checksum(a.view, a.at);
      decrementIpv4Ttl(a.view, a.at);
      const updated = ipv4Checksum(a.view, a.at);
      setIpv4Checksum(a.view, a.at);
      if (updated !== ipv4Checksum(a.view, a.at)) throw new Error(`rest ${rest}: ${updated}`);
    }
  });

  test("setIpv4Ecn marks congestion", () => {
    const p = place(TIMESTAMPS);
    setIpv4Ecn(p.view, p.at, 3);
    expect(ipv4Ecn(p.view, p.at)).toBe(3);
    expect(ipv4ChecksumOk(p.view, p.at)).toBe(true);
    expect(summarizeIpv4(p.view, p.at, p.end)).toContain("ttl 63, CE, options");
  });

  test("is printed as a tree", () => {
    const p = place("45010015006f40007b012b750a0100010a0100025a");
    expect(formatTree(describeIpv4(p.view, p.at, p.end))).toBe(
      [
        "ipv4",
        "  version: 4",
        "  ihl: 5 (20 bytes)",
        "  dscp: 0",
        "  ecn: 1 (ECT(1))",
        "  totalLength: 21",
        "  identification: 111",
        "  reserved: false",
        "  dontFragment: true",
        "  moreFragments: false",
        "  fragmentOffset: 0 (byte 0)",
        "  ttl: 123",
        "  protocol: 1 (ICMP)",
        "  headerChecksum: 11125 (wrong)",
        "  source: 10.1.0.1",
        "  destination: 10.1.0.2",
      ].join("\n"),
    );
  });

  test("writes at any offset", () => {
    const bytes = new Uint8Array(64).fill(0xee);
    const view = new DataView(bytes.buffer);
    const a = IpAddress.parse("192.0.2.1");
    const z = IpAddress.parse("198.51.100.255");
    expect(writeIpv4(view, 11, 20, 2, 20, 65535, 0x4000, 64, 132, a, z)).toBe(20);
    expect(toHex(bytes.subarray(0, 11))).toBe("ee".repeat(11));
    expect(toHex(bytes.subarray(31))).toBe("ee".repeat(33));
    expect(toHex(bytes.subarray(11, 21))).toBe("45020014ffff40004084");
    expect(ipv4ChecksumOk(view, 11)).toBe(true);
    expect(toHex(bytes.subarray(23, 31))).toBe(toHex(fromHex("c0000201c63364ff")));
  });
});
