import type { TreeNode } from "../tree.js";
import { describeAbort, summarizeAbort } from "./abort-chunk.js";
import { describeAsconfAck, summarizeAsconfAck } from "./asconf-ack-chunk.js";
import { describeAsconf, summarizeAsconf } from "./asconf-chunk.js";
import { describeAuth, summarizeAuth } from "./auth-chunk.js";
import { chunkType } from "./chunk.js";
import { ChunkType } from "./chunk-type.js";
import { describeCookieAck, summarizeCookieAck } from "./cookie-ack-chunk.js";
import { describeCookieEcho, summarizeCookieEcho } from "./cookie-echo-chunk.js";
import { describeCwr, summarizeCwr } from "./cwr-chunk.js";
import { describeData, summarizeData } from "./data-chunk.js";
import { describeEcne, summarizeEcne } from "./ecne-chunk.js";
import { describeError, summarizeError } from "./error-chunk.js";
import { describeForwardTsn, summarizeForwardTsn } from "./forward-tsn-chunk.js";
import { describeHeartbeat, summarizeHeartbeat } from "./heartbeat-chunk.js";
import { describeIData, summarizeIData } from "./i-data-chunk.js";
import { describeIForwardTsn, summarizeIForwardTsn } from "./i-forward-tsn-chunk.js";
import { describeInit, summarizeInit } from "./init-chunk.js";
import { describeNrSack, summarizeNrSack } from "./nr-sack-chunk.js";
import { describePad, summarizePad } from "./pad-chunk.js";
import { describeReConfig, summarizeReConfig } from "./re-config-chunk.js";
import { describeSack, summarizeSack } from "./sack-chunk.js";
import { describeShutdownAck, summarizeShutdownAck } from "./shutdown-ack-chunk.js";
import { describeShutdown, summarizeShutdown } from "./shutdown-chunk.js";
import { describeShutdownComplete, summarizeShutdownComplete } from "./shutdown-complete-chunk.js";
import { describeUnknownChunk, summarizeUnknownChunk } from "./unknown-chunk.js";

/** Any chunk as a tree, with its parameters and causes. `at` must be before `end`. */
export function describeChunk(view: DataView, at: number, end: number): TreeNode {
  switch (chunkType(view, at)) {
    case ChunkType.data:
      return describeData(view, at, end);
    case ChunkType.init:
    case ChunkType.initAck:
      return describeInit(view, at, end);
    case ChunkType.sack:
      return describeSack(view, at, end);
    case ChunkType.heartbeat:
    case ChunkType.heartbeatAck:
      return describeHeartbeat(view, at, end);
    case ChunkType.abort:
      return describeAbort(view, at, end);
    case ChunkType.shutdown:
      return describeShutdown(view, at, end);
    case ChunkType.shutdownAck:
      return describeShutdownAck(view, at, end);
    case ChunkType.error:
      return describeError(view, at, end);
    case ChunkType.cookieEcho:
      return describeCookieEcho(view, at, end);
    case ChunkType.cookieAck:
      return describeCookieAck(view, at, end);
    case ChunkType.ecne:
      return describeEcne(view, at, end);
    case ChunkType.cwr:
      return describeCwr(view, at, end);
    case ChunkType.shutdownComplete:
      return describeShutdownComplete(view, at, end);
    case ChunkType.auth:
      return describeAuth(view, at, end);
    case ChunkType.nrSack:
      return describeNrSack(view, at, end);
    case ChunkType.iData:
      return describeIData(view, at, end);
    case ChunkType.asconfAck:
      return describeAsconfAck(view, at, end);
    case ChunkType.reConfig:
      return describeReConfig(view, at, end);
    case ChunkType.pad:
      return describePad(view, at, end);
    case ChunkType.forwardTsn:
      return describeForwardTsn(view, at, end);
    case ChunkType.asconf:
      return describeAsconf(view, at, end);
    case ChunkType.iForwardTsn:
      return describeIForwardTsn(view, at, end);
    default:
      return describeUnknownChunk(view, at, end);
  }
}

/** One line for any chunk, in the manner of tcpdump. `at` must be before `end`. */
export function summarizeChunk(view: DataView, at: number, end: number): string {
  switch (chunkType(view, at)) {
    case ChunkType.data:
      return summarizeData(view, at, end);
    case ChunkType.init:
    case ChunkType.initAck:
      return summarizeInit(view, at, end);
    case ChunkType.sack:
      return summarizeSack(view, at, end);
    case ChunkType.heartbeat:
    case ChunkType.heartbeatAck:
      return summarizeHeartbeat(view, at, end);
    case ChunkType.abort:
      return summarizeAbort(view, at, end);
    case ChunkType.shutdown:
      return summarizeShutdown(view, at, end);
    case ChunkType.shutdownAck:
      return summarizeShutdownAck(view, at, end);
    case ChunkType.error:
      return summarizeError(view, at, end);
    case ChunkType.cookieEcho:
      return summarizeCookieEcho(view, at, end);
    case ChunkType.cookieAck:
      return summarizeCookieAck(view, at, end);
    case ChunkType.ecne:
      return summarizeEcne(view, at, end);
    case ChunkType.cwr:
      return summarizeCwr(view, at, end);
    case ChunkType.shutdownComplete:
      return summarizeShutdownComplete(view, at, end);
    case ChunkType.auth:
      return summarizeAuth(view, at, end);
    case ChunkType.nrSack:
      return summarizeNrSack(view, at, end);
    case ChunkType.iData:
      return summarizeIData(view, at, end);
    case ChunkType.asconfAck:
      return summarizeAsconfAck(view, at, end);
    case ChunkType.reConfig:
      return summarizeReConfig(view, at, end);
    case ChunkType.pad:
      return summarizePad(view, at, end);
    case ChunkType.forwardTsn:
      return summarizeForwardTsn(view, at, end);
    case ChunkType.asconf:
      return summarizeAsconf(view, at, end);
    case ChunkType.iForwardTsn:
      return summarizeIForwardTsn(view, at, end);
    default:
      return summarizeUnknownChunk(view, at, end);
  }
}
