import { IpAddress } from "@multihome/base";
import {
  abortCausesStart,
  abortTagIsReflected,
  asconfAckSequenceNumber,
  asconfAddress,
  asconfParametersStart,
  asconfSequenceNumber,
  authHmacId,
  authHmacLength,
  authHmacStart,
  authSharedKeyId,
  ChunkType,
  checkInit,
  chunkFlags,
  chunkLength,
  chunkType,
  cookieLength,
  cookieStart,
  cwrLowestTsn,
  DataFlag,
  dataPpid,
  dataSsn,
  dataStreamId,
  dataTsn,
  ECNE_LENGTH,
  ecneLowestTsn,
  errorCausesStart,
  forwardTsnCount,
  forwardTsnNewCumTsn,
  forwardTsnSsn,
  forwardTsnStreamId,
  heartbeatInfoLength,
  heartbeatInfoStart,
  iDataFsn,
  iDataMid,
  iDataPpid,
  iDataStreamId,
  iDataTsn,
  initARwnd,
  initInboundStreams,
  initInitialTsn,
  initInitiateTag,
  initOutboundStreams,
  paddedLength,
  reConfigParametersStart,
  sackARwnd,
  sackCumTsnAck,
  sackDupCount,
  sackDupTsn,
  sackGapCount,
  sackGapEnd,
  sackGapStart,
  shutdownCompleteTagIsReflected,
  shutdownCumTsnAck,
  writeAbortHeader,
  writeAsconfAckHeader,
  writeAsconfHeader,
  writeAuth,
  writeChunkHeader,
  writeCookieAck,
  writeCookieEcho,
  writeCwr,
  writeDataHeader,
  writeEcne,
  writeErrorHeader,
  writeForwardTsnFixed,
  writeForwardTsnStream,
  writeHeartbeat,
  writeIDataHeader,
  writeInitFixed,
  writeReConfigHeader,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
  writeShutdown,
  writeShutdownAck,
  writeShutdownComplete,
  zeroPadding,
} from "../src/index.js";
import { type Rewriting, rewriteCauses, rewriteParameters } from "./sctp-rewrite.js";

/**
 * Reads the chunk at `at` with its readers and writes it with its writers at the same place of the output,
 * padding included. A chunk of unknown type, or an INIT too short for its fields, is carried over as bytes.
 * Returns false for those.
 */
export function rewriteChunk(r: Rewriting, at: number, end: number): boolean {
  const { bytes, view, outBytes, out } = r;
  const type = chunkType(view, at);
  const length = chunkLength(view, at);
  const stop = at + length;
  switch (type) {
    case ChunkType.data: {
      const place = [dataTsn(view, at), dataStreamId(view, at), dataSsn(view, at)] as const;
      const written = writeDataHeader(
        out,
        at,
        chunkFlags(view, at),
        length,
        ...place,
        dataPpid(view, at),
      );
      outBytes.set(bytes.subarray(at + written, stop), at + written);
      break;
    }
    case ChunkType.iData: {
      const begins = (chunkFlags(view, at) & DataFlag.begin) !== 0;
      const written = writeIDataHeader(
        out,
        at,
        chunkFlags(view, at),
        length,
        iDataTsn(view, at),
        iDataStreamId(view, at),
        iDataMid(view, at),
        begins ? iDataPpid(view, at) : iDataFsn(view, at),
      );
      outBytes.set(bytes.subarray(at + written, stop), at + written);
      break;
    }
    case ChunkType.init:
    case ChunkType.initAck: {
      if (checkInit(view, at, end) !== "ok") return carryOver(r, at, stop);
      const tag = initInitiateTag(view, at);
      const [os, mis] = [initOutboundStreams(view, at), initInboundStreams(view, at)];
      const tsn = initInitialTsn(view, at);
      const written = writeInitFixed(out, at, type, length, tag, initARwnd(view, at), os, mis, tsn);
      rewriteParameters(r, at + written, stop, at + written);
      break;
    }
    case ChunkType.sack:
      rewriteSack(r, at);
      break;
    case ChunkType.heartbeat:
    case ChunkType.heartbeatAck: {
      const from = heartbeatInfoStart(at);
      writeHeartbeat(outBytes, out, at, type, bytes, from, from + heartbeatInfoLength(view, at));
      break;
    }
    case ChunkType.abort: {
      writeAbortHeader(out, at, abortTagIsReflected(view, at), length);
      rewriteCauses(r, abortCausesStart(at), stop, abortCausesStart(at));
      break;
    }
    case ChunkType.error:
      writeErrorHeader(out, at, length);
      rewriteCauses(r, errorCausesStart(at), stop, errorCausesStart(at));
      break;
    case ChunkType.shutdown:
      writeShutdown(out, at, shutdownCumTsnAck(view, at));
      break;
    case ChunkType.shutdownAck:
      writeShutdownAck(out, at);
      break;
    case ChunkType.shutdownComplete:
      writeShutdownComplete(out, at, shutdownCompleteTagIsReflected(view, at));
      break;
    case ChunkType.cookieEcho: {
      const from = cookieStart(at);
      writeCookieEcho(outBytes, out, at, bytes, from, from + cookieLength(view, at));
      break;
    }
    case ChunkType.cookieAck:
      writeCookieAck(out, at);
      break;
    case ChunkType.ecne:
      // usrsctp adds a count that RFC 4960 appendix A does not have.
      if (length !== ECNE_LENGTH) return carryOver(r, at, stop);
      writeEcne(out, at, ecneLowestTsn(view, at));
      break;
    case ChunkType.cwr:
      writeCwr(out, at, cwrLowestTsn(view, at));
      break;
    case ChunkType.auth: {
      const hmacLength = authHmacLength(view, at);
      writeAuth(outBytes, out, at, authSharedKeyId(view, at), authHmacId(view, at), hmacLength);
      const hmac = authHmacStart(at);
      outBytes.set(bytes.subarray(hmac, hmac + hmacLength), hmac);
      break;
    }
    case ChunkType.asconf: {
      const address = asconfAddress(view, at) ?? IpAddress.v4(0);
      writeAsconfHeader(out, at, length, asconfSequenceNumber(view, at), address);
      const parameters = asconfParametersStart(view, at);
      rewriteParameters(r, parameters, stop, parameters);
      break;
    }
    case ChunkType.asconfAck: {
      const written = writeAsconfAckHeader(out, at, length, asconfAckSequenceNumber(view, at));
      rewriteParameters(r, at + written, stop, at + written);
      break;
    }
    case ChunkType.reConfig: {
      writeReConfigHeader(out, at, length);
      const parameters = reConfigParametersStart(at);
      rewriteParameters(r, parameters, stop, parameters);
      break;
    }
    case ChunkType.forwardTsn: {
      const count = forwardTsnCount(view, at);
      writeForwardTsnFixed(out, at, forwardTsnNewCumTsn(view, at), count);
      for (let i = 0; i < count; i++) {
        const stream = forwardTsnStreamId(view, at, i);
        writeForwardTsnStream(out, at, i, stream, forwardTsnSsn(view, at, i));
      }
      break;
    }
    default:
      return carryOver(r, at, stop);
  }
  pad(r, at, length, end);
  return true;
}

function rewriteSack({ view, out }: Rewriting, at: number): void {
  const [gaps, dups] = [sackGapCount(view, at), sackDupCount(view, at)];
  const cumTsnAck = sackCumTsnAck(view, at);
  writeSackFixed(out, at, chunkFlags(view, at), cumTsnAck, sackARwnd(view, at), gaps, dups);
  for (let i = 0; i < gaps; i++) {
    writeSackGap(out, at, i, sackGapStart(view, at, i), sackGapEnd(view, at, i));
  }
  for (let i = 0; i < dups; i++) writeSackDup(out, at, gaps, i, sackDupTsn(view, at, i));
}

function carryOver({ bytes, view, outBytes, out }: Rewriting, at: number, stop: number): false {
  const type = chunkType(view, at);
  const written = writeChunkHeader(out, at, type, chunkFlags(view, at), chunkLength(view, at));
  outBytes.set(bytes.subarray(at + written, stop), at + written);
  // Its sender may have padded with anything.
  const padded = at + paddedLength(stop - at);
  outBytes.set(bytes.subarray(stop, padded), stop);
  return false;
}

/** Zeroes the padding as far as the packet has any. */
function pad({ outBytes }: Rewriting, at: number, length: number, end: number): void {
  if (at + paddedLength(length) <= end) zeroPadding(outBytes, at, length);
  else outBytes.fill(0, at + length, end);
}
