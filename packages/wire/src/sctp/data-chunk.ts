import { type Ssn, ssn, type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { checkChunkOfAtLeast, chunkFlags, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields, type FlagNames } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { badSuffix, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 0    |  Res  |I|U|B|E|            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              TSN                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Stream Identifier S      |   Stream Sequence Number n    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  Payload Protocol Identifier                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                 User Data (seq n of Stream S)                 /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.1
const TSN = 4;
const STREAM_ID = 8;
const SSN = 10;
const PPID = 12;

/** Bytes before the user data. */
export const DATA_HEADER_LENGTH = 16;

/** Flag bits of DATA and I-DATA. RFC 9260 s3.3.1, RFC 8260 s2.1 */
export const DataFlag = {
  /** Last fragment of its message. */
  end: 1,
  /** First fragment of its message. */
  begin: 2,
  unordered: 4,
  /** The sender asks for a SACK without delay. */
  immediate: 8,
} as const;

/** The flag bits of DATA and I-DATA by name, for printing. */
export const DATA_FLAG_NAMES: FlagNames = [
  [DataFlag.immediate, "immediate"],
  [DataFlag.unordered, "unordered"],
  [DataFlag.begin, "begin"],
  [DataFlag.end, "end"],
];

/**
 * Why a DATA or I-DATA chunk cannot be taken. With `noUserData` all fields can still be read: its TSN is
 * for the ABORT that answers it. RFC 9260 s6.2
 */
export type DataCheck = "ok" | "truncated" | "badLength" | "noUserData";

/** Checks header and user data: `chunkLength - 16` bytes, at least one, follow the header. */
export function checkData(view: DataView, at: number, end: number): DataCheck {
  const state = checkChunkOfAtLeast(view, at, end, DATA_HEADER_LENGTH);
  if (state !== "ok") return state;
  return chunkLength(view, at) === DATA_HEADER_LENGTH ? "noUserData" : "ok";
}

export const dataTsn = (view: DataView, at: number): Tsn => tsn(view.getUint32(at + TSN));
export const dataStreamId = (view: DataView, at: number): number => view.getUint16(at + STREAM_ID);
export const dataSsn = (view: DataView, at: number): Ssn => ssn(view.getUint16(at + SSN));
/** Payload protocol identifier, 0 .. 2^32 - 1; 0 when the application named none. */
export const dataPpid = (view: DataView, at: number): number => view.getUint32(at + PPID);

/**
 * Writes all but the user data and padding; 16 bytes.
 * @param length of the whole chunk: 16 and the user data, without padding
 * @returns 16
 */
export function writeDataHeader(
  view: DataView,
  at: number,
  flags: number,
  length: number,
  tsn: number,
  streamId: number,
  ssn: number,
  ppid: number,
): number {
  writeChunkHeader(view, at, ChunkType.data, flags, length);
  view.setUint32(at + TSN, tsn);
  view.setUint16(at + STREAM_ID, streamId);
  view.setUint16(at + SSN, ssn);
  view.setUint32(at + PPID, ppid);
  return DATA_HEADER_LENGTH;
}

/** The whole chunk as a tree, user data in hexadecimal. */
export function describeData(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end, DATA_FLAG_NAMES);
  fields.uint("tsn", at + TSN, 4);
  fields.uint("streamId", at + STREAM_ID, 2);
  fields.uint("ssn", at + SSN, 2);
  fields.uint("ppid", at + PPID, 4);
  const userData = at + DATA_HEADER_LENGTH;
  const length = tlvEnd(view, at, end) - userData;
  if (length > 0) fields.hex("userData", userData, length);
  return tlvNode("data", view, at, end, fields, checkData(view, at, end));
}

/** One line: `DATA tsn=1 sid=0 ssn=0 len=1200 ppid=51 BE`; `len` counts user data, `ppid` only if set. */
export function summarizeData(view: DataView, at: number, end: number): string {
  const state = checkData(view, at, end);
  if (state === "truncated" || state === "badLength") return `DATA [${state}]`;
  const flags = chunkFlags(view, at);
  const ppid = dataPpid(view, at);
  const place = `tsn=${dataTsn(view, at)} sid=${dataStreamId(view, at)}`;
  const order = (flags & DataFlag.unordered) === 0 ? ` ssn=${dataSsn(view, at)}` : "";
  const length = chunkLength(view, at) - DATA_HEADER_LENGTH;
  const protocol = ppid === 0 ? "" : ` ppid=${ppid}`;
  return `DATA ${place}${order} len=${length}${protocol}${dataFlagLetters(flags)}${badSuffix(state)}`;
}

/** The set flags by the RFC's letters after a space, such as ` UBE`; nothing when none is set. */
export function dataFlagLetters(flags: number): string {
  const letters =
    ((flags & DataFlag.immediate) === 0 ? "" : "I") +
    ((flags & DataFlag.unordered) === 0 ? "" : "U") +
    ((flags & DataFlag.begin) === 0 ? "" : "B") +
    ((flags & DataFlag.end) === 0 ? "" : "E");
  return letters === "" ? "" : ` ${letters}`;
}
