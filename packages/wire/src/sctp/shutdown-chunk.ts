import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { type ChunkCheck, checkChunkOfLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 7    |  Chunk Flags  |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Cumulative TSN Ack                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.8
const TSN = 4;

/** Length of the chunk. */
export const SHUTDOWN_LENGTH = 8;

/** Checks the length. */
export const checkShutdown = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfLength(view, at, end, SHUTDOWN_LENGTH);

/** The last TSN before the first that the sender misses. */
export const shutdownCumTsnAck = (view: DataView, at: number): Tsn => tsn(view.getUint32(at + TSN));

/**
 * Writes the chunk; 8 bytes.
 * @returns 8
 */
export function writeShutdown(view: DataView, at: number, cumTsnAck: number): number {
  writeChunkHeader(view, at, ChunkType.shutdown, 0, SHUTDOWN_LENGTH);
  view.setUint32(at + TSN, cumTsnAck);
  return SHUTDOWN_LENGTH;
}

/** The chunk as a tree. */
export function describeShutdown(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("cumTsnAck", at + TSN, 4);
  return tlvNode("shutdown", view, at, end, fields, checkShutdown(view, at, end));
}

/** One line: `SHUTDOWN cum=7`. */
export function summarizeShutdown(view: DataView, at: number, end: number): string {
  const state = checkShutdown(view, at, end);
  return state === "ok" ? `SHUTDOWN cum=${shutdownCumTsnAck(view, at)}` : `SHUTDOWN [${state}]`;
}
