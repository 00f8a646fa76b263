import type { TreeNode } from "../tree.js";
import { CHUNK_HEADER_LENGTH, checkChunk, chunkLength, chunkType } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { chunkTypeName } from "./chunk-type.js";
import { badSuffix, tlvEnd, tlvNode } from "./tlv-node.js";

// Chunks of types that nobody here knows, and those that an unrecognizedChunkType cause quotes.

/** Any chunk as a tree, its value in hexadecimal. */
export function describeUnknownChunk(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  const value = at + CHUNK_HEADER_LENGTH;
  const length = tlvEnd(view, at, end) - value;
  if (length > 0) fields.hex("value", value, length);
  return tlvNode("chunk", view, at, end, fields, checkChunk(view, at, end));
}

/** One line: the type's name and the length, such as `chunk 62 len=12`. `at` must be before `end`. */
export function summarizeUnknownChunk(view: DataView, at: number, end: number): string {
  const state = checkChunk(view, at, end);
  const name = chunkTypeName(chunkType(view, at));
  return state === "ok" ? `${name} len=${chunkLength(view, at)}` : `${name}${badSuffix(state)}`;
}
