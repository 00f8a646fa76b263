import { IpAddress, seqNum } from "@multihome/base";
import {
  DSS_ACK,
  DSS_ACK_64,
  DSS_DATA_FIN,
  DSS_DSN_64,
  DSS_MAP,
  MP_CAPABLE_CHECKSUM_REQUIRED,
  MP_CAPABLE_HMAC_SHA256,
  MP_TCPRST_MIDDLEBOX_INTERFERENCE,
  TCP_ACK,
  TCP_CWR,
  TCP_ECE,
  TCP_FIN,
  TCP_OPTION_EXPERIMENT_1,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_URG,
  writeAddAddr,
  writeDss,
  writeMpCapableAck,
  writeMpCapableData,
  writeMpCapableSyn,
  writeMpCapableSynAck,
  writeMpFail,
  writeMpFastclose,
  writeMpJoinAck,
  writeMpJoinSyn,
  writeMpJoinSynAck,
  writeMpPrio,
  writeMpTcprst,
  writeRemoveAddr,
  writeTcpAo,
  writeTcpExperimental,
  writeTcpFastOpen,
  writeTcpMss,
  writeTcpNoOperations,
  writeTcpSack,
  writeTcpSackBlock,
  writeTcpSackPermitted,
  writeTcpTimestamps,
  writeTcpUserTimeout,
  writeTcpWindowScale,
} from "@multihome/wire";
import { built, filler, put, type Write } from "./build-bytes.js";

const KEY_A = 0x0123456789abcdefn;
const KEY_Z = 0xfedcba9876543210n;
const H = MP_CAPABLE_HMAC_SHA256;
const V4 = IpAddress.parse("203.0.113.5");
const V6 = IpAddress.parse("2001:db8:2::5");

export interface SampleSegment {
  readonly name: string;
  readonly flags: number;
  /** A multiple of 4 bytes. */
  readonly options: Uint8Array;
  /** Bytes of data. */
  readonly dataLength: number;
  readonly urgentPointer?: number;
}

/** Options one after another, filled up with no-operations. */
function options(...writes: readonly Write[]): Uint8Array {
  const bytes = built(...writes);
  return built(put(bytes), (v, at) => writeTcpNoOperations(v, at, -bytes.length & 3));
}

/** What is written, and then `length` bytes that its writer leaves to the caller. */
const withBytes =
  (write: Write, length: number, offset: number): Write =>
  (view, at, bytes) => {
    bytes.set(filler(length), at + offset);
    return write(view, at, bytes);
  };

const timestamps: Write = (v, at) => writeTcpTimestamps(v, at, 123_456_789, 987_654_321);

const addAddr = (echo: boolean, address: IpAddress, port: number): Write => {
  const hmacAt = 4 + (address.family === 4 ? 4 : 16) + (port < 0 ? 0 : 2);
  const write: Write = (v, at) => writeAddAddr(v, at, echo, 2, address, port);
  return echo ? write : withBytes(write, 8, hmacAt);
};

const dss =
  (flags: number, dataLength: number, checksum: number): Write =>
  (v, at) =>
    writeDss(v, at, flags, 1, 2, 3, 4, 1, dataLength, checksum);

const ACK = TCP_ACK;
const PUSH = TCP_ACK | TCP_PSH;

/** Every TCP and MPTCP option that there is a writer for. */
export const SAMPLE_SEGMENTS: readonly SampleSegment[] = [
  { name: "no options", flags: ACK, options: options(), dataLength: 0 },
  { name: "odd data", flags: PUSH, options: options(), dataLength: 5 },
  { name: "ECN set-up", flags: TCP_SYN | TCP_ECE | TCP_CWR, options: options(), dataLength: 0 },
  { name: "urgent", flags: PUSH | TCP_URG, options: options(), dataLength: 2, urgentPointer: 1 },
  { name: "end", flags: ACK | TCP_FIN, options: options(timestamps), dataLength: 3 },
  {
    name: "SYN",
    flags: TCP_SYN,
    options: options(
      (v, at) => writeTcpMss(v, at, 1460),
      (v, at) => writeTcpSackPermitted(v, at),
      timestamps,
      (v, at) => writeTcpWindowScale(v, at, 7),
    ),
    dataLength: 0,
  },
  {
    name: "SACK",
    flags: ACK,
    options: options(
      (v, at) => writeTcpSack(v, at, 3),
      (v, at) => writeTcpSackBlock(v, at, seqNum(3000), seqNum(4000)),
      (v, at) => writeTcpSackBlock(v, at, seqNum(5000), seqNum(6000)),
      (v, at) => writeTcpSackBlock(v, at, seqNum(7000), seqNum(8000)),
    ),
    dataLength: 0,
  },
  {
    name: "Fast Open cookie asked for",
    flags: TCP_SYN,
    options: options((v, at) => writeTcpFastOpen(v, at, 0)),
    dataLength: 0,
  },
  {
    name: "Fast Open cookie",
    flags: TCP_SYN,
    options: options(withBytes((v, at) => writeTcpFastOpen(v, at, 8) + 8, 8, 2)),
    dataLength: 20,
  },
  {
    name: "user timeout",
    flags: ACK,
    options: options((v, at) => writeTcpUserTimeout(v, at, 30, true)),
    dataLength: 0,
  },
  {
    name: "AO",
    flags: ACK,
    options: options(withBytes((v, at) => writeTcpAo(v, at, 1, 2, 12) + 12, 12, 4)),
    dataLength: 0,
  },
  {
    name: "experiment",
    flags: ACK,
    options: options(
      withBytes(
        (v, at) => writeTcpExperimental(v, at, TCP_OPTION_EXPERIMENT_1, 0x1234, 2) + 2,
        2,
        4,
      ),
    ),
    dataLength: 0,
  },
  {
    name: "MP_CAPABLE, SYN",
    flags: TCP_SYN,
    options: options((v, at) => writeMpCapableSyn(v, at, 1, H)),
    dataLength: 0,
  },
  {
    name: "MP_CAPABLE, SYN/ACK",
    flags: TCP_SYN | TCP_ACK,
    options: options((v, at) => writeMpCapableSynAck(v, at, 1, H, KEY_Z)),
    dataLength: 0,
  },
  {
    name: "MP_CAPABLE, ACK",
    flags: ACK,
    options: options((v, at) => writeMpCapableAck(v, at, 1, H, KEY_A, KEY_Z)),
    dataLength: 0,
  },
  {
    name: "MP_CAPABLE with data",
    flags: PUSH,
    options: options((v, at) => writeMpCapableData(v, at, 1, H, KEY_A, KEY_Z, 9, -1)),
    dataLength: 9,
  },
  {
    name: "MP_CAPABLE with data and checksum",
    flags: PUSH,
    options: options((v, at) =>
      writeMpCapableData(v, at, 1, H | MP_CAPABLE_CHECKSUM_REQUIRED, KEY_A, KEY_Z, 9, 0x1234),
    ),
    dataLength: 9,
  },
  {
    name: "MP_JOIN, SYN",
    flags: TCP_SYN,
    options: options((v, at) => writeMpJoinSyn(v, at, true, 2, 0x01020304, 0x05060708)),
    dataLength: 0,
  },
  {
    name: "MP_JOIN, SYN/ACK",
    flags: TCP_SYN | TCP_ACK,
    options: options(withBytes((v, at) => writeMpJoinSynAck(v, at, false, 2, 0x05060708), 8, 4)),
    dataLength: 0,
  },
  {
    name: "MP_JOIN, ACK",
    flags: ACK,
    options: options(withBytes((v, at) => writeMpJoinAck(v, at), 20, 4)),
    dataLength: 0,
  },
  {
    name: "DSS, data ACK of 4 bytes",
    flags: ACK,
    options: options(dss(DSS_ACK, 0, -1)),
    dataLength: 0,
  },
  {
    name: "DSS, data ACK of 8 bytes and timestamps",
    flags: ACK,
    options: options(timestamps, dss(DSS_ACK | DSS_ACK_64, 0, -1)),
    dataLength: 0,
  },
  {
    name: "DSS, mapping of 4 bytes",
    flags: PUSH,
    options: options(dss(DSS_MAP, 10, -1)),
    dataLength: 10,
  },
  {
    name: "DSS, everything, with checksum",
    flags: PUSH,
    options: options(dss(DSS_ACK | DSS_ACK_64 | DSS_MAP | DSS_DSN_64, 10, 0xabcd)),
    dataLength: 10,
  },
  {
    name: "DSS, end of data",
    flags: ACK,
    options: options(dss(DSS_ACK | DSS_MAP | DSS_DSN_64 | DSS_DATA_FIN, 1, -1)),
    dataLength: 0,
  },
  { name: "ADD_ADDR", flags: ACK, options: options(addAddr(false, V4, -1)), dataLength: 0 },
  {
    name: "ADD_ADDR with port",
    flags: ACK,
    options: options(addAddr(false, V4, 81)),
    dataLength: 0,
  },
  { name: "ADD_ADDR, IPv6", flags: ACK, options: options(addAddr(false, V6, -1)), dataLength: 0 },
  {
    name: "ADD_ADDR, IPv6, port",
    flags: ACK,
    options: options(addAddr(false, V6, 81)),
    dataLength: 0,
  },
  { name: "ADD_ADDR, echo", flags: ACK, options: options(addAddr(true, V4, 81)), dataLength: 0 },
  {
    name: "REMOVE_ADDR",
    flags: ACK,
    options: options((v, at) => writeRemoveAddr(v, at, [1, 2, 3])),
    dataLength: 0,
  },
  {
    name: "MP_PRIO",
    flags: ACK,
    options: options((v, at) => writeMpPrio(v, at, true)),
    dataLength: 0,
  },
  {
    name: "MP_FAIL",
    flags: ACK,
    options: options((v, at) => writeMpFail(v, at, 1, 2)),
    dataLength: 0,
  },
  {
    name: "MP_FASTCLOSE",
    flags: ACK,
    options: options((v, at) => writeMpFastclose(v, at, KEY_Z)),
    dataLength: 0,
  },
  {
    name: "MP_TCPRST",
    flags: TCP_RST,
    options: options((v, at) => writeMpTcprst(v, at, true, MP_TCPRST_MIDDLEBOX_INTERFERENCE)),
    dataLength: 0,
  },
];
