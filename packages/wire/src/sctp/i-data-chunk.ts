import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { checkChunkOfAtLeast, chunkFlags, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { DATA_FLAG_NAMES, type DataCheck, DataFlag, dataFlagLetters } from "./data-chunk.js";
import { badSuffix, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 64   |  Res  |I|U|B|E|       Length = Variable       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              TSN                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Stream Identifier      |           Reserved            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Message Identifier                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Payload Protocol Identifier / Fragment Sequence Number     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                           User Data                           /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8260 s2.1; the flags are `DataFlag`.
const TSN = 4;
const STREAM_ID = 8;
const RESERVED = 10;
const MID = 12;
const PPID_OR_FSN = 16;

/** Bytes before the user data. */
export const I_DATA_HEADER_LENGTH = 20;

/** Checks header and user data: `chunkLength - 20` bytes, at least one, follow the header. */
export function checkIData(view: DataView, at: number, end: number): DataCheck {
  const state = checkChunkOfAtLeast(view, at, end, I_DATA_HEADER_LENGTH);
  if (state !== "ok") return state;
  return chunkLength(view, at) === I_DATA_HEADER_LENGTH ? "noUserData" : "ok";
}

export const iDataTsn = (view: DataView, at: number): Tsn => tsn(view.getUint32(at + TSN));
export const iDataStreamId = (view: DataView, at: number): number => view.getUint16(at + STREAM_ID);
/** Message identifier, 0 .. 2^32 - 1; ordered and unordered messages are counted apart. */
export const iDataMid = (view: DataView, at: number): number => view.getUint32(at + MID);
/** Payload protocol identifier; only the first fragment has one, others 0. */
export const iDataPpid = (view: DataView, at: number): number =>
  isFirst(view, at) ? view.getUint32(at + PPID_OR_FSN) : 0;
/** Fragment sequence number: 0 in the first fragment. */
export const iDataFsn = (view: DataView, at: number): number =>
  isFirst(view, at) ? 0 : view.getUint32(at + PPID_OR_FSN);

/**
 * Writes all but the user data and padding; 20 bytes.
 * @param length of the whole chunk: 20 and the user data, without padding
 * @param ppidOrFsn the PPID if `flags` has `DataFlag.begin`, otherwise the fragment's number
 * @returns 20
 */
export function writeIDataHeader(
  view: DataView,
  at: number,
  flags: number,
  length: number,
  tsn: number,
  streamId: number,
  mid: number,
  ppidOrFsn: number,
): number {
  writeChunkHeader(view, at, ChunkType.iData, flags, length);
  view.setUint32(at + TSN, tsn);
  view.setUint16(at + STREAM_ID, streamId);
  view.setUint16(at + RESERVED, 0);
  view.setUint32(at + MID, mid);
  view.setUint32(at + PPID_OR_FSN, ppidOrFsn);
  return I_DATA_HEADER_LENGTH;
}

/** The whole chunk as a tree, user data in hexadecimal. */
export function describeIData(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end, DATA_FLAG_NAMES);
  fields.uint("tsn", at + TSN, 4);
  fields.uint("streamId", at + STREAM_ID, 2);
  fields.uint("reserved", at + RESERVED, 2);
  fields.uint("mid", at + MID, 4);
  const first = end - at >= 2 && isFirst(view, at);
  fields.uint(first ? "ppid" : "fsn", at + PPID_OR_FSN, 4);
  const userData = at + I_DATA_HEADER_LENGTH;
  const length = tlvEnd(view, at, end) - userData;
  if (length > 0) fields.hex("userData", userData, length);
  return tlvNode("iData", view, at, end, fields, checkIData(view, at, end));
}

/** One line: `I-DATA tsn=1 sid=0 mid=0 fsn=2 len=1200 ppid=51 BE`; `ppid` only if set. */
export function summarizeIData(view: DataView, at: number, end: number): string {
  const state = checkIData(view, at, end);
  if (state === "truncated" || state === "badLength") return `I-DATA [${state}]`;
  const place = `tsn=${iDataTsn(view, at)} sid=${iDataStreamId(view, at)}`;
  const fragment = `mid=${iDataMid(view, at)} fsn=${iDataFsn(view, at)}`;
  const length = chunkLength(view, at) - I_DATA_HEADER_LENGTH;
  const ppid = iDataPpid(view, at);
  const protocol = ppid === 0 ? "" : ` ppid=${ppid}`;
  const letters = dataFlagLetters(chunkFlags(view, at));
  return `I-DATA ${place} ${fragment} len=${length}${protocol}${letters}${badSuffix(state)}`;
}

const isFirst = (view: DataView, at: number): boolean =>
  (chunkFlags(view, at) & DataFlag.begin) !== 0;
