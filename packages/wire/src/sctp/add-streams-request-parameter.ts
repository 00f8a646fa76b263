import type { TreeNode } from "../tree.js";
import {
  checkParameterOfLength,
  type ParameterCheck,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { parameterTypeName } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Parameter Type = 17, 18     |      Parameter Length = 12    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Re-configuration Request Sequence Number             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Number of new streams    |         Reserved              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 6525 s4.5 (addOutgoingStreamsRequest), s4.6 (addIncomingStreamsRequest)
const REQUEST_SEQUENCE_NUMBER = 4;
const NEW_STREAMS = 8;
const RESERVED = 10;

/** Length of the parameter. */
export const ADD_STREAMS_REQUEST_LENGTH = 12;

/** Checks the length. The request's number is read by `reconfigRequestSequenceNumber`. */
export const checkAddStreamsRequest = (view: DataView, at: number, end: number): ParameterCheck =>
  checkParameterOfLength(view, at, end, ADD_STREAMS_REQUEST_LENGTH);

/** How many streams the sender asks to have added. */
export const addStreamsCount = (view: DataView, at: number): number =>
  view.getUint16(at + NEW_STREAMS);

/**
 * Writes the request; 12 bytes.
 * @param type `ParameterType.addOutgoingStreamsRequest` or `.addIncomingStreamsRequest`
 * @returns 12
 */
export function writeAddStreamsRequest(
  view: DataView,
  at: number,
  type: number,
  requestSequenceNumber: number,
  newStreams: number,
): number {
  writeParameterHeader(view, at, type, ADD_STREAMS_REQUEST_LENGTH);
  view.setUint32(at + REQUEST_SEQUENCE_NUMBER, requestSequenceNumber);
  view.setUint16(at + NEW_STREAMS, newStreams);
  view.setUint16(at + RESERVED, 0);
  return ADD_STREAMS_REQUEST_LENGTH;
}

/** The parameter as a tree. */
export function describeAddStreamsRequest(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("requestSequenceNumber", at + REQUEST_SEQUENCE_NUMBER, 4);
  fields.uint("newStreams", at + NEW_STREAMS, 2);
  fields.uint("reserved", at + RESERVED, 2);
  return parameterNode(view, at, end, fields, checkAddStreamsRequest(view, at, end));
}

/** One line: `addOutgoingStreamsRequest(seq=7 streams=+4)`. */
export function summarizeAddStreamsRequest(view: DataView, at: number, end: number): string {
  const state = checkAddStreamsRequest(view, at, end);
  if (state !== "ok") return `add streams request${badSuffix(state)}`;
  const name = parameterTypeName(parameterType(view, at));
  const seq = view.getUint32(at + REQUEST_SEQUENCE_NUMBER);
  return `${name}(seq=${seq} streams=+${addStreamsCount(view, at)})`;
}
