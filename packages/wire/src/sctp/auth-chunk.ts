import type { TreeNode } from "../tree.js";
import {
  type ChunkCheck,
  checkChunkOfAtLeast,
  chunkLength,
  paddedLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { hmacName } from "./hmac-algorithm-parameter.js";
import { tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 0x0F   |   Flags=0     |             Length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Shared Key Identifier      |        HMAC Identifier        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                             HMAC                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4895 s5.1
const SHARED_KEY_ID = 4;
const HMAC_ID = 6;

/** Bytes before the HMAC. */
export const AUTH_FIXED_LENGTH = 8;

/** Checks the fixed fields' room; whether the HMAC's length is its algorithm's is `hmacLength`'s to tell. */
export const checkAuth = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfAtLeast(view, at, end, AUTH_FIXED_LENGTH);

/** Which of the shared keys of both ends is used; 0 when there is none. */
export const authSharedKeyId = (view: DataView, at: number): number =>
  view.getUint16(at + SHARED_KEY_ID);
/** See `HmacId`; a peer may send others. */
export const authHmacId = (view: DataView, at: number): number => view.getUint16(at + HMAC_ID);
/** Where the HMAC begins. */
export const authHmacStart = (at: number): number => at + AUTH_FIXED_LENGTH;
/** Bytes of the HMAC. */
export const authHmacLength = (view: DataView, at: number): number =>
  chunkLength(view, at) - AUTH_FIXED_LENGTH;

/**
 * Writes the chunk with an HMAC of zeros, over which the HMAC is then computed (RFC 4895 s6.2);
 * `8 + hmacLength` bytes and up to 3 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeAuth(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  sharedKeyId: number,
  hmacId: number,
  hmacLength: number,
): number {
  const length = AUTH_FIXED_LENGTH + hmacLength;
  writeChunkHeader(view, at, ChunkType.auth, 0, length);
  view.setUint16(at + SHARED_KEY_ID, sharedKeyId);
  view.setUint16(at + HMAC_ID, hmacId);
  const padded = paddedLength(length);
  bytes.fill(0, authHmacStart(at), at + padded);
  return padded;
}

/** The whole chunk as a tree. */
export function describeAuth(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("sharedKeyId", at + SHARED_KEY_ID, 2);
  fields.uint("hmacId", at + HMAC_ID, 2, hmacName);
  const length = tlvEnd(view, at, end) - authHmacStart(at);
  if (length > 0) fields.hex("hmac", authHmacStart(at), length);
  return tlvNode("auth", view, at, end, fields, checkAuth(view, at, end));
}

/** One line: `AUTH key=0 SHA-1`. */
export function summarizeAuth(view: DataView, at: number, end: number): string {
  const state = checkAuth(view, at, end);
  if (state !== "ok") return `AUTH [${state}]`;
  return `AUTH key=${authSharedKeyId(view, at)} ${hmacName(authHmacId(view, at))}`;
}
