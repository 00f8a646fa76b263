import { type Ssn, ssn, type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfAtLeast, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 192  |  Flags = 0x00 |        Length = Variable      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      New Cumulative TSN                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Stream-1              |       Stream Sequence-1       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 3758 s3.2
const NEW_CUM_TSN = 4;

/** Bytes before the first skipped stream, each of which takes 4. */
export const FORWARD_TSN_FIXED_LENGTH = 8;

/** Checks that it holds whole entries. */
export function checkForwardTsn(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, FORWARD_TSN_FIXED_LENGTH);
  if (state !== "ok") return state;
  return chunkLength(view, at) % 4 === 0 ? "ok" : "badLength";
}

/** All TSNs up to this one are to be taken for received. */
export const forwardTsnNewCumTsn = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + NEW_CUM_TSN));
/** How many streams with skipped ordered messages it lists. */
export const forwardTsnCount = (view: DataView, at: number): number =>
  (chunkLength(view, at) - FORWARD_TSN_FIXED_LENGTH) >> 2;
/** Stream number of entry `i` (from 0). */
export const forwardTsnStreamId = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + FORWARD_TSN_FIXED_LENGTH + 4 * i);
/** The largest skipped SSN of entry `i` (from 0). */
export const forwardTsnSsn = (view: DataView, at: number, i: number): Ssn =>
  ssn(view.getUint16(at + FORWARD_TSN_FIXED_LENGTH + 4 * i + 2));

/**
 * Writes all but the entries; 8 bytes. The chunk takes `8 + 4 * count`.
 * @returns 8
 */
export function writeForwardTsnFixed(
  view: DataView,
  at: number,
  newCumTsn: number,
  count: number,
): number {
  writeChunkHeader(view, at, ChunkType.forwardTsn, 0, FORWARD_TSN_FIXED_LENGTH + 4 * count);
  view.setUint32(at + NEW_CUM_TSN, newCumTsn);
  return FORWARD_TSN_FIXED_LENGTH;
}

/**
 * Writes entry `i` (from 0) of the FORWARD TSN at `at`.
 * @returns 4
 */
export function writeForwardTsnStream(
  view: DataView,
  at: number,
  i: number,
  streamId: number,
  ssn: number,
): number {
  view.setUint16(at + FORWARD_TSN_FIXED_LENGTH + 4 * i, streamId);
  view.setUint16(at + FORWARD_TSN_FIXED_LENGTH + 4 * i + 2, ssn);
  return 4;
}

/** The whole chunk as a tree. */
export function describeForwardTsn(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("newCumTsn", at + NEW_CUM_TSN, 4);
  const state = checkForwardTsn(view, at, end);
  if (state === "ok") {
    for (let i = 0; i < forwardTsnCount(view, at); i++) {
      const entry = at + FORWARD_TSN_FIXED_LENGTH + 4 * i;
      fields.uint("streamId", entry, 2);
      fields.uint("ssn", entry + 2, 2);
    }
  }
  return tlvNode("forwardTsn", view, at, end, fields, state);
}

/** One line: `FORWARD TSN cum=9 skip=3:17,4:2`, where each entry is stream and SSN. */
export function summarizeForwardTsn(view: DataView, at: number, end: number): string {
  const state = checkForwardTsn(view, at, end);
  if (state !== "ok") return `FORWARD TSN [${state}]`;
  let line = `FORWARD TSN cum=${forwardTsnNewCumTsn(view, at)}`;
  for (let i = 0; i < forwardTsnCount(view, at); i++) {
    const entry = `${forwardTsnStreamId(view, at, i)}:${forwardTsnSsn(view, at, i)}`;
    line += `${i === 0 ? " skip=" : ","}${entry}`;
  }
  return line;
}
