import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { paddedLength } from "./chunk.js";
import {
  type CauseCheck,
  causeCode,
  checkCauseOfLength,
  ErrorCause,
  errorCauseName,
  writeCauseHeader,
} from "./error-cause.js";
import { hmacName } from "./hmac-algorithm-parameter.js";
import { badSuffix, causeFields, causeNode } from "./tlv-node.js";

// The causes whose content is one number, in the first 2 or 4 bytes after the header:
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Cause Code = 1         |       Cause Length = 8        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       Stream Identifier       |          (Reserved)           |  RFC 9260 s3.3.10.1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Cause Code = 3         |       Cause Length = 8        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 Measure of Staleness (usec.)                  |  RFC 9260 s3.3.10.3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Cause Code = 9         |       Cause Length = 8        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              TSN                              |  RFC 9260 s3.3.10.9
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Cause Code = 0x0105      |       Cause Length = 6        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         HMAC Identifier       |            Padding            |  RFC 4895 s4.1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
const VALUE = 4;
const LENGTH = 8;
const HMAC_LENGTH = 6;

/** Checks any of the four causes by its own code; `badLength` for another code. */
export function checkNumberCause(view: DataView, at: number, end: number): CauseCheck {
  const state = checkCauseOfLength(view, at, end, LENGTH);
  if (state === "truncated") return state;
  switch (causeCode(view, at)) {
    case ErrorCause.invalidStreamIdentifier:
    case ErrorCause.staleCookie:
    case ErrorCause.noUserData:
      return state;
    case ErrorCause.unsupportedHmacIdentifier:
      return checkCauseOfLength(view, at, end, HMAC_LENGTH);
    default:
      return "badLength";
  }
}

/** Of invalidStreamIdentifier: the stream that does not exist. */
export const invalidStreamId = (view: DataView, at: number): number => view.getUint16(at + VALUE);
/** Of staleCookie: how many microseconds too late the cookie was; 0 if the peer does not tell. */
export const stalenessMicros = (view: DataView, at: number): number => view.getUint32(at + VALUE);
/** Of noUserData: the TSN of the empty DATA chunk. */
export const noUserDataTsn = (view: DataView, at: number): Tsn => tsn(view.getUint32(at + VALUE));
/** Of unsupportedHmacIdentifier: the identifier. */
export const unsupportedHmacId = (view: DataView, at: number): number => view.getUint16(at + VALUE);

/**
 * Writes an invalidStreamIdentifier cause; 8 bytes.
 * @returns 8
 */
export function writeInvalidStreamCause(view: DataView, at: number, streamId: number): number {
  writeCauseHeader(view, at, ErrorCause.invalidStreamIdentifier, LENGTH);
  view.setUint16(at + VALUE, streamId);
  view.setUint16(at + VALUE + 2, 0);
  return LENGTH;
}

/**
 * Writes a staleCookie cause; 8 bytes.
 * @param staleness microseconds since the cookie expired, rounded up; 0 to tell nothing
 * @returns 8
 */
export function writeStaleCookieCause(view: DataView, at: number, staleness: number): number {
  writeCauseHeader(view, at, ErrorCause.staleCookie, LENGTH);
  view.setUint32(at + VALUE, staleness);
  return LENGTH;
}

/**
 * Writes a noUserData cause; 8 bytes.
 * @returns 8
 */
export function writeNoUserDataCause(view: DataView, at: number, tsn: number): number {
  writeCauseHeader(view, at, ErrorCause.noUserData, LENGTH);
  view.setUint32(at + VALUE, tsn);
  return LENGTH;
}

/**
 * Writes an unsupportedHmacIdentifier cause; 8 bytes, of which its length counts 6.
 * @returns 8
 */
export function writeUnsupportedHmacCause(view: DataView, at: number, hmacId: number): number {
  writeCauseHeader(view, at, ErrorCause.unsupportedHmacIdentifier, HMAC_LENGTH);
  view.setUint16(at + VALUE, hmacId);
  view.setUint16(at + VALUE + 2, 0);
  return paddedLength(HMAC_LENGTH);
}

/** The cause as a tree. */
export function describeNumberCause(view: DataView, at: number, end: number): TreeNode {
  const fields = causeFields(view, at, end);
  switch (end - at < 2 ? -1 : causeCode(view, at)) {
    case ErrorCause.invalidStreamIdentifier:
      fields.uint("streamId", at + VALUE, 2);
      fields.uint("reserved", at + VALUE + 2, 2);
      break;
    case ErrorCause.staleCookie:
      fields.uint("stalenessMicros", at + VALUE, 4);
      break;
    case ErrorCause.noUserData:
      fields.uint("tsn", at + VALUE, 4);
      break;
    case ErrorCause.unsupportedHmacIdentifier:
      fields.uint("hmacId", at + VALUE, 2, hmacName);
      break;
  }
  return causeNode(view, at, end, fields, checkNumberCause(view, at, end));
}

/** One line: `invalidStreamIdentifier(sid=7)`, `staleCookie(2500us)`, `noUserData(tsn=4)`. */
export function summarizeNumberCause(view: DataView, at: number, end: number): string {
  const state = checkNumberCause(view, at, end);
  if (state !== "ok") return `cause${badSuffix(state)}`;
  const name = errorCauseName(causeCode(view, at));
  switch (causeCode(view, at)) {
    case ErrorCause.invalidStreamIdentifier:
      return `${name}(sid=${invalidStreamId(view, at)})`;
    case ErrorCause.staleCookie:
      return `${name}(${stalenessMicros(view, at)}us)`;
    case ErrorCause.noUserData:
      return `${name}(tsn=${noUserDataTsn(view, at)})`;
    default:
      return `${name}(${hmacName(unsupportedHmacId(view, at))})`;
  }
}
