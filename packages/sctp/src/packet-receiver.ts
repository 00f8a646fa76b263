import type { Instant, PacketRef } from "@multihome/base";
import {
  CHUNK_HEADER_LENGTH,
  ChunkType,
  checkCauses,
  checkChunk,
  checkInit,
  checkSctpHeader,
  chunkFlags,
  chunkLength,
  chunkType,
  nextChunk,
  REFLECTED_TAG,
  SCTP_HEADER_LENGTH,
  sctpChecksumOk,
  sctpDestinationPort,
  sctpSourcePort,
  sctpVerificationTag,
} from "@multihome/wire";
import type { SctpAssociation } from "./association.js";
import { handleChunks, handleReflected } from "./inbound-packet.js";
import { isUnicast, readInit } from "./init-parameters.js";
import { answerOutOfTheBlue } from "./out-of-the-blue.js";
import {
  handleCookieEcho,
  handleInit,
  type PacketOrigin,
  type SetupServer,
} from "./setup-server.js";

/** What the receiving of packets needs of its endpoint. */
export interface PacketReceiver extends SetupServer {
  findByTag(tag: number): SctpAssociation | undefined;
}

/**
 * Takes a packet: checksum, ports, verification tag, then whom it belongs to (RFC 9260 s6.8, s8.4,
 * s8.5).
 * @returns the association that it changed, if any
 */
export function receivePacket(
  e: PacketReceiver,
  now: Instant,
  p: PacketRef,
): SctpAssociation | undefined {
  const { bytes, view, start, end } = p;
  const first = start + SCTP_HEADER_LENGTH;
  e.counters.packetsReceived++;
  e.counters.bytesReceived += end - start;
  if (checkSctpHeader(view, start, end) !== "ok" || checkChunk(view, first, end) !== "ok") {
    e.counters.badHeader++;
    return undefined;
  }
  if (!sctpChecksumOk(bytes, view, start, end)) {
    e.counters.badChecksum++;
    return undefined;
  }
  const peerPort = sctpSourcePort(view, start);
  if (sctpDestinationPort(view, start) !== e.port || peerPort === 0) {
    e.counters.badPort++;
    return undefined;
  }
  const vtag = sctpVerificationTag(view, start);
  const type = chunkType(view, first);
  if (type === ChunkType.init && vtag !== 0) {
    e.counters.badVtag++; // RFC 9260 s12.3: discarded in silence, whoever's tag it is
    return undefined;
  }
  const a = e.findByTag(vtag);
  const ending = endingChunk(view, first, end);
  const withAbort = ending >= 0 && chunkType(view, ending) === ChunkType.abort;
  if (a !== undefined && a.peerPort === peerPort && (type !== ChunkType.cookieEcho || withAbort)) {
    if (ending >= 0 && !mayEnd(e, view, ending)) return undefined;
    if (type === ChunkType.shutdownAck && !a.established) {
      // RFC 9260 s8.5.1 rule E: while it is set up, treated as out of the blue.
      outOfTheBlue(e, p, first, vtag, peerPort);
      return undefined;
    }
    handleChunks(a, now, p, first);
    return a;
  }
  const from: PacketOrigin = {
    local: p.local,
    remote: p.remote,
    localPort: p.localPort,
    remotePort: p.remotePort,
    peerPort,
  };
  if (vtag === 0) {
    takeInit(e, now, p, first, from, type);
    return e.findByAddress(p.remote, p.remotePort, peerPort);
  }
  if (type === ChunkType.cookieEcho && !withAbort && isUnicastPair(p)) {
    const cookie = bytes.subarray(first + CHUNK_HEADER_LENGTH, first + chunkLength(view, first));
    const owner = handleCookieEcho(e, now, cookie, vtag, from, a);
    const next = nextChunk(view, first);
    if (owner !== undefined && next < end) handleChunks(owner, now, p, next);
    else if (owner !== undefined) owner.lastHeard = now;
    return owner;
  }
  // The peer reflects its own tag: ABORT and SHUTDOWN COMPLETE with the T bit (RFC 9260 s8.5.1).
  const known = e.findByAddress(p.remote, p.remotePort, peerPort);
  if (known !== undefined) {
    if (known.peerVtag === vtag && ending >= 0 && isReflected(view, ending)) {
      handleReflected(known, now, p, ending);
      return known;
    }
    if (type === ChunkType.shutdownAck && !known.established) {
      outOfTheBlue(e, p, first, vtag, peerPort);
      return undefined;
    }
    e.counters.badVtag++;
    return undefined;
  }
  outOfTheBlue(e, p, first, vtag, peerPort);
  return undefined;
}

/** Where the first ABORT or SHUTDOWN COMPLETE is in the packet, or -1. */
function endingChunk(view: DataView, first: number, end: number): number {
  for (let at = first; at < end; at = nextChunk(view, at)) {
    if (checkChunk(view, at, end) !== "ok") return -1;
    const type = chunkType(view, at);
    if (type === ChunkType.abort || type === ChunkType.shutdownComplete) return at;
  }
  return -1;
}

/** The T bit: the packet carries its sender's tag. RFC 9260 s8.5.1 rules B, C */
const isReflected = (view: DataView, at: number): boolean =>
  (chunkFlags(view, at) & REFLECTED_TAG) !== 0;

/**
 * True if a packet with our tag may end the association: without the T bit (RFC 9260 s8.5.1), and an ABORT
 * without format error (s3.3.7). Otherwise the whole packet is discarded: nothing is answered to one that
 * contains an ABORT (s9.1).
 */
function mayEnd(e: PacketReceiver, view: DataView, at: number): boolean {
  if (isReflected(view, at)) {
    e.counters.badVtag++;
    return false;
  }
  if (chunkType(view, at) !== ChunkType.abort) return true;
  const causes = checkCauses(view, at + CHUNK_HEADER_LENGTH, at + chunkLength(view, at));
  if (causes !== "ok") e.counters.abortIgnored++;
  return causes === "ok";
}

const isUnicastPair = (p: PacketRef): boolean => isUnicast(p.local) && isUnicast(p.remote);

function takeInit(
  e: PacketReceiver,
  now: Instant,
  p: PacketRef,
  first: number,
  from: PacketOrigin,
  type: number,
): void {
  if (!isUnicastPair(p)) {
    e.counters.outOfTheBlue++; // RFC 9260 s8.4 rule 1
    return;
  }
  // RFC 9260 s8.5.1 rule A: tag 0 only with an INIT, which must be alone (s5.1).
  if (type !== ChunkType.init || nextChunk(p.view, first) < p.end) {
    e.counters.initBundled++;
    return;
  }
  if (checkInit(p.view, first, p.end) !== "ok") {
    e.counters.badChunk++;
    return;
  }
  const end = first + chunkLength(p.view, first);
  const init = readInit(p.bytes, p.view, first, end, e.config.maxPeerAddresses);
  if (init === undefined) {
    e.counters.badChunk++;
    return;
  }
  handleInit(e, now, init, from);
}

function outOfTheBlue(
  e: PacketReceiver,
  p: PacketRef,
  first: number,
  vtag: number,
  peerPort: number,
): void {
  e.counters.outOfTheBlue++;
  const answer = answerOutOfTheBlue(p.view, first, p.end, p.local, p.remote);
  if (answer === undefined) return;
  e.reply(
    {
      local: p.local,
      remote: p.remote,
      localPort: p.localPort,
      remotePort: p.remotePort,
      peerPort,
    },
    vtag,
    answer,
  );
}
