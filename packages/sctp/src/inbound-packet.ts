import { type Instant, type PacketRef, sameIp } from "@multihome/base";
import {
  CHUNK_HEADER_LENGTH,
  ChunkType,
  causeCode,
  causeLength,
  checkCauses,
  checkChunk,
  checkData,
  checkInit,
  checkSack,
  chunkLength,
  chunkType,
  dataTsn,
  ErrorCause,
  nextCause,
  nextChunk,
  SCTP_HEADER_LENGTH,
} from "@multihome/wire";
import type { SctpAssociation } from "./association.js";
import { abortAssociation, closeAssociation } from "./closing.js";
import { cause, errorChunk, noUserDataCause } from "./control-chunks.js";
import { afterData, handleData, noteDueSack } from "./data-receiver.js";
import { handleHeartbeatAck, makeHeartbeatAck } from "./heartbeat.js";
import { readInit } from "./init-parameters.js";
import { askHeard } from "./path-failure.js";
import { addPath, learnPorts } from "./path-selection.js";
import { beginReplies, queueErrorReply, queueReply } from "./replies.js";
import { handleSack } from "./sack-receiver.js";
import type { SctpPath } from "./sctp-path.js";
import { handleCookieAck, handleInitAck, handleStaleCookie } from "./setup-client.js";
import {
  continueShutdown,
  handleShutdown,
  handleShutdownAck,
  handleShutdownComplete,
  heardAfterShutdown,
} from "./shutdown.js";
import { tracePacket } from "./trace-input.js";

const MAX_REPORTED_CHUNK = 512;
/** Causes of one ERROR chunk that are looked at; hundreds would fit. */
const MAX_TOLD_CAUSES = 16;

/**
 * Takes the chunks of a packet that belongs to this association, in order (RFC 9260 s6.10). The
 * verification tag was checked, and whether an ABORT or SHUTDOWN COMPLETE in it is to be taken (s8.5.1).
 *
 * @param first offset of the first chunk to take
 */
export function handleChunks(
  a: SctpAssociation,
  now: Instant,
  packet: PacketRef,
  first: number,
): void {
  const { bytes, view } = packet;
  const path = arrivalPath(a, now, packet);
  if (path === undefined && isFromStranger(a, packet)) {
    a.counters.unverifiedSource++;
    return;
  }
  if (a.owner.trace !== undefined) tracePacket(a, path);
  beginReplies(a, path);
  a.lastHeard = now;
  if (path !== undefined) {
    path.lastHeard = now;
    path.packetsReceived++;
    path.bytesReceived += packet.end - packet.start;
  }
  let sawData = false;
  for (let at = first; at < packet.end; at = nextChunk(view, at)) {
    if (checkChunk(view, at, packet.end) !== "ok") {
      a.counters.badChunk++; // RFC 9260 s6.10: a partial chunk is dropped
      break;
    }
    const type = chunkType(view, at);
    if (type === ChunkType.data) {
      const check = checkData(view, at, packet.end);
      if (check === "noUserData") {
        abortAssociation(
          a,
          now,
          ErrorCause.noUserData,
          "DATA without user data",
          tsnInfo(view, at),
        );
        return;
      }
      if (check !== "ok") {
        a.counters.badChunk++;
        break;
      }
      if (!takesData(a)) {
        if (a.established) a.counters.dataAfterShutdown++;
        else a.counters.unexpectedChunk++;
        continue;
      }
      if (!sawData) noteDueSack(a);
      if (!handleData(a, now, bytes, view, at, path)) return;
      sawData = true;
      continue;
    }
    const goOn = handleControl(a, now, packet, at, type, path);
    if (a.state.kind === "closed") return;
    if (!goOn) break;
  }
  if (sawData) afterData(a, now);
  if (path !== undefined) askHeard(a, now, path);
  if (a.state.kind === "shutdownSent") heardAfterShutdown(a, now, sawData);
}

/** RFC 9260 s6: DATA is taken in ESTABLISHED, SHUTDOWN-PENDING and SHUTDOWN-SENT. */
function takesData(a: SctpAssociation): boolean {
  const k = a.state.kind;
  return k === "established" || k === "shutdownPending" || k === "shutdownSent";
}

/**
 * Takes the ABORT or SHUTDOWN COMPLETE at `at` of a packet that carries the peer's tag, not ours, and
 * nothing else of it. RFC 9260 s8.5.1 rules B, C
 */
export function handleReflected(
  a: SctpAssociation,
  now: Instant,
  { bytes, view }: PacketRef,
  at: number,
): void {
  if (chunkType(view, at) === ChunkType.abort) {
    handleAbort(a, now, bytes, view, at, chunkLength(view, at));
  } else handleShutdownComplete(a, now);
}

function tsnInfo(view: DataView, at: number): Uint8Array {
  return noUserDataCause(dataTsn(view, at)).subarray(4);
}

/** The path that a packet came over; its UDP port is learned. RFC 6951 s5.4 */
function arrivalPath(a: SctpAssociation, now: Instant, packet: PacketRef): SctpPath | undefined {
  for (const path of a.paths) {
    if (sameIp(path.remote, packet.remote) && sameIp(path.local, packet.local)) {
      if (path.remotePort !== packet.remotePort) {
        learnPorts(a, path, packet.localPort, packet.remotePort);
      }
      return path;
    }
  }
  if (!a.established || isFromStranger(a, packet)) return undefined;
  const path = addPath(a, now, packet.local, packet.remote, packet.remotePort);
  if (path !== undefined) path.hbDue = true;
  return path;
}

/**
 * RFC 9260 s5.1.2 rule C: an association has the addresses that the peer listed, and where the set-up came
 * from. A packet from elsewhere is none of its own, whatever its tag: who guesses tags must guess one of one
 * peer, not one of all associations that there are. It is not answered (s8.4 rule 8 would send an ABORT): a
 * live peer whose new address we do not know yet would end the association over it.
 */
const isFromStranger = (a: SctpAssociation, packet: PacketRef): boolean =>
  a.established && !a.peerAddresses.some((p) => sameIp(p, packet.remote));

/** Takes one chunk other than DATA; false stops the packet. */
function handleControl(
  a: SctpAssociation,
  now: Instant,
  packet: PacketRef,
  at: number,
  type: number,
  path: SctpPath | undefined,
): boolean {
  const { bytes, view } = packet;
  const length = chunkLength(view, at);
  switch (type) {
    case ChunkType.sack:
      if (checkSack(view, at, packet.end) !== "ok") a.counters.badChunk++;
      else if (a.canTransferData) {
        // RFC 9260 s6: only in states in which data may be outstanding.
        handleSack(a, now, view, at);
        continueShutdown(a, now, path);
      } else a.counters.unexpectedChunk++;
      return true;
    case ChunkType.heartbeat:
      handleHeartbeat(a, packet, at, length, path);
      return true;
    case ChunkType.heartbeatAck:
      if (a.established) handleHeartbeatAck(a, now, view, at, length);
      else a.counters.unexpectedChunk++;
      return true;
    case ChunkType.initAck:
      takeInitAck(a, now, packet, at, length);
      return false;
    case ChunkType.cookieAck:
      handleCookieAck(a, now, path);
      return true;
    case ChunkType.cookieEcho:
      a.counters.unexpectedChunk++; // the endpoint takes it where it is allowed, as the first chunk
      return true;
    case ChunkType.init:
      a.counters.initBundled++; // RFC 9260 s12.3: the INIT and all that follows is discarded
      return false;
    case ChunkType.abort:
      handleAbort(a, now, bytes, view, at, length);
      return false;
    case ChunkType.error:
      handleError(a, now, view, at, length);
      return true;
    case ChunkType.shutdown:
      if (length === 8) handleShutdown(a, now, view.getUint32(at + 4), path);
      else a.counters.badChunk++;
      return true;
    case ChunkType.shutdownAck:
      handleShutdownAck(a, now, path);
      return true;
    case ChunkType.shutdownComplete:
      handleShutdownComplete(a, now);
      return false;
    case ChunkType.ecne:
    case ChunkType.cwr:
      return true; // reserved; RFC 9260 s3.2 names them, we do not mark packets
    default:
      return handleUnknown(a, bytes, at, length, type, path);
  }
}

/** RFC 9260 s8.3: answered from COOKIE-ECHOED or ESTABLISHED until the SHUTDOWN was sent. */
function handleHeartbeat(
  a: SctpAssociation,
  packet: PacketRef,
  at: number,
  length: number,
  path: SctpPath | undefined,
): void {
  const k = a.state.kind;
  if (k === "cookieWait" || k === "closed" || length < CHUNK_HEADER_LENGTH + 4) {
    a.counters.unexpectedChunk++;
    return;
  }
  if (path === undefined) a.counters.repliesDropped++;
  else queueReply(a, padded(makeHeartbeatAck(packet.bytes, at, length)), path);
}

const padded = (chunk: Uint8Array): Uint8Array => {
  if (chunk.length % 4 === 0) return chunk;
  const out = new Uint8Array((chunk.length + 3) & ~3);
  out.set(chunk);
  return out;
};

function takeInitAck(
  a: SctpAssociation,
  now: Instant,
  packet: PacketRef,
  at: number,
  length: number,
): void {
  if (checkInit(packet.view, at, packet.end) !== "ok") {
    a.counters.badChunk++;
    return;
  }
  // RFC 9260 s5.1: INIT ACK must be the only chunk.
  const isFirst = at === packet.start + SCTP_HEADER_LENGTH;
  if (!isFirst || nextChunk(packet.view, at) < packet.end) {
    a.counters.initBundled++;
    return;
  }
  const init = readInit(packet.bytes, packet.view, at, at + length, a.config.maxPeerAddresses);
  if (init === undefined) {
    a.counters.badChunk++;
    return;
  }
  handleInitAck(a, now, init, packet.local, packet.remote);
}

function handleAbort(
  a: SctpAssociation,
  now: Instant,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  length: number,
): void {
  const first = at + CHUNK_HEADER_LENGTH;
  const end = at + length;
  if (checkCauses(view, first, end) !== "ok") {
    a.counters.abortIgnored++; // RFC 9260 s3.3.7: format error
    return;
  }
  const causeCodes: number[] = [];
  let reason: Uint8Array | undefined;
  for (let c = first; c < end; c = nextCause(view, c)) {
    const code = causeCode(view, c);
    causeCodes.push(code);
    if (code === ErrorCause.userInitiatedAbort)
      reason = bytes.slice(c + 4, c + causeLength(view, c));
  }
  if (a.state.kind === "cookieWait" || a.state.kind === "cookieEchoed") {
    const codes = causeCodes.length > 0 ? ` (cause ${causeCodes.join(", ")})` : "";
    closeAssociation(a, now, {
      kind: "setupFailed",
      detail: `the peer refused with an ABORT${codes}`,
    });
  } else closeAssociation(a, now, { kind: "abortedByPeer", causeCodes, reason });
}

function handleError(
  a: SctpAssociation,
  now: Instant,
  view: DataView,
  at: number,
  length: number,
): void {
  const first = at + CHUNK_HEADER_LENGTH;
  const end = at + length;
  if (checkCauses(view, first, end) !== "ok") {
    a.counters.badChunk++;
    return;
  }
  let told = 0;
  for (let c = first; c < end && a.state.kind !== "closed"; c = nextCause(view, c)) {
    if (told++ >= MAX_TOLD_CAUSES) {
      a.counters.causesIgnored++;
      return;
    }
    const code = causeCode(view, c);
    if (code === ErrorCause.staleCookie) handleStaleCookie(a, now);
    else if (a.established) a.owner.emit({ kind: "peerError", at: now, id: a.id, causeCode: code });
    else a.counters.unexpectedChunk++; // of a peer that there is no association with yet
  }
}

/** Unknown chunks, by the two upper bits of the type. RFC 9260 s3.2 */
function handleUnknown(
  a: SctpAssociation,
  bytes: Uint8Array,
  at: number,
  length: number,
  type: number,
  path: SctpPath | undefined,
): boolean {
  a.counters.unknownChunk++;
  if ((type & 0x40) !== 0) {
    const shown = bytes.slice(at, at + Math.min(length, MAX_REPORTED_CHUNK));
    queueErrorReply(a, errorChunk(cause(ErrorCause.unrecognizedChunkType, shown)), path);
  }
  return (type & 0x80) !== 0;
}
