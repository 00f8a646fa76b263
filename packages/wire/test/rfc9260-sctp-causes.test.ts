// Error causes of RFC 9260 s3.3.10, RFC 4895 s4.1 and RFC 5061 s4.3. Vectors: usrsctp 0.9.5.0 in the
// recordings of test/recordings, unless another source is named.
import { describe, expect, test } from "@jest/globals";
import {
  causeCode,
  causeContentLength,
  causeContentStart,
  causeLength,
  checkCause,
  checkCauses,
  checkMissingParameterCause,
  checkNumberCause,
  describeCause,
  describeMissingParameterCause,
  describeNumberCause,
  describeOpaqueCause,
  ErrorCause,
  errorCauseName,
  missingParameterAt,
  missingParameterCount,
  nextCause,
  summarizeCause,
  summarizeMissingParameterCause,
  summarizeNumberCause,
  summarizeOpaqueCause,
  writeCauseHeader,
} from "../src/index.js";
import { type Codec, codecSuite, place } from "./codec-suite.js";
import { rewriteCause } from "./sctp-rewrite.js";

const rewrite: Codec["rewrite"] = ({ bytes, view, at, end }, out, outBytes) => {
  const written = rewriteCause({ bytes, view, outBytes, out }, at, 0);
  // The last padding bytes may be missing.
  const length = Math.min(written, Math.max(causeLength(view, at), end - at));
  outBytes.fill(0x5a, length, written);
  return length;
};

codecSuite(
  "causes of one number",
  {
    check: checkNumberCause,
    rewrite,
    describe: describeNumberCause,
    summarize: summarizeNumberCause,
  },
  [
    {
      name: "sctp-crafted-errors, packet 51",
      hex: "0001000801f40000",
      summary: "invalidStreamIdentifier(sid=500)",
    },
    {
      name: "sctp-stale-cookie, packet 4",
      hex: "0003000800062097",
      summary: "staleCookie(401559us)",
    },
    {
      name: "sctp-crafted-errors, packet 53",
      hex: "00090008000003e9",
      summary: "noUserData(tsn=1001)",
    },
    {
      name: "made by hand",
      hex: "0105000600030000",
      summary: "unsupportedHmacIdentifier(SHA-256)",
      beyond: 2,
    },
    { name: "made by hand, unknown", hex: "010500060002", summary: "unsupportedHmacIdentifier(2)" },
  ],
);

codecSuite(
  "missingMandatoryParameter",
  {
    check: (view, at, end) =>
      end - at >= 2 && causeCode(view, at) !== ErrorCause.missingMandatoryParameter
        ? "another cause"
        : checkMissingParameterCause(view, at, end),
    rewrite,
    describe: describeMissingParameterCause,
    summarize: summarizeMissingParameterCause,
  },
  [
    {
      name: "made by hand: one",
      hex: "0002000a0000000100070000",
      summary: "missingMandatoryParameter(stateCookie)",
      beyond: 2,
    },
    {
      name: "made by hand: two",
      hex: "0002000c0000000200070001",
      summary: "missingMandatoryParameter(stateCookie,heartbeatInfo)",
    },
    { name: "made by hand: none", hex: "0002000800000000", summary: "missingMandatoryParameter()" },
  ],
);

test("missingMandatoryParameter counts what it lists, whatever number it claims", () => {
  const { view, at, end } = place("0002000c0000000200070009");
  expect(missingParameterCount(view, at)).toBe(2);
  expect([0, 1].map((i) => missingParameterAt(view, at, i))).toEqual([7, 9]);
  for (const count of [0, 1, 3, 0x80000002, 0xffffffff]) {
    view.setUint32(at + 4, count);
    expect(checkMissingParameterCause(view, at, end)).toBe("badLength");
  }
});

codecSuite(
  "causes of bytes",
  { check: checkCause, rewrite, describe: describeOpaqueCause, summarize: summarizeOpaqueCause },
  [
    {
      name: "sctp-abort, packet 7",
      hex: "000c000762796500",
      summary: 'userInitiatedAbort("bye")',
      beyond: 1,
    },
    {
      name: "made by hand: not text",
      hex: "000c0006c3a90000",
      summary: "userInitiatedAbort(2)",
      beyond: 2,
    },
    { name: "made by hand: nothing", hex: "000d0004", summary: "protocolViolation" },
    { name: "made by hand: unknown", hex: "abcd000501", summary: "cause 43981(1)" },
  ],
);

codecSuite(
  "any cause",
  { check: checkCause, rewrite, describe: describeCause, summarize: summarizeCause },
  [
    {
      name: "RFC 5061 s4.3.1, the example",
      hex: "00a00014c002001001023476 00050008c0000201",
      summary: "requestToDeleteLastRemainingIpAddress(deleteIpAddress(192.0.2.1))",
    },
    {
      name: "RFC 5061 s4.3.2, the example",
      hex: "00a10014c001001001023474 00050008c0000201",
      summary: "operationRefusedDueToResourceShortage(addIpAddress(192.0.2.1))",
    },
    {
      name: "RFC 5061 s4.3.3, the example",
      hex: "00a20014c002001001023476 00050008c0000201",
      summary: "requestToDeleteSourceIpAddress(deleteIpAddress(192.0.2.1))",
    },
    {
      name: "made by hand: of RFC 5061 s4.3.4",
      hex: "00a30004",
      summary: "associationAbortedDueToIllegalAsconfAck",
    },
    {
      name: "made by hand: of RFC 5061 s4.3.5, a parameter that is no request",
      hex: "00a4000c80080006c1800000",
      summary: "requestRefusedNoAuthorization(supportedExtensions(2))",
    },
    {
      name: "sctp-crafted-errors, packet 14",
      hex: "00050014000b00106578616d706c652e6f726700",
      summary: "unresolvableAddress(hostNameAddress(12))",
    },
    {
      name: "sctp-crafted-errors, packet 32",
      hex: "000600107e00000b756e6b6e6f776e00",
      summary: "unrecognizedChunkType(chunk 126 len=11)",
    },
    {
      name: "made by hand: restart with two new addresses",
      hex: "000b0020000500080a0101020006001420010db8000000000000000000000001",
      summary: "restartWithNewAddresses(10.1.1.2 2001:db8::1)",
    },
    {
      name: "made by hand: two unrecognized parameters",
      hex: "000800118001000800000001ff00000501000000",
      summary: "unrecognizedParameters(zeroChecksumAcceptable(4) parameter 0xff00(1))",
      beyond: 3,
    },
  ],
);

describe("a list of causes", () => {
  test("is walked from one to the next", () => {
    const { view, at, end } = place("000c0007627965000004000400010008000500000003000800000001");
    expect(checkCauses(view, at, end)).toBe("ok");
    const codes: number[] = [];
    for (let c = at; c < end; c = nextCause(view, c)) codes.push(causeCode(view, c));
    expect(codes).toEqual([12, 4, 1, 3]);
    expect([causeContentStart(at), causeContentLength(view, at)]).toEqual([at + 4, 3]);
  });

  test.each([
    ["", "ok"],
    ["00040004", "ok"],
    ["000c0005aa", "ok"],
    ["0004000400", "truncated"],
    ["00040004000400", "truncated"],
    ["00040003", "badLength"],
    ["0004000400040000", "badLength"],
    ["00040008", "truncated"],
  ])("check of %s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkCauses(view, at, end)).toBe(expected);
  });
});

test("a cause without content is its header", () => {
  const view = new DataView(new ArrayBuffer(6));
  expect(writeCauseHeader(view, 1, ErrorCause.outOfResource, 4)).toBe(4);
  expect(new Uint8Array(view.buffer)).toEqual(Uint8Array.of(0, 0, 4, 0, 4, 0));
});

test("each cause has a name of its own", () => {
  const names = Object.values(ErrorCause).map(errorCauseName);
  expect(new Set(names).size).toBe(19);
  expect(names).toEqual(Object.keys(ErrorCause));
  expect(errorCauseName(99)).toBe("cause 99");
});
