import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunkOfLength,
  chunkFlags,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { REFLECTED_TAG, REFLECTED_TAG_NAMES } from "./reflected-tag.js";
import { tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 14   |  Reserved   |T|          Length = 4           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.13

/** Checks that it is its header and no more. */
export const checkShutdownComplete = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfLength(view, at, end, CHUNK_HEADER_LENGTH);

/** True if its packet carries the receiver's own verification tag back (the T bit). */
export const shutdownCompleteTagIsReflected = (view: DataView, at: number): boolean =>
  (chunkFlags(view, at) & REFLECTED_TAG) !== 0;

/**
 * Writes the chunk; 4 bytes.
 * @param tagIsReflected the T bit: the verification tag is not the peer's but the one it sent
 * @returns 4
 */
export function writeShutdownComplete(view: DataView, at: number, tagIsReflected: boolean): number {
  const flags = tagIsReflected ? REFLECTED_TAG : 0;
  return writeChunkHeader(view, at, ChunkType.shutdownComplete, flags, CHUNK_HEADER_LENGTH);
}

/** The chunk as a tree. */
export function describeShutdownComplete(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end, REFLECTED_TAG_NAMES);
  const state = checkShutdownComplete(view, at, end);
  return tlvNode("shutdownComplete", view, at, end, fields, state);
}

/** One line: `SHUTDOWN COMPLETE T`. */
export function summarizeShutdownComplete(view: DataView, at: number, end: number): string {
  const state = checkShutdownComplete(view, at, end);
  if (state !== "ok") return `SHUTDOWN COMPLETE [${state}]`;
  return `SHUTDOWN COMPLETE${shutdownCompleteTagIsReflected(view, at) ? " T" : ""}`;
}
