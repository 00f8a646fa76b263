// NR-SACK of draft-tuexen-tsvwg-sctp-multipath-29 s4.2, made by hand from its figure.
import { describe, expect, test } from "@jest/globals";
import {
  checkNrSack,
  chunkFlags,
  describeNrSack,
  nrSackARwnd,
  nrSackCumTsnAck,
  nrSackDupCount,
  nrSackDupTsn,
  nrSackGapCount,
  nrSackGapEnd,
  nrSackGapStart,
  nrSackNrGapCount,
  nrSackNrGapEnd,
  nrSackNrGapStart,
  summarizeNrSack,
  writeNrSackDup,
  writeNrSackFixed,
  writeNrSackGap,
  writeNrSackNrGap,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

const WHOLE = `10000028 0000000c 00001234 00010002 00020000
               00020003 00050005 00070009 00000013 00000014`;

codecSuite(
  "NR-SACK",
  {
    check: checkNrSack,
    rewrite: ({ view, at }, out) => {
      const gaps = nrSackGapCount(view, at);
      const nrGaps = nrSackNrGapCount(view, at);
      const dups = nrSackDupCount(view, at);
      const window = nrSackARwnd(view, at);
      const cum = nrSackCumTsnAck(view, at);
      let n = writeNrSackFixed(out, 0, chunkFlags(view, at), cum, window, gaps, nrGaps, dups);
      for (let i = 0; i < gaps; i++) {
        n += writeNrSackGap(out, 0, i, nrSackGapStart(view, at, i), nrSackGapEnd(view, at, i));
      }
      for (let i = 0; i < nrGaps; i++) {
        const start = nrSackNrGapStart(view, at, i);
        n += writeNrSackNrGap(out, 0, gaps, i, start, nrSackNrGapEnd(view, at, i));
      }
      for (let i = 0; i < dups; i++) {
        n += writeNrSackDup(out, 0, gaps + nrGaps, i, nrSackDupTsn(view, at, i));
      }
      return n;
    },
    describe: describeNrSack,
    summarize: summarizeNrSack,
  },
  [
    {
      name: "everything",
      hex: WHOLE,
      summary: "NR-SACK cum=12 rwnd=4660 gaps=2-3 nrgaps=5-5,7-9 dups=19,20",
    },
    {
      name: "nothing out of order",
      hex: "100000140000000c00001234000000000000 0000",
      summary: "NR-SACK cum=12 rwnd=4660",
    },
  ],
);

describe("NR-SACK", () => {
  test("has renegable blocks, non-renegable ones and duplicates in this order", () => {
    const { view, at } = place(WHOLE);
    expect([nrSackGapStart(view, at, 0), nrSackGapEnd(view, at, 0)]).toEqual([2, 3]);
    expect([nrSackNrGapStart(view, at, 1), nrSackNrGapEnd(view, at, 1)]).toEqual([7, 9]);
    expect([nrSackDupTsn(view, at, 0), nrSackDupTsn(view, at, 1)]).toEqual([19, 20]);
  });

  test.each([12, 14, 16])("is refused when the count at %i is not what follows", (offset) => {
    const { view, at, end } = place(WHOLE);
    view.setUint16(at + offset, 7);
    expect(checkNrSack(view, at, end)).toBe("badLength");
  });
});
