import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  addAddrAddress,
  addAddrAddressId,
  addAddrHmacOffset,
  addAddrIsEcho,
  addAddrPort,
  checkMptcpOption,
  DSS_ACK,
  DSS_ACK_64,
  DSS_DATA_FIN,
  DSS_DSN_64,
  DSS_MAP,
  DSS_MAX_LENGTH,
  describeMptcpOption,
  dssChecksum,
  dssDataAckHigh,
  dssDataAckLow,
  dssDataLength,
  dssDsnHigh,
  dssDsnLow,
  dssFlags,
  dssHasChecksum,
  dssLength,
  dssPseudoHeaderSum,
  dssSubflowSeq,
  finishChecksum,
  formatTree,
  internetChecksum,
  MP_CAPABLE_CHECKSUM_REQUIRED,
  MP_CAPABLE_DATA_CHECKSUM_LENGTH,
  MP_CAPABLE_HMAC_SHA256,
  MP_CAPABLE_SYN_ACK_LENGTH,
  MP_CAPABLE_SYN_LENGTH,
  MP_JOIN_ACK_LENGTH,
  MP_JOIN_SYN_LENGTH,
  MPTCP_ADD_ADDR,
  MPTCP_DSS,
  MPTCP_MP_CAPABLE,
  MPTCP_MP_EXPERIMENTAL,
  MPTCP_MP_FAIL,
  MPTCP_MP_FASTCLOSE,
  MPTCP_MP_JOIN,
  MPTCP_MP_PRIO,
  MPTCP_MP_TCPRST,
  MPTCP_REMOVE_ADDR,
  mpCapableChecksum,
  mpCapableDataLength,
  mpCapableFlags,
  mpCapableLength,
  mpCapableReceiverKey,
  mpCapableSenderKey,
  mpCapableVersion,
  mpExperimentalBits,
  mpExperimentalContentLength,
  mpFailDsnHigh,
  mpFailDsnLow,
  mpFastcloseKey,
  mpJoinAddressId,
  mpJoinBackup,
  mpJoinLength,
  mpJoinNonce,
  mpJoinToken,
  mpPrioBackup,
  mpTcprstReason,
  mpTcprstTransient,
  mptcpSubtype,
  removeAddrCount,
  removeAddrId,
  summarizeMptcpOption,
  writeAddAddr,
  writeDss,
  writeMpCapableAck,
  writeMpCapableData,
  writeMpCapableSyn,
  writeMpCapableSynAck,
  writeMpExperimental,
  writeMpFail,
  writeMpFastclose,
  writeMpJoinAck,
  writeMpJoinSyn,
  writeMpJoinSynAck,
  writeMpPrio,
  writeMpTcprst,
  writeRemoveAddr,
} from "../src/index.js";
import { codecSuite, fromHex, type Placed, place, toHex, type Vector } from "./codec-suite.js";

function rewriteMpCapable({ view, at }: Placed, out: DataView): number {
  const [version, flags] = [mpCapableVersion(view, at), mpCapableFlags(view, at)];
  const length = mpCapableLength(view, at);
  if (length === MP_CAPABLE_SYN_LENGTH) return writeMpCapableSyn(out, 0, version, flags);
  const sender = mpCapableSenderKey(view, at);
  if (length === MP_CAPABLE_SYN_ACK_LENGTH) {
    return writeMpCapableSynAck(out, 0, version, flags, sender);
  }
  const receiver = mpCapableReceiverKey(view, at);
  if (length === 20) return writeMpCapableAck(out, 0, version, flags, sender, receiver);
  const [data, checksum] = [mpCapableDataLength(view, at), mpCapableChecksum(view, at)];
  return writeMpCapableData(out, 0, version, flags, sender, receiver, data, checksum);
}

function rewriteMpJoin({ bytes, view, at }: Placed, out: DataView, outBytes: Uint8Array): number {
  const [backup, id] = [mpJoinBackup(view, at), mpJoinAddressId(view, at)];
  const length = mpJoinLength(view, at);
  if (length === MP_JOIN_SYN_LENGTH) {
    return writeMpJoinSyn(out, 0, backup, id, mpJoinToken(view, at), mpJoinNonce(view, at));
  }
  if (length === MP_JOIN_ACK_LENGTH) {
    outBytes.set(bytes.subarray(at + 4, at + 24), 4);
    return writeMpJoinAck(out, 0);
  }
  outBytes.set(bytes.subarray(at + 4, at + 12), 4);
  return writeMpJoinSynAck(out, 0, backup, id, mpJoinNonce(view, at));
}

function rewriteDss({ view, at }: Placed, out: DataView): number {
  const flags = dssFlags(view, at);
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const [ack, map] = [has(DSS_ACK), has(DSS_MAP)];
  return writeDss(
    out,
    0,
    flags,
    ack && has(DSS_ACK_64) ? dssDataAckHigh(view, at) : 0,
    ack ? dssDataAckLow(view, at) : 0,
    map && has(DSS_DSN_64) ? dssDsnHigh(view, at) : 0,
    map ? dssDsnLow(view, at) : 0,
    map ? dssSubflowSeq(view, at) : 0,
    map ? dssDataLength(view, at) : 0,
    dssHasChecksum(view, at) ? dssChecksum(view, at) : -1,
  );
}

function rewriteAddAddr({ bytes, view, at }: Placed, out: DataView, outBytes: Uint8Array): number {
  const hmac = addAddrHmacOffset(view, at);
  const length = writeAddAddr(
    out,
    0,
    addAddrIsEcho(view, at),
    addAddrAddressId(view, at),
    addAddrAddress(view, at),
    addAddrPort(view, at),
  );
  if (hmac >= 0) outBytes.set(bytes.subarray(at + hmac, at + hmac + 8), length - 8);
  return length;
}

function rewrite(p: Placed, out: DataView, outBytes: Uint8Array): number {
  const { bytes, view, at } = p;
  switch (mptcpSubtype(view, at)) {
    case MPTCP_MP_CAPABLE:
      return rewriteMpCapable(p, out);
    case MPTCP_MP_JOIN:
      return rewriteMpJoin(p, out, outBytes);
    case MPTCP_DSS:
      return rewriteDss(p, out);
    case MPTCP_ADD_ADDR:
      return rewriteAddAddr(p, out, outBytes);
    case MPTCP_REMOVE_ADDR: {
      const ids = Array.from({ length: removeAddrCount(view, at) }, (_, i) =>
        removeAddrId(view, at, i),
      );
      return writeRemoveAddr(out, 0, ids);
    }
    case MPTCP_MP_PRIO:
      return writeMpPrio(out, 0, mpPrioBackup(view, at));
    case MPTCP_MP_FAIL:
      return writeMpFail(out, 0, mpFailDsnHigh(view, at), mpFailDsnLow(view, at));
    case MPTCP_MP_FASTCLOSE:
      return writeMpFastclose(out, 0, mpFastcloseKey(view, at));
    case MPTCP_MP_TCPRST:
      return writeMpTcprst(out, 0, mpTcprstTransient(view, at), mpTcprstReason(view, at));
    case MPTCP_MP_EXPERIMENTAL: {
      const content = mpExperimentalContentLength(view, at);
      const head = writeMpExperimental(out, 0, mpExperimentalBits(view, at), content);
      outBytes.set(bytes.subarray(at + head, at + head + content), head);
      return head + content;
    }
    default: {
      const length = view.getUint8(at + 1);
      outBytes.set(bytes.subarray(at, at + length), 0);
      return length;
    }
  }
}

// "Linux": options of the kernel's MPTCP (6.18) as it sent them. The others are laid out by hand after the
// figures of RFC 8684 s3: forms that the kernel does not send.
const VECTORS: readonly Vector[] = [
  { name: "Linux MP_CAPABLE SYN", hex: "1e040101", summary: "mptcp capable v1 H" },
  {
    name: "Linux MP_CAPABLE SYN/ACK",
    hex: "1e0c0101d00693969a4aa224",
    summary: "mptcp capable v1 H {0xd00693969a4aa224}",
  },
  {
    name: "Linux MP_CAPABLE ACK",
    hex: "1e1401014d20a2959169cd61d00693969a4aa224",
    summary: "mptcp capable v1 H {0x4d20a2959169cd61,0xd00693969a4aa224}",
  },
  {
    name: "Linux MP_CAPABLE with data",
    hex: "1e16010185a464b29e93a9f0c69f2bf830d6e0c301f4",
    summary: "mptcp capable v1 H {0x85a464b29e93a9f0,0xc69f2bf830d6e0c3} len 500",
  },
  {
    name: "Linux MP_CAPABLE with data and checksum",
    hex: "1e180181f23df9929bd9cbed8c5082e482cb959403e8b9ac",
    summary: "mptcp capable v1 AH {0xf23df9929bd9cbed,0x8c5082e482cb9594} len 1000 csum 0xb9ac",
  },
  {
    name: "MP_CAPABLE of version 0, all flags",
    hex: "1e0400ff",
    summary: "mptcp capable v0 ABCDEFGH",
  },
  {
    name: "Linux MP_JOIN SYN",
    hex: "1e0c1001c6340ff78d93840d",
    summary: "mptcp join id 1 token 0xc6340ff7 nonce 0x8d93840d",
  },
  {
    name: "Linux MP_JOIN SYN, backup",
    hex: "1e0c1102210042373e617b06",
    summary: "mptcp join backup id 2 token 0x21004237 nonce 0x3e617b06",
  },
  {
    name: "Linux MP_JOIN SYN/ACK",
    hex: "1e101001c007e5379aeda0ca453dd367",
    summary: "mptcp join id 1 hmac 0xc007e5379aeda0ca nonce 0x453dd367",
  },
  {
    name: "Linux MP_JOIN ACK",
    hex: "1e18100032e514fa59aa1de5b68c452367da7b729fc23bcc",
    summary: "mptcp join hmac 0x32e514fa59aa1de5b68c452367da7b729fc23bcc",
  },
  { name: "Linux DSS, ack of 4", hex: "1e082001105756e3", summary: "mptcp dss ack 274159331" },
  {
    name: "Linux DSS, ack of 8",
    hex: "1e0c20037d2a311710575acb",
    summary: "mptcp dss ack 9019075178891008715",
  },
  {
    name: "Linux DSS, ack of 4 and map of 8",
    hex: "1e16200dc45342e27d2a3117105756e30000000103e8",
    summary: "mptcp dss ack 3293790946 seq 9019075178891007715 subseq 1 len 1000",
  },
  {
    name: "Linux DSS, both of 8",
    hex: "1e1a200f7d2a31171057cc1455de9454c45342e2000000010040",
  },
  {
    name: "Linux DSS, ack of 4, DATA_FIN",
    hex: "1e16201dc45342e27d2a31171057cc13000000000001",
    summary: "mptcp dss fin ack 3293790946 seq 9019075178891037715 subseq 0 len 1",
  },
  {
    name: "Linux DSS, both of 8, DATA_FIN",
    hex: "1e1a201f7d2a31171057cc1455de9454c4534322000000000001",
  },
  {
    name: "Linux DSS, ack of 4, map of 8, checksum",
    hex: "1e18200dc48054c8c02b5987f3724670000003e903e8d41a",
  },
  {
    name: "Linux DSS, both of 8, checksum",
    hex: "1e1c200f446d69a1b656bc18e3084e62580cf3960000000103e85934",
    summary:
      "mptcp dss ack 4930713310310349848 seq 16359411830714332054 subseq 1 len 1000 csum 0x5934",
  },
  {
    name: "Linux DSS, both of 8, DATA_FIN, checksum",
    hex: "1e1c201fe3084e62580d39e6446d69a1b656fe800000000000019d18",
  },
  { name: "DSS with nothing", hex: "1e042000", summary: "mptcp dss" },
  {
    name: "DSS, map of 4",
    hex: "1e0e2004000003e8000000010064",
    summary: "mptcp dss seq 1000 subseq 1 len 100",
  },
  {
    name: "DSS, infinite map of 4, checksum",
    hex: "1e102004000003e80000000100000000",
    summary: "mptcp dss seq 1000 subseq 1 len 0 csum 0x0000",
  },
  {
    name: "Linux ADD_ADDR, IPv4",
    hex: "1e1030010a020102123a2c66ab12e99e",
    summary: "mptcp add-addr id 1 10.2.1.2 hmac 0x123a2c66ab12e99e",
  },
  {
    name: "Linux ADD_ADDR, IPv4 and port",
    hex: "1e1230010a02010214b40996a1bf3782ad2b",
    summary: "mptcp add-addr id 1 10.2.1.2:5300 hmac 0x0996a1bf3782ad2b",
  },
  {
    name: "Linux ADD_ADDR, IPv6",
    hex: "1e1c3001fd000002000100000000000000000002ef190fd86b9305c3",
    summary: "mptcp add-addr id 1 fd00:2:1::2 hmac 0xef190fd86b9305c3",
  },
  {
    name: "ADD_ADDR, IPv6 and port",
    hex: "1e1e3001fd00000200010000000000000000000214b4ef190fd86b9305c3",
    summary: "mptcp add-addr id 1 [fd00:2:1::2]:5300 hmac 0xef190fd86b9305c3",
  },
  {
    name: "Linux ADD_ADDR echo, IPv4",
    hex: "1e0831010a020102",
    summary: "mptcp add-addr echo id 1 10.2.1.2",
  },
  {
    name: "Linux ADD_ADDR echo, IPv4 and port",
    hex: "1e0a31010a02010214b4",
    summary: "mptcp add-addr echo id 1 10.2.1.2:5300",
  },
  {
    name: "Linux ADD_ADDR echo, IPv6",
    hex: "1e143101fd000002000100000000000000000002",
    summary: "mptcp add-addr echo id 1 fd00:2:1::2",
  },
  {
    name: "ADD_ADDR echo, IPv6 and port",
    hex: "1e163101fd00000200010000000000000000000214b4",
    summary: "mptcp add-addr echo id 1 [fd00:2:1::2]:5300",
  },
  { name: "Linux REMOVE_ADDR", hex: "1e044001", summary: "mptcp rem-addr id 1" },
  { name: "REMOVE_ADDR of three", hex: "1e0640000204", summary: "mptcp rem-addr id 0 2 4" },
  { name: "Linux MP_PRIO, no backup", hex: "1e0350", summary: "mptcp prio" },
  { name: "Linux MP_PRIO, backup", hex: "1e0351", summary: "mptcp prio backup" },
  {
    name: "Linux MP_FAIL",
    hex: "1e0c6000c02b5987f3727938",
    summary: "mptcp fail seq 13847259919720544568",
  },
  {
    name: "Linux MP_FASTCLOSE",
    hex: "1e0c7000a5d8bce232ec0d16",
    summary: "mptcp fast-close key 0xa5d8bce232ec0d16",
  },
  { name: "Linux MP_TCPRST", hex: "1e048000", summary: "mptcp reset unspecified error" },
  {
    name: "MP_TCPRST, transient",
    hex: "1e048106",
    summary: "mptcp reset transient middlebox interference",
  },
  { name: "MP_TCPRST, unknown reason", hex: "1e0480c8", summary: "mptcp reset reason 200" },
  { name: "MP_EXPERIMENTAL, empty", hex: "1e03f0", summary: "mptcp experimental" },
  { name: "MP_EXPERIMENTAL", hex: "1e06f7010203", summary: "mptcp experimental 010203" },
  { name: "an unknown subtype", hex: "1e059a0102", summary: "mptcp subtype 9" },
];

codecSuite(
  "MPTCP",
  {
    check: checkMptcpOption,
    rewrite,
    describe: describeMptcpOption,
    summarize: summarizeMptcpOption,
  },
  VECTORS,
);

describe("lengths of MPTCP options", () => {
  const good: Readonly<Record<string, readonly number[]>> = {
    "1e000101": [4, 12, 20, 22, 24],
    "1e001001": [12, 16, 24],
    "1e003000": [16, 18, 28, 30],
    "1e003100": [8, 10, 20, 22],
    "1e004001": Array.from({ length: 252 }, (_, i) => i + 4),
    "1e005000": [3],
    "1e006000": [12],
    "1e007000": [12],
    "1e008000": [4],
    "1e00f000": Array.from({ length: 253 }, (_, i) => i + 3),
    "1e009000": Array.from({ length: 253 }, (_, i) => i + 3),
  };

  test.each(Object.entries(good))("%s: only those of its subtype are taken", (head, lengths) => {
    const p = place(`${head}${"00".repeat(252)}`);
    const taken: number[] = [];
    for (let length = 0; length < 256; length++) {
      p.view.setUint8(p.at + 1, length);
      if (checkMptcpOption(p.view, p.at, p.end) === "ok") taken.push(length);
    }
    expect(taken).toEqual(lengths);
  });

  test("of DSS follow from all of its flags", () => {
    const p = place(`1e002000${"00".repeat(252)}`);
    for (let flags = 0; flags < 256; flags++) {
      const ack = (flags & 1) === 0 ? 0 : (flags & 2) === 0 ? 4 : 8;
      const map = (flags & 4) === 0 ? 0 : ((flags & 8) === 0 ? 4 : 8) + 6;
      const expected = map === 0 ? [4 + ack] : [4 + ack + map, 4 + ack + map + 2];
      p.view.setUint8(p.at + 3, flags);
      const taken: number[] = [];
      for (let length = 0; length < 256; length++) {
        p.view.setUint8(p.at + 1, length);
        if (checkMptcpOption(p.view, p.at, p.end) === "ok") taken.push(length);
      }
      expect(taken).toEqual(expected);
      expect([...new Set([dssLength(flags, false), dssLength(flags, true)])]).toEqual(expected);
    }
    expect(dssLength(0x1f, true)).toBe(DSS_MAX_LENGTH);
  });

  test("beyond the header are refused, though the packet has the bytes", () => {
    for (const { hex } of VECTORS) {
      const p = place(`${hex}0000`);
      const length = hex.length / 2;
      expect(checkMptcpOption(p.view, p.at, p.at + length)).toBe("ok");
      expect(checkMptcpOption(p.view, p.at, p.at + length - 1)).toBe("truncated");
    }
  });
});

describe("DSS", () => {
  test.each(Array.from({ length: 32 }, (_, flags) => [flags]))(
    "flags %i, with and without checksum",
    (flags) => {
      for (const checksum of [-1, 0xabcd]) {
        const bytes = new Uint8Array(40).fill(0xee);
        const view = new DataView(bytes.buffer);
        const length = writeDss(
          view,
          3,
          flags,
          0x01020304,
          0x85060708,
          0x11121314,
          0x95161718,
          0x21222324,
          0x3132,
          checksum,
        );
        expect(length).toBe(dssLength(flags, checksum >= 0));
        expect(toHex(bytes.subarray(3 + length))).toBe("ee".repeat(37 - length));
        expect(checkMptcpOption(view, 3, 3 + length)).toBe("ok");
        expect(dssFlags(view, 3)).toBe(flags);
        if ((flags & DSS_ACK) !== 0) expect(dssDataAckLow(view, 3)).toBe(0x85060708);
        if ((flags & 3) === 3) expect(dssDataAckHigh(view, 3)).toBe(0x01020304);
        const map = (flags & DSS_MAP) !== 0;
        expect(dssHasChecksum(view, 3)).toBe(map && checksum >= 0);
        if (!map) continue;
        expect(dssDsnLow(view, 3)).toBe(0x95161718);
        if ((flags & DSS_DSN_64) !== 0) expect(dssDsnHigh(view, 3)).toBe(0x11121314);
        expect(dssSubflowSeq(view, 3)).toBe(0x21222324);
        expect(dssDataLength(view, 3)).toBe(0x3132);
        if (checksum >= 0) expect(dssChecksum(view, 3)).toBe(0xabcd);
      }
    },
  );

  test("DATA_FIN is told apart from the flags of lengths", () => {
    const p = place("1e1a201f7d2a31171057cc1455de9454c4534322000000000001");
    expect(dssFlags(p.view, p.at) & DSS_DATA_FIN).toBe(DSS_DATA_FIN);
    expect(formatTree(describeMptcpOption(p.view, p.at, p.end))).toBe(
      [
        "dss",
        "  kind: 30",
        "  length: 26",
        "  subtype: 2 (DSS)",
        "  flags: 31 (AaMmF)",
        "  dataAck: 9019075178891037716",
        "  dataSequenceNumber: 6187546029845594914",
        "  subflowSequenceNumber: 0",
        "  dataLevelLength: 1",
      ].join("\n"),
    );
  });

  /** Byte j of what the recorded sender sent: (7 j + floor(j / 251)) mod 256. */
  const stream = Uint8Array.from({ length: 1000 }, (_, j) => 7 * j + Math.floor(j / 251));

  test("the checksum of the kernel over data and pseudo header is right", () => {
    const p = place("1e1c200f446d69a1b656bc18e3084e62580cf3960000000103e85934");
    const sum = dssPseudoHeaderSum(
      dssDsnHigh(p.view, p.at),
      dssDsnLow(p.view, p.at),
      dssSubflowSeq(p.view, p.at),
      dssDataLength(p.view, p.at),
    );
    expect(finishChecksum(internetChecksum(stream, 0, 1000, sum))).toBe(0x5934);
    // With the checksum in, all sums to ones.
    expect(internetChecksum(stream, 0, 1000, sum + dssChecksum(p.view, p.at))).toBe(0xffff);
  });

  test("the checksum of the kernel on a DATA_FIN without data is right", () => {
    const p = place("1e1c201fe3084e62580d39e6446d69a1b656fe800000000000019d18");
    const sum = dssPseudoHeaderSum(dssDsnHigh(p.view, p.at), dssDsnLow(p.view, p.at), 0, 1);
    expect(finishChecksum(internetChecksum(stream, 0, 0, sum))).toBe(dssChecksum(p.view, p.at));
  });

  test("the checksum of the kernel's MP_CAPABLE with data is right, RFC 8684 s3.1", () => {
    const p = place("1e180181f23df9929bd9cbed8c5082e482cb959403e8b9ac");
    expect(mpCapableFlags(p.view, p.at)).toBe(
      MP_CAPABLE_CHECKSUM_REQUIRED | MP_CAPABLE_HMAC_SHA256,
    );
    expect(mpCapableLength(p.view, p.at)).toBe(MP_CAPABLE_DATA_CHECKSUM_LENGTH);
    const key = new Uint8Array(8);
    new DataView(key.buffer).setBigUint64(0, mpCapableSenderKey(p.view, p.at));
    const idsn = createHash("sha256").update(key).digest().readBigUInt64BE(24);
    const dsn = BigInt.asUintN(64, idsn + 1n);
    const sum = dssPseudoHeaderSum(Number(dsn >> 32n), Number(dsn & 0xffffffffn), 1, 1000);
    expect(finishChecksum(internetChecksum(stream, 0, 1000, sum))).toBe(
      mpCapableChecksum(p.view, p.at),
    );
  });
});

describe("ADD_ADDR", () => {
  test.each([
    ["192.0.2.1", -1, false, 16],
    ["192.0.2.1", 80, false, 18],
    ["2001:db8::1", -1, false, 28],
    ["2001:db8::1", 65535, false, 30],
    ["192.0.2.1", -1, true, 8],
    ["192.0.2.1", 0, true, 10],
    ["2001:db8::1", -1, true, 20],
    ["2001:db8::1", 1, true, 22],
  ])("%s port %i, echo %s, takes %i bytes", (text, port, echo, expected) => {
    const bytes = new Uint8Array(40).fill(0xee);
    const view = new DataView(bytes.buffer);
    const length = writeAddAddr(view, 5, echo, 200, IpAddress.parse(text), port);
    expect(length).toBe(expected);
    expect(checkMptcpOption(view, 5, 5 + length)).toBe("ok");
    expect(addAddrIsEcho(view, 5)).toBe(echo);
    expect(addAddrAddressId(view, 5)).toBe(200);
    expect(addAddrAddress(view, 5).toString()).toBe(text);
    expect(addAddrPort(view, 5)).toBe(port);
    expect(addAddrHmacOffset(view, 5)).toBe(echo ? -1 : expected - 8);
  });

  test("unassigned flags are ignored", () => {
    const p = place("1e1032010a020102123a2c66ab12e99e");
    expect(checkMptcpOption(p.view, p.at, p.end)).toBe("ok");
    expect(addAddrIsEcho(p.view, p.at)).toBe(false);
  });
});

test("an MPTCP option within a TCP header is printed where it stands", () => {
  const bytes = fromHex("0101 1e0350 00".replaceAll(" ", ""));
  const view = new DataView(bytes.buffer);
  expect(describeMptcpOption(view, 2, 5)).toMatchObject({ name: "mpPrio", at: 2, length: 3 });
});
