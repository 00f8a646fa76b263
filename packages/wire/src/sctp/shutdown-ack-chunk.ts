import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunkOfLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { badSuffix, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 8    |  Chunk Flags  |          Length = 4           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.9

/** Checks that it is its header and no more. */
export const checkShutdownAck = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfLength(view, at, end, CHUNK_HEADER_LENGTH);

/**
 * Writes the chunk; 4 bytes.
 * @returns 4
 */
export const writeShutdownAck = (view: DataView, at: number): number =>
  writeChunkHeader(view, at, ChunkType.shutdownAck, 0, CHUNK_HEADER_LENGTH);

/** The chunk as a tree. */
export const describeShutdownAck = (view: DataView, at: number, end: number): TreeNode =>
  tlvNode(
    "shutdownAck",
    view,
    at,
    end,
    chunkFields(view, at, end),
    checkShutdownAck(view, at, end),
  );

/** One line: `SHUTDOWN ACK`. */
export const summarizeShutdownAck = (view: DataView, at: number, end: number): string =>
  `SHUTDOWN ACK${badSuffix(checkShutdownAck(view, at, end))}`;
