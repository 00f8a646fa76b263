import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunk,
  chunkLength,
  paddedLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 0x84   |   Flags=0     |             Length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                         Padding Data                          /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4820 s3

/** Checks that it is there; what it holds does not matter. */
export const checkPad = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunk(view, at, end);

/**
 * Writes a PAD chunk of zeros.
 * @param length of the whole chunk, 4 .. 65,535; a multiple of 4 leaves no padding behind it
 * @returns bytes written: `length` rounded up to a multiple of 4
 */
export function writePad(bytes: Uint8Array, view: DataView, at: number, length: number): number {
  writeChunkHeader(view, at, ChunkType.pad, 0, length);
  const padded = paddedLength(length);
  bytes.fill(0, at + CHUNK_HEADER_LENGTH, at + padded);
  return padded;
}

/** The whole chunk as a tree. */
export function describePad(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  const data = at + CHUNK_HEADER_LENGTH;
  const length = tlvEnd(view, at, end) - data;
  if (length > 0) fields.hex("paddingData", data, length);
  return tlvNode("pad", view, at, end, fields, checkPad(view, at, end));
}

/** One line: `PAD len=600`, where the number counts the padding data. */
export function summarizePad(view: DataView, at: number, end: number): string {
  const state = checkPad(view, at, end);
  if (state !== "ok") return `PAD [${state}]`;
  return `PAD len=${chunkLength(view, at) - CHUNK_HEADER_LENGTH}`;
}
