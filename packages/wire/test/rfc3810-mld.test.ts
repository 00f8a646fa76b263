import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  checkIcmpv6,
  checkMld,
  checkMldv2Query,
  checkMldv2Report,
  describeMld,
  describeMldv2Query,
  describeMldv2Report,
  formatTree,
  icmpChecksum,
  icmpType,
  MLDV2_REPORT_HEADER_LENGTH,
  mldMaxResponseDelay,
  mldMulticastAddress,
  mldv2MaxResponseDelay,
  mldv2QueryInterval,
  mldv2QueryIntervalCode,
  mldv2QueryMaxResponseCode,
  mldv2QueryMulticastAddress,
  mldv2QueryRobustness,
  mldv2QuerySource,
  mldv2QuerySourceCount,
  mldv2QuerySuppress,
  mldv2RecordAuxLength,
  mldv2RecordLength,
  mldv2RecordMulticastAddress,
  mldv2RecordSource,
  mldv2RecordSourceCount,
  mldv2RecordType,
  mldv2ReportRecordCount,
  summarizeIcmpv6,
  summarizeMld,
  summarizeMldv2Query,
  summarizeMldv2Report,
  writeMld,
  writeMldv2Query,
  writeMldv2Record,
  writeMldv2Report,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

const GROUP = "ff0200000000000000000001ff000002";
const SOURCE = "20010db8000000000000000000000001";

/** The checksum needs addresses, so it is carried over; reserved bytes are not. */
const carryChecksum = ({ view, at }: Placed, out: DataView): void =>
  out.setUint16(2, icmpChecksum(view, at));

codecSuite(
  "MLD version 1",
  {
    check: checkMld,
    rewrite: (p, out) => {
      const [type, delay] = [icmpType(p.view, p.at), mldMaxResponseDelay(p.view, p.at)];
      const length = writeMld(out, 0, type, delay, mldMulticastAddress(p.view, p.at));
      carryChecksum(p, out);
      return length;
    },
    describe: describeMld,
    summarize: summarizeMld,
  },
  [
    {
      name: "query",
      hex: `8200abcd27100000${GROUP}`,
      summary: "multicast listener query, ff02::1:ff00:2",
    },
    {
      name: "report",
      hex: `8300abcd00000000${GROUP}`,
      summary: "multicast listener report, ff02::1:ff00:2",
    },
    {
      name: "done",
      hex: `8400abcd00000000${GROUP}`,
      summary: "multicast listener done, ff02::1:ff00:2",
    },
  ],
);

codecSuite(
  "MLD version 2 query",
  {
    check: checkMldv2Query,
    rewrite: (p, out) => {
      const { view, at } = p;
      const sources = Array.from({ length: mldv2QuerySourceCount(view, at) }, (_, i) =>
        mldv2QuerySource(view, at, i),
      );
      const length = writeMldv2Query(
        out,
        0,
        mldv2QueryMaxResponseCode(view, at),
        mldv2QueryMulticastAddress(view, at),
        mldv2QuerySuppress(view, at),
        mldv2QueryRobustness(view, at),
        mldv2QueryIntervalCode(view, at),
        sources,
      );
      carryChecksum(p, out);
      return length;
    },
    describe: describeMldv2Query,
    summarize: summarizeMldv2Query,
  },
  [
    {
      name: "general",
      hex: `8200abcd27100000${"00".repeat(16)}027d0000`,
      summary: "multicast listener query v2",
    },
    {
      name: "with sources, suppress",
      hex: `8200abcd03e80000${GROUP}0a8a0002${SOURCE}${SOURCE}`,
      summary: "multicast listener query v2, ff02::1:ff00:2, 2 sources",
    },
  ],
);

codecSuite(
  "MLD version 2 report",
  {
    check: checkMldv2Report,
    rewrite: (p, out, outBytes) => {
      const { view, at, end } = p;
      let to = writeMldv2Report(out, 0, mldv2ReportRecordCount(view, at));
      let record = at + MLDV2_REPORT_HEADER_LENGTH;
      for (let left = mldv2ReportRecordCount(view, at); left > 0; left--) {
        const sources = Array.from({ length: mldv2RecordSourceCount(view, record) }, (_, i) =>
          mldv2RecordSource(view, record, i),
        );
        const type = mldv2RecordType(view, record);
        const start = to;
        to += writeMldv2Record(out, to, type, mldv2RecordMulticastAddress(view, record), sources);
        const aux = mldv2RecordAuxLength(view, record);
        const after = record + mldv2RecordLength(view, record, end);
        outBytes.set(p.bytes.subarray(after - aux, after), to);
        out.setUint8(start + 1, aux / 4);
        to += aux;
        record = after;
      }
      carryChecksum(p, out);
      return to;
    },
    describe: describeMldv2Report,
    summarize: summarizeMldv2Report,
  },
  [
    {
      name: "Linux, a link coming up",
      hex:
        "8f005d380000000404000000ff0200000000000000000001ff00000204000000ff0200000000000000000001ff000000" +
        "04000000ff0200000000000000000001ff51f3bf04000000ff020000000000000000000000000002",
      summary:
        "multicast listener report v2, to_ex ff02::1:ff00:2, to_ex ff02::1:ff00:0, to_ex ff02::1:ff51:f3bf, to_ex ff02::2",
    },
    {
      name: "with sources and auxiliary data",
      hex: `8f00abcd0000000205000001${GROUP}${SOURCE}06010002${GROUP}${SOURCE}${SOURCE}01020304`,
      summary:
        "multicast listener report v2, allow ff02::1:ff00:2 (1 sources), block ff02::1:ff00:2 (2 sources)",
    },
    { name: "nothing", hex: "8f00abcd00000000", summary: "multicast listener report v2" },
  ],
);

describe("MLD", () => {
  test("the versions of a query are told apart by length", () => {
    const v1 = place(`8200000027100000${GROUP}`);
    expect(summarizeIcmpv6(v1.view, v1.at, v1.end)).toBe(
      "ICMP6 multicast listener query, ff02::1:ff00:2",
    );
    const v2 = place(`8200000027100000${GROUP}027d0000`);
    expect(summarizeIcmpv6(v2.view, v2.at, v2.end)).toBe(
      "ICMP6 multicast listener query v2, ff02::1:ff00:2",
    );
    // RFC 3810 s8.1: 26 bytes are neither.
    expect(checkIcmpv6(v2.view, v2.at, v2.end - 2)).toBe("truncated");
  });

  test.each([
    [10000, 10000],
    [32767, 32767],
    [32768, 0x1000 << 3],
    [0xffff, 0x1fff << 10],
  ])("maximum response code %i is %i ms", (code, ms) => {
    expect(mldv2MaxResponseDelay(code)).toBe(ms);
  });

  test.each([
    [125, 125],
    [128, 128],
    [255, 31744],
  ])("query interval code %i is %i s", (code, seconds) => {
    expect(mldv2QueryInterval(code)).toBe(seconds);
  });

  test("a report is printed with its records", () => {
    const bytes = new Uint8Array(28);
    const view = new DataView(bytes.buffer);
    writeMldv2Report(view, 0, 1);
    writeMldv2Record(view, 8, 4, IpAddress.parse("ff02::1:ff00:2"), []);
    expect(formatTree(describeMldv2Report(view, 0, 28))).toBe(
      [
        "mldv2Report",
        "  type: 143",
        "  checksum: 0",
        "  numberOfRecords: 1",
        "  multicastAddressRecord",
        "    recordType: 4 (CHANGE_TO_EXCLUDE_MODE)",
        "    auxDataLen: 0",
        "    numberOfSources: 0",
        "    multicastAddress: ff02::1:ff00:2",
      ].join("\n"),
    );
    view.setUint16(6, 2);
    expect(checkMldv2Report(view, 0, 28)).toBe("truncated");
  });
});
