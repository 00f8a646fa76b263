import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunkOfAtLeast,
  chunkLength,
  chunkType,
  paddedLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeParameter } from "./describe-parameter.js";
import { writeOpaqueParameter } from "./opaque-parameter.js";
import {
  checkParameter,
  PARAMETER_HEADER_LENGTH,
  parameterLength,
  parameterType,
} from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { describeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 4, 5  |  Chunk Flags  |       Heartbeat Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Heartbeat Info Type = 1    |        HB Info Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                Sender-Specific Heartbeat Info                 /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.5 (HEARTBEAT) and s3.3.6 (HEARTBEAT ACK), which differ in the type only.
const INFO_PARAMETER = CHUNK_HEADER_LENGTH;

/** Bytes of a HEARTBEAT before the sender's own information. */
export const HEARTBEAT_FIXED_LENGTH: number = CHUNK_HEADER_LENGTH + PARAMETER_HEADER_LENGTH;

/** Why it cannot be read; `noHeartbeatInfo`: it does not begin with a heartbeatInfo parameter. */
export type HeartbeatCheck = ChunkCheck | "noHeartbeatInfo";

/** Checks a HEARTBEAT or HEARTBEAT ACK and the parameter in it. */
export function checkHeartbeat(view: DataView, at: number, end: number): HeartbeatCheck {
  const state = checkChunkOfAtLeast(view, at, end, HEARTBEAT_FIXED_LENGTH);
  if (state !== "ok") return state;
  const parameter = at + INFO_PARAMETER;
  if (checkParameter(view, parameter, at + chunkLength(view, at)) !== "ok") return "badLength";
  return parameterType(view, parameter) === ParameterType.heartbeatInfo ? "ok" : "noHeartbeatInfo";
}

/** Where the sender's own information begins. */
export const heartbeatInfoStart = (at: number): number => at + HEARTBEAT_FIXED_LENGTH;

/** Bytes of the sender's own information. */
export const heartbeatInfoLength = (view: DataView, at: number): number =>
  parameterLength(view, at + INFO_PARAMETER) - PARAMETER_HEADER_LENGTH;

/**
 * Writes the whole chunk with the bytes `from .. to` of `info` (all of it by default), which are copied;
 * `8 + (to - from)` bytes and up to 3 zeros of padding.
 * @param type `ChunkType.heartbeat` or `ChunkType.heartbeatAck`
 * @returns bytes written, padding included
 */
export function writeHeartbeat(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  type: number,
  info: Uint8Array,
  from = 0,
  to: number = info.length,
): number {
  const length = HEARTBEAT_FIXED_LENGTH + to - from;
  writeChunkHeader(view, at, type, 0, length);
  const parameter = at + INFO_PARAMETER;
  writeOpaqueParameter(bytes, view, parameter, ParameterType.heartbeatInfo, info, from, to);
  return paddedLength(length);
}

/** The whole chunk as a tree. */
export function describeHeartbeat(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  const stop = tlvEnd(view, at, end);
  for (const node of describeList(view, at + INFO_PARAMETER, stop, describeParameter)) {
    fields.push(node);
  }
  const name = isAck(view, at, end) ? "heartbeatAck" : "heartbeat";
  return tlvNode(name, view, at, end, fields, checkHeartbeat(view, at, end));
}

/** One line: `HEARTBEAT info=44`, where the number counts the bytes of information. */
export function summarizeHeartbeat(view: DataView, at: number, end: number): string {
  const name = isAck(view, at, end) ? "HEARTBEAT ACK" : "HEARTBEAT";
  const state = checkHeartbeat(view, at, end);
  return state === "ok" ? `${name} info=${heartbeatInfoLength(view, at)}` : `${name} [${state}]`;
}

const isAck = (view: DataView, at: number, end: number): boolean =>
  end > at && chunkType(view, at) === ChunkType.heartbeatAck;
