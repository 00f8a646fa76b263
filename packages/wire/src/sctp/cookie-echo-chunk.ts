import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunk,
  chunkLength,
  paddedLength,
  writeChunkHeader,
  zeroPadding,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 10   |  Chunk Flags  |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                            Cookie                             /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.11

/** Checks that the cookie is there; whether it is one of ours is the association's to know. */
export const checkCookieEcho = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunk(view, at, end);

/** Where the cookie begins. */
export const cookieStart = (at: number): number => at + CHUNK_HEADER_LENGTH;

/** Bytes of the cookie. */
export const cookieLength = (view: DataView, at: number): number =>
  chunkLength(view, at) - CHUNK_HEADER_LENGTH;

/**
 * Writes the chunk with the bytes `from .. to` of `cookie` (all of it by default), which are copied;
 * `4 + (to - from)` bytes and up to 3 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeCookieEcho(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  cookie: Uint8Array,
  from = 0,
  to: number = cookie.length,
): number {
  const length = CHUNK_HEADER_LENGTH + to - from;
  writeChunkHeader(view, at, ChunkType.cookieEcho, 0, length);
  bytes.set(cookie.subarray(from, to), cookieStart(at));
  zeroPadding(bytes, at, length);
  return paddedLength(length);
}

/** The whole chunk as a tree, the cookie in hexadecimal. */
export function describeCookieEcho(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  const length = tlvEnd(view, at, end) - cookieStart(at);
  if (length > 0) fields.hex("cookie", cookieStart(at), length);
  return tlvNode("cookieEcho", view, at, end, fields, checkCookieEcho(view, at, end));
}

/** One line: `COOKIE ECHO cookie=232`, where the number counts the cookie's bytes. */
export function summarizeCookieEcho(view: DataView, at: number, end: number): string {
  const state = checkCookieEcho(view, at, end);
  return state === "ok" ? `COOKIE ECHO cookie=${cookieLength(view, at)}` : `COOKIE ECHO [${state}]`;
}
