import type { TreeNode } from "../tree.js";
import { paddedLength } from "./chunk.js";
import {
  checkParameter,
  PARAMETER_HEADER_LENGTH,
  type ParameterCheck,
  parameterLength,
  writeParameterHeader,
} from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Parameter Type = 0x8004   |       Parameter Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          HMAC Identifier 1    |      HMAC Identifier 2        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4895 s3.3

/** HMAC identifiers. RFC 4895 s3.3 table 2 */
export const HmacId = { sha1: 1, sha256: 3 } as const;

/** Bytes of the HMAC of this identifier: 20 or 32; 0 for one that is not defined. */
export const hmacLength = (hmacId: number): number =>
  hmacId === HmacId.sha1 ? 20 : hmacId === HmacId.sha256 ? 32 : 0;

/** Name of an HMAC identifier: `SHA-1`, `SHA-256` or its number. */
export const hmacName = (hmacId: number): string =>
  hmacId === HmacId.sha1 ? "SHA-1" : hmacId === HmacId.sha256 ? "SHA-256" : String(hmacId);

/** Checks that it holds whole 16-bit entries. */
export function checkHmacAlgorithmParameter(
  view: DataView,
  at: number,
  end: number,
): ParameterCheck {
  const state = checkParameter(view, at, end);
  if (state !== "ok") return state;
  return parameterLength(view, at) % 2 === 0 ? "ok" : "badLength";
}

/** How many HMAC identifiers it lists. */
export const hmacIdsCount = (view: DataView, at: number): number =>
  (parameterLength(view, at) - PARAMETER_HEADER_LENGTH) >> 1;

/** HMAC identifier `i` (from 0), the most preferred first; see {@link HmacId}. */
export const hmacIdAt = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + PARAMETER_HEADER_LENGTH + 2 * i);

/** True if this HMAC identifier is in the list. */
export function listsHmacId(view: DataView, at: number, hmacId: number): boolean {
  const count = hmacIdsCount(view, at);
  for (let i = 0; i < count; i++) if (hmacIdAt(view, at, i) === hmacId) return true;
  return false;
}

/**
 * Writes the list; 4 bytes and two for each entry, and up to 2 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeHmacAlgorithmParameter(
  view: DataView,
  at: number,
  hmacIds: readonly number[],
): number {
  const length = PARAMETER_HEADER_LENGTH + 2 * hmacIds.length;
  writeParameterHeader(view, at, ParameterType.requestedHmacAlgorithm, length);
  let p = at + PARAMETER_HEADER_LENGTH;
  for (const hmacId of hmacIds) {
    view.setUint16(p, hmacId);
    p += 2;
  }
  if (p < at + paddedLength(length)) view.setUint16(p, 0);
  return paddedLength(length);
}

/** The parameter as a tree. */
export function describeHmacAlgorithmParameter(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  const state = checkHmacAlgorithmParameter(view, at, end);
  if (state === "ok") {
    const count = hmacIdsCount(view, at);
    for (let i = 0; i < count; i++) {
      fields.uint("hmacId", at + PARAMETER_HEADER_LENGTH + 2 * i, 2, hmacName);
    }
  }
  return parameterNode(view, at, end, fields, state);
}

/** One line: `requestedHmacAlgorithm(SHA-256,SHA-1)`. */
export function summarizeHmacAlgorithmParameter(view: DataView, at: number, end: number): string {
  const state = checkHmacAlgorithmParameter(view, at, end);
  if (state !== "ok") return `requestedHmacAlgorithm${badSuffix(state)}`;
  const names: string[] = [];
  for (let i = 0; i < hmacIdsCount(view, at); i++) {
    names.push(hmacName(hmacIdAt(view, at, i)));
  }
  return `requestedHmacAlgorithm(${names.join(",")})`;
}
