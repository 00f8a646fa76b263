import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfAtLeast, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeParameter, summarizeParameter } from "./describe-parameter.js";
import { checkParameters } from "./parameter.js";
import { describeList, summarizeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 0x80   |  Chunk Flags  |      Chunk Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Sequence Number                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                ASCONF Parameter Responses                     /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 5061 s4.1.2
const SEQUENCE_NUMBER = 4;

/** Bytes before the first response; an ACK of this length says that all requests succeeded. */
export const ASCONF_ACK_FIXED_LENGTH = 8;

/**
 * Checks the fixed fields and the walk over the responses, `at + 8` to `at + chunkLength`. What is in
 * each is for `checkAsconfResponse`.
 */
export function checkAsconfAck(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, ASCONF_ACK_FIXED_LENGTH);
  if (state !== "ok") return state;
  // Parameters are bounded by the chunk's length, not by the packet's end.
  const stop = at + chunkLength(view, at);
  const responses = checkParameters(view, at + ASCONF_ACK_FIXED_LENGTH, stop);
  return responses === "ok" ? "ok" : "badLength";
}

/** The number of the ASCONF that is acknowledged. */
export const asconfAckSequenceNumber = (view: DataView, at: number): number =>
  view.getUint32(at + SEQUENCE_NUMBER);

/**
 * Writes all before the responses; 8 bytes.
 * @param length of the whole chunk: 8 and the responses, without padding of the last
 * @returns 8
 */
export function writeAsconfAckHeader(
  view: DataView,
  at: number,
  length: number,
  sequenceNumber: number,
): number {
  writeChunkHeader(view, at, ChunkType.asconfAck, 0, length);
  view.setUint32(at + SEQUENCE_NUMBER, sequenceNumber);
  return ASCONF_ACK_FIXED_LENGTH;
}

/** The whole chunk as a tree. */
export function describeAsconfAck(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("sequenceNumber", at + SEQUENCE_NUMBER, 4);
  const first = at + ASCONF_ACK_FIXED_LENGTH;
  for (const node of describeList(view, first, tlvEnd(view, at, end), describeParameter)) {
    fields.push(node);
  }
  return tlvNode("asconfAck", view, at, end, fields, checkAsconfAck(view, at, end));
}

/** One line: `ASCONF-ACK seq=7 errorCauseIndication(...)`. */
export function summarizeAsconfAck(view: DataView, at: number, end: number): string {
  const state = checkAsconfAck(view, at, end);
  if (state !== "ok") return `ASCONF-ACK [${state}]`;
  const stop = at + chunkLength(view, at);
  const first = at + ASCONF_ACK_FIXED_LENGTH;
  const responses = summarizeList(view, first, stop, summarizeParameter);
  return `ASCONF-ACK seq=${asconfAckSequenceNumber(view, at)}${responses}`;
}
