import type { TreeNode } from "../tree.js";
import { paddedLength } from "./chunk.js";
import {
  type CauseCheck,
  causeLength,
  checkCauseOfAtLeast,
  ErrorCause,
  writeCauseHeader,
} from "./error-cause.js";
import { parameterTypeName } from "./parameter-type.js";
import { badSuffix, causeFields, causeNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Cause Code = 2         |   Cause Length = 8 + N * 2    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 Number of missing params = N                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Missing Param Type #1     |     Missing Param Type #2     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.10.2
const COUNT = 4;
const TYPES = 8;

/** Checks that it lists as many parameter types as it counts. */
export function checkMissingParameterCause(view: DataView, at: number, end: number): CauseCheck {
  const state = checkCauseOfAtLeast(view, at, end, TYPES);
  if (state !== "ok") return state;
  return causeLength(view, at) === TYPES + 2 * view.getUint32(at + COUNT) ? "ok" : "badLength";
}

export const missingParameterCount = (view: DataView, at: number): number =>
  view.getUint32(at + COUNT);

/** Type of missing parameter `i` (from 0). */
export const missingParameterAt = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + TYPES + 2 * i);

/**
 * Writes a missingMandatoryParameter cause; 8 bytes and two for each type, and up to 2 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeMissingParameterCause(
  view: DataView,
  at: number,
  parameterTypes: readonly number[],
): number {
  const length = TYPES + 2 * parameterTypes.length;
  writeCauseHeader(view, at, ErrorCause.missingMandatoryParameter, length);
  view.setUint32(at + COUNT, parameterTypes.length);
  let p = at + TYPES;
  for (const type of parameterTypes) {
    view.setUint16(p, type);
    p += 2;
  }
  if (p < at + paddedLength(length)) view.setUint16(p, 0);
  return paddedLength(length);
}

/** The cause as a tree. */
export function describeMissingParameterCause(view: DataView, at: number, end: number): TreeNode {
  const fields = causeFields(view, at, end);
  fields.uint("missingParameterCount", at + COUNT, 4);
  const state = checkMissingParameterCause(view, at, end);
  if (state === "ok") {
    const count = missingParameterCount(view, at);
    for (let i = 0; i < count; i++) {
      fields.uint("parameterType", at + TYPES + 2 * i, 2, parameterTypeName);
    }
  }
  return causeNode(view, at, end, fields, state);
}

/** One line: `missingMandatoryParameter(stateCookie)`. */
export function summarizeMissingParameterCause(view: DataView, at: number, end: number): string {
  const state = checkMissingParameterCause(view, at, end);
  if (state !== "ok") return `missingMandatoryParameter${badSuffix(state)}`;
  const names: string[] = [];
  for (let i = 0; i < missingParameterCount(view, at); i++) {
    names.push(parameterTypeName(missingParameterAt(view, at, i)));
  }
  return `missingMandatoryParameter(${names.join(",")})`;
}
