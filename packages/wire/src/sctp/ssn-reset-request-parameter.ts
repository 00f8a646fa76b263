import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { paddedLength } from "./chunk.js";
import {
  checkParameter,
  type ParameterCheck,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { ParameterType, parameterTypeName } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type = 13, 14, 15         |        Parameter Length       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Re-configuration Request Sequence Number            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Re-configuration Response Sequence Number (13 only)       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Sender's Last Assigned TSN (13 only)                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Stream Number 1 (13 and 14)  |    Stream Number 2 (13, 14)   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                            ......                             /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 6525 s4.1 (outgoingSsnResetRequest), s4.2 (incomingSsnResetRequest), s4.3 (ssnTsnResetRequest)
const REQUEST_SEQUENCE_NUMBER = 4;
const RESPONSE_SEQUENCE_NUMBER = 8;
const LAST_ASSIGNED_TSN = 12;

/** Bytes of an outgoingSsnResetRequest before its stream numbers, each of which takes 2. */
export const OUTGOING_SSN_RESET_FIXED_LENGTH = 16;
/** Bytes of an incomingSsnResetRequest before its stream numbers, each of which takes 2. */
export const INCOMING_SSN_RESET_FIXED_LENGTH = 8;
/** Length of a ssnTsnResetRequest. */
export const SSN_TSN_RESET_LENGTH = 8;

/** Checks any of the three requests by its own type; `badLength` for another type. */
export function checkSsnResetRequest(view: DataView, at: number, end: number): ParameterCheck {
  const state = checkParameter(view, at, end);
  if (state !== "ok") return state;
  const length = parameterLength(view, at);
  const fixed = firstStream(view, at);
  if (fixed === 0 || length < fixed) return "badLength";
  if (parameterType(view, at) === ParameterType.ssnTsnResetRequest) {
    return length === SSN_TSN_RESET_LENGTH ? "ok" : "badLength";
  }
  return length % 2 === 0 ? "ok" : "badLength";
}

/** Number of the request; of every re-configuration request, whatever its type. */
export const reconfigRequestSequenceNumber = (view: DataView, at: number): number =>
  view.getUint32(at + REQUEST_SEQUENCE_NUMBER);

/** Of an outgoingSsnResetRequest: the number of the incoming request it answers. */
export const outgoingResetResponseSequenceNumber = (view: DataView, at: number): number =>
  view.getUint32(at + RESPONSE_SEQUENCE_NUMBER);

/** Of an outgoingSsnResetRequest: the last TSN that its sender had assigned. */
export const outgoingResetLastAssignedTsn = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + LAST_ASSIGNED_TSN));

/** How many streams an outgoing or incoming request lists; 0 means all of them. */
export const ssnResetStreamCount = (view: DataView, at: number): number =>
  (parameterLength(view, at) - firstStream(view, at)) >> 1;

/** Stream number `i` (from 0) of an outgoing or incoming request. */
export const ssnResetStreamAt = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + firstStream(view, at) + 2 * i);

/**
 * Writes an outgoingSsnResetRequest; 16 bytes and two for each stream, and up to 2 zeros of padding.
 * @param streams stream numbers; none for all streams
 * @returns bytes written, padding included
 */
export function writeOutgoingSsnResetRequest(
  view: DataView,
  at: number,
  requestSequenceNumber: number,
  responseSequenceNumber: number,
  lastAssignedTsn: number,
  streams: readonly number[],
): number {
  const length = OUTGOING_SSN_RESET_FIXED_LENGTH + 2 * streams.length;
  writeParameterHeader(view, at, ParameterType.outgoingSsnResetRequest, length);
  view.setUint32(at + REQUEST_SEQUENCE_NUMBER, requestSequenceNumber);
  view.setUint32(at + RESPONSE_SEQUENCE_NUMBER, responseSequenceNumber);
  view.setUint32(at + LAST_ASSIGNED_TSN, lastAssignedTsn);
  writeStreams(view, at + OUTGOING_SSN_RESET_FIXED_LENGTH, streams);
  return paddedLength(length);
}

/**
 * Writes an incomingSsnResetRequest; 8 bytes and two for each stream, and up to 2 zeros of padding.
 * @param streams stream numbers; none for all streams
 * @returns bytes written, padding included
 */
export function writeIncomingSsnResetRequest(
  view: DataView,
  at: number,
  requestSequenceNumber: number,
  streams: readonly number[],
): number {
  const length = INCOMING_SSN_RESET_FIXED_LENGTH + 2 * streams.length;
  writeParameterHeader(view, at, ParameterType.incomingSsnResetRequest, length);
  view.setUint32(at + REQUEST_SEQUENCE_NUMBER, requestSequenceNumber);
  writeStreams(view, at + INCOMING_SSN_RESET_FIXED_LENGTH, streams);
  return paddedLength(length);
}

/**
 * Writes a ssnTsnResetRequest; 8 bytes.
 * @returns 8
 */
export function writeSsnTsnResetRequest(
  view: DataView,
  at: number,
  requestSequenceNumber: number,
): number {
  writeParameterHeader(view, at, ParameterType.ssnTsnResetRequest, SSN_TSN_RESET_LENGTH);
  view.setUint32(at + REQUEST_SEQUENCE_NUMBER, requestSequenceNumber);
  return SSN_TSN_RESET_LENGTH;
}

/** The parameter as a tree. */
export function describeSsnResetRequest(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("requestSequenceNumber", at + REQUEST_SEQUENCE_NUMBER, 4);
  if (end - at >= 2 && parameterType(view, at) === ParameterType.outgoingSsnResetRequest) {
    fields.uint("responseSequenceNumber", at + RESPONSE_SEQUENCE_NUMBER, 4);
    fields.uint("lastAssignedTsn", at + LAST_ASSIGNED_TSN, 4);
  }
  const state = checkSsnResetRequest(view, at, end);
  if (state === "ok") {
    const count = ssnResetStreamCount(view, at);
    for (let i = 0; i < count; i++) {
      fields.uint("streamNumber", at + firstStream(view, at) + 2 * i, 2);
    }
  }
  return parameterNode(view, at, end, fields, state);
}

/** One line: `outgoingSsnResetRequest(seq=7 streams=0,2)`; without `streams` all are meant. */
export function summarizeSsnResetRequest(view: DataView, at: number, end: number): string {
  const state = checkSsnResetRequest(view, at, end);
  if (state !== "ok") return `ssn reset request${badSuffix(state)}`;
  let line = `${parameterTypeName(parameterType(view, at))}(`;
  line += `seq=${reconfigRequestSequenceNumber(view, at)}`;
  for (let i = 0; i < ssnResetStreamCount(view, at); i++) {
    line += `${i === 0 ? " streams=" : ","}${ssnResetStreamAt(view, at, i)}`;
  }
  return `${line})`;
}

/** Offset of the first stream number, which is the length without any; 0 for another type. */
function firstStream(view: DataView, at: number): number {
  switch (parameterType(view, at)) {
    case ParameterType.outgoingSsnResetRequest:
      return OUTGOING_SSN_RESET_FIXED_LENGTH;
    case ParameterType.incomingSsnResetRequest:
      return INCOMING_SSN_RESET_FIXED_LENGTH;
    case ParameterType.ssnTsnResetRequest:
      return SSN_TSN_RESET_LENGTH;
    default:
      return 0;
  }
}

function writeStreams(view: DataView, at: number, streams: readonly number[]): void {
  let p = at;
  for (const stream of streams) {
    view.setUint16(p, stream);
    p += 2;
  }
  // The fixed part is a multiple of 4, so an odd count leaves two bytes of padding.
  if (streams.length % 2 === 1) view.setUint16(p, 0);
}
