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
// |   Type = 11   |  Chunk Flags  |          Length = 4           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.12

/** Checks that it is its header and no more. */
export const checkCookieAck = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfLength(view, at, end, CHUNK_HEADER_LENGTH);

/**
 * Writes the chunk; 4 bytes.
 * @returns 4
 */
export const writeCookieAck = (view: DataView, at: number): number =>
  writeChunkHeader(view, at, ChunkType.cookieAck, 0, CHUNK_HEADER_LENGTH);

/** The chunk as a tree. */
export const describeCookieAck = (view: DataView, at: number, end: number): TreeNode =>
  tlvNode("cookieAck", view, at, end, chunkFields(view, at, end), checkCookieAck(view, at, end));

/** One line: `COOKIE ACK`. */
export const summarizeCookieAck = (view: DataView, at: number, end: number): string =>
  `COOKIE ACK${badSuffix(checkCookieAck(view, at, end))}`;
