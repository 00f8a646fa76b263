import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfAtLeast, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 194  | Flags = 0x00  |      Length = Variable        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       New Cumulative TSN                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       Stream Identifier       |          Reserved           |U|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Message Identifier                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8260 s2.3.1
const NEW_CUM_TSN = 4;
const ENTRY_FLAGS = 2;
const ENTRY_MID = 4;
const UNORDERED = 1;

/** Bytes before the first entry, each of which takes 8. */
export const I_FORWARD_TSN_FIXED_LENGTH = 8;

/** Checks that it holds whole entries. */
export function checkIForwardTsn(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, I_FORWARD_TSN_FIXED_LENGTH);
  if (state !== "ok") return state;
  return chunkLength(view, at) % 8 === 0 ? "ok" : "badLength";
}

/** All TSNs up to this one are to be taken for received. */
export const iForwardTsnNewCumTsn = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + NEW_CUM_TSN));
/** How many entries of skipped messages it lists. */
export const iForwardTsnCount = (view: DataView, at: number): number =>
  (chunkLength(view, at) - I_FORWARD_TSN_FIXED_LENGTH) >> 3;
/** Stream number of entry `i` (from 0). */
export const iForwardTsnStreamId = (view: DataView, at: number, i: number): number =>
  view.getUint16(entryStart(at, i));
/** True if entry `i` (from 0) is about unordered messages. */
export const iForwardTsnUnordered = (view: DataView, at: number, i: number): boolean =>
  (view.getUint16(entryStart(at, i) + ENTRY_FLAGS) & UNORDERED) !== 0;
/** The largest skipped message identifier of entry `i` (from 0). */
export const iForwardTsnMid = (view: DataView, at: number, i: number): number =>
  view.getUint32(entryStart(at, i) + ENTRY_MID);

/**
 * Writes all but the entries; 8 bytes. The chunk takes `8 + 8 * count`.
 * @returns 8
 */
export function writeIForwardTsnFixed(
  view: DataView,
  at: number,
  newCumTsn: number,
  count: number,
): number {
  writeChunkHeader(view, at, ChunkType.iForwardTsn, 0, I_FORWARD_TSN_FIXED_LENGTH + 8 * count);
  view.setUint32(at + NEW_CUM_TSN, newCumTsn);
  return I_FORWARD_TSN_FIXED_LENGTH;
}

/**
 * Writes entry `i` (from 0) of the I-FORWARD-TSN at `at`.
 * @returns 8
 */
export function writeIForwardTsnEntry(
  view: DataView,
  at: number,
  i: number,
  streamId: number,
  unordered: boolean,
  mid: number,
): number {
  const entry = entryStart(at, i);
  view.setUint16(entry, streamId);
  view.setUint16(entry + ENTRY_FLAGS, unordered ? UNORDERED : 0);
  view.setUint32(entry + ENTRY_MID, mid);
  return 8;
}

/** The whole chunk as a tree. */
export function describeIForwardTsn(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("newCumTsn", at + NEW_CUM_TSN, 4);
  const state = checkIForwardTsn(view, at, end);
  if (state === "ok") {
    for (let i = 0; i < iForwardTsnCount(view, at); i++) {
      const entry = entryStart(at, i);
      fields.uint("streamId", entry, 2);
      fields.flag("unordered", entry + ENTRY_FLAGS, 2, UNORDERED);
      fields.uint("mid", entry + ENTRY_MID, 4);
    }
  }
  return tlvNode("iForwardTsn", view, at, end, fields, state);
}

/** One line: `I-FORWARD-TSN cum=9 skip=3:17,4:2U`, each entry stream and MID, U if unordered. */
export function summarizeIForwardTsn(view: DataView, at: number, end: number): string {
  const state = checkIForwardTsn(view, at, end);
  if (state !== "ok") return `I-FORWARD-TSN [${state}]`;
  let line = `I-FORWARD-TSN cum=${iForwardTsnNewCumTsn(view, at)}`;
  for (let i = 0; i < iForwardTsnCount(view, at); i++) {
    const unordered = iForwardTsnUnordered(view, at, i) ? "U" : "";
    const entry = `${iForwardTsnStreamId(view, at, i)}:${iForwardTsnMid(view, at, i)}${unordered}`;
    line += `${i === 0 ? " skip=" : ","}${entry}`;
  }
  return line;
}

const entryStart = (at: number, i: number): number => at + I_FORWARD_TSN_FIXED_LENGTH + 8 * i;
