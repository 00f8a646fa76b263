// ECNE and CWR of RFC 4960 appendix A. Vectors: usrsctp 0.9.5.0 in test/recordings/sctp-ecn.pcap.
import { describe, expect, test } from "@jest/globals";
import {
  checkCwr,
  checkEcne,
  cwrLowestTsn,
  describeCwr,
  describeEcne,
  ecneLowestTsn,
  summarizeCwr,
  summarizeEcne,
  writeCwr,
  writeEcne,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

codecSuite(
  "CWR",
  {
    check: checkCwr,
    rewrite: ({ view, at }, out) => writeCwr(out, 0, cwrLowestTsn(view, at)),
    describe: describeCwr,
    summarize: summarizeCwr,
  },
  [{ name: "packet 16", hex: "0d00000821f94fe5", summary: "CWR tsn=569987045" }],
);

codecSuite(
  "ECNE",
  {
    check: checkEcne,
    rewrite: ({ view, at }, out) => writeEcne(out, 0, ecneLowestTsn(view, at)),
    describe: describeEcne,
    summarize: summarizeEcne,
  },
  [{ name: "packet 15, without its last 4 bytes", hex: "0c00000821f94fe5" }],
);

describe("ECNE", () => {
  test("may have a count of packets after the TSN, as usrsctp sends: packet 15", () => {
    const { view, at, end } = place("0c00000c21f94fe500000001");
    expect(checkEcne(view, at, end)).toBe("ok");
    expect(ecneLowestTsn(view, at)).toBe(569987045);
    expect(summarizeEcne(view, at, end)).toBe("ECNE tsn=569987045");
    expect(describeEcne(view, at, end).children?.at(-1)).toEqual({
      name: "rest",
      value: "00000001",
      at: at + 8,
      length: 4,
    });
  });
});
