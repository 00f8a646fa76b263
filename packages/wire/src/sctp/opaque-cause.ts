import type { TreeNode } from "../tree.js";
import { paddedLength, zeroPadding } from "./chunk.js";
import {
  CAUSE_HEADER_LENGTH,
  causeCode,
  causeLength,
  checkCause,
  errorCauseName,
  writeCauseHeader,
} from "./error-cause.js";
import { badSuffix, causeFields, causeNode, tlvEnd } from "./tlv-node.js";

// Causes whose content is bytes copied from somewhere: from the packet that is complained of
// (unresolvableAddress, unrecognizedChunkType, unrecognizedParameters, restartWithNewAddresses, and
// those of RFC 5061 s4.3 but one), from the application (userInitiatedAbort, RFC 9260 s3.3.10.12), or a
// text for people (protocolViolation, s3.3.10.13). And any whose code is unknown.

/** Where a cause's content begins. */
export const causeContentStart = (at: number): number => at + CAUSE_HEADER_LENGTH;

/** Bytes of a cause's content, without padding. */
export const causeContentLength = (view: DataView, at: number): number =>
  causeLength(view, at) - CAUSE_HEADER_LENGTH;

/**
 * Writes a cause whose content is the bytes `from .. to` of `source` (all of it by default), which are
 * copied; `4 + (to - from)` bytes and up to 3 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeOpaqueCause(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  code: number,
  source: Uint8Array,
  from = 0,
  to: number = source.length,
): number {
  const length = CAUSE_HEADER_LENGTH + to - from;
  writeCauseHeader(view, at, code, length);
  bytes.set(source.subarray(from, to), at + CAUSE_HEADER_LENGTH);
  zeroPadding(bytes, at, length);
  return paddedLength(length);
}

/** Any cause as a tree, its content in hexadecimal and, if it is plain ASCII, as text. */
export function describeOpaqueCause(view: DataView, at: number, end: number): TreeNode {
  const fields = causeFields(view, at, end);
  const content = causeContentStart(at);
  const length = tlvEnd(view, at, end) - content;
  if (length > 0) fields.hex("content", content, length, asciiText(view, content, length));
  return causeNode(view, at, end, fields, checkCause(view, at, end));
}

/** One line: the name and the content as text or its length: `userInitiatedAbort("bye")`. */
export function summarizeOpaqueCause(view: DataView, at: number, end: number): string {
  const state = checkCause(view, at, end);
  if (state !== "ok") return `cause${badSuffix(state)}`;
  const name = errorCauseName(causeCode(view, at));
  const length = causeContentLength(view, at);
  if (length === 0) return name;
  return `${name}(${asciiText(view, causeContentStart(at), length) ?? length})`;
}

/** The bytes as quoted text, or `undefined` unless all are printable ASCII. */
function asciiText(view: DataView, at: number, length: number): string | undefined {
  let text = "";
  for (let i = 0; i < length; i++) {
    const c = view.getUint8(at + i);
    if (c < 0x20 || c > 0x7e) return undefined;
    text += String.fromCharCode(c);
  }
  return JSON.stringify(text);
}
