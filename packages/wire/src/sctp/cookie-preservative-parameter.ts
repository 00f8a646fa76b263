import type { TreeNode } from "../tree.js";
import { checkParameterOfLength, type ParameterCheck, writeParameterHeader } from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Type = 9            |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Suggested Cookie Life-Span Increment (msec.)          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.2.1.3
const VALUE = 4;

/** Length of the parameter. */
export const COOKIE_PRESERVATIVE_PARAMETER_LENGTH = 8;

/** Checks the length. */
export const checkCookiePreservativeParameter = (
  view: DataView,
  at: number,
  end: number,
): ParameterCheck => checkParameterOfLength(view, at, end, COOKIE_PRESERVATIVE_PARAMETER_LENGTH);

/** How many milliseconds the peer asks to have added to its cookie's life. */
export const cookiePreservativeIncrementMs = (view: DataView, at: number): number =>
  view.getUint32(at + VALUE);

/**
 * Writes the parameter; 8 bytes.
 * @returns 8
 */
export function writeCookiePreservativeParameter(
  view: DataView,
  at: number,
  incrementMs: number,
): number {
  writeParameterHeader(
    view,
    at,
    ParameterType.cookiePreservative,
    COOKIE_PRESERVATIVE_PARAMETER_LENGTH,
  );
  view.setUint32(at + VALUE, incrementMs);
  return COOKIE_PRESERVATIVE_PARAMETER_LENGTH;
}

/** The parameter as a tree. */
export function describeCookiePreservativeParameter(
  view: DataView,
  at: number,
  end: number,
): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("lifeSpanIncrementMs", at + VALUE, 4);
  return parameterNode(view, at, end, fields, checkCookiePreservativeParameter(view, at, end));
}

/** One line: `cookiePreservative(+1000ms)`. */
export function summarizeCookiePreservativeParameter(
  view: DataView,
  at: number,
  end: number,
): string {
  const state = checkCookiePreservativeParameter(view, at, end);
  return state === "ok"
    ? `cookiePreservative(+${cookiePreservativeIncrementMs(view, at)}ms)`
    : `cookiePreservative${badSuffix(state)}`;
}
