import type { TreeNode } from "../tree.js";
import { checkParameterOfLength, type ParameterCheck, writeParameterHeader } from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Type = 0xC006          |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   Adaptation Code point                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 5061 s4.2.6
const VALUE = 4;

/** Length of the parameter. */
export const ADAPTATION_LAYER_PARAMETER_LENGTH = 8;

/** Checks the length. */
export const checkAdaptationLayerParameter = (
  view: DataView,
  at: number,
  end: number,
): ParameterCheck => checkParameterOfLength(view, at, end, ADAPTATION_LAYER_PARAMETER_LENGTH);

/** The code point, for the upper layer; 0 .. 2^32 - 1. */
export const adaptationCodePoint = (view: DataView, at: number): number =>
  view.getUint32(at + VALUE);

/**
 * Writes the parameter; 8 bytes.
 * @returns 8
 */
export function writeAdaptationLayerParameter(
  view: DataView,
  at: number,
  codePoint: number,
): number {
  writeParameterHeader(
    view,
    at,
    ParameterType.adaptationLayerIndication,
    ADAPTATION_LAYER_PARAMETER_LENGTH,
  );
  view.setUint32(at + VALUE, codePoint);
  return ADAPTATION_LAYER_PARAMETER_LENGTH;
}

/** The parameter as a tree. */
export function describeAdaptationLayerParameter(
  view: DataView,
  at: number,
  end: number,
): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("codePoint", at + VALUE, 4);
  return parameterNode(view, at, end, fields, checkAdaptationLayerParameter(view, at, end));
}

/** One line: `adaptationLayer(1000)`. */
export function summarizeAdaptationLayerParameter(view: DataView, at: number, end: number): string {
  const state = checkAdaptationLayerParameter(view, at, end);
  return state === "ok"
    ? `adaptationLayer(${adaptationCodePoint(view, at)})`
    : `adaptationLayerIndication${badSuffix(state)}`;
}
