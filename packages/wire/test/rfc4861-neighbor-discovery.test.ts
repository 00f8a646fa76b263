import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  checkIcmpv6,
  checkNdRedirect,
  checkNeighborAdvertisement,
  checkNeighborSolicitation,
  checkRouterAdvertisement,
  checkRouterSolicitation,
  describeIcmpv6,
  describeNdRedirect,
  describeNeighborAdvertisement,
  describeNeighborSolicitation,
  describeRouterAdvertisement,
  describeRouterSolicitation,
  findNdOption,
  formatTree,
  icmpChecksum,
  icmpChecksumOk,
  ipv6PseudoHeaderSum,
  ndLinkLayerAddress,
  ndRedirectDestination,
  ndRedirectTarget,
  neighborAdvertisementFlags,
  neighborAdvertisementTarget,
  neighborSolicitationTarget,
  parseMac,
  routerAdvertisementCurHopLimit,
  routerAdvertisementFlags,
  routerAdvertisementLifetime,
  routerAdvertisementPreference,
  routerAdvertisementReachableTime,
  routerAdvertisementRetransTimer,
  summarizeIcmpv6,
  summarizeNdRedirect,
  summarizeNeighborAdvertisement,
  summarizeNeighborSolicitation,
  summarizeRouterAdvertisement,
  summarizeRouterSolicitation,
  writeNdLinkLayerAddress,
  writeNdRedirect,
  writeNeighborAdvertisement,
  writeNeighborSolicitation,
  writeRouterAdvertisement,
  writeRouterSolicitation,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

// Whole IPv6 packets of Linux.
const SOLICITATION =
  "6000000000203afffd000001000000000000000000000002ff0200000000000000000001ff000001" +
  "8700b33400000000fd0000010000000000000000000000010101fad52bffa58d";
const ADVERTISEMENT =
  "6000000000203afffd000001000000000000000000000001fd000001000000000000000000000002" +
  "8800ec87e0000000fd0000010000000000000000000000010201928b959689ef";

/** Writes the checksum (it needs addresses) and the options as they were. */
function finish(from: Placed, out: DataView, outBytes: Uint8Array, written: number): number {
  out.setUint16(2, icmpChecksum(from.view, from.at));
  outBytes.set(from.bytes.subarray(from.at + written, from.end), written);
  return from.end - from.at;
}

codecSuite(
  "neighbor solicitation",
  {
    check: checkNeighborSolicitation,
    rewrite: (p, out, outBytes) => {
      const target = neighborSolicitationTarget(p.view, p.at);
      return finish(p, out, outBytes, writeNeighborSolicitation(out, 0, target));
    },
    describe: describeNeighborSolicitation,
    summarize: summarizeNeighborSolicitation,
  },
  [
    {
      name: "Linux",
      hex: SOLICITATION.slice(80),
      beyond: 8,
      summary: "neighbor solicitation, who has fd00:1::1, source fa:d5:2b:ff:a5:8d",
    },
  ],
);

codecSuite(
  "neighbor advertisement",
  {
    check: checkNeighborAdvertisement,
    rewrite: (p, out, outBytes) => {
      const flags = neighborAdvertisementFlags(p.view, p.at) & 0xe0;
      const target = neighborAdvertisementTarget(p.view, p.at);
      return finish(p, out, outBytes, writeNeighborAdvertisement(out, 0, flags, target));
    },
    describe: describeNeighborAdvertisement,
    summarize: summarizeNeighborAdvertisement,
  },
  [
    {
      name: "Linux",
      hex: ADVERTISEMENT.slice(80),
      beyond: 8,
      summary:
        "neighbor advertisement, fd00:1::1 router solicited override, target 92:8b:95:96:89:ef",
    },
  ],
);

codecSuite(
  "router solicitation",
  {
    check: checkRouterSolicitation,
    rewrite: (p, out, outBytes) => finish(p, out, outBytes, writeRouterSolicitation(out, 0)),
    describe: describeRouterSolicitation,
    summarize: summarizeRouterSolicitation,
  },
  [
    {
      name: "RFC 4861 s4.1 with a source address",
      hex: "8500abcd000000000101fad52bffa58d",
      beyond: 8,
      summary: "router solicitation, source fa:d5:2b:ff:a5:8d",
    },
  ],
);

const EVERY_ROUTER_OPTION =
  "8600abcd 40c80708 00007530 000003e8" +
  "0101fad52bffa58d" +
  "05010000 000005dc" +
  "030440c0 00015180 00003840 00000000 20010db8000000000000000000000000" +
  "18023008 00000708 20010db8000100 00" +
  "19030000 00000708 20010db8000000000000000000000053" +
  "1f030000 ffffffff 076578616d706c65 03636f6d 00 000000" +
  "fd01 010203040506";

codecSuite(
  "router advertisement",
  {
    check: checkRouterAdvertisement,
    rewrite: (p, out, outBytes) => {
      const written = writeRouterAdvertisement(
        out,
        0,
        routerAdvertisementCurHopLimit(p.view, p.at),
        routerAdvertisementFlags(p.view, p.at),
        routerAdvertisementLifetime(p.view, p.at),
        routerAdvertisementReachableTime(p.view, p.at),
        routerAdvertisementRetransTimer(p.view, p.at),
      );
      return finish(p, out, outBytes, written);
    },
    describe: describeRouterAdvertisement,
    summarize: summarizeRouterAdvertisement,
  },
  [
    {
      name: "every option that a router sends, RFC 4861 s4.2",
      hex: EVERY_ROUTER_OPTION,
      // Cut between two options it is a shorter advertisement.
      beyond: EVERY_ROUTER_OPTION.replaceAll(" ", "").length / 2 - 16,
      summary:
        "router advertisement managed other, hop limit 64, high, lifetime 1800 s, " +
        "source fa:d5:2b:ff:a5:8d, mtu 1500, " +
        "prefix 2001:db8::/64 onlink auto, valid 86400 s, preferred 14400 s, " +
        "route 2001:db8:1::/48 high, lifetime 1800 s, " +
        "rdnss 2001:db8::53, lifetime 1800 s, dnssl example.com, lifetime infinity, option 253",
    },
  ],
);

codecSuite(
  "redirect",
  {
    check: checkNdRedirect,
    rewrite: (p, out, outBytes) => {
      const target = ndRedirectTarget(p.view, p.at);
      const destination = ndRedirectDestination(p.view, p.at);
      return finish(p, out, outBytes, writeNdRedirect(out, 0, target, destination));
    },
    describe: describeNdRedirect,
    summarize: summarizeNdRedirect,
  },
  [
    {
      name: "RFC 4861 s4.5 with target address and redirected header",
      hex:
        "8900abcd00000000fe80000000000000000000000000000120010db8000000000000000000000009" +
        "0201928b959689ef" +
        `04070000 00000000${"600a88a900081140fd000001000000000000000000000002fd000001000100000000000000000002"}1b591b580008cd2a`,
      beyond: 64,
      summary:
        "redirect, 2001:db8::9 to fe80::1, target 92:8b:95:96:89:ef, " +
        "redirected packet (IP6 fd00:1::2 > fd00:1:1::2, hlim 64, flowlabel 0xa88a9)",
    },
  ],
);

describe("neighbor discovery", () => {
  test.each([
    ["solicitation", SOLICITATION],
    ["advertisement", ADVERTISEMENT],
  ])("the checksum of a %s of Linux is right", (_name, hex) => {
    const p = place(hex);
    const sum = ipv6PseudoHeaderSum(p.view, p.at, 58, 32);
    expect(icmpChecksumOk(p.bytes, p.at + 40, p.end, sum)).toBe(true);
  });

  test("an option of length zero spoils the message", () => {
    const p = place(SOLICITATION.slice(80));
    p.view.setUint8(p.at + 25, 0);
    expect(checkIcmpv6(p.view, p.at, p.end)).toBe("zeroLengthOption");
    expect(formatTree(describeIcmpv6(p.view, p.at, p.end))).toContain(
      "option: 1 [malformed: zeroLengthOption]",
    );
    expect(summarizeIcmpv6(p.view, p.at, p.end)).toBe(
      "ICMP6 neighbor solicitation [zeroLengthOption]",
    );
  });

  test("an option longer than the message is refused, though the buffer has the bytes", () => {
    const p = place(`${SOLICITATION.slice(80)}0000000000000000`);
    p.view.setUint8(p.at + 25, 2);
    expect(checkIcmpv6(p.view, p.at, p.end - 8)).toBe("truncated");
    expect(checkIcmpv6(p.view, p.at, p.end)).toBe("ok");
  });

  test("a target or redirected destination that is multicast is refused", () => {
    for (const [hex, offset, expected] of [
      [SOLICITATION.slice(80), 8, "multicastTarget"],
      [ADVERTISEMENT.slice(80), 8, "multicastTarget"],
      [`8900abcd${"00".repeat(36)}`, 24, "multicastDestination"],
    ] as const) {
      const p = place(hex);
      expect(checkIcmpv6(p.view, p.at, p.end)).toBe("ok");
      p.view.setUint8(p.at + offset, 0xff);
      expect(checkIcmpv6(p.view, p.at, p.end)).toBe(expected);
    }
  });

  test("cut short, a message is good only where an option ends", () => {
    const hex = EVERY_ROUTER_OPTION.replaceAll(" ", "");
    const good: number[] = [];
    for (let length = 0; length <= hex.length / 2; length++) {
      const p = place(hex.slice(0, 2 * length));
      if (checkIcmpv6(p.view, p.at, p.end) === "ok") good.push(length);
    }
    expect(good).toEqual([16, 24, 32, 64, 80, 104, 128, 136]);
  });

  test("an option is found by its type, past others", () => {
    const p = place(EVERY_ROUTER_OPTION);
    const first = p.at + 16;
    expect(findNdOption(p.view, first, p.end, 1)).toBe(first);
    expect(findNdOption(p.view, first, p.end, 25)).toBe(first + 8 + 8 + 32 + 16);
    expect(findNdOption(p.view, first, p.end, 14)).toBe(-1);
    expect(findNdOption(p.view, first, p.end - 1, 253)).toBe(-1);
    expect(findNdOption(p.view, p.end, p.end, 1)).toBe(-1);
  });

  test.each([
    [0x00, 0],
    [0x08, 1],
    [0x18, -1],
    [0x10, 0],
  ])("preference bits 0x%s, RFC 4191 s2.2", (flags, preference) => {
    const p = place(EVERY_ROUTER_OPTION);
    p.view.setUint8(p.at + 5, flags);
    expect(routerAdvertisementPreference(p.view, p.at)).toBe(preference);
  });

  test("a solicitation is built from nothing to what Linux sends", () => {
    const p = place("00".repeat(32));
    let to = p.at + writeNeighborSolicitation(p.view, p.at, IpAddress.parse("fd00:1::1"));
    to += writeNdLinkLayerAddress(p.view, to, 1, parseMac("fa:d5:2b:ff:a5:8d"));
    expect(to).toBe(p.end);
    p.view.setUint16(p.at + 2, 0xb334);
    expect(p.bytes.subarray(p.at)).toEqual(place(SOLICITATION.slice(80)).bytes.subarray(5));
    const option = findNdOption(p.view, p.at + 24, p.end, 1);
    expect(ndLinkLayerAddress(p.view, option)).toBe(0xfad52bffa58d);
  });
});
