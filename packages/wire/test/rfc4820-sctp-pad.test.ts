// PAD chunk of RFC 4820 s3. Vectors made by hand from the RFC's figure.
import { expect, test } from "@jest/globals";
import {
  checkPad,
  chunkLength,
  chunkType,
  describePad,
  nextChunk,
  summarizePad,
  writePad,
} from "../src/index.js";
import { codecSuite } from "./codec-suite.js";

codecSuite(
  "PAD",
  {
    check: checkPad,
    rewrite: ({ view, at }, out, outBytes) => {
      const length = chunkLength(view, at);
      const written = writePad(outBytes, out, 0, length);
      outBytes.fill(0x5a, length, written);
      return length;
    },
    describe: describePad,
    summarize: summarizePad,
  },
  [
    { name: "the least", hex: "84000004", summary: "PAD len=0" },
    { name: "8 bytes of data", hex: "8400000c0000000000000000", summary: "PAD len=8" },
  ],
);

test.each([
  [4, 4],
  [5, 8],
  [600, 600],
  [65_535, 65_536],
])("a PAD of length %i takes %i zeros with its header and nothing beyond", (length, taken) => {
  const bytes = new Uint8Array(65_550).fill(7);
  const view = new DataView(bytes.buffer);
  expect(writePad(bytes, view, 3, length)).toBe(taken);
  expect([chunkType(view, 3), chunkLength(view, 3), nextChunk(view, 3)]).toEqual([
    0x84,
    length,
    3 + taken,
  ]);
  expect(bytes.subarray(7, 3 + taken).every((b) => b === 0)).toBe(true);
  expect([bytes[2], bytes[3 + taken]]).toEqual([7, 7]);
});
