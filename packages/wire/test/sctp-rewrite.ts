// Reads SCTP parameters and causes with their readers and writes them with their writers, for the codec
// suites of the chunks that hold them.
import { IpAddress } from "@multihome/base";
import {
  adaptationCodePoint,
  addressTypeAt,
  addressTypesCount,
  addStreamsCount,
  asconfCorrelationId,
  asconfRequestAddress,
  asconfResponseCausesStart,
  causeCode,
  causeLength,
  checkAdaptationLayerParameter,
  checkAddressParameter,
  checkAddStreamsRequest,
  checkAsconfRequest,
  checkAsconfResponse,
  checkChunkTypesParameter,
  checkCookiePreservativeParameter,
  checkHmacAlgorithmParameter,
  checkMissingParameterCause,
  checkNumberCause,
  checkReconfigurationResponse,
  checkSsnResetRequest,
  checkSupportedAddressTypesParameter,
  checkZeroChecksumParameter,
  chunkTypeAt,
  chunkTypesCount,
  cookiePreservativeIncrementMs,
  ErrorCause,
  hmacIdAt,
  hmacIdsCount,
  invalidStreamId,
  missingParameterAt,
  missingParameterCount,
  nextCause,
  nextParameter,
  noUserDataTsn,
  outgoingResetLastAssignedTsn,
  outgoingResetResponseSequenceNumber,
  ParameterType,
  parameterLength,
  parameterType,
  readAddressParameter,
  reconfigReceiversNextTsn,
  reconfigRequestSequenceNumber,
  reconfigResponseHasTsns,
  reconfigResponseSequenceNumber,
  reconfigResult,
  reconfigSendersNextTsn,
  ssnResetStreamAt,
  ssnResetStreamCount,
  stalenessMicros,
  unsupportedHmacId,
  writeAdaptationLayerParameter,
  writeAddressParameter,
  writeAddStreamsRequest,
  writeAsconfRequest,
  writeAsconfResponse,
  writeChunkTypesParameter,
  writeCookiePreservativeParameter,
  writeHmacAlgorithmParameter,
  writeIncomingSsnResetRequest,
  writeInvalidStreamCause,
  writeMissingParameterCause,
  writeNoUserDataCause,
  writeOpaqueCause,
  writeOpaqueParameter,
  writeOutgoingSsnResetRequest,
  writeReconfigurationResponse,
  writeReconfigurationResponseWithTsns,
  writeSsnTsnResetRequest,
  writeStaleCookieCause,
  writeSupportedAddressTypesParameter,
  writeUnsupportedHmacCause,
  writeZeroChecksumParameter,
  zeroChecksumEdmid,
} from "../src/index.js";

import type { Codec } from "./codec-suite.js";

/** Where something is read from and where it is written to. */
export interface Rewriting {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly outBytes: Uint8Array;
  readonly out: DataView;
}

const many = (count: number, at: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => at(i));

/** Rewrites parameters from `at` up to `end`; returns the offset after the last one, padding included. */
export function rewriteParameters(r: Rewriting, at: number, end: number, to: number): number {
  let written = to;
  for (let p = at; p < end; p = nextParameter(r.view, p))
    written += rewriteParameter(r, p, written);
  return written;
}

/** Rewrites the parameter at `at`; returns the bytes written. */
function rewriteParameter(r: Rewriting, at: number, to: number): number {
  const { view, out, outBytes } = r;
  const type = parameterType(view, at);
  const end = at + parameterLength(view, at);
  switch (type) {
    case ParameterType.ipv4Address:
    case ParameterType.ipv6Address:
      if (checkAddressParameter(view, at, end) !== "ok") break;
      return writeAddressParameter(out, to, readAddressParameter(view, at) ?? IpAddress.v4(0));
    case ParameterType.cookiePreservative:
      if (checkCookiePreservativeParameter(view, at, end) !== "ok") break;
      return writeCookiePreservativeParameter(out, to, cookiePreservativeIncrementMs(view, at));
    case ParameterType.supportedAddressTypes: {
      if (checkSupportedAddressTypesParameter(view, at, end) !== "ok") break;
      const types = many(addressTypesCount(view, at), (i) => addressTypeAt(view, at, i));
      return writeSupportedAddressTypesParameter(out, to, types);
    }
    case ParameterType.zeroChecksumAcceptable:
      if (checkZeroChecksumParameter(view, at, end) !== "ok") break;
      return writeZeroChecksumParameter(out, to, zeroChecksumEdmid(view, at));
    case ParameterType.chunkList:
    case ParameterType.supportedExtensions: {
      if (checkChunkTypesParameter(view, at, end) !== "ok") break;
      const types = many(chunkTypesCount(view, at), (i) => chunkTypeAt(view, at, i));
      return writeChunkTypesParameter(outBytes, out, to, type, types);
    }
    case ParameterType.requestedHmacAlgorithm: {
      if (checkHmacAlgorithmParameter(view, at, end) !== "ok") break;
      const ids = many(hmacIdsCount(view, at), (i) => hmacIdAt(view, at, i));
      return writeHmacAlgorithmParameter(out, to, ids);
    }
    case ParameterType.adaptationLayerIndication:
      if (checkAdaptationLayerParameter(view, at, end) !== "ok") break;
      return writeAdaptationLayerParameter(out, to, adaptationCodePoint(view, at));
    case ParameterType.outgoingSsnResetRequest:
      if (checkSsnResetRequest(view, at, end) !== "ok") break;
      return writeOutgoingSsnResetRequest(
        out,
        to,
        reconfigRequestSequenceNumber(view, at),
        outgoingResetResponseSequenceNumber(view, at),
        outgoingResetLastAssignedTsn(view, at),
        many(ssnResetStreamCount(view, at), (i) => ssnResetStreamAt(view, at, i)),
      );
    case ParameterType.incomingSsnResetRequest: {
      if (checkSsnResetRequest(view, at, end) !== "ok") break;
      const streams = many(ssnResetStreamCount(view, at), (i) => ssnResetStreamAt(view, at, i));
      const number = reconfigRequestSequenceNumber(view, at);
      return writeIncomingSsnResetRequest(out, to, number, streams);
    }
    case ParameterType.ssnTsnResetRequest:
      if (checkSsnResetRequest(view, at, end) !== "ok") break;
      return writeSsnTsnResetRequest(out, to, reconfigRequestSequenceNumber(view, at));
    case ParameterType.reconfigurationResponse: {
      if (checkReconfigurationResponse(view, at, end) !== "ok") break;
      const number = reconfigResponseSequenceNumber(view, at);
      const result = reconfigResult(view, at);
      if (!reconfigResponseHasTsns(view, at)) {
        return writeReconfigurationResponse(out, to, number, result);
      }
      const sendersNext = reconfigSendersNextTsn(view, at);
      const receiversNext = reconfigReceiversNextTsn(view, at);
      return writeReconfigurationResponseWithTsns(
        out,
        to,
        number,
        result,
        sendersNext,
        receiversNext,
      );
    }
    case ParameterType.addOutgoingStreamsRequest:
    case ParameterType.addIncomingStreamsRequest: {
      if (checkAddStreamsRequest(view, at, end) !== "ok") break;
      const number = reconfigRequestSequenceNumber(view, at);
      return writeAddStreamsRequest(out, to, type, number, addStreamsCount(view, at));
    }
    case ParameterType.addIpAddress:
    case ParameterType.deleteIpAddress:
    case ParameterType.setPrimaryAddress: {
      const ip = asconfRequestAddress(view, at);
      // A longer parameter has room for more than its address; only the usual length is rewritten.
      const usual = ip?.family === 4 ? 16 : 28;
      if (checkAsconfRequest(view, at, end) !== "ok" || ip === undefined || end - at !== usual)
        break;
      return writeAsconfRequest(out, to, type, asconfCorrelationId(view, at), ip);
    }
    case ParameterType.errorCauseIndication:
    case ParameterType.successIndication: {
      if (checkAsconfResponse(view, at, end) !== "ok") break;
      writeAsconfResponse(out, to, type, asconfCorrelationId(view, at), end - at);
      return rewriteCauses(r, asconfResponseCausesStart(at), end, to + 8) - to;
    }
  }
  return writeOpaqueParameter(outBytes, out, to, type, r.bytes, at + 4, end);
}

/** Rewrites causes from `at` up to `end`; returns the offset after the last one, padding included. */
export function rewriteCauses(r: Rewriting, at: number, end: number, to: number): number {
  let written = to;
  for (let c = at; c < end; c = nextCause(r.view, c)) written += rewriteCause(r, c, written);
  return written;
}

/** Rewrites the cause at `at`; returns the bytes written. */
export function rewriteCause(r: Rewriting, at: number, to: number): number {
  const { view, out, outBytes } = r;
  const code = causeCode(view, at);
  const end = at + causeLength(view, at);
  if (checkNumberCause(view, at, end) === "ok") {
    switch (code) {
      case ErrorCause.invalidStreamIdentifier:
        return writeInvalidStreamCause(out, to, invalidStreamId(view, at));
      case ErrorCause.staleCookie:
        return writeStaleCookieCause(out, to, stalenessMicros(view, at));
      case ErrorCause.noUserData:
        return writeNoUserDataCause(out, to, noUserDataTsn(view, at));
      default:
        return writeUnsupportedHmacCause(out, to, unsupportedHmacId(view, at));
    }
  }
  const isMissing = code === ErrorCause.missingMandatoryParameter;
  if (isMissing && checkMissingParameterCause(view, at, end) === "ok") {
    const types = many(missingParameterCount(view, at), (i) => missingParameterAt(view, at, i));
    return writeMissingParameterCause(out, to, types);
  }
  return writeOpaqueCause(outBytes, out, to, code, r.bytes, at + 4, end);
}

/** Rewrites the parameter that a codec suite placed, without padding that was not there. */
export const rewriteOneParameter: Codec["rewrite"] = ({ bytes, view, at, end }, out, outBytes) => {
  const written = rewriteParameter({ bytes, view, outBytes, out }, at, 0);
  const length = Math.min(written, Math.max(parameterLength(view, at), end - at));
  outBytes.fill(0x5a, length, written);
  return length;
};

/** A check that also asks for the type, which the readers take for known. */
export const ofType =
  (types: readonly number[], check: Codec["check"]): Codec["check"] =>
  (view, at, end, bytes) =>
    end - at >= 2 && !types.includes(parameterType(view, at))
      ? "another type"
      : check(view, at, end, bytes);
