// AUTH chunk and the parameters of RFC 4895. Vectors: usrsctp 0.9.5.0 in the recordings of
// test/recordings, unless another source is named.
import { describe, expect, test } from "@jest/globals";
import {
  authHmacId,
  authHmacLength,
  authHmacStart,
  authSharedKeyId,
  ChunkType,
  checkAuth,
  checkChunkTypesParameter,
  checkHmacAlgorithmParameter,
  chunkTypesCount,
  describeAuth,
  describeChunkTypesParameter,
  describeHmacAlgorithmParameter,
  HmacId,
  hmacIdsCount,
  hmacLength,
  hmacName,
  listsChunkType,
  listsHmacId,
  ParameterType,
  summarizeAuth,
  summarizeChunkTypesParameter,
  summarizeHmacAlgorithmParameter,
  writeAuth,
} from "../src/index.js";
import { codecSuite, place, toHex } from "./codec-suite.js";
import { ofType, rewriteOneParameter as rewrite } from "./sctp-rewrite.js";

codecSuite(
  "AUTH",
  {
    check: checkAuth,
    rewrite: ({ bytes, view, at, end }, out, outBytes) => {
      const length = authHmacLength(view, at);
      const key = authSharedKeyId(view, at);
      const padded = writeAuth(outBytes, out, 0, key, authHmacId(view, at), length);
      const from = authHmacStart(at);
      outBytes.set(bytes.subarray(from, from + length), authHmacStart(0));
      const written = Math.min(padded, Math.max(8 + length, end - at));
      outBytes.fill(0x5a, written, padded);
      return written;
    },
    describe: describeAuth,
    summarize: summarizeAuth,
  },
  [
    {
      name: "sctp-asconf, packet 11",
      hex: "0f00001c000000015241005f532de8280f978d862dc098a0e09dc092",
      summary: "AUTH key=0 SHA-1",
    },
    {
      name: "sctp-auth-data, packet 5",
      hex: "0f00001c0001000183cc42803f7889c1f36cdf70eb268350c86ff97c",
      summary: "AUTH key=1 SHA-1",
    },
    { name: "made by hand: no HMAC", hex: "0f00000800010003", summary: "AUTH key=1 SHA-256" },
  ],
);

test("AUTH is written with an HMAC of zeros, whatever was there", () => {
  const bytes = new Uint8Array(44).fill(0xff);
  const view = new DataView(bytes.buffer);
  expect(writeAuth(bytes, view, 2, 7, HmacId.sha256, hmacLength(HmacId.sha256))).toBe(40);
  expect(toHex(bytes)).toBe(`ffff0f00002800070003${"00".repeat(32)}ffff`);
});

test("HMAC identifiers have lengths and names", () => {
  expect([0, 1, 2, 3, 4].map(hmacLength)).toEqual([0, 20, 0, 32, 0]);
  expect([1, 3, 9].map(hmacName)).toEqual(["SHA-1", "SHA-256", "9"]);
});

codecSuite(
  "Chunk List and Supported Extensions",
  {
    check: ofType(
      [ParameterType.chunkList, ParameterType.supportedExtensions],
      checkChunkTypesParameter,
    ),
    rewrite,
    describe: describeChunkTypesParameter,
    summarize: summarizeChunkTypesParameter,
  },
  [
    {
      name: "sctp-auth-data, packet 1",
      hex: "80030008000380c1",
      summary: "chunkList(DATA,SACK,ASCONF-ACK,ASCONF)",
    },
    {
      name: "sctp-raw-multihomed, packet 1",
      hex: "80080009c00fc18082000000",
      summary: "supportedExtensions(FORWARD TSN,AUTH,ASCONF,ASCONF-ACK,RE-CONFIG)",
      beyond: 3,
    },
    { name: "made by hand: none", hex: "80030004", summary: "chunkList()" },
  ],
);

codecSuite(
  "Requested HMAC Algorithm",
  {
    check: ofType([ParameterType.requestedHmacAlgorithm], checkHmacAlgorithmParameter),
    rewrite,
    describe: describeHmacAlgorithmParameter,
    summarize: summarizeHmacAlgorithmParameter,
  },
  [
    {
      name: "sctp-raw-multihomed, packet 1",
      hex: "8004000600010000",
      summary: "requestedHmacAlgorithm(SHA-1)",
      beyond: 2,
    },
    {
      name: "made by hand",
      hex: "8004000800030001",
      summary: "requestedHmacAlgorithm(SHA-256,SHA-1)",
    },
  ],
);

describe("lists", () => {
  test("answer what they list", () => {
    const { view, at } = place("80030008000380c1");
    expect(chunkTypesCount(view, at)).toBe(4);
    expect(listsChunkType(view, at, ChunkType.asconf)).toBe(true);
    expect(listsChunkType(view, at, ChunkType.data)).toBe(true);
    expect(listsChunkType(view, at, ChunkType.init)).toBe(false);
  });

  test("answer which HMACs they list", () => {
    const { view, at } = place("8004000600010000");
    expect(hmacIdsCount(view, at)).toBe(1);
    expect(listsHmacId(view, at, HmacId.sha1)).toBe(true);
    expect(listsHmacId(view, at, 0)).toBe(false);
  });

  test("half an HMAC identifier is refused", () => {
    const { view, at, end } = place("8004000700010000");
    expect(checkHmacAlgorithmParameter(view, at, end)).toBe("badLength");
  });
});
