import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunkOfAtLeast,
  chunkLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeCause, summarizeCause } from "./describe-cause.js";
import { CAUSE_HEADER_LENGTH, checkCauses } from "./error-cause.js";

import { describeList, summarizeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 9    |  Chunk Flags  |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                   one or more Error Causes                    /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.10

/** Checks that its causes, one or more, can be walked: from {@link errorCausesStart} to `at + chunkLength`. */
export function checkError(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, CHUNK_HEADER_LENGTH + CAUSE_HEADER_LENGTH);
  if (state !== "ok") return state;
  // Causes are bounded by the chunk's length, not by the packet's end.
  const causes = checkCauses(view, errorCausesStart(at), at + chunkLength(view, at));
  return causes === "ok" ? "ok" : "badLength";
}

/** Where the first cause begins. */
export const errorCausesStart = (at: number): number => at + CHUNK_HEADER_LENGTH;

/**
 * Writes the header, before the causes; 4 bytes.
 * @param length of the whole chunk: 4 and the causes, without padding of the last
 * @returns 4
 */
export const writeErrorHeader = (view: DataView, at: number, length: number): number =>
  writeChunkHeader(view, at, ChunkType.error, 0, length);

/** The whole chunk as a tree, with its causes. */
export function describeError(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  const stop = tlvEnd(view, at, end);
  for (const node of describeList(view, errorCausesStart(at), stop, describeCause)) {
    fields.push(node);
  }
  return tlvNode("error", view, at, end, fields, checkError(view, at, end));
}

/** One line: `ERROR staleCookie(2500us)`. */
export function summarizeError(view: DataView, at: number, end: number): string {
  const state = checkError(view, at, end);
  if (state !== "ok") return `ERROR [${state}]`;
  const stop = at + chunkLength(view, at);
  const causes = summarizeList(view, errorCausesStart(at), stop, summarizeCause);
  return `ERROR${causes}`;
}
