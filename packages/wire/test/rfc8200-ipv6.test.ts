import { describe, expect, test } from "@jest/globals";
import {
  checkIpv6,
  checkIpv6Header,
  decrementIpv6HopLimit,
  describeIpv6,
  formatTree,
  ipv6Destination,
  ipv6Dscp,
  ipv6Ecn,
  ipv6FlowLabel,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Source,
  ipv6TrafficClass,
  setIpv6Ecn,
  summarizeIpv6,
  writeIpv6,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

// A whole UDP packet that Linux sent.
const UDP_PACKET =
  "600a88a9000b1140fd000001000000000000000000000002fd0000010001000000000000000000021b591b58000bcd1d000102";

function rewrite({ bytes, view, at }: Placed, out: DataView, outBytes: Uint8Array): number {
  const payload = ipv6PayloadLength(view, at);
  outBytes.set(bytes.subarray(at + 40, at + 40 + payload), 40);
  const header = writeIpv6(
    out,
    0,
    ipv6TrafficClass(view, at),
    ipv6FlowLabel(view, at),
    payload,
    ipv6NextHeader(view, at),
    ipv6HopLimit(view, at),
    ipv6Source(view, at),
    ipv6Destination(view, at),
  );
  return header + payload;
}

codecSuite(
  "IPv6",
  { check: checkIpv6, rewrite, describe: describeIpv6, summarize: summarizeIpv6 },
  [
    {
      name: "Linux, UDP datagram",
      hex: UDP_PACKET,
      summary: "IP6 fd00:1::2 > fd00:1:1::2, hlim 64, flowlabel 0xa88a9",
    },
    {
      name: "all of class and flow label set, no payload",
      hex: "6fffffff00003bff ff020000000000000000000000000001 fe800000000000000000000000000001",
      summary: "IP6 ff02::1 > fe80::1, hlim 255, flowlabel 0xfffff, CE",
    },
  ],
);

describe("IPv6 header", () => {
  test.each([
    ["version 4", 0, 0x45, "badVersion"],
    ["payload length one more than there is", 5, 12, "truncated"],
    ["payload length one less than there is (padding)", 5, 10, "ok"],
  ])("%s: %s", (_name, offset, value, expected) => {
    const p = place(UDP_PACKET);
    p.view.setUint8(p.at + offset, value);
    expect(checkIpv6(p.view, p.at, p.end)).toBe(expected);
  });

  test("a quoted header is fine without its payload", () => {
    const p = place(UDP_PACKET.slice(0, 80));
    expect(checkIpv6Header(p.view, p.at, p.end)).toBe("ok");
    expect(checkIpv6(p.view, p.at, p.end)).toBe("truncated");
  });

  test("class and flow label do not run into each other", () => {
    const p = place(UDP_PACKET);
    for (const [trafficClass, flowLabel] of [
      [0xff, 0],
      [0, 0xfffff],
      [0xb9, 0x12345],
    ] as const) {
      const [a, z] = [ipv6Source(p.view, p.at), ipv6Destination(p.view, p.at)];
      writeIpv6(p.view, p.at, trafficClass, flowLabel, 11, 17, 64, a, z);
      expect(ipv6TrafficClass(p.view, p.at)).toBe(trafficClass);
      expect(ipv6Dscp(p.view, p.at)).toBe(trafficClass >> 2);
      expect(ipv6Ecn(p.view, p.at)).toBe(trafficClass & 3);
      expect(ipv6FlowLabel(p.view, p.at)).toBe(flowLabel);
    }
  });

  test("a router marks and counts down in place", () => {
    const p = place(UDP_PACKET);
    for (const ecn of [3, 1, 0, 2]) {
      setIpv6Ecn(p.view, p.at, ecn);
      expect(ipv6Ecn(p.view, p.at)).toBe(ecn);
    }
    decrementIpv6HopLimit(p.view, p.at);
    expect(summarizeIpv6(p.view, p.at, p.end)).toBe(
      "IP6 fd00:1::2 > fd00:1:1::2, hlim 63, flowlabel 0xa88a9, ECT(0)",
    );
  });

  test("is printed as a tree", () => {
    const p = place(UDP_PACKET);
    expect(formatTree(describeIpv6(p.view, p.at, p.end))).toBe(
      [
        "ipv6",
        "  version: 6",
        "  dscp: 0",
        "  ecn: 0 (Not-ECT)",
        "  flowLabel: 690345",
        "  payloadLength: 11",
        "  nextHeader: 17 (UDP)",
        "  hopLimit: 64",
        "  source: fd00:1::2",
        "  destination: fd00:1:1::2",
      ].join("\n"),
    );
  });
});
