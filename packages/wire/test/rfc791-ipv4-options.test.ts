import { describe, expect, test } from "@jest/globals";
import type { IpAddress } from "@multihome/base";
import {
  checkIpv4Options,
  checkIpv4RouteOption,
  checkIpv4RouterAlert,
  checkIpv4TimestampOption,
  describeIpv4,
  describeIpv4RouteOption,
  describeIpv4RouterAlert,
  describeIpv4TimestampOption,
  formatTree,
  ipv4OptionIsCopied,
  ipv4RouteAddress,
  ipv4RouteCount,
  ipv4RoutePointer,
  ipv4RouterAlertValue,
  ipv4TimestampFlag,
  ipv4TimestampOverflow,
  ipv4TimestampPointer,
  setIpv4Checksum,
  summarizeIpv4,
  summarizeIpv4RouteOption,
  summarizeIpv4RouterAlert,
  summarizeIpv4TimestampOption,
  writeIpv4RouteOption,
  writeIpv4RouterAlert,
  writeIpv4TimestampOption,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

codecSuite(
  "IPv4 route options",
  {
    check: checkIpv4RouteOption,
    rewrite: ({ view, at }, out) => {
      const route: IpAddress[] = [];
      for (let i = 0; i < ipv4RouteCount(view, at); i++) route.push(ipv4RouteAddress(view, at, i));
      return writeIpv4RouteOption(out, 0, view.getUint8(at), ipv4RoutePointer(view, at), route);
    },
    describe: describeIpv4RouteOption,
    summarize: summarizeIpv4RouteOption,
  },
  [
    {
      name: "Linux ping -R, answered: six of nine recorded",
      hex: "0727180a0100020a0101010a0101020a0101020a010001000000000000000000000000000000 00".replace(
        " ",
        "",
      ),
      summary: "RR 10.1.0.2 10.1.1.1 10.1.1.2 10.1.1.2 10.1.0.1 ^ 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0",
    },
    { name: "loose, used up", hex: "830708c0000201", summary: "LSRR 192.0.2.1" },
    {
      name: "strict, at the start",
      hex: "890b04c0000201c0000202",
      summary: "SSRR ^ 192.0.2.1 192.0.2.2",
    },
    { name: "no room at all", hex: "070304", summary: "RR" },
  ],
);

function rewriteTimestamp(
  { view, at, bytes }: Placed,
  out: DataView,
  outBytes: Uint8Array,
): number {
  const length = view.getUint8(at + 1);
  outBytes.set(bytes.subarray(at + 4, at + length), 4);
  return writeIpv4TimestampOption(
    out,
    0,
    length,
    ipv4TimestampPointer(view, at),
    ipv4TimestampOverflow(view, at),
    ipv4TimestampFlag(view, at),
  );
}

codecSuite(
  "IPv4 timestamp option",
  {
    check: checkIpv4TimestampOption,
    rewrite: rewriteTimestamp,
    describe: describeIpv4TimestampOption,
    summarize: summarizeIpv4TimestampOption,
  },
  [
    {
      name: "Linux ping -T tsonly",
      hex: `44281900${"02bee6a7".repeat(5)}${"00".repeat(16)}`,
      summary: "TS 46065319 46065319 46065319 46065319 46065319 ^ 0 0 0 0",
    },
    {
      name: "with addresses, full, overflow 2",
      hex: "44140521 c0000201 00000001 c0000202 80000002"
        .replaceAll(" ", "")
        .replace("4414052", "4414152"),
      summary: "TS 192.0.2.1@1 192.0.2.2@2147483650 overflow 2",
    },
    { name: "prespecified", hex: "440c0503c000020100000000", summary: "TS ^ 192.0.2.1@0" },
  ],
);

codecSuite(
  "IPv4 router alert option",
  {
    check: checkIpv4RouterAlert,
    rewrite: ({ view, at }, out) => writeIpv4RouterAlert(out, 0, ipv4RouterAlertValue(view, at)),
    describe: describeIpv4RouterAlert,
    summarize: summarizeIpv4RouterAlert,
  },
  [
    { name: "RFC 2113 s2.1", hex: "94040000", summary: "RA" },
    { name: "reserved value", hex: "94040102", summary: "RA 258" },
  ],
);

describe("IPv4 option checks", () => {
  test.each([
    ["07020400", "badLength"],
    ["070604000000", "badLength"],
    ["070703c0000201", "badPointer"],
    ["070705c0000201", "badPointer"],
    ["070704c00002", "truncated"],
    ["070709c0000201", "ok"],
  ])("route option %s: %s", (hex, expected) => {
    const p = place(hex);
    expect(checkIpv4RouteOption(p.view, p.at, p.end)).toBe(expected);
  });

  test.each([
    ["44030500", "badLength"],
    ["440805020000000", "badFlag"],
    ["440805040000000", "badFlag"],
    ["440805010000000", "badLength"],
    ["440804000000000", "badPointer"],
    ["440806000000000", "badPointer"],
    ["440805000000", "truncated"],
    ["44080900000000", "truncated"],
    ["442c0500", "badLength"],
  ])("timestamp option %s: %s", (hex, expected) => {
    const p = place(hex.length % 2 === 0 ? hex : `${hex}0`);
    expect(checkIpv4TimestampOption(p.view, p.at, p.end)).toBe(expected);
  });

  test.each([
    ["", "ok"],
    ["01010100", "ok"],
    ["00ffffff", "ok"],
    ["0101010a", "truncated"],
    ["07010000", "badLength"],
    ["07000000", "badLength"],
    ["07050000", "badLength"],
    ["55040000", "ok"],
  ])("list %s: %s", (hex, expected) => {
    const p = place(hex);
    expect(checkIpv4Options(p.view, p.at, p.end)).toBe(expected);
  });
});

describe("IPv4 options in a header", () => {
  // Every kind there is: security, stream ID, router alert, an unknown one (85), NOP, end of list.
  const EVERY_KIND =
    "4d00003400000000400100000a0000010a000002" +
    "820b6bc500000000000000 88040007 94040000 55050a0b0c 01 070704c0000201".replaceAll(" ", "");

  test("are all printed, known or not", () => {
    const p = place(EVERY_KIND);
    p.view.setUint8(p.at, 0x4d);
    setIpv4Checksum(p.view, p.at);
    expect(summarizeIpv4(p.view, p.at, p.end)).toBe(
      "IP 10.0.0.1 > 10.0.0.2, ttl 64, options [security,stream-id,RA,unknown 85,NOP,RR ^ 192.0.2.1]",
    );
    const lines = formatTree(describeIpv4(p.view, p.at, p.end)).split("\n");
    expect(lines.filter((line) => /^ {2}[a-zA-Z]+$/.test(line))).toEqual([
      "  security",
      "  streamId",
      "  routerAlert",
      "  unknownOption",
      "  noOperation",
      "  recordRoute",
    ]);
    expect(lines).toContain("    data: 0a0b0c");
  });

  test("one that goes beyond the header makes the header malformed", () => {
    const p = place("46000018000000004001 0000 0a0000010a000002 83070400");
    setIpv4Checksum(p.view, p.at);
    const text = formatTree(describeIpv4(p.view, p.at, p.end));
    expect(text).toContain("ipv4 [malformed: badLength]");
    expect(text).toContain("option: 131 [malformed: badLength]");
    expect(summarizeIpv4(p.view, p.at, p.end)).toContain("options [option 131 [badLength]]");
  });

  test("only those with the copied flag go into later fragments", () => {
    for (const [kind, copied] of [
      ["07", false],
      ["44", false],
      ["82", true],
      ["83", true],
      ["88", true],
      ["89", true],
      ["94", true],
    ] as const) {
      const p = place(`${kind}040000`);
      expect(ipv4OptionIsCopied(p.view, p.at)).toBe(copied);
    }
  });
});
