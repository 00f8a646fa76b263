// I-DATA and I-FORWARD-TSN of RFC 8260. Vectors: usrsctp 0.9.5.0 in
// test/recordings/sctp-idata-interleaving.pcap, unless made by hand from the RFC's figures.
import { describe, expect, test } from "@jest/globals";
import {
  checkIData,
  checkIForwardTsn,
  chunkFlags,
  chunkLength,
  DataFlag,
  describeIData,
  describeIForwardTsn,
  I_DATA_HEADER_LENGTH,
  iDataFsn,
  iDataMid,
  iDataPpid,
  iDataStreamId,
  iDataTsn,
  iForwardTsnCount,
  iForwardTsnMid,
  iForwardTsnNewCumTsn,
  iForwardTsnStreamId,
  iForwardTsnUnordered,
  summarizeIData,
  summarizeIForwardTsn,
  writeIDataHeader,
  writeIForwardTsnEntry,
  writeIForwardTsnFixed,
  zeroPadding,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

codecSuite(
  "I-DATA",
  {
    check: checkIData,
    rewrite: ({ bytes, view, at, end }, out, outBytes) => {
      const length = chunkLength(view, at);
      const flags = chunkFlags(view, at);
      const isFirst = (flags & DataFlag.begin) !== 0;
      const header = writeIDataHeader(
        out,
        0,
        flags,
        length,
        iDataTsn(view, at),
        iDataStreamId(view, at),
        iDataMid(view, at),
        isFirst ? iDataPpid(view, at) : iDataFsn(view, at),
      );
      expect(header).toBe(I_DATA_HEADER_LENGTH);
      outBytes.set(bytes.subarray(at + header, at + length), header);
      const available = Math.min(end - at, (length + 3) & ~3);
      if (available < ((length + 3) & ~3)) return length;
      zeroPadding(outBytes, 0, length);
      return available;
    },
    describe: describeIData,
    summarize: summarizeIData,
  },
  [
    {
      name: "packet 14, without all but 4 bytes of its data",
      hex: "4009001840b6e26600000000000000000000000460676e75",
      summary: "I-DATA tsn=1085727334 sid=0 mid=0 fsn=4 len=4 IE",
    },
    {
      name: "made by hand: first and last, unordered",
      hex: "400700150000000100020000000000030000004d0a000000",
      summary: "I-DATA tsn=1 sid=2 mid=3 fsn=0 len=1 ppid=77 UBE",
      beyond: 3,
    },
  ],
);

describe("I-DATA", () => {
  test("has a PPID in the first fragment and a number in the others", () => {
    const { view, at } = place("400200180000000100020000000000030000004d0a0b0c0d");
    expect([iDataPpid(view, at), iDataFsn(view, at)]).toEqual([77, 0]);
    view.setUint8(at + 1, 0);
    expect([iDataPpid(view, at), iDataFsn(view, at)]).toEqual([0, 77]);
  });

  test("without user data can still be read", () => {
    const { view, at, end } = place("400200140000000900020000000000030000004d");
    expect(checkIData(view, at, end)).toBe("noUserData");
    expect(iDataTsn(view, at)).toBe(9);
    expect(summarizeIData(view, at, end)).toContain("[noUserData]");
  });
});

codecSuite(
  "I-FORWARD-TSN",
  {
    check: checkIForwardTsn,
    rewrite: ({ view, at }, out) => {
      const count = iForwardTsnCount(view, at);
      let length = writeIForwardTsnFixed(out, 0, iForwardTsnNewCumTsn(view, at), count);
      for (let i = 0; i < count; i++) {
        const streamId = iForwardTsnStreamId(view, at, i);
        const unordered = iForwardTsnUnordered(view, at, i);
        const mid = iForwardTsnMid(view, at, i);
        length += writeIForwardTsnEntry(out, 0, i, streamId, unordered, mid);
      }
      return length;
    },
    describe: describeIForwardTsn,
    summarize: summarizeIForwardTsn,
  },
  [
    { name: "made by hand: no entry", hex: "c200000800000007", summary: "I-FORWARD-TSN cum=7" },
    {
      name: "made by hand: ordered and unordered",
      hex: "c2000018000000090003000000000011 0004000100000002",
      summary: "I-FORWARD-TSN cum=9 skip=3:17,4:2U",
    },
  ],
);

test.each(["c200000c0000000900030000", "c200001400000009000300000000001100040001", "c2000004"])(
  "I-FORWARD-TSN %s: a half entry is refused",
  (hex) => {
    const { view, at, end } = place(hex);
    expect(checkIForwardTsn(view, at, end)).toBe("badLength");
  },
);
