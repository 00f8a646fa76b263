import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfAtLeast, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { gapText, pushGapBlocks } from "./gap-blocks.js";
import { tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 3    |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Cumulative TSN Ack                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Advertised Receiver Window Credit (a_rwnd)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        Duplicate TSN 1                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.4
const CUM_TSN_ACK = 4;
const A_RWND = 8;
const GAP_COUNT = 12;
const DUP_COUNT = 14;

/** Bytes before the first gap ack block; each block and each duplicate TSN takes 4 more. */
export const SACK_FIXED_LENGTH = 16;

/** Checks that the blocks and duplicates that the SACK counts are what its length field says. */
export function checkSack(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, SACK_FIXED_LENGTH);
  if (state !== "ok") return state;
  const entries = view.getUint16(at + GAP_COUNT) + view.getUint16(at + DUP_COUNT);
  return chunkLength(view, at) === SACK_FIXED_LENGTH + 4 * entries ? "ok" : "badLength";
}

export const sackCumTsnAck = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + CUM_TSN_ACK));
/** Bytes, 0 .. 2^32 - 1. */
export const sackARwnd = (view: DataView, at: number): number => view.getUint32(at + A_RWND);
export const sackGapCount = (view: DataView, at: number): number => view.getUint16(at + GAP_COUNT);
export const sackDupCount = (view: DataView, at: number): number => view.getUint16(at + DUP_COUNT);
/** First TSN of block `i` (from 0) as an offset from cumTsnAck. */
export const sackGapStart = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + SACK_FIXED_LENGTH + 4 * i);
/** Last TSN of block `i` (from 0) as an offset from cumTsnAck; a peer may send it below the start. */
export const sackGapEnd = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + SACK_FIXED_LENGTH + 4 * i + 2);
/** Duplicate TSN `i` (from 0). */
export const sackDupTsn = (view: DataView, at: number, i: number): Tsn =>
  tsn(view.getUint32(at + SACK_FIXED_LENGTH + 4 * (sackGapCount(view, at) + i)));

/**
 * Writes all but the blocks and duplicates; 16 bytes. The chunk takes `16 + 4 * (gapCount + dupCount)`.
 * @returns 16
 */
export function writeSackFixed(
  view: DataView,
  at: number,
  flags: number,
  cumTsnAck: number,
  aRwnd: number,
  gapCount: number,
  dupCount: number,
): number {
  const length = SACK_FIXED_LENGTH + 4 * (gapCount + dupCount);
  writeChunkHeader(view, at, ChunkType.sack, flags, length);
  view.setUint32(at + CUM_TSN_ACK, cumTsnAck);
  view.setUint32(at + A_RWND, aRwnd);
  view.setUint16(at + GAP_COUNT, gapCount);
  view.setUint16(at + DUP_COUNT, dupCount);
  return SACK_FIXED_LENGTH;
}

/**
 * Writes gap ack block `i` (from 0) of the SACK at `at`; offsets from cumTsnAck, 1 .. 65,535.
 * @returns 4
 */
export function writeSackGap(
  view: DataView,
  at: number,
  i: number,
  start: number,
  end: number,
): number {
  view.setUint16(at + SACK_FIXED_LENGTH + 4 * i, start);
  view.setUint16(at + SACK_FIXED_LENGTH + 4 * i + 2, end);
  return 4;
}

/**
 * Writes duplicate TSN `i` (from 0) of the SACK at `at`, which has `gapCount` blocks.
 * @returns 4
 */
export function writeSackDup(
  view: DataView,
  at: number,
  gapCount: number,
  i: number,
  tsn: number,
): number {
  view.setUint32(at + SACK_FIXED_LENGTH + 4 * (gapCount + i), tsn);
  return 4;
}

/** The whole chunk as a tree. */
export function describeSack(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("cumTsnAck", at + CUM_TSN_ACK, 4);
  fields.uint("aRwnd", at + A_RWND, 4);
  fields.uint("gapCount", at + GAP_COUNT, 2);
  fields.uint("dupCount", at + DUP_COUNT, 2);
  const state = checkSack(view, at, end);
  if (state === "ok") {
    const gaps = sackGapCount(view, at);
    pushGapBlocks(
      fields,
      view,
      "gapAckBlock",
      sackCumTsnAck(view, at),
      at + SACK_FIXED_LENGTH,
      gaps,
    );
    for (let i = 0; i < sackDupCount(view, at); i++) {
      fields.uint("dupTsn", at + SACK_FIXED_LENGTH + 4 * (gaps + i), 4);
    }
  }
  return tlvNode("sack", view, at, end, fields, state);
}

/** One line: `SACK cum=5 rwnd=65536 gaps=2-3,5-5 dups=4`. */
export function summarizeSack(view: DataView, at: number, end: number): string {
  const state = checkSack(view, at, end);
  if (state !== "ok") return `SACK [${state}]`;
  let line = `SACK cum=${sackCumTsnAck(view, at)} rwnd=${sackARwnd(view, at)}`;
  line += gapText(view, " gaps=", at + SACK_FIXED_LENGTH, sackGapCount(view, at));
  const dups = sackDupCount(view, at);
  for (let i = 0; i < dups; i++) line += `${i === 0 ? " dups=" : ","}${sackDupTsn(view, at, i)}`;
  return line;
}
