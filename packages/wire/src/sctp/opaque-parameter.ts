import type { TreeNode } from "../tree.js";
import { paddedLength, zeroPadding } from "./chunk.js";
import {
  checkParameter,
  PARAMETER_HEADER_LENGTH,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { parameterTypeName } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode, tlvEnd } from "./tlv-node.js";

// Parameters whose value is bytes for who made them, for the application, or for nobody: heartbeatInfo
// (RFC 9260 s3.3.5), stateCookie and unrecognizedParameter (s3.3.3.1), hostNameAddress (s3.3.2.1.4),
// random (RFC 4895 s3.1), padding (RFC 4820 s4); and any whose type is unknown.

/** Where a parameter's value begins. */
export const parameterValueStart = (at: number): number => at + PARAMETER_HEADER_LENGTH;

/** Bytes of a parameter's value, without padding. */
export const parameterValueLength = (view: DataView, at: number): number =>
  parameterLength(view, at) - PARAMETER_HEADER_LENGTH;

/**
 * Writes a parameter whose value is the bytes `from .. to` of `source` (all of it by default), which are
 * copied; `4 + (to - from)` bytes and up to 3 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeOpaqueParameter(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  type: number,
  source: Uint8Array,
  from = 0,
  to: number = source.length,
): number {
  const length = PARAMETER_HEADER_LENGTH + to - from;
  writeParameterHeader(view, at, type, length);
  bytes.set(source.subarray(from, to), at + PARAMETER_HEADER_LENGTH);
  zeroPadding(bytes, at, length);
  return paddedLength(length);
}

/** Any parameter as a tree, its value in hexadecimal. */
export function describeOpaqueParameter(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  const value = parameterValueStart(at);
  const length = tlvEnd(view, at, end) - value;
  if (length > 0) fields.hex("value", value, length);
  return parameterNode(view, at, end, fields, checkParameter(view, at, end));
}

/** One line: the type's name and the value's length, such as `stateCookie(232)`. */
export function summarizeOpaqueParameter(view: DataView, at: number, end: number): string {
  const state = checkParameter(view, at, end);
  if (state !== "ok") return `parameter${badSuffix(state)}`;
  const length = parameterValueLength(view, at);
  const name = parameterTypeName(parameterType(view, at));
  return length === 0 ? name : `${name}(${length})`;
}
