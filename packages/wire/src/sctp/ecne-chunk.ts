import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfAtLeast, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 12   |  Chunk Flags  |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Lowest TSN Number                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4960 appendix A
const TSN = 4;

/** Length of the chunk. */
export const ECNE_LENGTH = 8;

/** Checks the length. At least 8 bytes: some peers append a count of packets. */
export const checkEcne = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfAtLeast(view, at, end, ECNE_LENGTH);

/** The lowest TSN in the packet that came marked. */
export const ecneLowestTsn = (view: DataView, at: number): Tsn => tsn(view.getUint32(at + TSN));

/**
 * Writes the chunk; 8 bytes.
 * @returns 8
 */
export function writeEcne(view: DataView, at: number, lowestTsn: number): number {
  writeChunkHeader(view, at, ChunkType.ecne, 0, ECNE_LENGTH);
  view.setUint32(at + TSN, lowestTsn);
  return ECNE_LENGTH;
}

/** The chunk as a tree. */
export function describeEcne(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("lowestTsn", at + TSN, 4);
  const rest = tlvEnd(view, at, end) - (at + ECNE_LENGTH);
  if (rest > 0) fields.hex("rest", at + ECNE_LENGTH, rest);
  return tlvNode("ecne", view, at, end, fields, checkEcne(view, at, end));
}

/** One line: `ECNE tsn=7`. */
export function summarizeEcne(view: DataView, at: number, end: number): string {
  const state = checkEcne(view, at, end);
  return state === "ok" ? `ECNE tsn=${ecneLowestTsn(view, at)}` : `ECNE [${state}]`;
}
