import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  checkIcmpExtension,
  describeIcmpExtension,
  describeIcmpv4,
  formatTree,
  icmpOriginalDatagramLength,
  QuotedPacket,
  summarizeIcmpv4,
  writeIcmpExtensionHeader,
  writeIcmpExtensionObject,
} from "../src/index.js";
import { codecSuite, type Placed, place, toHex } from "./codec-suite.js";

// What Linux sent: protocol unreachable with the INIT of usrsctp; fragmentation needed with a segment of TCP
// (the first 60 bytes); packet too big (the first 80 bytes).
const SCTP_V4 =
  "03021c9b0000000045000084ef2100003f8476cf0a0100020a010102ee60138900000000d9f892cc0100006204e7c0ef";
const TCP_V4 =
  "03047b2900000514450005dc288440004006f7920a0100020a010102e0dc1451b6e5bc508abf74ce8010003f375b0000";
const TCP_V6 =
  "020071b900000514600375db05b40640fd000001000000000000000000000002fd000001000100000000000000000002a91e14512d687730";

function find(p: Placed, family: 4 | 6) {
  const quoted = new QuotedPacket();
  const state = quoted.find(p.view, p.at, p.end, family);
  return { state, quoted };
}

describe("the packet that an ICMP error quotes", () => {
  test.each([
    ["SCTP over IPv4", SCTP_V4, 4, 132, "10.1.0.2", "10.1.1.2", "ee60138900000000"],
    ["TCP over IPv4", TCP_V4, 4, 6, "10.1.0.2", "10.1.1.2", "e0dc1451b6e5bc50"],
    ["TCP over IPv6", TCP_V6, 6, 6, "fd00:1::2", "fd00:1:1::2", "a91e14512d687730"],
  ] as const)("%s is found", (_name, hex, family, protocol, source, destination, transport) => {
    const p = place(hex);
    const { state, quoted } = find(p, family);
    expect(state).toBe("ok");
    expect(quoted.family).toBe(family);
    expect(quoted.ipAt).toBe(p.at + 8);
    expect(quoted.protocol).toBe(protocol);
    expect(quoted.source(p.view).toString()).toBe(source);
    expect(quoted.destination(p.view).toString()).toBe(destination);
    const at = quoted.transportAt;
    expect(toHex(p.bytes.subarray(at, at + 8))).toBe(transport);
    expect(quoted.end).toBe(p.end);
  });

  test("its options and extension headers are passed", () => {
    const v4 = place(
      "0b00000000000000 4700002400000000 01840000 0a000001 0a000002 0727040000000000 ee60138900000000",
    );
    expect(find(v4, 4)).toMatchObject({ state: "ok", quoted: { transportAt: v4.at + 36 } });
    const v6 = place(
      "0300000000000000 6000000000180040fd000001000000000000000000000002fd000001000100000000000000000002" +
        "2c00010400000000 8400000100000007 ee60138900000000",
    );
    expect(find(v6, 6)).toMatchObject({
      state: "ok",
      quoted: { protocol: 132, transportAt: v6.at + 64 },
    });
  });

  test.each([
    ["an echo is no error", `0800${SCTP_V4.slice(4)}`, 4, "notAnError"],
    ["nor is one over IPv6", `8000${TCP_V6.slice(4)}`, 6, "notAnError"],
    ["an IPv6 header in ICMPv4", `0300000000000000${TCP_V6.slice(16)}`, 4, "badHeader"],
    ["an IPv4 header in ICMPv6", `0200000000000514${TCP_V4.slice(16)}000000000000`, 6, "badHeader"],
    [
      "a later fragment",
      "0b00000000000000 45000024000000b901840000 0a000001 0a000002 ee60138900000000",
      4,
      "laterFragment",
    ],
    [
      "a later fragment over IPv6",
      "0300000000000000 6000000000102c40fd000001000000000000000000000002fd000001000100000000000000000002 8400000900000007 ee60138900000000",
      6,
      "laterFragment",
    ],
  ] as const)("%s", (_name, hex, family, expected) => {
    expect(find(place(hex), family).state).toBe(expected);
  });

  test("cut short at any length it is found or refused, and never reaches past the end", () => {
    for (const [hex, family, needed] of [
      [SCTP_V4, 4, 28],
      [TCP_V6, 6, 48],
    ] as const) {
      for (let length = 0; length < hex.length / 2; length++) {
        const p = place(hex.slice(0, 2 * length));
        const { state, quoted } = find(p, family);
        expect([length, state]).toEqual([length, length < needed ? "truncated" : "ok"]);
        if (state === "ok") expect(quoted.transportAt).toBeLessThanOrEqual(p.end);
      }
    }
  });

  test("padding after a short packet is not taken for its transport header", () => {
    // A datagram of 28 bytes, padded with zeros to 128 as RFC 4884 s4 asks, and its length attribute.
    const p = place(
      `0300000000200000 4500001c1dd74000401107f50a0100020a010102 1b591b580008b427 ${"00".repeat(100)}`,
    );
    const { state, quoted } = find(p, 4);
    expect(state).toBe("ok");
    expect(quoted.end).toBe(p.at + 8 + 28);
  });

  test("any bytes give an answer within the bytes", () => {
    const quoted = new QuotedPacket();
    const seed = fc.constantFrom(SCTP_V4, TCP_V4, TCP_V6);
    const edits = fc.array(fc.tuple(fc.nat({ max: 55 }), fc.nat({ max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(
        seed,
        edits,
        fc.nat({ max: 56 }),
        fc.constantFrom(4, 6),
        (hex, list, cut, family) => {
          const p = place(hex.slice(0, Math.max(0, hex.length - 2 * cut)));
          for (const [at, value] of list) if (p.at + at < p.end) p.view.setUint8(p.at + at, value);
          if (quoted.find(p.view, p.at, p.end, family) === "ok") {
            const { sourceAt, destinationAt, transportAt, end } = quoted;
            expect(p.at + 8 <= quoted.ipAt && quoted.ipAt < sourceAt).toBe(true);
            expect(sourceAt < destinationAt && destinationAt < transportAt).toBe(true);
            expect(transportAt <= end && end <= p.end).toBe(true);
            quoted.source(p.view);
            quoted.destination(p.view);
          }
        },
      ),
      { numRuns: 2000, seed: 22 },
    );
  });
});

// Time exceeded with 128 bytes of original datagram and an MPLS label stack object, in the form RFC 4884
// s4.2, s7 and s8 draw; the object's class is not ours to know.
const EXTENSION = "20009ad5 0008 0101 0407d101".replaceAll(" ", "");
const WITH_EXTENSION = `0b00000000200000 4500001c1dd74000011146f50a0100020a010102 1b591b580008b427 ${"00".repeat(100)}${EXTENSION}`;

describe("ICMP extensions", () => {
  test("the length attribute ends the original datagram", () => {
    const p = place(WITH_EXTENSION);
    expect(icmpOriginalDatagramLength(p.view, p.at, p.end, 4)).toBe(128);
    const text = formatTree(describeIcmpv4(p.view, p.at, p.end));
    expect(text).toContain("  length: 32 (128 bytes of original datagram)");
    expect(text).toContain(
      "  extension\n    version: 2\n    checksum: 39637\n    object\n      length: 8",
    );
    expect(summarizeIcmpv4(p.view, p.at, p.end)).toContain("for UDP 10.1.0.2.7001 > 10.1.1.2.7000");
  });

  test.each([
    ["below 128 bytes", 31],
    ["beyond the message", 36],
    ["zero", 0],
  ])("a length attribute %s is not believed", (_name, value) => {
    const p = place(WITH_EXTENSION);
    p.view.setUint8(p.at + 5, value);
    expect(icmpOriginalDatagramLength(p.view, p.at, p.end, 4)).toBe(0);
    expect(find(p, 4).state).toBe("ok");
  });

  test("types without the attribute have other things there", () => {
    const p = place(`0500${WITH_EXTENSION.slice(4)}`);
    expect(icmpOriginalDatagramLength(p.view, p.at, p.end, 4)).toBe(0);
    const v6 = place(`0200000020000000${"00".repeat(256)}`);
    expect(icmpOriginalDatagramLength(v6.view, v6.at, v6.end, 6)).toBe(0);
    v6.view.setUint8(v6.at, 3);
    expect(icmpOriginalDatagramLength(v6.view, v6.at, v6.end, 6)).toBe(256);
  });

  test.each([
    ["200000", "truncated"],
    ["10000000", "badVersion"],
    ["2000000000080101", "truncated"],
    ["2000000000030101", "badLength"],
    ["2000000000000101", "badLength"],
    ["20000000000601010102", "badLength"],
    ["200000000004", "truncated"],
    ["20000000", "ok"],
  ])("structure %s: %s", (hex, expected) => {
    const p = place(hex);
    expect(checkIcmpExtension(p.view, p.at, p.end)).toBe(expected);
    describeIcmpExtension(p.view, p.at, p.end);
  });
});

codecSuite(
  "ICMP extension structure",
  {
    check: checkIcmpExtension,
    rewrite: ({ bytes, view, at, end }, out, outBytes) => {
      let to = writeIcmpExtensionHeader(out, 0);
      out.setUint16(2, view.getUint16(at + 2));
      for (let o = at + 4; o < end; o += view.getUint16(o)) {
        const length = view.getUint16(o);
        writeIcmpExtensionObject(out, to, length, view.getUint8(o + 2), view.getUint8(o + 3));
        outBytes.set(bytes.subarray(o + 4, o + length), to + 4);
        to += length;
      }
      return to;
    },
    describe: describeIcmpExtension,
    summarize: () => "",
  },
  [{ name: "two objects", hex: `${EXTENSION}00040203`, beyond: 12 }],
);
