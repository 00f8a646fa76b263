import { type Instant, instantAdd, type Micros, tsn } from "@multihome/base";
import { RFC_TIMING } from "@multihome/paths";
import { ChunkType, ErrorCause } from "@multihome/wire";
import { AssociationTimer, SackUrgency, type SctpAssociation } from "./association.js";
import { abortAssociation, closeAssociation } from "./closing.js";
import { bareChunk, shutdownChunk } from "./control-chunks.js";
import { countAssociationError, countPathError } from "./path-failure.js";
import { alternatePath } from "./path-selection.js";
import { queueReply } from "./replies.js";
import { handleCumTsnAck } from "./sack-receiver.js";
import type { SctpPath } from "./sctp-path.js";
import { clearSuspicion } from "./suspicion.js";

/** The application asks for a graceful end. RFC 9260 s9.2 */
export function startShutdown(a: SctpAssociation, now: Instant): void {
  if (a.state.kind !== "established") return; // in all later states it is under way already
  a.state = { kind: "shutdownPending" };
  continueShutdown(a, now);
}

/** Sends SHUTDOWN or SHUTDOWN ACK as soon as nothing is outstanding. */
export function continueShutdown(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath | undefined = undefined,
): void {
  if (a.outbound.length > 0 || a.sendQueue.length > 0) return;
  if (a.state.kind === "shutdownPending") {
    a.state = { kind: "shutdownSent" };
    stopHeartbeats(a);
    sendShutdown(a, now, undefined);
    a.timers.arm(AssociationTimer.t5ShutdownGuard, instantAdd(now, shutdownGuard(a)));
  } else if (a.state.kind === "shutdownReceived") {
    a.state = { kind: "shutdownAckSent" };
    stopHeartbeats(a);
    sendShutdownAck(a, now, path);
  }
}

/**
 * RFC 9260 s9.2: T5-shutdown-guard is 5 times RTO.Max, meant for an RTO.Max of 60 s. With a lower one it
 * would cut off a peer that has much left to send, so it keeps the value that the RFC's parameters give.
 */
const shutdownGuard = (a: SctpAssociation): Micros =>
  (5 * Math.max(a.config.rtoMax, RFC_TIMING.rtoMax)) as Micros;

/** RFC 9260 s8.3: none are sent any more. One that is out may still confirm its path. */
function stopHeartbeats(a: SctpAssociation): void {
  for (const p of a.paths) {
    p.hbDue = false;
    clearSuspicion(p);
    p.timers.stopAll();
    if (p.confirmed) p.hbOutstanding = false;
  }
}

/**
 * RFC 9260 s5.4 ends the verification of paths only when all are confirmed. Where the path in use does
 * not answer, another may be needed to end at all.
 */
function verifyOthers(a: SctpAssociation): void {
  for (const p of a.paths) {
    if (p.confirmed || !p.heartbeatEnabled) continue;
    p.hbOutstanding = false;
    p.hbDue = true;
  }
}

/**
 * One SHUTDOWN answers whatever came in before the next packet leaves.
 * @param via where it goes, if not over the path in use
 */
function sendShutdown(a: SctpAssociation, now: Instant, via: SctpPath | undefined): void {
  a.shutdownDue = true;
  a.shutdownVia = via;
  armT2(a, now, via);
}

/** Writes the SHUTDOWN that is due, with the newest Cumulative TSN Ack. RFC 9260 s9.2 */
export function queueShutdown(a: SctpAssociation): void {
  a.shutdownDue = false;
  if (a.state.kind !== "shutdownSent") return;
  // RFC 9260 s6.2, s9.2: gaps and duplicates need a SACK beside the SHUTDOWN. So does a peer that sends: a
  // SHUTDOWN says nothing of the window, and one that was last told of none would probe it chunk by chunk.
  const urgent = a.sackUrgency === SackUrgency.now;
  const alsoSack = urgent || a.inbound.hasGaps || a.inbound.duplicates.length > 0;
  if (alsoSack) a.sackUrgency = SackUrgency.now;
  else {
    a.sackUrgency = SackUrgency.none;
    a.packetsSinceSack = 0;
    a.timers.stop(AssociationTimer.sackDelay);
  }
  a.controls.push({
    bytes: shutdownChunk(a.inbound.cumTsn),
    path: a.shutdownVia,
    alone: false,
    vtag: undefined,
  });
}

/** RFC 9260 s6.4: a reply goes to where what it answers came from, if that is known. */
function sendShutdownAck(a: SctpAssociation, now: Instant, path: SctpPath | undefined): void {
  const via = path?.confirmed ? path : undefined;
  a.shutdownVia = via;
  a.controls.push({
    bytes: bareChunk(ChunkType.shutdownAck),
    path: via,
    alone: false,
    vtag: undefined,
  });
  armT2(a, now, via);
}

/** @param via the path that it was sent over, if not the one in use */
function armT2(a: SctpAssociation, now: Instant, via: SctpPath | undefined = undefined): void {
  const path = via ?? a.current ?? a.paths[0];
  a.timers.arm(
    AssociationTimer.t2Shutdown,
    instantAdd(now, path === undefined ? a.config.rtoInitial : path.timeout),
  );
}

/** T2-shutdown ran out: once more, over another path if there is one. RFC 9260 s9.2, s6.3, s6.4 */
export function handleT2Timer(a: SctpAssociation, now: Instant): void {
  const path = a.shutdownVia?.allowed ? a.shutdownVia : a.current;
  if (path !== undefined) {
    path.rtt.backoff();
    countPathError(a, now, path, "retransmissionTimeout", true);
  } else countAssociationError(a, now);
  if (a.state.kind === "closed") return;
  verifyOthers(a);
  const via = path === undefined ? undefined : alternatePath(a, path);
  if (a.state.kind === "shutdownSent") sendShutdown(a, now, via);
  else if (a.state.kind === "shutdownAckSent") sendShutdownAck(a, now, via);
}

/** The whole shutdown took too long. RFC 9260 s9.2 */
export function handleT5Timer(a: SctpAssociation, now: Instant): void {
  abortAssociation(a, now, ErrorCause.protocolViolation, "shutdown took too long");
}

/** Takes a SHUTDOWN chunk. */
export function handleShutdown(
  a: SctpAssociation,
  now: Instant,
  cumTsnAck: number,
  path: SctpPath | undefined,
): void {
  const k = a.state.kind;
  if (k === "cookieWait" || k === "cookieEchoed" || k === "closed") {
    a.counters.unexpectedChunk++; // RFC 9260 s9.2: silently discarded
    return;
  }
  if (k === "shutdownAckSent") {
    queueReply(a, bareChunk(ChunkType.shutdownAck), path?.confirmed ? path : undefined);
    armT2(a, now);
    return;
  }
  if (!handleCumTsnAck(a, now, tsn(cumTsnAck))) {
    abortAssociation(a, now, ErrorCause.protocolViolation, "SHUTDOWN acknowledges unsent data");
    return;
  }
  if (k === "shutdownSent") {
    // RFC 9260 s9.2: both sides at once: SHUTDOWN ACK, and restart T2.
    a.state = { kind: "shutdownAckSent" };
    sendShutdownAck(a, now, path);
    return;
  }
  if (k !== "shutdownReceived") {
    a.state = { kind: "shutdownReceived" };
    a.owner.emit({ kind: "peerShutdown", at: now, id: a.id });
  }
  continueShutdown(a, now, path);
}

/** Takes a SHUTDOWN ACK chunk of an association. */
export function handleShutdownAck(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath | undefined,
): void {
  const k = a.state.kind;
  if (k !== "shutdownSent" && k !== "shutdownAckSent") {
    a.counters.unexpectedChunk++;
    return;
  }
  closeAssociation(
    a,
    now,
    { kind: "shutdown" },
    {
      bytes: bareChunk(ChunkType.shutdownComplete),
      // RFC 9260 s6.4: to where the SHUTDOWN ACK came from, if that is verified (s5.4).
      path: path?.confirmed ? path : undefined,
      alone: true,
      vtag: undefined,
    },
  );
}

/** Takes a SHUTDOWN COMPLETE whose tag was right. RFC 9260 s8.5.1 rule C */
export function handleShutdownComplete(a: SctpAssociation, now: Instant): void {
  if (a.state.kind !== "shutdownAckSent") {
    a.counters.unexpectedChunk++;
    return;
  }
  closeAssociation(a, now, { kind: "shutdown" });
}

/**
 * A packet came after our SHUTDOWN: the peer lives and has time anew; DATA is answered with another
 * SHUTDOWN, which restarts T2. RFC 9260 s9.2 has any packet restart T2, "as the peer sends all of its queued
 * DATA". Only DATA does here: when the SHUTDOWN was lost, a peer that sends HEARTBEATs over several paths, more
 * than one in an RTO, would keep it from ever being sent again (testkit/test/regressions.test.ts).
 */
export function heardAfterShutdown(a: SctpAssociation, now: Instant, sawData: boolean): void {
  a.errorCount = 0;
  if (!sawData) return;
  a.sackUrgency = SackUrgency.now;
  sendShutdown(a, now, undefined);
}
