import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfAtLeast, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 13   |  Chunk Flags  |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Lowest TSN Number                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4960 appendix A
const TSN = 4;

/** Length of the chunk. */
export const CWR_LENGTH = 8;

/** Checks the length. At least 8 bytes, as for ECNE. */
export const checkCwr = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfAtLeast(view, at, end, CWR_LENGTH);

/** The TSN of the ECNE that is answered. */
export const cwrLowestTsn = (view: DataView, at: number): Tsn => tsn(view.getUint32(at + TSN));

/**
 * Writes the chunk; 8 bytes.
 * @returns 8
 */
export function writeCwr(view: DataView, at: number, lowestTsn: number): number {
  writeChunkHeader(view, at, ChunkType.cwr, 0, CWR_LENGTH);
  view.setUint32(at + TSN, lowestTsn);
  return CWR_LENGTH;
}

/** The chunk as a tree. */
export function describeCwr(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("lowestTsn", at + TSN, 4);
  const rest = tlvEnd(view, at, end) - (at + CWR_LENGTH);
  if (rest > 0) fields.hex("rest", at + CWR_LENGTH, rest);
  return tlvNode("cwr", view, at, end, fields, checkCwr(view, at, end));
}

/** One line: `CWR tsn=7`. */
export function summarizeCwr(view: DataView, at: number, end: number): string {
  const state = checkCwr(view, at, end);
  return state === "ok" ? `CWR tsn=${cwrLowestTsn(view, at)}` : `CWR [${state}]`;
}
