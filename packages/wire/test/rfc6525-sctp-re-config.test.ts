// RE-CONFIG of RFC 6525. Vectors: usrsctp 0.9.5.0 in test/recordings/sctp-stream-reset.pcap.
import { describe, expect, test } from "@jest/globals";
import {
  addStreamsCount,
  checkAddStreamsRequest,
  checkReConfig,
  checkReconfigurationResponse,
  checkSsnResetRequest,
  chunkLength,
  describeAddStreamsRequest,
  describeReConfig,
  describeReconfigurationResponse,
  describeSsnResetRequest,
  outgoingResetLastAssignedTsn,
  outgoingResetResponseSequenceNumber,
  ParameterType,
  ReconfigResult,
  reConfigCombinationIsAllowed,
  reConfigParametersStart,
  reconfigReceiversNextTsn,
  reconfigRequestSequenceNumber,
  reconfigResult,
  reconfigResultName,
  reconfigSendersNextTsn,
  ssnResetStreamCount,
  summarizeAddStreamsRequest,
  summarizeReConfig,
  summarizeReconfigurationResponse,
  summarizeSsnResetRequest,
  writeReConfigHeader,
  zeroPadding,
} from "../src/index.js";
import { type Codec, codecSuite, place } from "./codec-suite.js";
import { ofType, rewriteOneParameter, rewriteParameters } from "./sctp-rewrite.js";

const rewrite: Codec["rewrite"] = ({ bytes, view, at, end }, out, outBytes) => {
  const length = chunkLength(view, at);
  const to = writeReConfigHeader(out, 0, length);
  const from = reConfigParametersStart(at);
  const written = rewriteParameters({ bytes, view, outBytes, out }, from, at + length, to);
  zeroPadding(outBytes, 0, length);
  const kept = Math.min(written, Math.max(length, end - at));
  outBytes.fill(0x5a, kept, written);
  return kept;
};

codecSuite(
  "RE-CONFIG",
  { check: checkReConfig, rewrite, describe: describeReConfig, summarize: summarizeReConfig },
  [
    {
      name: "packet 12",
      hex: "8200000e000e000a662218a300010000",
      summary: "RE-CONFIG incomingSsnResetRequest(seq=1713510563 streams=1)",
      beyond: 2,
    },
    {
      name: "packet 13, first",
      hex: "82000016000d0012da2f2ccb662218a3da2f2cca00010000",
      summary: "RE-CONFIG outgoingSsnResetRequest(seq=3660524747 streams=1)",
      beyond: 2,
    },
    {
      name: "packet 13, second",
      hex: "820000100010000c662218a300000001",
      summary: "RE-CONFIG reconfigurationResponse(seq=1713510563 successPerformed)",
    },
    {
      name: "packet 15",
      hex: "82000018000d0014662218a4da2f2ccb662218b000000002",
      summary: "RE-CONFIG outgoingSsnResetRequest(seq=1713510564 streams=0,2)",
    },
    {
      name: "packet 20",
      hex: "820000100011000c662218a500040000",
      summary: "RE-CONFIG addOutgoingStreamsRequest(seq=1713510565 streams=+4)",
    },
    {
      name: "packet 25",
      hex: "820000100012000c662218a600030000",
      summary: "RE-CONFIG addIncomingStreamsRequest(seq=1713510566 streams=+3)",
    },
    {
      name: "packet 36",
      hex: "8200000c000f0008662218a7",
      summary: "RE-CONFIG ssnTsnResetRequest(seq=1713510567)",
    },
    {
      name: "packet 37",
      hex: "8200001800100014662218a700000001da2f2ccc662228d9",
      summary: "RE-CONFIG reconfigurationResponse(seq=1713510567 successPerformed)",
    },
    {
      name: "made by hand: two parameters",
      hex: "82000020000d0012000000010000000200000003 00070000 000e000800000004",
      summary: "RE-CONFIG outgoingSsnResetRequest(seq=1 streams=7) incomingSsnResetRequest(seq=4)",
    },
  ],
);

codecSuite(
  "SSN and SSN/TSN Reset Request",
  {
    check: checkSsnResetRequest,
    rewrite: rewriteOneParameter,
    describe: describeSsnResetRequest,
    summarize: summarizeSsnResetRequest,
  },
  [
    { name: "packet 15", hex: "000d0014662218a4da2f2ccb662218b000000002" },
    { name: "packet 12", hex: "000e000a662218a300010000", beyond: 2 },
    { name: "packet 36", hex: "000f0008662218a7" },
    {
      name: "made by hand: all outgoing streams",
      hex: "000d0010000000010000000200000003",
      summary: "outgoingSsnResetRequest(seq=1)",
    },
  ],
);

codecSuite(
  "Re-configuration Response",
  {
    check: ofType([ParameterType.reconfigurationResponse], checkReconfigurationResponse),
    rewrite: rewriteOneParameter,
    describe: describeReconfigurationResponse,
    summarize: summarizeReconfigurationResponse,
  },
  [
    { name: "packet 13", hex: "0010000c662218a300000001" },
    { name: "packet 37", hex: "00100014662218a700000001da2f2ccc662228d9" },
    {
      name: "made by hand: a result that is not defined",
      hex: "0010000c0000000100000009",
      summary: "reconfigurationResponse(seq=1 result 9)",
    },
  ],
);

codecSuite(
  "Add Streams Request",
  {
    check: ofType(
      [ParameterType.addOutgoingStreamsRequest, ParameterType.addIncomingStreamsRequest],
      checkAddStreamsRequest,
    ),
    rewrite: rewriteOneParameter,
    describe: describeAddStreamsRequest,
    summarize: summarizeAddStreamsRequest,
  },
  [
    { name: "packet 20", hex: "0011000c662218a500040000" },
    { name: "packet 25", hex: "0012000c662218a600030000" },
  ],
);

describe("fields", () => {
  test("of an outgoing request", () => {
    const { view, at } = place("000d0014662218a4da2f2ccb662218b000000002");
    expect(reconfigRequestSequenceNumber(view, at)).toBe(0x662218a4);
    expect(outgoingResetResponseSequenceNumber(view, at)).toBe(0xda2f2ccb);
    expect(outgoingResetLastAssignedTsn(view, at)).toBe(0x662218b0);
    expect(ssnResetStreamCount(view, at)).toBe(2);
  });

  test("of a response with TSNs", () => {
    const { view, at } = place("00100014662218a700000001da2f2ccc662228d9");
    expect(reconfigResult(view, at)).toBe(ReconfigResult.successPerformed);
    expect(reconfigSendersNextTsn(view, at)).toBe(0xda2f2ccc);
    expect(reconfigReceiversNextTsn(view, at)).toBe(0x662228d9);
  });

  test("of a request for streams", () => {
    const { view, at } = place("0011000c662218a500040000");
    expect(addStreamsCount(view, at)).toBe(4);
  });

  test("every result has the RFC's name", () => {
    expect(Object.values(ReconfigResult).map(reconfigResultName)).toEqual(
      Object.keys(ReconfigResult),
    );
  });
});

describe("lengths", () => {
  test.each([
    ["000d000e00000001000000020000", "badLength"],
    ["000d0011000000010000000200000003 00000000", "badLength"],
    ["000e000600000000", "badLength"],
    ["000e00090000000100000000", "badLength"],
    ["000f000a0000000100010000", "badLength"],
    ["000c000800000001", "badLength"],
  ])("request %s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkSsnResetRequest(view, at, end)).toBe(expected);
  });

  test.each([
    ["001000080000000100000001", "badLength"],
    ["00100010000000010000000100000001", "badLength"],
    ["0010001800000001000000010000000100000001 00000000", "badLength"],
  ])("response %s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkReconfigurationResponse(view, at, end)).toBe(expected);
  });
});

describe("combinations of RFC 6525 s3.1", () => {
  const parameter: Readonly<Record<number, string>> = {
    13: "000d0010000000010000000200000003",
    14: "000e000800000004",
    15: "000f000800000001",
    16: "0010000c0000000100000001",
    17: "0011000c0000000100010000",
    18: "0012000c0000000100010000",
    19: "00130004",
  };
  const allowed = (types: readonly number[]): boolean => {
    const content = types.map((type) => parameter[type] ?? "").join("");
    const length = (4 + content.length / 2).toString(16).padStart(4, "0");
    const { view, at, end } = place(`8200${length}${content}`);
    expect(checkReConfig(view, at, end)).toBe("ok");
    return reConfigCombinationIsAllowed(view, at);
  };

  test("one parameter of its own", () => {
    for (let type = 13; type <= 18; type++) expect([type, allowed([type])]).toEqual([type, true]);
    expect(allowed([19])).toBe(false);
  });

  test("pairs, in any order", () => {
    const pairs: string[] = [];
    for (let a = 13; a <= 19; a++) {
      for (let b = 13; b <= 19; b++) if (allowed([a, b])) pairs.push(`${a},${b}`);
    }
    expect(pairs).toEqual(["13,14", "13,16", "14,13", "16,13", "16,16", "17,18", "18,17"]);
  });

  test("never three", () => {
    expect(allowed([16, 16, 16])).toBe(false);
    expect(allowed([16, 13, 14])).toBe(false);
  });

  test("a chunk without a parameter is refused", () => {
    const { view, at, end } = place("82000004");
    expect(checkReConfig(view, at, end)).toBe("badLength");
  });
});
