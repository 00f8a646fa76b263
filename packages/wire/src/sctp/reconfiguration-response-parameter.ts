import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import {
  checkParameter,
  type ParameterCheck,
  parameterLength,
  writeParameterHeader,
} from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Parameter Type = 16       |      Parameter Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Re-configuration Response Sequence Number             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Result                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   Sender's Next TSN (optional)                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  Receiver's Next TSN (optional)               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 6525 s4.4
const RESPONSE_SEQUENCE_NUMBER = 4;
const RESULT = 8;
const SENDERS_NEXT_TSN = 12;
const RECEIVERS_NEXT_TSN = 16;

/** Length of a response without TSNs. */
export const RECONFIGURATION_RESPONSE_LENGTH = 12;
/** Length of a response with both TSNs, the answer to a ssnTsnResetRequest. */
export const RECONFIGURATION_RESPONSE_WITH_TSNS_LENGTH = 20;

/** Results of a re-configuration request. RFC 6525 s4.4 table 3 */
export const ReconfigResult = {
  successNothingToDo: 0,
  successPerformed: 1,
  denied: 2,
  errorWrongSsn: 3,
  errorRequestAlreadyInProgress: 4,
  errorBadSequenceNumber: 5,
  inProgress: 6,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ReconfigResult).map(([name, result]) => [result, name]),
);

/** The name of a result as in {@link ReconfigResult}; `result 9` for one without. */
export const reconfigResultName = (result: number): string =>
  NAMES.get(result) ?? `result ${result}`;

/** Checks that it has no TSNs or both. */
export function checkReconfigurationResponse(
  view: DataView,
  at: number,
  end: number,
): ParameterCheck {
  const state = checkParameter(view, at, end);
  if (state !== "ok") return state;
  const length = parameterLength(view, at);
  return length === RECONFIGURATION_RESPONSE_LENGTH ||
    length === RECONFIGURATION_RESPONSE_WITH_TSNS_LENGTH
    ? "ok"
    : "badLength";
}

/** The number of the request it answers. */
export const reconfigResponseSequenceNumber = (view: DataView, at: number): number =>
  view.getUint32(at + RESPONSE_SEQUENCE_NUMBER);
/** See {@link ReconfigResult}; a peer may send others. */
export const reconfigResult = (view: DataView, at: number): number => view.getUint32(at + RESULT);
/** True if both TSNs are there. */
export const reconfigResponseHasTsns = (view: DataView, at: number): boolean =>
  parameterLength(view, at) === RECONFIGURATION_RESPONSE_WITH_TSNS_LENGTH;
/** The TSN of the responder's next DATA. Only where {@link reconfigResponseHasTsns}. */
export const reconfigSendersNextTsn = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + SENDERS_NEXT_TSN));
/** The TSN that the requester must use next. Only where {@link reconfigResponseHasTsns}. */
export const reconfigReceiversNextTsn = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + RECEIVERS_NEXT_TSN));

/**
 * Writes a response without TSNs; 12 bytes.
 * @returns 12
 */
export function writeReconfigurationResponse(
  view: DataView,
  at: number,
  responseSequenceNumber: number,
  result: number,
): number {
  const length = RECONFIGURATION_RESPONSE_LENGTH;
  writeParameterHeader(view, at, ParameterType.reconfigurationResponse, length);
  view.setUint32(at + RESPONSE_SEQUENCE_NUMBER, responseSequenceNumber);
  view.setUint32(at + RESULT, result);
  return length;
}

/**
 * Writes a response with TSNs; 20 bytes.
 * @returns 20
 */
export function writeReconfigurationResponseWithTsns(
  view: DataView,
  at: number,
  responseSequenceNumber: number,
  result: number,
  sendersNextTsn: number,
  receiversNextTsn: number,
): number {
  const length = RECONFIGURATION_RESPONSE_WITH_TSNS_LENGTH;
  writeParameterHeader(view, at, ParameterType.reconfigurationResponse, length);
  view.setUint32(at + RESPONSE_SEQUENCE_NUMBER, responseSequenceNumber);
  view.setUint32(at + RESULT, result);
  view.setUint32(at + SENDERS_NEXT_TSN, sendersNextTsn);
  view.setUint32(at + RECEIVERS_NEXT_TSN, receiversNextTsn);
  return length;
}

/** The parameter as a tree. */
export function describeReconfigurationResponse(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("responseSequenceNumber", at + RESPONSE_SEQUENCE_NUMBER, 4);
  fields.uint("result", at + RESULT, 4, reconfigResultName);
  fields.uint("sendersNextTsn", at + SENDERS_NEXT_TSN, 4);
  fields.uint("receiversNextTsn", at + RECEIVERS_NEXT_TSN, 4);
  return parameterNode(view, at, end, fields, checkReconfigurationResponse(view, at, end));
}

/** One line: `reconfigurationResponse(seq=7 successPerformed)`. */
export function summarizeReconfigurationResponse(view: DataView, at: number, end: number): string {
  const state = checkReconfigurationResponse(view, at, end);
  if (state !== "ok") return `reconfigurationResponse${badSuffix(state)}`;
  const result = reconfigResultName(reconfigResult(view, at));
  return `reconfigurationResponse(seq=${reconfigResponseSequenceNumber(view, at)} ${result})`;
}
