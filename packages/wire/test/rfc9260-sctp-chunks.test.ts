// The chunks of RFC 9260. Vectors: usrsctp 0.9.5.0 in the recordings of test/recordings, unless another
// source is named.
import { describe, expect, test } from "@jest/globals";
import {
  abortCausesStart,
  abortTagIsReflected,
  ChunkType,
  checkAbort,
  checkChunk,
  checkCookieAck,
  checkCookieEcho,
  checkData,
  checkError,
  checkHeartbeat,
  checkInit,
  checkParameters,
  checkSack,
  checkShutdown,
  checkShutdownAck,
  checkShutdownComplete,
  chunkFlags,
  chunkLength,
  chunkType,
  chunkTypeName,
  cookieLength,
  cookieStart,
  DATA_HEADER_LENGTH,
  dataPpid,
  dataSsn,
  dataStreamId,
  dataTsn,
  describeAbort,
  describeChunk,
  describeCookieAck,
  describeCookieEcho,
  describeData,
  describeError,
  describeHeartbeat,
  describeInit,
  describeSack,
  describeShutdown,
  describeShutdownAck,
  describeShutdownComplete,
  ErrorCause,
  errorCausesStart,
  heartbeatInfoLength,
  heartbeatInfoStart,
  INIT_FIXED_LENGTH,
  initARwnd,
  initInboundStreams,
  initInitialTsn,
  initInitiateTag,
  initOutboundStreams,
  nextChunk,
  paddedLength,
  sackARwnd,
  sackCumTsnAck,
  sackDupCount,
  sackDupTsn,
  sackGapCount,
  sackGapEnd,
  sackGapStart,
  setChunkLength,
  shutdownCompleteTagIsReflected,
  shutdownCumTsnAck,
  summarizeAbort,
  summarizeChunk,
  summarizeCookieAck,
  summarizeCookieEcho,
  summarizeData,
  summarizeError,
  summarizeHeartbeat,
  summarizeInit,
  summarizeSack,
  summarizeShutdown,
  summarizeShutdownAck,
  summarizeShutdownComplete,
  unknownChunkIsReported,
  unknownChunkStops,
  writeAbortHeader,
  writeChunkHeader,
  writeCookieAck,
  writeCookieEcho,
  writeDataHeader,
  writeErrorHeader,
  writeHeartbeat,
  writeInitFixed,
  writeOpaqueCause,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
  writeShutdown,
  writeShutdownAck,
  writeShutdownComplete,
  zeroPadding,
} from "../src/index.js";
import { type Codec, codecSuite, fromHex, type Placed, place, toHex } from "./codec-suite.js";
import { rewriteCauses, rewriteParameters } from "./sctp-rewrite.js";

type Rewrite = Codec["rewrite"];

describe("chunk header", () => {
  test("is read and written", () => {
    const view = new DataView(new ArrayBuffer(10));
    expect(writeChunkHeader(view, 3, 0xc1, 5, 17)).toBe(4);
    expect(toHex(new Uint8Array(view.buffer))).toBe("000000c1050011000000");
    expect([chunkType(view, 3), chunkFlags(view, 3), chunkLength(view, 3)]).toEqual([0xc1, 5, 17]);
    expect(nextChunk(view, 3)).toBe(3 + 20);
    setChunkLength(view, 3, 8);
    expect([chunkLength(view, 3), nextChunk(view, 3)]).toEqual([8, 11]);
  });

  test.each([
    ["00000004", "ok"],
    ["0000000400", "ok"],
    ["000000", "truncated"],
    ["", "truncated"],
    ["00000003", "badLength"],
    ["00000000", "badLength"],
    ["00000005", "truncated"],
    ["0000000501", "ok"],
    ["0000ffff", "truncated"],
  ])("check of %s: %s", (hex, expected) => {
    const { view, at, end } = place(hex);
    expect(checkChunk(view, at, end)).toBe(expected);
  });

  test("padding", () => {
    expect([0, 1, 4, 5, 6, 7, 8, 65_535].map(paddedLength)).toEqual([0, 4, 4, 8, 8, 8, 8, 65_536]);
    const bytes = new Uint8Array(12).fill(7);
    zeroPadding(bytes, 1, 5);
    expect([...bytes]).toEqual([7, 7, 7, 7, 7, 7, 0, 0, 0, 7, 7, 7]);
    zeroPadding(bytes, 1, 8);
    expect([...bytes]).toEqual([7, 7, 7, 7, 7, 7, 0, 0, 0, 7, 7, 7]);
  });

  test.each([
    [0x3e, true, false],
    [0x7e, true, true],
    [0xbe, false, false],
    [0xfe, false, true],
  ])("unknown type %i: the packet's rest is dropped %s, reported %s", (type, stops, reported) => {
    expect([unknownChunkStops(type), unknownChunkIsReported(type)]).toEqual([stops, reported]);
    expect(chunkTypeName(type)).toBe(`chunk ${type}`);
  });

  test("every type has the RFC's name", () => {
    const names = Object.values(ChunkType).map(chunkTypeName);
    expect(new Set(names).size).toBe(24);
    expect(names).not.toContainEqual(expect.stringContaining("chunk"));
    expect(chunkTypeName(2)).toBe("INIT ACK");
  });
});

const rewriteData: Rewrite = ({ bytes, view, at, end }, out, outBytes) => {
  const length = chunkLength(view, at);
  const flags = chunkFlags(view, at);
  const tsn = dataTsn(view, at);
  const ssn = dataSsn(view, at);
  const written = writeDataHeader(
    out,
    0,
    flags,
    length,
    tsn,
    dataStreamId(view, at),
    ssn,
    dataPpid(view, at),
  );
  expect(written).toBe(DATA_HEADER_LENGTH);
  outBytes.set(bytes.subarray(at + written, at + length), written);
  return padded(outBytes, length, end - at);
};

/** Pads as far as the input was padded: a chunk's last bytes of padding may be missing. */
function padded(outBytes: Uint8Array, length: number, available: number): number {
  zeroPadding(outBytes, 0, length);
  const written = Math.min(paddedLength(length), Math.max(length, available));
  outBytes.fill(0x5a, written, paddedLength(length));
  return written;
}

codecSuite(
  "DATA",
  { check: checkData, rewrite: rewriteData, describe: describeData, summarize: summarizeData },
  [
    {
      name: "sctp-raw-minimal, packet 5",
      hex: "0003001ae496a14f000000000000000000070e151c232a31383f0000",
      summary: "DATA tsn=3835076943 sid=0 ssn=0 len=10 BE",
      beyond: 2,
    },
    {
      name: "sctp-stream-reset, packet 12",
      hex: `00030042662218af0001000500000000f0f7fe050c131a21282f363d444b525960676e757c838a91989fa6adb4bb
            c2c9d0d7dee5ecf3fa01080f161d242b323940470000`,
      summary: "DATA tsn=1713510575 sid=1 ssn=5 len=50 BE",
      beyond: 2,
    },
    {
      name: "sctp-unordered, packet 5, without all but 4 bytes of its data",
      hex: "000700140d175d4800050000ffffffff00070e15",
      summary: "DATA tsn=219635016 sid=5 len=4 ppid=4294967295 UBE",
    },
    {
      name: "made by hand: middle fragment, with the I bit",
      hex: "0008001100000001ffff0002000000030a000000",
      summary: "DATA tsn=1 sid=65535 ssn=2 len=1 ppid=3 I",
      beyond: 3,
    },
  ],
);

test("DATA without user data can be read, so that the ABORT can name its TSN", () => {
  const { view, at, end } = place("00030010000003e90000000000000000");
  expect(checkData(view, at, end)).toBe("noUserData");
  expect(dataTsn(view, at)).toBe(1001);
  expect(summarizeData(view, at, end)).toBe("DATA tsn=1001 sid=0 ssn=0 len=0 BE [noUserData]");
  expect(describeData(view, at, end)).toMatchObject({ name: "data", malformed: "noUserData" });
});

const rewriteSack: Rewrite = ({ view, at }, out) => {
  const gaps = sackGapCount(view, at);
  const dups = sackDupCount(view, at);
  const cum = sackCumTsnAck(view, at);
  let length = writeSackFixed(out, 0, chunkFlags(view, at), cum, sackARwnd(view, at), gaps, dups);
  for (let i = 0; i < gaps; i++) {
    length += writeSackGap(out, 0, i, sackGapStart(view, at, i), sackGapEnd(view, at, i));
  }
  for (let i = 0; i < dups; i++) {
    length += writeSackDup(out, 0, gaps, i, sackDupTsn(view, at, i));
  }
  return length;
};

codecSuite(
  "SACK",
  { check: checkSack, rewrite: rewriteSack, describe: describeSack, summarize: summarizeSack },
  [
    {
      name: "sctp-loss, packet 29",
      hex: "03000014409e99940001fca80001000000030003",
      summary: "SACK cum=1084135828 rwnd=130216 gaps=3-3",
    },
    {
      name: "sctp-reorder-dup, packet 47",
      hex: "03000018e9b000790002000000000002e9b00078e9b00079",
      summary: "SACK cum=3920625785 rwnd=131072 dups=3920625784,3920625785",
    },
    {
      name: "RFC 9260 s3.3.4, the example, and two duplicates of TSN 19",
      hex: "030000200000000c0000123400020002000200030005000500000013 00000013",
      summary: "SACK cum=12 rwnd=4660 gaps=2-3,5-5 dups=19,19",
    },
  ],
);

test("SACK names the TSNs of its blocks, also around 2^32", () => {
  const { view, at, end } = place("03000014fffffffe000012340001000000020003");
  expect(describeSack(view, at, end).children).toContainEqual({
    name: "gapAckBlock",
    value: "2-3",
    meaning: "tsn 0-1",
    at: at + 16,
    length: 4,
  });
});

const rewriteInit: Rewrite = (p, out, outBytes) => {
  const { bytes, view, at, end } = p;
  const length = chunkLength(view, at);
  const fixed = writeInitFixed(
    out,
    0,
    chunkType(view, at),
    length,
    initInitiateTag(view, at),
    initARwnd(view, at),
    initOutboundStreams(view, at),
    initInboundStreams(view, at),
    initInitialTsn(view, at),
  );
  expect(fixed).toBe(INIT_FIXED_LENGTH);
  rewriteParameters({ bytes, view, outBytes, out }, at + fixed, at + length, fixed);
  return padded(outBytes, length, end - at);
};

/** For a codec suite, INIT is right only if its parameters can be walked. */
function checkWholeInit(view: DataView, at: number, end: number): string {
  const state = checkInit(view, at, end);
  if (state !== "ok") return state;
  return checkParameters(view, at + INIT_FIXED_LENGTH, at + chunkLength(view, at));
}

codecSuite(
  "INIT and INIT ACK",
  { check: checkWholeInit, rewrite: rewriteInit, describe: describeInit, summarize: summarizeInit },
  [
    {
      name: "sctp-raw-multihomed, packet 1",
      hex: `0100007413fe10a400020000000a0800f98bc6e280000004c000000480080009c00fc180820000008002002
            44bd76a4ff749a957f7b2edc1a43cf1515a3c7c7c6f3a0769a4af00648437302c80040006000100008003000680c1
            0000000c000600050000000500080a020002000500080a010002`,
      summary:
        "INIT tag=0x13fe10a4 rwnd=131072 os=10 mis=2048 tsn=4186687202 ecnCapable " +
        "forwardTsnSupported supportedExtensions(FORWARD TSN,AUTH,ASCONF,ASCONF-ACK,RE-CONFIG) " +
        "random(32) requestedHmacAlgorithm(SHA-1) chunkList(ASCONF-ACK,ASCONF) " +
        "supportedAddressTypes(ipv4Address) 10.2.0.2 10.1.0.2",
    },
    {
      name: "sctp-raw-minimal, packet 1: the last parameter's padding is not counted",
      hex: "0100001ab11e140c00020000000a0800e496a14f000c000600050000",
      summary:
        "INIT tag=0xb11e140c rwnd=131072 os=10 mis=2048 tsn=3835076943 " +
        "supportedAddressTypes(ipv4Address)",
      beyond: 2,
    },
    {
      name: "sctp-raw-minimal, packet 2",
      hex: `020000cc7d9211ca00020000000a0800bdd1bdcb000700b84b414d452d42534420312e31000000009a91016b00
            000000b0440e000000000060ea000000000000000000000c141eb17d9211ca0a010002000000000000000000000000
            050000000a0101020000000000000000000000000500000000000000ede01389010000000001000000000000010000
            1ab11e140c00020000000a0800e496a14f000c000600050000020000cc7d9211ca00020000000a0800bdd1bdcb0d0c
            749e49b06511a4d1f6bfb10e56b2a31dfc62`,
      summary: "INIT ACK tag=0x7d9211ca rwnd=131072 os=10 mis=2048 tsn=3184639435 stateCookie(180)",
    },
    {
      name: "sctp-raw-basic, packet 1",
      hex: `0100006ad00f582e000200000004000608261bc6c00600080000000780000004c000000480080009c00fc18082
            00000080020024d850a0ff4dc2d312c05c6fb9fc762566b86bd417d402357adcdd5180804195708004000600010000
            8003000680c10000000c000600050000`,
      beyond: 2,
    },
    {
      name: "sctp-stale-cookie, packet 5",
      hex: `0100006ab6144aac00020000000a08000221aad280000004c000000480080009c00fc1808200000080020024ca
            7c56408e086d774105fa7c97405ebbf943148f30a396d30ae143d7de40ae09800400060001000080030006
            80c100000009000800000322000c000600050000`,
      beyond: 2,
    },
    {
      name: "sctp-ipv6-basic, packet 1",
      hex: `010000642ae3d97c00020000000a0800e597d40c80000004c000000480080009c00fc180820000008002002
            45aac0cd28b9424816d7b46c87771f88ea8656970be9fae8b94f423f46eced081800400060001000080030006
            80c10000000c000800050006`,
    },
    {
      name: "made by hand: an IPv6 address, zero checksum acceptable, a host name, and padding",
      hex: `0100005c00000001000000010001000000000002
            0006001420010db8000000000000000000000001 8001000800000001 000b000c6578616d706c6500
            8005000a0102030405060000 00060014fe8000000000000000000000000000ff`,
      summary:
        "INIT tag=0x00000001 rwnd=1 os=1 mis=0 tsn=2 2001:db8::1 zeroChecksumAcceptable(1) " +
        "hostNameAddress(8) padding(6) fe80::ff",
    },
  ],
);

test("INIT prints a parameter that an INIT ACK calls unrecognized", () => {
  // sctp-crafted-errors, packet 4, its Unrecognized Parameter alone after the fixed fields.
  const { view, at, end } = place(
    "02000020f26d73e000020000000a08000c0a93c60008000c7ff0000877686174",
  );
  expect(summarizeChunk(view, at, end)).toContain("unrecognizedParameter(8)");
  expect(describeChunk(view, at, end).children?.at(-1)).toMatchObject({
    name: "unrecognizedParameter",
    children: [
      { name: "type", value: 8 },
      { name: "length", value: 12 },
      {
        name: "parameter 0x7ff0",
        children: [
          { name: "type", value: 0x7ff0 },
          { name: "length", value: 8 },
          { name: "value", value: "77686174" },
        ],
      },
    ],
  });
});

test("INIT shorter than its fixed fields: sctp-crafted-errors, packet 15", () => {
  const { view, at, end } = place("0100000c0000000000000000");
  expect(checkInit(view, at, end)).toBe("badLength");
  expect(summarizeInit(view, at, end)).toBe("INIT [badLength]");
});

const rewriteHeartbeat: Rewrite = ({ bytes, view, at, end }, out, outBytes) => {
  const from = heartbeatInfoStart(at);
  const to = from + heartbeatInfoLength(view, at);
  writeHeartbeat(outBytes, out, 0, chunkType(view, at), bytes, from, to);
  return padded(outBytes, 8 + to - from, end - at);
};

codecSuite(
  "HEARTBEAT and HEARTBEAT ACK",
  {
    check: checkHeartbeat,
    rewrite: rewriteHeartbeat,
    describe: describeHeartbeat,
    summarize: summarizeHeartbeat,
  },
  [
    {
      name: "sctp-asconf, packet 13",
      hex: "0400002c000100283192016ba5750c002725d6d66273a104021000000a020002000000000000000000000000",
      summary: "HEARTBEAT info=36",
    },
    {
      name: "sctp-asconf, packet 15",
      hex: "0500002c000100283192016ba5750c002725d6d66273a104021000000a020002000000000000000000000000",
      summary: "HEARTBEAT ACK info=36",
    },
    { name: "made by hand: 5 bytes", hex: "0400000d000100090102030405000000", beyond: 3 },
    { name: "made by hand: no information", hex: "0400000800010004" },
  ],
);

test.each([
  ["0400000800020004", "noHeartbeatInfo"],
  ["0400000800010005", "badLength"],
  ["0400000800010003", "badLength"],
  ["0400000400010004", "badLength"],
])("HEARTBEAT %s: %s", (hex, expected) => {
  const { view, at, end } = place(hex);
  expect(checkHeartbeat(view, at, end)).toBe(expected);
});

const rewriteAbort: Rewrite = ({ bytes, view, at, end }, out, outBytes) => {
  const length = chunkLength(view, at);
  const from = abortCausesStart(at);
  const to = writeAbortHeader(out, 0, abortTagIsReflected(view, at), length);
  rewriteCauses({ bytes, view, outBytes, out }, from, at + length, to);
  return padded(outBytes, length, end - at);
};

codecSuite(
  "ABORT",
  { check: checkAbort, rewrite: rewriteAbort, describe: describeAbort, summarize: summarizeAbort },
  [
    {
      name: "sctp-abort, packet 7",
      hex: "0600000b000c000762796500",
      summary: 'ABORT userInitiatedAbort("bye")',
      beyond: 1,
    },
    { name: "sctp-abort, packet 8", hex: "06010004", summary: "ABORT T" },
    {
      name: "sctp-crafted-errors, packet 10",
      hex: "0600000800070004",
      summary: "ABORT invalidMandatoryParameter",
    },
    {
      name: "sctp-crafted-errors, packet 14",
      hex: "0600001800050014000b00106578616d706c652e6f726700",
      summary: "ABORT unresolvableAddress(hostNameAddress(12))",
    },
    {
      name: "sctp-crafted-errors, packet 53",
      hex: "0600000c00090008000003e9",
      summary: "ABORT noUserData(tsn=1001)",
    },
    {
      name: "sctp-crafted-errors, packet 72",
      hex: `0600003b000d003743756d2061636b2037666666666666662067726561746572206f7220657175616c2074
            68616e2054534e20346534623663323900`,
      summary: 'ABORT protocolViolation("Cum ack 7fffffff greater or equal than TSN 4e4b6c29")',
      beyond: 1,
    },
  ],
);

const rewriteError: Rewrite = ({ bytes, view, at, end }, out, outBytes) => {
  const length = chunkLength(view, at);
  const to = writeErrorHeader(out, 0, length);
  rewriteCauses({ bytes, view, outBytes, out }, errorCausesStart(at), at + length, to);
  return padded(outBytes, length, end - at);
};

codecSuite(
  "ERROR",
  { check: checkError, rewrite: rewriteError, describe: describeError, summarize: summarizeError },
  [
    {
      name: "sctp-stale-cookie, packet 4",
      hex: "0900000c0003000800062097",
      summary: "ERROR staleCookie(401559us)",
    },
    {
      name: "sctp-crafted-errors, packet 32",
      hex: "09000014000600107e00000b756e6b6e6f776e00",
      summary: "ERROR unrecognizedChunkType(chunk 126 len=11)",
    },
    {
      name: "sctp-crafted-errors, packet 51",
      hex: "0900000c0001000801f40000",
      summary: "ERROR invalidStreamIdentifier(sid=500)",
    },
    {
      name: "made by hand: a cause of each kind",
      hex: `09000061 0002000c0000000200070009 0002000a0000000100070000 00040004 000a0004
            0008001080010004ff00000501000000
            000b0020000500080a0101020006001420010db8000000000000000000000001
            0105000600030000 abcd000501000000`,
      beyond: 3,
      summary:
        "ERROR missingMandatoryParameter(stateCookie,cookiePreservative) " +
        "missingMandatoryParameter(stateCookie) outOfResource cookieReceivedWhileShuttingDown " +
        "unrecognizedParameters(zeroChecksumAcceptable parameter 0xff00(1)) " +
        "restartWithNewAddresses(10.1.1.2 2001:db8::1) unsupportedHmacIdentifier(SHA-256) cause 43981(1)",
    },
  ],
);

test("ERROR without a cause is refused", () => {
  const { view, at, end } = place("09000004");
  expect(checkError(view, at, end)).toBe("badLength");
});

const rewriteCookieEcho: Rewrite = ({ bytes, view, at, end }, out, outBytes) => {
  const from = cookieStart(at);
  const to = from + cookieLength(view, at);
  writeCookieEcho(outBytes, out, 0, bytes, from, to);
  return padded(outBytes, 4 + to - from, end - at);
};

codecSuite(
  "COOKIE ECHO",
  {
    check: checkCookieEcho,
    rewrite: rewriteCookieEcho,
    describe: describeCookieEcho,
    summarize: summarizeCookieEcho,
  },
  [
    {
      name: "sctp-crafted-errors, packet 75: a cookie forged of 200 C",
      hex: `0a0000cc${"43".repeat(200)}`,
      summary: "COOKIE ECHO cookie=200",
    },
    { name: "made by hand: 6 bytes", hex: "0a00000a0102030405060000", beyond: 2 },
  ],
);

const bare =
  (write: (out: DataView) => number): Rewrite =>
  (_p: Placed, out) =>
    write(out);

codecSuite(
  "COOKIE ACK",
  {
    check: checkCookieAck,
    rewrite: bare((out) => writeCookieAck(out, 0)),
    describe: describeCookieAck,
    summarize: summarizeCookieAck,
  },
  [{ name: "sctp-crafted-errors, packet 24", hex: "0b000004", summary: "COOKIE ACK" }],
);

codecSuite(
  "SHUTDOWN",
  {
    check: checkShutdown,
    rewrite: ({ view, at }, out) => writeShutdown(out, 0, shutdownCumTsnAck(view, at)),
    describe: describeShutdown,
    summarize: summarizeShutdown,
  },
  [
    {
      name: "sctp-asconf, packet 65",
      hex: "07000008c3fcff20",
      summary: "SHUTDOWN cum=3288137504",
    },
  ],
);

codecSuite(
  "SHUTDOWN ACK",
  {
    check: checkShutdownAck,
    rewrite: bare((out) => writeShutdownAck(out, 0)),
    describe: describeShutdownAck,
    summarize: summarizeShutdownAck,
  },
  [{ name: "sctp-crafted-errors, packet 18", hex: "08000004", summary: "SHUTDOWN ACK" }],
);

codecSuite(
  "SHUTDOWN COMPLETE",
  {
    check: checkShutdownComplete,
    rewrite: ({ view, at }, out) =>
      writeShutdownComplete(out, 0, shutdownCompleteTagIsReflected(view, at)),
    describe: describeShutdownComplete,
    summarize: summarizeShutdownComplete,
  },
  [
    { name: "sctp-asconf, packet 67", hex: "0e000004", summary: "SHUTDOWN COMPLETE" },
    { name: "sctp-crafted-errors, packet 19", hex: "0e010004", summary: "SHUTDOWN COMPLETE T" },
  ],
);

describe("unknown chunks", () => {
  test("print their value: sctp-crafted-errors, packet 25", () => {
    const { view, at, end } = place("3e00000b756e6b6e6f776e00");
    expect(summarizeChunk(view, at, end)).toBe("chunk 62 len=11");
    expect(describeChunk(view, at, end)).toEqual({
      name: "chunk",
      at,
      length: 12,
      children: [
        { name: "type", value: 62, meaning: "chunk 62", at, length: 1 },
        { name: "flags", value: 0, at: at + 1, length: 1 },
        { name: "length", value: 11, at: at + 2, length: 2 },
        { name: "value", value: toHex(fromHex("756e6b6e6f776e")), at: at + 4, length: 7 },
        { name: "padding", value: "00", at: at + 11, length: 1 },
      ],
    });
  });
});

test("whole arrays are written where no part of them is named", () => {
  const bytes = new Uint8Array(16).fill(0x5a);
  const view = new DataView(bytes.buffer);
  const source = Uint8Array.of(1, 2, 3);
  expect(writeCookieEcho(bytes, view, 1, source)).toBe(8);
  expect(toHex(bytes)).toBe("5a0a000007010203005a5a5a5a5a5a5a");
  expect(writeHeartbeat(bytes, view, 1, ChunkType.heartbeat, source)).toBe(12);
  expect(toHex(bytes)).toBe("5a0400000b00010007010203005a5a5a");
  expect(writeOpaqueCause(bytes, view, 1, ErrorCause.userInitiatedAbort, source)).toBe(8);
  expect(toHex(bytes.subarray(0, 9))).toBe("5a000c000701020300");
});
