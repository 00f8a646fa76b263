import {
  checkParameter,
  checkParameterOfAtLeast,
  checkParameterOfLength,
  checkParameters,
  nextParameter,
  type ParameterCheck,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Cause Code           |         Cause Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                  Cause-Specific Information                   /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.10: "variable-length parameters using the format described in Section 3.2.1", so the
// functions for parameters do the work.

/** Cause codes by name. RFC 9260 s3.3.10 unless another is named. */
export const ErrorCause = {
  invalidStreamIdentifier: 1,
  missingMandatoryParameter: 2,
  staleCookie: 3,
  outOfResource: 4,
  unresolvableAddress: 5,
  unrecognizedChunkType: 6,
  invalidMandatoryParameter: 7,
  unrecognizedParameters: 8,
  noUserData: 9,
  cookieReceivedWhileShuttingDown: 10,
  restartWithNewAddresses: 11,
  userInitiatedAbort: 12,
  protocolViolation: 13,
  /** RFC 5061 s4.3.1 */
  requestToDeleteLastRemainingIpAddress: 0x00a0,
  /** RFC 5061 s4.3.2 */
  operationRefusedDueToResourceShortage: 0x00a1,
  /** RFC 5061 s4.3.3 */
  requestToDeleteSourceIpAddress: 0x00a2,
  /** RFC 5061 s4.3.4 */
  associationAbortedDueToIllegalAsconfAck: 0x00a3,
  /** RFC 5061 s4.3.5 */
  requestRefusedNoAuthorization: 0x00a4,
  /** RFC 4895 s4.1 */
  unsupportedHmacIdentifier: 0x0105,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ErrorCause).map(([name, code]) => [code, name]),
);

/** The name of a cause code as in {@link ErrorCause}; `cause 99` for one without. */
export const errorCauseName = (code: number): string => NAMES.get(code) ?? `cause ${code}`;

/** Bytes of code and length, with which each cause begins. Some causes are no more than that. */
export const CAUSE_HEADER_LENGTH = 4;

/** Why a cause, or a list of them, cannot be read; as for a chunk. */
export type CauseCheck = ParameterCheck;

/** Checks that the cause's header and content are there. Its padding may be missing. */
export const checkCause = (view: DataView, at: number, end: number): CauseCheck =>
  checkParameter(view, at, end);

/** {@link checkCause}, and the length field is `length`: for causes of one size. */
export const checkCauseOfLength = (
  view: DataView,
  at: number,
  end: number,
  length: number,
): CauseCheck => checkParameterOfLength(view, at, end, length);

/** {@link checkCause}, and the length field is at least `least`. */
export const checkCauseOfAtLeast = (
  view: DataView,
  at: number,
  end: number,
  least: number,
): CauseCheck => checkParameterOfAtLeast(view, at, end, least);

/**
 * Checks that a list of causes can be walked from `at` to `end`, the end of its chunk without padding:
 *
 * ```ts
 * for (let c = at; c < end; c = nextCause(view, c)) ...
 * ```
 */
export const checkCauses = (view: DataView, at: number, end: number): CauseCheck =>
  checkParameters(view, at, end);

export const causeCode = (view: DataView, at: number): number => parameterType(view, at);
/** Bytes of header and content, without padding. */
export const causeLength = (view: DataView, at: number): number => parameterLength(view, at);

/** Where the cause after this one begins; at or beyond the list's end after the last. */
export const nextCause = (view: DataView, at: number): number => nextParameter(view, at);

/**
 * Writes code and length (header and content, without padding); 4 bytes. That is all of the causes
 * without content: outOfResource, invalidMandatoryParameter, cookieReceivedWhileShuttingDown,
 * associationAbortedDueToIllegalAsconfAck.
 * @returns 4
 */
export const writeCauseHeader = (
  view: DataView,
  at: number,
  code: number,
  length: number,
): number => writeParameterHeader(view, at, code, length);
