import {
  elapsed,
  type Instant,
  instantAdd,
  type Micros,
  millis,
  NEVER,
  type PacketRef,
  ssn,
  ssnAdd,
} from "@multihome/base";
import {
  DATA_HEADER_LENGTH,
  DataFlag,
  SCTP_HEADER_LENGTH,
  writeDataHeader,
  writeSctpChecksum,
  writeSctpHeader,
} from "@multihome/wire";
import {
  AssociationTimer,
  type ControlChunk,
  SackUrgency,
  type SctpAssociation,
} from "./association.js";
import { hasSack, mustSack, nextSackLength, putSack } from "./data-receiver.js";
import { makeHeartbeat } from "./heartbeat.js";
import { mayProbe } from "./heartbeat-timer.js";
import { restartT3, startT3 } from "./loss-recovery.js";
import { ChunkState, LossKind, type OutChunk } from "./out-chunk.js";
import type { OutMessage } from "./out-message.js";
import { tellWritable } from "./sack-receiver.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { continueShutdown, queueShutdown } from "./shutdown.js";
import { expectAnswer } from "./suspicion.js";
import { traceRetransmitted } from "./trace-chunk.js";
import { tracePacket } from "./trace-input.js";

/**
 * Writes the association's next packet into `out` (RFC 9260 s6.1, s6.10): control chunks first, a SACK
 * that is due, then what is marked for retransmission, then new data. False when there is nothing to
 * send now.
 */
export function pollAssociation(a: SctpAssociation, now: Instant, out: PacketRef): boolean {
  if (a.shutdownDue) queueShutdown(a);
  if (sendControls(a, now, out)) return true;
  if (a.state.kind === "closed") return false;
  for (const path of a.paths) {
    if (path.hbDue && path.allowed && mayProbe(a, path)) return sendHeartbeat(a, now, out, path);
  }
  if (!a.established) return false;
  const sackNow = mustSack(a);
  const path = dataPath(a);
  if (!a.canTransferData || path === undefined || !hasDataFor(a, now, path)) {
    return sackNow ? sendSack(a, out) : false;
  }
  const limit = packetLimit(out, path);
  const withSack =
    hasSack(a) &&
    sackPath(a) === path &&
    SCTP_HEADER_LENGTH + nextSackLength(a) + nextDataSize(a) <= limit - out.start;
  // A SACK that is due and does not fit beside the data leaves first, by itself.
  if (sackNow && !withSack) return sendSack(a, out);
  let at = beginPacket(a, out, path, a.peerVtag);
  if (withSack) at += putSack(a, out, at, limit);
  at = writeData(a, now, out, at, limit, path);
  return finishPacket(a, out, at, path);
}

/** Where data goes: what timed out over another path than it was sent on (RFC 9260 s6.4), the rest by policy. */
function dataPath(a: SctpAssociation): SctpPath | undefined {
  const via = a.retransmitVia;
  if (via !== undefined && a.outbound.marked > 0 && via.allowed && via.state.kind === "active") {
    return via;
  }
  a.retransmitVia = undefined;
  return a.current;
}

/** Length with padding of the DATA chunk that would go next. */
function nextDataSize(a: SctpAssociation): number {
  const marked = firstMarked(a);
  if (marked !== undefined) return marked.size;
  const message = a.sendQueue.peek();
  if (message === undefined) return 0;
  return chunkSize(Math.min(message.data.length - message.fragmented, a.maxUserData));
}

const chunkSize = (userBytes: number): number => (DATA_HEADER_LENGTH + userBytes + 3) & ~3;

// ---- control chunks

/** Bytes that a HEARTBEAT of ours takes at most. */
const HEARTBEAT_ROOM = 64;

function sendControls(a: SctpAssociation, now: Instant, out: PacketRef): boolean {
  const first = nextControl(a, out);
  const path = first === undefined ? undefined : controlPath(a, first);
  if (first === undefined || path === undefined) return false;
  let at = beginPacket(a, out, path, first.vtag ?? a.peerVtag);
  const limit = packetLimit(out, path);
  // RFC 9260 s5.4: a COOKIE ACK to an unverified address takes a HEARTBEAT along, so there is room for one.
  const reserved = path.hbDue ? HEARTBEAT_ROOM : 0;
  let control: ControlChunk | undefined = first;
  let alone = false;
  while (control !== undefined && !alone) {
    const fits = at + control.bytes.length + reserved <= limit || control === first;
    if (!fits || (control.alone && control !== first)) break;
    if (control.vtag !== first.vtag || controlPath(a, control) !== path) break;
    out.bytes.set(control.bytes, at);
    at += control.bytes.length;
    alone = control.alone;
    a.controls.shift();
    control = a.controls.peek();
  }
  if (!alone && a.established) {
    if (path.hbDue && mayProbe(a, path) && limit - at >= HEARTBEAT_ROOM)
      at = putHeartbeat(a, now, out, at, path);
    if (hasSack(a) && path.confirmed && limit - at >= nextSackLength(a) && sackPath(a) === path) {
      at += putSack(a, out, at, limit);
    }
  }
  return finishPacket(a, out, at, path);
}

/** The first control chunk that can be sent; drops those that have nowhere to go, or are too long. */
function nextControl(a: SctpAssociation, out: PacketRef): ControlChunk | undefined {
  for (;;) {
    const control = a.controls.peek();
    if (control === undefined) return undefined;
    const fits = out.start + SCTP_HEADER_LENGTH + control.bytes.length <= out.end;
    if (fits && controlPath(a, control) !== undefined) return control;
    a.counters.repliesDropped++;
    a.controls.shift();
  }
}

/** Where a control chunk goes: an answer where the question came from or not at all; never a forbidden way. */
function controlPath(a: SctpAssociation, control: ControlChunk): SctpPath | undefined {
  const path = control.path ?? a.current ?? a.primary;
  return path?.allowed ? path : undefined;
}

function sendHeartbeat(a: SctpAssociation, now: Instant, out: PacketRef, path: SctpPath): boolean {
  let at = beginPacket(a, out, path, a.peerVtag);
  at = putHeartbeat(a, now, out, at, path);
  return finishPacket(a, out, at, path);
}

function putHeartbeat(
  a: SctpAssociation,
  now: Instant,
  out: PacketRef,
  at: number,
  path: SctpPath,
): number {
  const chunk = makeHeartbeat(a, now, path);
  out.bytes.set(chunk, at);
  return at + chunk.length;
}

// ---- SACK

/**
 * A SACK goes where the last DATA came from, unless that way is known to be bad. RFC 9260 s6.4
 *
 * DATA that comes over a path after it has failed says that it heals, or that only our way is dead. Until a
 * HEARTBEAT has told which, SACKs go this way and that in turn; s6.4 would rather not have them vary.
 */
function sackPath(a: SctpAssociation): SctpPath | undefined {
  const last = a.lastDataPath;
  if (last?.confirmed && last.allowed) {
    if (last.state.kind === "active") return last;
    if (a.config.probing && a.sackTurn && last.lastHeard >= last.troubledSince) return last;
  }
  return a.current ?? last;
}

function sendSack(a: SctpAssociation, out: PacketRef): boolean {
  const path = sackPath(a);
  if (path === undefined) {
    a.sackUrgency = SackUrgency.none;
    a.sackNotes.clear();
    return false;
  }
  let at = beginPacket(a, out, path, a.peerVtag);
  at += putSack(a, out, at, packetLimit(out, path));
  return finishPacket(a, out, at, path);
}

// ---- DATA

const BURST_TIME = millis(1);

/**
 * TSNs in the send window: what Gap Ack Blocks can tell of (RFC 9260 s3.3.4, 16 bits), and no more messages
 * of a stream than its sequence numbers tell apart (s6.1).
 */
const MAX_OUTSTANDING = 0xffff;

/** True if something may be sent on this path now. RFC 9260 s6.1 rules A to D */
function hasDataFor(a: SctpAssociation, now: Instant, path: SctpPath): boolean {
  // RFC 9260 s6.1 rule D limits what leaves in one go: a burst ends with the next input, or by time, so
  // that an application that sends bit by bit is not held up until the next SACK.
  if (path.burst > 0 && elapsed(path.burstSince, now) >= BURST_TIME) path.burst = 0;
  if (path.burst >= a.config.maxBurst) return false;
  if (firstMarked(a) !== undefined) return path.fastRetransmitDue || cwndAllows(path);
  if (a.sendQueue.length === 0 || a.outbound.length >= MAX_OUTSTANDING) return false;
  if (a.timers.at(AssociationTimer.expiry) <= now) dropExpired(a, now);
  const message = a.sendQueue.peek();
  if (message === undefined || !cwndAllows(path)) return false;
  return windowAllows(a, now, Math.min(message.data.length - message.fragmented, a.maxUserData));
}

function cwndAllows(path: SctpPath): boolean {
  if (path.cc.onePacketOnly) return path.flightSize === 0; // RFC 9260 s7.2.3
  return cwndHasRoom(path);
}

/** Rule B: the last packet may overbook. */
const cwndHasRoom = (path: SctpPath): boolean =>
  path.flightSize - Math.min(path.unseen, path.flightSize) < path.cc.cwnd;

/** Rule A: the peer's window, or a probe of a closed one. */
function windowAllows(a: SctpAssociation, now: Instant, length: number): boolean {
  if (length <= a.peerRwnd) return true;
  if (a.zeroWindowProbeDue) return true;
  if (a.outstandingBytes === 0 && a.outbound.length === 0) {
    if (!a.timers.isArmed(AssociationTimer.zeroWindowProbe)) {
      // The first probe after one RTO, later ones ever slower.
      const rto = a.current?.rtt.baseRto ?? a.config.rtoInitial;
      const wait = Math.min(rto * 2 ** Math.min(a.zeroWindowProbes, 10), a.config.rtoMax);
      a.timers.arm(AssociationTimer.zeroWindowProbe, instantAdd(now, wait as Micros));
    }
  }
  return false;
}

/** Drops messages whose lifetime ended before their first byte left. RFC 9260 s11.1.5 */
export function dropExpired(a: SctpAssociation, now: Instant): void {
  const keep: OutMessage[] = [];
  for (let m = a.sendQueue.shift(); m !== undefined; m = a.sendQueue.shift()) {
    if (m.fragmented > 0 || m.expiresAt > now) {
      keep.push(m);
      continue;
    }
    a.expiring--;
    a.counters.messagesAbandoned++;
    a.bufferedBytes -= m.data.length;
    a.owner.emit({
      kind: "message",
      at: now,
      id: a.id,
      messageId: m.id,
      outcome: { kind: "abandoned", data: m.data },
    });
  }
  for (const m of keep) a.sendQueue.push(m);
  armExpiry(a);
  tellWritable(a, now);
  continueShutdown(a, now);
}

/** Arms the timer for the earliest end of a lifetime. */
function armExpiry(a: SctpAssociation): void {
  let least: Instant = NEVER;
  for (let i = 0; a.expiring > 0 && i < a.sendQueue.length; i++) {
    const m = a.sendQueue.at(i);
    if (m !== undefined && m.fragmented === 0 && m.expiresAt < least) least = m.expiresAt;
  }
  a.timers.arm(AssociationTimer.expiry, least);
}

/** The lowest TSN marked for retransmission. */
function firstMarked(a: SctpAssociation): OutChunk | undefined {
  const q = a.outbound;
  if (q.marked === 0) return undefined;
  for (let i = a.markedHint; i < q.length; i++) {
    const c = q.at(i);
    if (c?.state === ChunkState.marked) {
      a.markedHint = i;
      return c;
    }
  }
  return undefined;
}

function writeData(
  a: SctpAssociation,
  now: Instant,
  out: PacketRef,
  from: number,
  limit: number,
  path: SctpPath,
): number {
  let at = from;
  if (path.flightSize === 0 && path.lastDataSentAt !== NEVER) {
    path.cc.onIdle(now, elapsed(path.lastDataSentAt, now), path.rtt.rto);
  }
  path.lastDataSentAt = now;
  // Rule C: retransmissions first, in the order of TSNs.
  for (let c = firstMarked(a); c !== undefined; c = firstMarked(a)) {
    if (at > from && !path.fastRetransmitDue && !cwndHasRoom(path)) break;
    if (at + c.size > limit && at > from) break;
    a.outbound.marked--;
    a.markedHint++;
    a.counters.chunksRetransmitted++;
    traceRetransmitted(a, c, path);
    at = putChunk(a, now, out, at, c, path);
  }
  const queue = a.sendQueue;
  for (;;) {
    const message = queue.peek();
    if (message === undefined || a.outbound.marked > 0) break;
    if (a.outbound.length >= MAX_OUTSTANDING) break;
    const length = Math.min(message.data.length - message.fragmented, a.maxUserData);
    if (at + chunkSize(length) > limit) break;
    if (at > from && (!cwndHasRoom(path) || length > a.peerRwnd)) break;
    if (at === from && length > a.peerRwnd) {
      if (!a.zeroWindowProbeDue) break;
      a.zeroWindowProbeDue = false;
      a.zeroWindowProbes++;
      a.counters.zeroWindowProbes++;
    }
    at = putChunk(a, now, out, at, nextFragment(a, message, length), path);
  }
  path.fastRetransmitDue = false;
  if (path.burst === 0) path.burstSince = now;
  path.burst++;
  return at;
}

/** Cuts the next fragment off the first message and gives it a TSN. RFC 9260 s6.9 */
function nextFragment(a: SctpAssociation, message: OutMessage, length: number): OutChunk {
  const first = message.fragmented === 0;
  if (first) {
    if (message.expires) a.expiring--;
    if (!message.unordered) {
      a.nextSsn ??= new Map();
      const next = a.nextSsn.get(message.streamId) ?? ssn(0);
      message.ssn = next;
      a.nextSsn.set(message.streamId, ssnAdd(next, 1));
    }
  }
  const c = a.outbound.append();
  c.message = message;
  c.ssn = message.ssn;
  c.offset = message.fragmented;
  c.length = length;
  c.size = chunkSize(length);
  c.state = ChunkState.inFlight;
  c.path = undefined;
  c.sentCount = 0;
  c.severalPaths = false;
  c.missing = 0;
  c.takenBack = false;
  c.fastRetransmitted = false;
  c.lossKind = LossKind.none;
  message.fragmented += length;
  const last = message.fragmented === message.data.length;
  if (last) a.sendQueue.shift();
  c.flags =
    (first ? DataFlag.begin : 0) |
    (last ? DataFlag.end : 0) |
    (message.unordered ? DataFlag.unordered : 0);
  return c;
}

/** Writes a DATA chunk and takes it as sent now on this path. */
function putChunk(
  a: SctpAssociation,
  now: Instant,
  out: PacketRef,
  at: number,
  c: OutChunk,
  path: SctpPath,
): number {
  const message = c.message as OutMessage;
  const length = DATA_HEADER_LENGTH + c.length;
  // RFC 9260 s6.1 on the I bit: nothing follows that could bring the SACK about.
  const last = a.sendQueue.length === 0 && a.outbound.marked === 0;
  const full =
    path.flightSize + c.size >= path.cc.cwnd ||
    a.peerRwnd < c.length + a.amdcs ||
    path.burst + 1 >= a.config.maxBurst;
  const immediate =
    a.state.kind === "shutdownPending" || (a.config.immediateAcks && (last || full));
  const flags = c.flags | (immediate ? DataFlag.immediate : 0);
  writeDataHeader(out.view, at, flags, length, c.tsn, message.streamId, c.ssn, message.ppid);
  const data = message.data;
  if (c.offset === 0 && c.length === data.length) out.bytes.set(data, at + DATA_HEADER_LENGTH);
  else out.bytes.set(data.subarray(c.offset, c.offset + c.length), at + DATA_HEADER_LENGTH);
  for (let i = at + length; i < at + c.size; i++) out.bytes[i] = 0;

  if (c.path !== undefined && c.path !== path) c.severalPaths = true;
  if (a.outbound.length === 1 && c.sentCount === 0) a.lastProgressAt = now;
  c.path = path;
  if (c.sentCount === 0) {
    c.firstSentAt = now;
    path.lastFreshDataAt = now;
  }
  c.sentAt = now;
  c.sentCount++;
  c.state = ChunkState.inFlight;
  path.flightSize += c.size;
  path.inFlight.append(c);
  a.outstandingBytes += c.length;
  a.peerRwnd = Math.max(0, a.peerRwnd - c.length);
  a.counters.chunksSent++;
  // A peer without room drops a window probe: that it is not acknowledged says nothing of the path.
  if (a.zeroWindowProbes === 0) expectAnswer(a, now, path);
  // RFC 9260 s6.1: restart T3-rtx when the earliest outstanding chunk of the path is sent again.
  if (c.sentCount > 1 && isEarliestOn(a, path, c)) restartT3(now, path);
  else startT3(now, path);
  return at + c.size;
}

/** True if nothing with a lower TSN is in flight on the path. */
function isEarliestOn(a: SctpAssociation, path: SctpPath, chunk: OutChunk): boolean {
  if (path.flightSize === chunk.size) return true;
  // Whatever follows in this burst is later: the timer was just restarted for the one before.
  if (path.burst > 0 && path.timers.isArmed(PathTimer.t3Rtx)) return false;
  return path.inFlight.lowest(a.outbound) === chunk;
}

// ---- packets

function beginPacket(a: SctpAssociation, out: PacketRef, path: SctpPath, vtag: number): number {
  out.local = path.local;
  out.remote = path.remote;
  out.localPort = path.localPort;
  out.remotePort = path.remotePort;
  return out.start + writeSctpHeader(out.view, out.start, a.owner.port, a.peerPort, vtag);
}

const packetLimit = (out: PacketRef, path: SctpPath): number =>
  Math.min(out.end, out.start + path.maxPacket);

function finishPacket(a: SctpAssociation, out: PacketRef, at: number, path: SctpPath): boolean {
  if (a.owner.trace !== undefined) tracePacket(a, path);
  out.end = at;
  writeSctpChecksum(out.bytes, out.view, out.start, at);
  const length = at - out.start;
  path.packetsSent++;
  path.bytesSent += length;
  a.counters.packetsSent++;
  a.counters.bytesSent += length;
  return true;
}
