import type { TreeNode } from "../tree.js";
import { paddedLength, zeroPadding } from "./chunk.js";
import { chunkTypeName } from "./chunk-type.js";
import {
  checkParameter,
  PARAMETER_HEADER_LENGTH,
  type ParameterCheck,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { parameterTypeName } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Type = 0x8003, 0x8008      |       Parameter Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Chunk Type 1  | Chunk Type 2  | Chunk Type 3  | Chunk Type 4  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// The two lists of chunk types: chunkList, which must come authenticated (RFC 4895 s3.2), and
// supportedExtensions (RFC 5061 s4.2.7).

/** Checks a chunkList or supportedExtensions parameter. */
export const checkChunkTypesParameter = (view: DataView, at: number, end: number): ParameterCheck =>
  checkParameter(view, at, end);

/** How many chunk types it lists. */
export const chunkTypesCount = (view: DataView, at: number): number =>
  parameterLength(view, at) - PARAMETER_HEADER_LENGTH;

/** Chunk type `i` (from 0). */
export const chunkTypeAt = (view: DataView, at: number, i: number): number =>
  view.getUint8(at + PARAMETER_HEADER_LENGTH + i);

/** True if this chunk type is in the list. */
export function listsChunkType(view: DataView, at: number, type: number): boolean {
  const count = chunkTypesCount(view, at);
  for (let i = 0; i < count; i++) if (chunkTypeAt(view, at, i) === type) return true;
  return false;
}

/**
 * Writes the list; 4 bytes and one for each type, and up to 3 zeros of padding.
 * @param type `ParameterType.chunkList` or `ParameterType.supportedExtensions`
 * @returns bytes written, padding included
 */
export function writeChunkTypesParameter(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  type: number,
  chunkTypes: ArrayLike<number>,
): number {
  const length = PARAMETER_HEADER_LENGTH + chunkTypes.length;
  writeParameterHeader(view, at, type, length);
  bytes.set(chunkTypes, at + PARAMETER_HEADER_LENGTH);
  zeroPadding(bytes, at, length);
  return paddedLength(length);
}

/** The parameter as a tree. */
export function describeChunkTypesParameter(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  const state = checkChunkTypesParameter(view, at, end);
  if (state === "ok") {
    const count = chunkTypesCount(view, at);
    for (let i = 0; i < count; i++) {
      fields.uint("chunkType", at + PARAMETER_HEADER_LENGTH + i, 1, chunkTypeName);
    }
  }
  return parameterNode(view, at, end, fields, state);
}

/** One line: `supportedExtensions(ASCONF,ASCONF-ACK)`. */
export function summarizeChunkTypesParameter(view: DataView, at: number, end: number): string {
  const state = checkChunkTypesParameter(view, at, end);
  if (state !== "ok") return `chunk types${badSuffix(state)}`;
  const names: string[] = [];
  for (let i = 0; i < chunkTypesCount(view, at); i++) {
    names.push(chunkTypeName(chunkTypeAt(view, at, i)));
  }
  return `${parameterTypeName(parameterType(view, at))}(${names.join(",")})`;
}
