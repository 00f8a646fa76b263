import { describe, expect, test } from "@jest/globals";
import type { IpAddress } from "@multihome/base";
import {
  checkNdDnssl,
  checkNdLinkLayerAddress,
  checkNdMtu,
  checkNdPrefixInformation,
  checkNdRdnss,
  checkNdRedirectedHeader,
  checkNdRouteInformation,
  describeNdDnssl,
  describeNdLinkLayerAddress,
  describeNdMtu,
  describeNdPrefixInformation,
  describeNdRdnss,
  describeNdRedirectedHeader,
  describeNdRouteInformation,
  ndDnsslLifetime,
  ndDnsslNames,
  ndLinkLayerAddress,
  ndMtu,
  ndOptionLength,
  ndPrefix,
  ndPrefixAutonomous,
  ndPrefixLength,
  ndPrefixOnLink,
  ndPrefixPreferredLifetime,
  ndPrefixValidLifetime,
  ndRdnssAddress,
  ndRdnssCount,
  ndRdnssLifetime,
  ndRouteLifetime,
  ndRoutePreferenceBits,
  ndRoutePrefix,
  ndRoutePrefixLength,
  summarizeNdDnssl,
  summarizeNdLinkLayerAddress,
  summarizeNdMtu,
  summarizeNdPrefixInformation,
  summarizeNdRdnss,
  summarizeNdRedirectedHeader,
  summarizeNdRouteInformation,
  writeNdDnssl,
  writeNdLinkLayerAddress,
  writeNdMtu,
  writeNdPrefixInformation,
  writeNdRdnss,
  writeNdRedirectedHeader,
  writeNdRouteInformation,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

// Options are laid out by hand after the boxes of RFC 4861 s4.6, RFC 4191 s2.3 and RFC 8106 s5, except
// where a source is named.

codecSuite(
  "link-layer address option",
  {
    check: checkNdLinkLayerAddress,
    rewrite: ({ view, at }, out) =>
      writeNdLinkLayerAddress(out, 0, view.getUint8(at), ndLinkLayerAddress(view, at)),
    describe: describeNdLinkLayerAddress,
    summarize: summarizeNdLinkLayerAddress,
  },
  [
    { name: "Linux, source", hex: "0101fad52bffa58d", summary: "source fa:d5:2b:ff:a5:8d" },
    { name: "Linux, target", hex: "0201928b959689ef", summary: "target 92:8b:95:96:89:ef" },
  ],
);

codecSuite(
  "prefix information option",
  {
    check: checkNdPrefixInformation,
    rewrite: ({ view, at }, out) =>
      writeNdPrefixInformation(
        out,
        0,
        ndPrefixLength(view, at),
        (ndPrefixOnLink(view, at) ? 0x80 : 0) | (ndPrefixAutonomous(view, at) ? 0x40 : 0),
        ndPrefixValidLifetime(view, at),
        ndPrefixPreferredLifetime(view, at),
        ndPrefix(view, at),
      ),
    describe: describeNdPrefixInformation,
    summarize: summarizeNdPrefixInformation,
  },
  [
    {
      name: "on link and autonomous",
      hex: "030440c0000151800000384000000000 20010db8000000000000000000000000",
      summary: "prefix 2001:db8::/64 onlink auto, valid 86400 s, preferred 14400 s",
    },
    {
      name: "for ever, no flags",
      hex: "03048000ffffffffffffffff00000000 20010db8000000000000000000000001",
      summary: "prefix 2001:db8::1/128, valid infinity, preferred infinity",
    },
  ],
);

codecSuite(
  "redirected header option",
  {
    check: checkNdRedirectedHeader,
    rewrite: ({ bytes, view, at, end }, out, outBytes) => {
      const length = ndOptionLength(view, at, end);
      outBytes.set(bytes.subarray(at + 8, at + length), 8);
      writeNdRedirectedHeader(out, 0, length);
      return length;
    },
    describe: describeNdRedirectedHeader,
    summarize: summarizeNdRedirectedHeader,
  },
  [
    {
      name: "an IPv6 header",
      hex: "0406000000000000 600a88a900001140fd000001000000000000000000000002fd000001000100000000000000000002",
      summary: "redirected packet (IP6 fd00:1::2 > fd00:1:1::2, hlim 64, flowlabel 0xa88a9)",
    },
    { name: "nothing", hex: "0401000000000000", summary: "redirected packet (IP6 [truncated])" },
  ],
);

codecSuite(
  "MTU option",
  {
    check: checkNdMtu,
    rewrite: ({ view, at }, out) => writeNdMtu(out, 0, ndMtu(view, at)),
    describe: describeNdMtu,
    summarize: summarizeNdMtu,
  },
  [{ name: "1500", hex: "05010000000005dc", summary: "mtu 1500" }],
);

codecSuite(
  "route information option",
  {
    check: checkNdRouteInformation,
    rewrite: ({ view, at, end }, out) =>
      writeNdRouteInformation(
        out,
        0,
        ndOptionLength(view, at, end),
        ndRoutePrefixLength(view, at),
        ndRoutePreferenceBits(view, at),
        ndRouteLifetime(view, at),
        ndRoutePrefix(view, at),
      ),
    describe: describeNdRouteInformation,
    summarize: summarizeNdRouteInformation,
  },
  [
    { name: "default route", hex: "1801001800000708", summary: "route ::/0 low, lifetime 1800 s" },
    {
      name: "8 bytes of prefix",
      hex: "180230080000070820010db800010000",
      summary: "route 2001:db8:1::/48 high, lifetime 1800 s",
    },
    {
      name: "16 bytes of prefix",
      hex: "18038000ffffffff20010db8000100000000000000000001",
      summary: "route 2001:db8:1::1/128 medium, lifetime infinity",
    },
  ],
);

codecSuite(
  "recursive DNS server option",
  {
    check: checkNdRdnss,
    rewrite: ({ view, at }, out) => {
      const servers: IpAddress[] = [];
      for (let i = 0; i < ndRdnssCount(view, at); i++) servers.push(ndRdnssAddress(view, at, i));
      return writeNdRdnss(out, 0, ndRdnssLifetime(view, at), servers);
    },
    describe: describeNdRdnss,
    summarize: summarizeNdRdnss,
  },
  [
    {
      name: "two servers",
      hex: "190500000000070820010db8000000000000000000000053fe800000000000000000000000000001",
      summary: "rdnss 2001:db8::53 fe80::1, lifetime 1800 s",
    },
  ],
);

codecSuite(
  "DNS search list option",
  {
    check: checkNdDnssl,
    rewrite: ({ bytes, view, at, end }, out, outBytes) => {
      const length = ndOptionLength(view, at, end);
      outBytes.set(bytes.subarray(at + 8, at + length), 8);
      writeNdDnssl(out, 0, length, ndDnsslLifetime(view, at));
      expect(ndDnsslNames(view, at).length).toBeGreaterThan(0);
      return length;
    },
    describe: describeNdDnssl,
    summarize: summarizeNdDnssl,
  },
  [
    {
      name: "two names",
      hex: "1f04000000000708076578616d706c6503636f6d000161026e6c000000000000",
      summary: "dnssl example.com a.nl, lifetime 1800 s",
    },
    {
      name: "no padding, a byte that is no letter",
      hex: "1f0200000000000006612e6200017f00",
      summary: "dnssl a\\046b\\000\\001\\127, lifetime 0 s",
    },
  ],
);

describe("checks of neighbor discovery options", () => {
  test.each([
    [
      "link-layer address of 14 bytes",
      checkNdLinkLayerAddress,
      `0102${"00".repeat(14)}`,
      "badLength",
    ],
    [
      "prefix information of 40 bytes",
      checkNdPrefixInformation,
      `0305${"00".repeat(38)}`,
      "badLength",
    ],
    ["prefix length 129", checkNdPrefixInformation, `030481${"00".repeat(29)}`, "badPrefixLength"],
    ["MTU of 16 bytes", checkNdMtu, `0502${"00".repeat(14)}`, "badLength"],
    ["route of 32 bytes", checkNdRouteInformation, `1804${"00".repeat(30)}`, "badLength"],
    ["route without the bits it needs", checkNdRouteInformation, "1801010000000000", "badLength"],
    [
      "route of 65 bits in 8 bytes",
      checkNdRouteInformation,
      `180241${"00".repeat(13)}`,
      "badLength",
    ],
    ["route of 129 bits", checkNdRouteInformation, `180381${"00".repeat(21)}`, "badPrefixLength"],
    [
      "route with reserved preference",
      checkNdRouteInformation,
      "1801001000000000",
      "reservedPreference",
    ],
    ["RDNSS without server", checkNdRdnss, "1901000000000000", "badLength"],
    ["RDNSS with half a server", checkNdRdnss, `1902${"00".repeat(14)}`, "badLength"],
    ["DNSSL without name", checkNdDnssl, `1f02${"00".repeat(14)}`, "badName"],
    ["DNSSL of 8 bytes", checkNdDnssl, "1f01000000000000", "badLength"],
    ["DNSSL whose name has no end", checkNdDnssl, "1f020000000000000761626364656667", "badName"],
    [
      "DNSSL with a label beyond the option",
      checkNdDnssl,
      "1f02000000000000ff61626364656667",
      "badName",
    ],
    ["DNSSL with a compressed name", checkNdDnssl, "1f02000000000000c008000000000000", "badName"],
  ])("%s", (_name, check, hex, expected) => {
    const p = place(hex);
    expect(check(p.view, p.at, p.end)).toBe(expected);
  });
});
