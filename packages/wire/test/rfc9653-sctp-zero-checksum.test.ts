// Zero Checksum Acceptable of RFC 9653 s4, made by hand from the RFC's figure.
import { expect, test } from "@jest/globals";
import {
  checkZeroChecksumParameter,
  describeZeroChecksumParameter,
  ErrorDetectionMethod,
  ParameterType,
  summarizeZeroChecksumParameter,
  unknownParameterStops,
  zeroChecksumEdmid,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";
import { ofType, rewriteOneParameter } from "./sctp-rewrite.js";

codecSuite(
  "Zero Checksum Acceptable",
  {
    check: ofType([ParameterType.zeroChecksumAcceptable], checkZeroChecksumParameter),
    rewrite: rewriteOneParameter,
    describe: describeZeroChecksumParameter,
    summarize: summarizeZeroChecksumParameter,
  },
  [{ name: "DTLS", hex: "8001000800000001", summary: "zeroChecksumAcceptable(1)" }],
);

test("names DTLS, and is skipped by who does not know it", () => {
  const { view, at } = place("8001000800000001");
  expect(zeroChecksumEdmid(view, at)).toBe(ErrorDetectionMethod.sctpOverDtls);
  expect(unknownParameterStops(ParameterType.zeroChecksumAcceptable)).toBe(false);
});
