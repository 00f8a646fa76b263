import { describe, expect, test } from "@jest/globals";
import { seqNum } from "@multihome/base";
import fc from "fast-check";
import {
  checkTcpAo,
  checkTcpExperimental,
  checkTcpFastOpen,
  checkTcpMd5,
  checkTcpMss,
  checkTcpOptions,
  checkTcpSack,
  checkTcpSackPermitted,
  checkTcpTimestamps,
  checkTcpUserTimeout,
  checkTcpWindowScale,
  describeTcpAo,
  describeTcpExperimental,
  describeTcpFastOpen,
  describeTcpMd5,
  describeTcpMss,
  describeTcpOptions,
  describeTcpSack,
  describeTcpSackPermitted,
  describeTcpTimestamps,
  describeTcpUserTimeout,
  describeTcpWindowScale,
  findTcpOption,
  nextTcpOption,
  summarizeTcpAo,
  summarizeTcpExperimental,
  summarizeTcpFastOpen,
  summarizeTcpMd5,
  summarizeTcpMss,
  summarizeTcpOptions,
  summarizeTcpSack,
  summarizeTcpSackPermitted,
  summarizeTcpTimestamps,
  summarizeTcpUserTimeout,
  summarizeTcpWindowScale,
  tcpAoKeyId,
  tcpAoMacLength,
  tcpAoRNextKeyId,
  tcpExid,
  tcpFastOpenCookieLength,
  tcpMss,
  tcpOptionLength,
  tcpSackCount,
  tcpSackLeft,
  tcpSackRight,
  tcpTsEcr,
  tcpTsVal,
  tcpUserTimeoutInMinutes,
  tcpUserTimeoutSeconds,
  tcpWindowShift,
  writeTcpAo,
  writeTcpExperimental,
  writeTcpFastOpen,
  writeTcpMss,
  writeTcpNoOperations,
  writeTcpSack,
  writeTcpSackBlock,
  writeTcpSackPermitted,
  writeTcpTimestamps,
  writeTcpUserTimeout,
  writeTcpWindowScale,
} from "../src/index.js";
import { codecSuite, type Placed, place, toHex } from "./codec-suite.js";

codecSuite(
  "maximum segment size option, RFC 9293 s3.2",
  {
    check: checkTcpMss,
    rewrite: ({ view, at }, out) => writeTcpMss(out, 0, tcpMss(view, at)),
    describe: describeTcpMss,
    summarize: summarizeTcpMss,
  },
  [{ name: "Linux", hex: "020405b4", summary: "mss 1460" }],
);

codecSuite(
  "window scale option, RFC 7323 s2.2",
  {
    check: checkTcpWindowScale,
    rewrite: ({ view, at }, out) => writeTcpWindowScale(out, 0, tcpWindowShift(view, at)),
    describe: describeTcpWindowScale,
    summarize: summarizeTcpWindowScale,
  },
  [{ name: "Linux", hex: "03030a", summary: "wscale 10" }],
);

codecSuite(
  "SACK permitted option, RFC 2018 s2",
  {
    check: checkTcpSackPermitted,
    rewrite: (_from, out) => writeTcpSackPermitted(out, 0),
    describe: describeTcpSackPermitted,
    summarize: summarizeTcpSackPermitted,
  },
  [{ name: "Linux", hex: "0402", summary: "sackOK" }],
);

codecSuite(
  "SACK option, RFC 2018 s3",
  {
    check: checkTcpSack,
    rewrite: ({ view, at }, out) => {
      const count = tcpSackCount(view, at);
      let to = writeTcpSack(out, 0, count);
      for (let i = 0; i < count; i++) {
        to += writeTcpSackBlock(out, to, tcpSackLeft(view, at, i), tcpSackRight(view, at, i));
      }
      return to;
    },
    describe: describeTcpSack,
    summarize: summarizeTcpSack,
  },
  [
    {
      name: "Linux, one block",
      hex: "050a39d7ccdf39d7cd2b",
      summary: "sack 1 {970443999:970444075}",
    },
    {
      name: "Linux, two blocks",
      hex: "0512128267a512826d4d128294e512829a8d",
      summary: "sack 2 {310536101:310537549}{310547685:310549133}",
    },
    { name: "four blocks", hex: `0522${"00000001fffffffe".repeat(4)}` },
  ],
);

codecSuite(
  "timestamps option, RFC 7323 s3.2",
  {
    check: checkTcpTimestamps,
    rewrite: ({ view, at }, out) =>
      writeTcpTimestamps(out, 0, tcpTsVal(view, at), tcpTsEcr(view, at)),
    describe: describeTcpTimestamps,
    summarize: summarizeTcpTimestamps,
  },
  [{ name: "Linux", hex: "080ad4a1625600000000", summary: "TS val 3567346262 ecr 0" }],
);

codecSuite(
  "user timeout option, RFC 5482 s3",
  {
    check: checkTcpUserTimeout,
    rewrite: ({ view, at }, out) => {
      const inMinutes = tcpUserTimeoutInMinutes(view, at);
      const timeout = tcpUserTimeoutSeconds(view, at) / (inMinutes ? 60 : 1);
      return writeTcpUserTimeout(out, 0, timeout, inMinutes);
    },
    describe: describeTcpUserTimeout,
    summarize: summarizeTcpUserTimeout,
  },
  [
    { name: "seconds", hex: "1c04001e", summary: "uto 30 s" },
    { name: "minutes", hex: "1c048005", summary: "uto 300 s" },
    { name: "the longest", hex: "1c04ffff", summary: "uto 1966020 s" },
  ],
);

const copyAfter = (
  { bytes, at }: Placed,
  out: Uint8Array,
  from: number,
  length: number,
): number => {
  out.set(bytes.subarray(at + from, at + from + length), from);
  return from + length;
};

codecSuite(
  "authentication option, RFC 5925 s2.2",
  {
    check: checkTcpAo,
    rewrite: (p, out, outBytes) => {
      const macLength = tcpAoMacLength(p.view, p.at);
      const head = writeTcpAo(
        out,
        0,
        tcpAoKeyId(p.view, p.at),
        tcpAoRNextKeyId(p.view, p.at),
        macLength,
      );
      return copyAfter(p, outBytes, head, macLength);
    },
    describe: describeTcpAo,
    summarize: summarizeTcpAo,
  },
  [
    {
      name: "MAC of 12 bytes",
      hex: "1d103d54000102030405060708090a0b",
      summary: "tcp-ao keyid 61 rnextkeyid 84 mac 12 bytes",
    },
    { name: "no MAC", hex: "1d040102", summary: "tcp-ao keyid 1 rnextkeyid 2 mac 0 bytes" },
  ],
);

codecSuite(
  "MD5 signature option, RFC 5925 s2.1",
  {
    check: checkTcpMd5,
    rewrite: (p, _out, outBytes) => copyAfter(p, outBytes, 0, 18),
    describe: describeTcpMd5,
    summarize: summarizeTcpMd5,
  },
  [{ name: "a digest", hex: "1312000102030405060708090a0b0c0d0e0f", summary: "md5" }],
);

codecSuite(
  "Fast Open option, RFC 7413 s4.1.1",
  {
    check: checkTcpFastOpen,
    rewrite: (p, out, outBytes) => {
      const cookieLength = tcpFastOpenCookieLength(p.view, p.at);
      return copyAfter(p, outBytes, writeTcpFastOpen(out, 0, cookieLength), cookieLength);
    },
    describe: describeTcpFastOpen,
    summarize: summarizeTcpFastOpen,
  },
  [
    { name: "Linux, asks for a cookie", hex: "2202", summary: "tfo cookiereq" },
    { name: "Linux, cookie", hex: "220a2cc8002e5353b453", summary: "tfo cookie 2cc8002e5353b453" },
    { name: "the shortest cookie", hex: "220601020304", summary: "tfo cookie 01020304" },
    { name: "the longest cookie", hex: `2212${"ab".repeat(16)}` },
  ],
);

codecSuite(
  "experimental option, RFC 6994 s3",
  {
    check: checkTcpExperimental,
    rewrite: (p, out, outBytes) => {
      const content = p.view.getUint8(p.at + 1) - 4;
      const kind = p.view.getUint8(p.at);
      const head = writeTcpExperimental(out, 0, kind, tcpExid(p.view, p.at), content);
      return copyAfter(p, outBytes, head, content);
    },
    describe: describeTcpExperimental,
    summarize: summarizeTcpExperimental,
  },
  [
    {
      name: "Fast Open before its number, RFC 7413 s9",
      hex: "fe0cf989 2cc8002e5353b453",
      summary: "exp-f989 2cc8002e5353b453",
    },
    { name: "253, nothing but the ExID", hex: "fd040042", summary: "exp-0042" },
  ],
);

describe("checks of TCP options", () => {
  test.each([
    ["MSS of 3 bytes", checkTcpMss, "02030500", "badLength"],
    ["window scale of 4 bytes", checkTcpWindowScale, "03040a00", "badLength"],
    ["SACK permitted of 3 bytes", checkTcpSackPermitted, "040300", "badLength"],
    ["SACK without block", checkTcpSack, "0502", "badLength"],
    ["SACK with half a block", checkTcpSack, "050600000000", "badLength"],
    ["SACK with one and a half", checkTcpSack, `050e${"00".repeat(12)}`, "badLength"],
    ["timestamps of 6 bytes", checkTcpTimestamps, "080600000000", "badLength"],
    ["user timeout of zero seconds", checkTcpUserTimeout, "1c040000", "reservedValue"],
    ["user timeout of zero minutes", checkTcpUserTimeout, "1c048000", "reservedValue"],
    ["TCP-AO of 3 bytes", checkTcpAo, "1d0301", "badLength"],
    ["Fast Open, 2 bytes of cookie", checkTcpFastOpen, "22040102", "badLength"],
    ["Fast Open, 5 bytes of cookie", checkTcpFastOpen, "22070102030405", "badLength"],
    ["Fast Open, 18 bytes of cookie", checkTcpFastOpen, `2214${"00".repeat(18)}`, "badLength"],
    ["experimental without ExID", checkTcpExperimental, "fd020000", "badLength"],
    ["experimental with half an ExID", checkTcpExperimental, "fd030000", "badLength"],
  ])("%s", (_name, check, hex, expected) => {
    const p = place(hex);
    expect(check(p.view, p.at, p.end)).toBe(expected);
  });
});

/** What an iteration without allocation sees: kind and length of each option it can read. */
function walk(p: Placed): [number, number][] {
  const seen: [number, number][] = [];
  for (let o = p.at; o < p.end; o = nextTcpOption(p.view, o, p.end)) {
    seen.push([p.view.getUint8(o), tcpOptionLength(p.view, o, p.end)]);
  }
  return seen;
}

// Linux, SYN of a subflow; every option there is, known or not, but those of MPTCP; end of list.
const JOIN_SYN = "020405b40402080a6030b680000000000103030a1e0c10012deb4c1a1c7fb05f";
const EVERY_OPTION =
  "020405b4 03030a 0402 050a0000000100000002 080a0000000100000000 1c04001e 1d040102 1312" +
  `${"00".repeat(16)} 2202 fd040042 fe05f98901 450401 02 01 00 ffff`.replaceAll(
    "450401 02",
    "45040102",
  );

describe("a list of TCP options", () => {
  test("is walked", () => {
    expect(walk(place(JOIN_SYN))).toEqual([
      [2, 4],
      [4, 2],
      [8, 10],
      [1, 1],
      [3, 3],
      [30, 12],
    ]);
  });

  test("is printed, known or not", () => {
    const p = place(EVERY_OPTION);
    expect(checkTcpOptions(p.view, p.at, p.end)).toBe("ok");
    expect(summarizeTcpOptions(p.view, p.at, p.end)).toBe(
      "mss 1460,wscale 10,sackOK,sack 1 {1:2},TS val 1 ecr 0,uto 30 s," +
        "tcp-ao keyid 1 rnextkeyid 2 mac 0 bytes,md5,tfo cookiereq,exp-0042,exp-f989 01,unknown-69,nop,eol",
    );
    expect(describeTcpOptions(p.view, p.at, p.end).map((node) => node.name)).toEqual([
      "maximumSegmentSize",
      "windowScale",
      "sackPermitted",
      "sack",
      "timestamps",
      "userTimeout",
      "tcpAo",
      "md5Signature",
      "fastOpen",
      "experimental",
      "experimental",
      "unknownOption",
      "noOperation",
      "endOfOptionList",
    ]);
  });

  test("ends at an option that cannot be read, which is told", () => {
    for (const [hex, check, summary] of [
      ["0101 0800", "badLength", "nop,nop,option 8 [badLength]"],
      ["0101 0801", "badLength", "nop,nop,option 8 [badLength]"],
      ["0101 080a 0000", "badLength", "nop,nop,option 8 [badLength]"],
      ["010101 08", "truncated", "nop,nop,nop,option 8 [truncated]"],
    ] as const) {
      const p = place(hex);
      expect(checkTcpOptions(p.view, p.at, p.end)).toBe(check);
      expect(summarizeTcpOptions(p.view, p.at, p.end)).toBe(summary);
      expect(walk(p).at(-1)).toEqual([8, 0]);
      expect(describeTcpOptions(p.view, p.at, p.end).at(-1)?.malformed).toBe(check);
    }
  });

  test("an option is found by its kind, past others", () => {
    const p = place(JOIN_SYN);
    expect(findTcpOption(p.view, p.at, p.end, 30)).toBe(p.at + 20);
    expect(findTcpOption(p.view, p.at, p.end, 2)).toBe(p.at);
    expect(findTcpOption(p.view, p.at, p.end, 5)).toBe(-1);
    // The same kind after the end of the list, or cut short, is none.
    const q = place("00 020405b4");
    expect(findTcpOption(q.view, q.at, q.end, 2)).toBe(-1);
    expect(findTcpOption(p.view, p.at, p.end - 1, 30)).toBe(-1);
  });

  test("is written and padded to a multiple of four bytes", () => {
    const p = place("00".repeat(12));
    let o = p.at;
    o += writeTcpSack(p.view, o, 1);
    o += writeTcpSackBlock(p.view, o, seqNum(5), seqNum(2 ** 32 - 1));
    o += writeTcpNoOperations(p.view, o, 2);
    expect(o).toBe(p.end);
    expect(toHex(p.bytes.subarray(p.at))).toBe("050a00000005ffffffff0101");
  });

  test("of any bytes is walked to an end, within the bytes, in at most as many steps", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const p = place(bytes);
        const seen = walk(p);
        expect(seen.length).toBeLessThanOrEqual(bytes.length);
        const sum = seen.reduce((total, [, length]) => total + length, 0);
        expect(sum).toBeLessThanOrEqual(bytes.length);
        const whole = checkTcpOptions(p.view, p.at, p.end) === "ok";
        expect(seen.every(([, length]) => length > 0)).toBe(whole);
        summarizeTcpOptions(p.view, p.at, p.end);
        for (const node of describeTcpOptions(p.view, p.at, p.end)) {
          expect(node.at + node.length).toBeLessThanOrEqual(p.end);
        }
      }),
      { numRuns: 2000, seed: 23 },
    );
  });
});
