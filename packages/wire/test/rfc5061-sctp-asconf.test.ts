// ASCONF, ASCONF-ACK and their parameters: RFC 5061 s4. Vectors: usrsctp 0.9.5.0 in
// test/recordings/sctp-asconf.pcap, unless another source is named.
import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  adaptationCodePoint,
  asconfAckSequenceNumber,
  asconfAddress,
  asconfCorrelationId,
  asconfParametersStart,
  asconfRequestAddress,
  asconfSequenceNumber,
  checkAdaptationLayerParameter,
  checkAsconf,
  checkAsconfAck,
  checkAsconfRequest,
  checkAsconfResponse,
  chunkLength,
  describeAdaptationLayerParameter,
  describeAsconf,
  describeAsconfAck,
  describeAsconfRequest,
  describeAsconfResponse,
  ParameterType,
  parameterType,
  summarizeAdaptationLayerParameter,
  summarizeAsconf,
  summarizeAsconfAck,
  summarizeAsconfRequest,
  summarizeAsconfResponse,
  writeAsconfAckHeader,
  writeAsconfHeader,
  writeAsconfRequest,
} from "../src/index.js";
import { codecSuite, type Placed, place, toHex } from "./codec-suite.js";
import { ofType, rewriteOneParameter, rewriteParameters } from "./sctp-rewrite.js";

/** Forgets the padding of the last parameter if it was not there. */
function unpad({ view, at, end }: Placed, outBytes: Uint8Array, written: number): number {
  const length = Math.min(written, Math.max(chunkLength(view, at), end - at));
  outBytes.fill(0x5a, length, written);
  return length;
}

codecSuite(
  "ASCONF",
  {
    check: checkAsconf,
    rewrite: (p, out, outBytes) => {
      const { bytes, view, at } = p;
      const length = chunkLength(view, at);
      const address = asconfAddress(view, at) ?? IpAddress.v4(0);
      const to = writeAsconfHeader(out, 0, length, asconfSequenceNumber(view, at), address);
      const from = asconfParametersStart(view, at);
      return unpad(
        p,
        outBytes,
        rewriteParameters({ bytes, view, outBytes, out }, from, at + length, to),
      );
    },
    describe: describeAsconf,
    summarize: summarizeAsconf,
  },
  [
    {
      name: "packet 11",
      hex: "c1000020f7250d62000500080a010002c001001001000000000500080a020002",
      summary: "ASCONF seq=4146400610 10.1.0.2 addIpAddress(10.2.0.2)",
    },
    {
      name: "packet 29",
      hex: "c1000020f7250d63000500080a020002c004001001000000000500080a020002",
      summary: "ASCONF seq=4146400611 10.2.0.2 setPrimaryAddress(10.2.0.2)",
    },
    {
      name: "packet 37",
      hex: "c1000020f7250d64000500080a010002c002001001000000000500080a010002",
      summary: "ASCONF seq=4146400612 10.1.0.2 deleteIpAddress(10.1.0.2)",
    },
    {
      name: "made by hand: found by an IPv6 address, and an unknown request",
      hex: "c1000024000000010006001420010db8000000000000000000000001ff00000501000000",
      summary: "ASCONF seq=1 2001:db8::1 parameter 0xff00(1)",
    },
  ],
);

describe("ASCONF", () => {
  test.each([
    ["c100000800000001", "noAddressAtAll"],
    ["c100001000000001000b00080a010002", "noAddress"],
    ["c10000180000000100060010000000000000000000000000", "noAddress"],
    ["c10000100000000100050009 0a010002", "badLength"],
    ["c100000400000001", "badLength"],
  ])("%s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    const state = checkAsconf(view, at, end);
    expect(state).toBe(expected === "noAddressAtAll" ? "noAddress" : expected);
  });
});

codecSuite(
  "ASCONF-ACK",
  {
    check: checkAsconfAck,
    rewrite: (p, out, outBytes) => {
      const { bytes, view, at } = p;
      const length = chunkLength(view, at);
      const to = writeAsconfAckHeader(out, 0, length, asconfAckSequenceNumber(view, at));
      const r = { bytes, view, outBytes, out };
      return unpad(p, outBytes, rewriteParameters(r, at + 8, at + length, to));
    },
    describe: describeAsconfAck,
    summarize: summarizeAsconfAck,
  },
  [
    { name: "packet 12", hex: "80000008f7250d62", summary: "ASCONF-ACK seq=4146400610" },
    {
      name: "made by hand around the examples of RFC 5061 s4.3.2 and a success",
      hex: `8000002c00000007 c003001c0102347400a10014c00100100102347400050008c0000201
            c005000801023476`,
      summary:
        "ASCONF-ACK seq=7 errorCauseIndication(operationRefusedDueToResourceShortage" +
        "(addIpAddress(192.0.2.1))) successIndication",
    },
  ],
);

codecSuite(
  "Add IP, Delete IP, Set Primary",
  {
    check: ofType(
      [ParameterType.addIpAddress, ParameterType.deleteIpAddress, ParameterType.setPrimaryAddress],
      checkAsconfRequest,
    ),
    rewrite: rewriteOneParameter,
    describe: describeAsconfRequest,
    summarize: summarizeAsconfRequest,
  },
  [
    {
      name: "RFC 5061 s4.2.1, the example",
      hex: "c00100100102347400050008c0000201",
      summary: "addIpAddress(192.0.2.1)",
    },
    {
      name: "RFC 5061 s4.2.2, the example",
      hex: "c00200100102347600050008c0000201",
      summary: "deleteIpAddress(192.0.2.1)",
    },
    {
      name: "RFC 5061 s4.2.4, the example",
      hex: "c00400100102347900050008c0000201",
      summary: "setPrimaryAddress(192.0.2.1)",
    },
    {
      name: "made by hand: IPv6",
      hex: "c001001c000000010006001420010db8000000000000000000000001",
      summary: "addIpAddress(2001:db8::1)",
    },
  ],
);

describe("a request", () => {
  test("is written and read", () => {
    const bytes = new Uint8Array(40);
    const view = new DataView(bytes.buffer);
    const ip = IpAddress.parse("192.0.2.1");
    const type = ParameterType.deleteIpAddress;
    expect(writeAsconfRequest(view, 3, type, 0x01023476, ip)).toBe(16);
    expect(toHex(bytes.subarray(3, 19))).toBe("c00200100102347600050008c0000201");
    expect(parameterType(view, 3)).toBe(type);
    expect(asconfCorrelationId(view, 3)).toBe(0x01023476);
    expect(String(asconfRequestAddress(view, 3))).toBe("192.0.2.1");
  });

  test.each([
    ["c00100080000000100050008c0000201", "badLength"],
    ["c001000f00000001 00050008c0000201", "badLength"],
    ["c00100100000000100050009c0000201", "badLength"],
    ["c00100100000000100070008c0000201", "notAnAddress"],
    ["c001000400000001", "badLength"],
    ["c00100100000000100050008c00002", "truncated"],
  ])("%s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkAsconfRequest(view, at, end)).toBe(expected);
  });

  test("has no address if that is malformed, and nothing beyond it is read", () => {
    const { view, at } = place("c001000800000001");
    expect(asconfRequestAddress(view, at)).toBeUndefined();
  });
});

codecSuite(
  "Error Cause Indication and Success Indication",
  {
    check: ofType(
      [ParameterType.errorCauseIndication, ParameterType.successIndication],
      checkAsconfResponse,
    ),
    rewrite: rewriteOneParameter,
    describe: describeAsconfResponse,
    summarize: summarizeAsconfResponse,
  },
  [
    {
      name: "RFC 5061 s4.3.1, the example",
      hex: "c003001c0102347600a00014c00200100102347600050008c0000201",
      summary:
        "errorCauseIndication(requestToDeleteLastRemainingIpAddress(deleteIpAddress(192.0.2.1)))",
    },
    { name: "made by hand: success", hex: "c005000801023476", summary: "successIndication" },
    {
      name: "made by hand: a cause with padding that is not counted",
      hex: "c003000f00000001000c000761626300",
      summary: 'errorCauseIndication(userInitiatedAbort("abc"))',
      beyond: 1,
    },
  ],
);

test.each([
  ["c005000c0000000100000000", "badLength"],
  ["c003000c0000000100000003", "badLength"],
  ["c003000c0000000100040008", "badLength"],
  ["c003000400000001", "badLength"],
])("response %s: %s", (hex, expected) => {
  const { view, at, end } = place(hex);
  expect(checkAsconfResponse(view, at, end)).toBe(expected);
});

codecSuite(
  "Adaptation Layer Indication",
  {
    check: ofType([ParameterType.adaptationLayerIndication], checkAdaptationLayerParameter),
    rewrite: rewriteOneParameter,
    describe: describeAdaptationLayerParameter,
    summarize: summarizeAdaptationLayerParameter,
  },
  [
    {
      name: "sctp-raw-basic, packet 1",
      hex: "c006000800000007",
      summary: "adaptationLayer(7)",
    },
  ],
);

test("the adaptation code point has 32 bits", () => {
  const { view, at } = place("c0060008fffffffe");
  expect(adaptationCodePoint(view, at)).toBe(0xfffffffe);
});
