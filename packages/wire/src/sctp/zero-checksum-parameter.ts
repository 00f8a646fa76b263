import type { TreeNode } from "../tree.js";
import { checkParameterOfLength, type ParameterCheck, writeParameterHeader } from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Type = 0x8001        |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Error Detection Method Identifier (EDMID)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9653 s4
const VALUE = 4;

/** Methods that detect errors instead of the checksum. RFC 9653 s8 */
export const ErrorDetectionMethod = { sctpOverDtls: 1 } as const;

/** Length of the parameter. */
export const ZERO_CHECKSUM_PARAMETER_LENGTH = 8;

/** Checks the length. */
export const checkZeroChecksumParameter = (
  view: DataView,
  at: number,
  end: number,
): ParameterCheck => checkParameterOfLength(view, at, end, ZERO_CHECKSUM_PARAMETER_LENGTH);

/** The method that detects errors instead of the checksum; see {@link ErrorDetectionMethod}. */
export const zeroChecksumEdmid = (view: DataView, at: number): number => view.getUint32(at + VALUE);

/**
 * Writes the parameter; 8 bytes.
 * @returns 8
 */
export function writeZeroChecksumParameter(view: DataView, at: number, edmid: number): number {
  writeParameterHeader(
    view,
    at,
    ParameterType.zeroChecksumAcceptable,
    ZERO_CHECKSUM_PARAMETER_LENGTH,
  );
  view.setUint32(at + VALUE, edmid);
  return ZERO_CHECKSUM_PARAMETER_LENGTH;
}

/** The parameter as a tree. */
export function describeZeroChecksumParameter(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("edmid", at + VALUE, 4);
  return parameterNode(view, at, end, fields, checkZeroChecksumParameter(view, at, end));
}

/** One line: `zeroChecksumAcceptable(1000)`. */
export function summarizeZeroChecksumParameter(view: DataView, at: number, end: number): string {
  const state = checkZeroChecksumParameter(view, at, end);
  return state === "ok"
    ? `zeroChecksumAcceptable(${zeroChecksumEdmid(view, at)})`
    : `zeroChecksumAcceptable${badSuffix(state)}`;
}
