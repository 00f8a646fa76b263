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
// |   Type = 0x10 |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Cumulative TSN Ack                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Advertised Receiver Window Credit (a_rwnd)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Number of R Gap Ack Blocks = N |Number of NR Gap Ack Blocks = M|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Number of Duplicate TSNs = X  |           Reserved            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /              N renegable gap ack blocks: start, end           /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /            M non-renegable gap ack blocks: start, end         /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                        X duplicate TSNs                       /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// draft-tuexen-tsvwg-sctp-multipath-29 s4.2
const CUM_TSN_ACK = 4;
const A_RWND = 8;
const GAP_COUNT = 12;
const NR_GAP_COUNT = 14;
const DUP_COUNT = 16;
const RESERVED = 18;

/** Bytes before the first block; each block and each duplicate TSN takes 4 more. */
export const NR_SACK_FIXED_LENGTH = 20;

/** Checks that the blocks and duplicates that it counts are what its length field says. */
export function checkNrSack(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, NR_SACK_FIXED_LENGTH);
  if (state !== "ok") return state;
  const entries =
    view.getUint16(at + GAP_COUNT) +
    view.getUint16(at + NR_GAP_COUNT) +
    view.getUint16(at + DUP_COUNT);
  return chunkLength(view, at) === NR_SACK_FIXED_LENGTH + 4 * entries ? "ok" : "badLength";
}

export const nrSackCumTsnAck = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + CUM_TSN_ACK));
/** Bytes, 0 .. 2^32 - 1. */
export const nrSackARwnd = (view: DataView, at: number): number => view.getUint32(at + A_RWND);
/** Blocks of TSNs that the peer may still drop. */
export const nrSackGapCount = (view: DataView, at: number): number =>
  view.getUint16(at + GAP_COUNT);
/** Blocks of TSNs that the peer promises to keep. */
export const nrSackNrGapCount = (view: DataView, at: number): number =>
  view.getUint16(at + NR_GAP_COUNT);
export const nrSackDupCount = (view: DataView, at: number): number =>
  view.getUint16(at + DUP_COUNT);
/** First TSN of renegable block `i` (from 0) as an offset from cumTsnAck. */
export const nrSackGapStart = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + NR_SACK_FIXED_LENGTH + 4 * i);
/** Last TSN of renegable block `i` (from 0) as an offset from cumTsnAck. */
export const nrSackGapEnd = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + NR_SACK_FIXED_LENGTH + 4 * i + 2);
/** First TSN of non-renegable block `i` (from 0) as an offset from cumTsnAck. */
export const nrSackNrGapStart = (view: DataView, at: number, i: number): number =>
  nrSackGapStart(view, at, nrSackGapCount(view, at) + i);
/** Last TSN of non-renegable block `i` (from 0) as an offset from cumTsnAck. */
export const nrSackNrGapEnd = (view: DataView, at: number, i: number): number =>
  nrSackGapEnd(view, at, nrSackGapCount(view, at) + i);
/** Duplicate TSN `i` (from 0). */
export const nrSackDupTsn = (view: DataView, at: number, i: number): Tsn =>
  tsn(view.getUint32(firstDup(view, at) + 4 * i));

/**
 * Writes all but blocks and duplicates; 20 bytes. The chunk takes
 * `20 + 4 * (gapCount + nrGapCount + dupCount)`.
 * @returns 20
 */
export function writeNrSackFixed(
  view: DataView,
  at: number,
  flags: number,
  cumTsnAck: number,
  aRwnd: number,
  gapCount: number,
  nrGapCount: number,
  dupCount: number,
): number {
  const length = NR_SACK_FIXED_LENGTH + 4 * (gapCount + nrGapCount + dupCount);
  writeChunkHeader(view, at, ChunkType.nrSack, flags, length);
  view.setUint32(at + CUM_TSN_ACK, cumTsnAck);
  view.setUint32(at + A_RWND, aRwnd);
  view.setUint16(at + GAP_COUNT, gapCount);
  view.setUint16(at + NR_GAP_COUNT, nrGapCount);
  view.setUint16(at + DUP_COUNT, dupCount);
  view.setUint16(at + RESERVED, 0);
  return NR_SACK_FIXED_LENGTH;
}

/**
 * Writes renegable block `i` (from 0) of the NR-SACK at `at`; offsets from cumTsnAck, 1 .. 65,535.
 * @returns 4
 */
export function writeNrSackGap(
  view: DataView,
  at: number,
  i: number,
  start: number,
  end: number,
): number {
  view.setUint16(at + NR_SACK_FIXED_LENGTH + 4 * i, start);
  view.setUint16(at + NR_SACK_FIXED_LENGTH + 4 * i + 2, end);
  return 4;
}

/**
 * Writes non-renegable block `i` (from 0) of the NR-SACK at `at`, which has `gapCount` renegable ones.
 * @returns 4
 */
export function writeNrSackNrGap(
  view: DataView,
  at: number,
  gapCount: number,
  i: number,
  start: number,
  end: number,
): number {
  return writeNrSackGap(view, at, gapCount + i, start, end);
}

/**
 * Writes duplicate TSN `i` (from 0) of the NR-SACK at `at`, which has `blockCount` blocks of both kinds
 * together.
 * @returns 4
 */
export function writeNrSackDup(
  view: DataView,
  at: number,
  blockCount: number,
  i: number,
  tsn: number,
): number {
  view.setUint32(at + NR_SACK_FIXED_LENGTH + 4 * (blockCount + i), tsn);
  return 4;
}

/** The whole chunk as a tree. */
export function describeNrSack(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("cumTsnAck", at + CUM_TSN_ACK, 4);
  fields.uint("aRwnd", at + A_RWND, 4);
  fields.uint("gapCount", at + GAP_COUNT, 2);
  fields.uint("nrGapCount", at + NR_GAP_COUNT, 2);
  fields.uint("dupCount", at + DUP_COUNT, 2);
  fields.uint("reserved", at + RESERVED, 2);
  const state = checkNrSack(view, at, end);
  if (state === "ok") {
    const cumTsnAck = nrSackCumTsnAck(view, at);
    const first = at + NR_SACK_FIXED_LENGTH;
    const gaps = nrSackGapCount(view, at);
    pushGapBlocks(fields, view, "gapAckBlock", cumTsnAck, first, gaps);
    const nrGaps = nrSackNrGapCount(view, at);
    pushGapBlocks(fields, view, "nrGapAckBlock", cumTsnAck, first + 4 * gaps, nrGaps);
    const dups = nrSackDupCount(view, at);
    for (let i = 0; i < dups; i++) fields.uint("dupTsn", firstDup(view, at) + 4 * i, 4);
  }
  return tlvNode("nrSack", view, at, end, fields, state);
}

/** One line: `NR-SACK cum=5 rwnd=65536 gaps=2-3 nrgaps=5-5 dups=4`. */
export function summarizeNrSack(view: DataView, at: number, end: number): string {
  const state = checkNrSack(view, at, end);
  if (state !== "ok") return `NR-SACK [${state}]`;
  const first = at + NR_SACK_FIXED_LENGTH;
  const gaps = nrSackGapCount(view, at);
  let line = `NR-SACK cum=${nrSackCumTsnAck(view, at)} rwnd=${nrSackARwnd(view, at)}`;
  line += gapText(view, " gaps=", first, gaps);
  line += gapText(view, " nrgaps=", first + 4 * gaps, nrSackNrGapCount(view, at));
  const dups = nrSackDupCount(view, at);
  for (let i = 0; i < dups; i++) line += `${i === 0 ? " dups=" : ","}${nrSackDupTsn(view, at, i)}`;
  return line;
}

const firstDup = (view: DataView, at: number): number =>
  at + NR_SACK_FIXED_LENGTH + 4 * (nrSackGapCount(view, at) + nrSackNrGapCount(view, at));
