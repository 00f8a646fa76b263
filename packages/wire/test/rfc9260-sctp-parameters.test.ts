// Parameters of INIT and INIT ACK: RFC 9260 s3.3.2.1 and s3.3.3.1, and lists of any. Vectors: usrsctp
// 0.9.5.0 in the recordings of test/recordings, unless another source is named.
import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  addressParameterLength,
  addressTypesCount,
  checkAddressParameter,
  checkCookiePreservativeParameter,
  checkParameter,
  checkParameters,
  checkSupportedAddressTypesParameter,
  describeAddressParameter,
  describeCookiePreservativeParameter,
  describeOpaqueParameter,
  describeParameter,
  describeSupportedAddressTypesParameter,
  listsAddressType,
  nextParameter,
  ParameterType,
  parameterLength,
  parameterType,
  parameterTypeName,
  parameterValueLength,
  parameterValueStart,
  readAddressParameter,
  summarizeAddressParameter,
  summarizeCookiePreservativeParameter,
  summarizeOpaqueParameter,
  summarizeParameter,
  summarizeSupportedAddressTypesParameter,
  unknownParameterIsReported,
  unknownParameterStops,
  writeAddressParameter,
  writeOpaqueParameter,
} from "../src/index.js";
import { codecSuite, fromHex, place, toHex } from "./codec-suite.js";
import { ofType, rewriteOneParameter as rewrite } from "./sctp-rewrite.js";

describe("a list of parameters", () => {
  test("is walked from one to the next", () => {
    const { view, at, end } = place("80000004 80080009c00fc18082000000 000c000600050000 c0000004");
    const types: string[] = [];
    expect(checkParameters(view, at, end)).toBe("ok");
    for (let p = at; p < end; p = nextParameter(view, p)) {
      types.push(parameterTypeName(parameterType(view, p)));
    }
    expect(types).toEqual([
      "ecnCapable",
      "supportedExtensions",
      "supportedAddressTypes",
      "forwardTsnSupported",
    ]);
  });

  test.each([
    ["", "ok"],
    ["80000004", "ok"],
    ["8000000480", "truncated"],
    ["800000", "truncated"],
    ["80000003", "badLength"],
    ["80000000", "badLength"],
    ["80000005", "truncated"],
    ["8000000500", "ok"],
    ["80000005000000", "ok"],
    ["8000000500000080000004", "truncated"],
    ["800000050000000080000004", "ok"],
    ["800000050000000080000002", "badLength"],
    ["8000ffff", "truncated"],
  ])("check of %s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkParameters(view, at, end)).toBe(expected);
  });
});

const address = {
  check: checkAddressParameter,
  rewrite,
  describe: describeAddressParameter,
  summarize: summarizeAddressParameter,
};
codecSuite("IPv4 and IPv6 Address", address, [
  { name: "sctp-raw-multihomed, packet 1", hex: "000500080a020002", summary: "10.2.0.2" },
  {
    name: "made by hand",
    hex: "0006001420010db8000000000000000000000001",
    summary: "2001:db8::1",
  },
]);

describe("addresses", () => {
  test.each(["192.0.2.1", "2001:db8::ff"])("%s is written and read", (text) => {
    const ip = IpAddress.parse(text);
    const view = new DataView(new ArrayBuffer(32));
    const length = writeAddressParameter(view, 5, ip);
    expect(length).toBe(addressParameterLength(ip));
    expect(checkAddressParameter(view, 5, 5 + length)).toBe("ok");
    expect(String(readAddressParameter(view, 5))).toBe(text);
  });

  test.each([
    ["000500090a02000200000000", "badLength"],
    ["000600080a020002", "badLength"],
    ["000500140a0200020000000000000000000000000000", "badLength"],
    ["000b00080a020002", "notAnAddress"],
  ])("%s is refused: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkAddressParameter(view, at, end)).toBe(expected);
    expect(readAddressParameter(view, at)).toBeUndefined();
  });
});

codecSuite(
  "Cookie Preservative",
  {
    check: ofType([ParameterType.cookiePreservative], checkCookiePreservativeParameter),
    rewrite,
    describe: describeCookiePreservativeParameter,
    summarize: summarizeCookiePreservativeParameter,
  },
  [
    {
      name: "sctp-stale-cookie, packet 5",
      hex: "0009000800000322",
      summary: "cookiePreservative(+802ms)",
    },
  ],
);

codecSuite(
  "Supported Address Types",
  {
    check: ofType([ParameterType.supportedAddressTypes], checkSupportedAddressTypesParameter),
    rewrite,
    describe: describeSupportedAddressTypesParameter,
    summarize: summarizeSupportedAddressTypesParameter,
  },
  [
    {
      name: "sctp-raw-multihomed, packet 1",
      hex: "000c000600050000",
      summary: "supportedAddressTypes(ipv4Address)",
      beyond: 2,
    },
    {
      name: "sctp-ipv6-basic, packet 1",
      hex: "000c000800050006",
      summary: "supportedAddressTypes(ipv4Address,ipv6Address)",
    },
    { name: "made by hand: none", hex: "000c0004", summary: "supportedAddressTypes()" },
  ],
);

test("Supported Address Types answers what it lists", () => {
  const { view, at } = place("000c000800050006");
  expect(addressTypesCount(view, at)).toBe(2);
  expect(listsAddressType(view, at, ParameterType.ipv6Address)).toBe(true);
  expect(listsAddressType(view, at, ParameterType.hostNameAddress)).toBe(false);
});

codecSuite(
  "parameters of bytes",
  {
    check: checkParameter,
    rewrite,
    describe: describeOpaqueParameter,
    summarize: summarizeOpaqueParameter,
  },
  [
    { name: "sctp-raw-minimal: ECN Capable", hex: "80000004", summary: "ecnCapable" },
    {
      name: "a cookie",
      hex: "000700090102030405000000",
      summary: "stateCookie(5)",
      beyond: 3,
    },
    {
      name: "sctp-crafted-errors, packet 1",
      hex: "3ff0000877686174",
      summary: "parameter 0x3ff0(4)",
    },
  ],
);

codecSuite(
  "any parameter",
  { check: checkParameter, rewrite, describe: describeParameter, summarize: summarizeParameter },
  [
    {
      name: "sctp-crafted-errors, packet 4",
      hex: "0008000c7ff0000877686174",
      summary: "unrecognizedParameter(8)",
    },
    {
      name: "RFC 5061 s4.3.1, the example",
      hex: "c003001c0102347600a00014c00200100102347600050008c0000201",
      summary:
        "errorCauseIndication(requestToDeleteLastRemainingIpAddress(deleteIpAddress(192.0.2.1)))",
    },
  ],
);

test("parameters of bytes are written from a part of an array, and padded with zeros", () => {
  const bytes = new Uint8Array(16).fill(0x5a);
  const view = new DataView(bytes.buffer);
  const source = fromHex("00112233445566");
  const type = ParameterType.stateCookie;
  expect(writeOpaqueParameter(bytes, view, 2, type, source, 1, 6)).toBe(12);
  expect(toHex(bytes)).toBe("5a5a0007000911223344550000005a5a");
  expect([parameterValueStart(2), parameterValueLength(view, 2)]).toEqual([6, 5]);
  expect(parameterLength(view, 2)).toBe(9);
  expect(writeOpaqueParameter(bytes, view, 0, type, source)).toBe(12);
  expect(toHex(bytes.subarray(0, 12))).toBe("0007000b0011223344556600");
});

test.each([
  [0x3ff0, true, false],
  [0x7ff0, true, true],
  [0xbff0, false, false],
  [0xfff0, false, true],
])("unknown type %i: further parameters are dropped %s, reported %s", (type, stops, reported) => {
  expect([unknownParameterStops(type), unknownParameterIsReported(type)]).toEqual([
    stops,
    reported,
  ]);
});

test("each type has a name of its own", () => {
  const names = Object.values(ParameterType).map(parameterTypeName);
  expect(names).toEqual(Object.keys(ParameterType));
  expect(new Set(Object.values(ParameterType)).size).toBe(names.length);
  expect(parameterTypeName(0x0abc)).toBe("parameter 0x0abc");
});
