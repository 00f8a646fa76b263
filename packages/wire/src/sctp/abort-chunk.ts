import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunkOfAtLeast,
  chunkFlags,
  chunkLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeCause, summarizeCause } from "./describe-cause.js";
import { checkCauses } from "./error-cause.js";
import { REFLECTED_TAG, REFLECTED_TAG_NAMES } from "./reflected-tag.js";
import { describeList, summarizeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 6    |  Reserved   |T|            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                   zero or more Error Causes                   /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.7

/** Checks that its causes, if any, can be walked: from {@link abortCausesStart} to `at + chunkLength`. */
export function checkAbort(view: DataView, at: number, end: number): ChunkCheck {
  const state = checkChunkOfAtLeast(view, at, end, CHUNK_HEADER_LENGTH);
  if (state !== "ok") return state;
  // Causes are bounded by the chunk's length, not by the packet's end.
  const causes = checkCauses(view, abortCausesStart(at), at + chunkLength(view, at));
  return causes === "ok" ? "ok" : "badLength";
}

/** Where the first cause begins. */
export const abortCausesStart = (at: number): number => at + CHUNK_HEADER_LENGTH;

/** True if its packet carries the receiver's own verification tag back (the T bit). */
export const abortTagIsReflected = (view: DataView, at: number): boolean =>
  (chunkFlags(view, at) & REFLECTED_TAG) !== 0;

/**
 * Writes the header, before the causes; 4 bytes.
 * @param tagIsReflected the T bit: the verification tag is not the peer's but the one it sent
 * @param length of the whole chunk: 4 and the causes, without padding of the last
 * @returns 4
 */
export const writeAbortHeader = (
  view: DataView,
  at: number,
  tagIsReflected: boolean,
  length: number,
): number =>
  writeChunkHeader(view, at, ChunkType.abort, tagIsReflected ? REFLECTED_TAG : 0, length);

/** The whole chunk as a tree, with its causes. */
export function describeAbort(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end, REFLECTED_TAG_NAMES);
  const stop = tlvEnd(view, at, end);
  for (const node of describeList(view, abortCausesStart(at), stop, describeCause)) {
    fields.push(node);
  }
  return tlvNode("abort", view, at, end, fields, checkAbort(view, at, end));
}

/** One line: `ABORT T userInitiatedAbort("bye")`. */
export function summarizeAbort(view: DataView, at: number, end: number): string {
  const state = checkAbort(view, at, end);
  if (state !== "ok") return `ABORT [${state}]`;
  const reflected = abortTagIsReflected(view, at) ? " T" : "";
  const stop = at + chunkLength(view, at);
  const causes = summarizeList(view, abortCausesStart(at), stop, summarizeCause);
  return `ABORT${reflected}${causes}`;
}
