import { earlier, type Instant, instantAdd, type Micros, NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { ChunkState } from "./out-chunk.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";

// Failover before T3-rtx. RFC 9260 leaves a path only after timeouts; here silence is probed first.
// What was sent on a path and is older than a round trip plus a margin, with nothing sent later
// answered, makes the path suspected: it is asked by HEARTBEATs, and another path takes copies of
// what is oldest and all that is new. The path that answers decides. An acknowledgement of anything
// sent on the suspected path clears it, so loss, jitter and reordering cost copies and no switch.
// docs/failover.md has the timeline.

/** Something was sent on the path: from now an answer can be expected. */
export function expectAnswer(a: SctpAssociation, now: Instant, path: SctpPath): void {
  path.lastSentAt = now;
  if (path.unprovenSince !== NEVER) return;
  path.unprovenSince = now;
  armSuspicion(a, path);
}

/** Something that was sent on this path at `sentAt`, and on no other, was answered. */
export function noteProof(a: SctpAssociation, path: SctpPath, sentAt: Instant): void {
  if (sentAt > path.provenUntil) path.provenUntil = sentAt;
  if (path.unprovenSince <= sentAt) awaitNext(a, path);
}

/** Looks anew for what is awaited on this path: the former may be answered, or sent elsewhere. */
export function awaitNext(a: SctpAssociation, path: SctpPath): void {
  path.unprovenSince = nextUnproven(a, path);
  if (!path.suspected) armSuspicion(a, path);
}

/** When the first thing on this path left that is newer than what was answered. */
function nextUnproven(a: SctpAssociation, path: SctpPath): Instant {
  const asked = path.hbOutstanding && path.hbSentAt > path.provenUntil ? path.hbSentAt : NEVER;
  return earlier(asked, nextUnprovenData(a, path));
}

function nextUnprovenData(a: SctpAssociation, path: SctpPath): Instant {
  if (path.flightSize === 0) return NEVER;
  const q = a.outbound;
  // What comes after the highest TSN that the path had acknowledged is in sending order.
  let i = path.hasHtna ? Math.max(0, q.indexOf(path.htna) + 1) : 0;
  for (; i < q.length; i++) {
    const c = q.at(i);
    if (c?.path === path && c.state === ChunkState.inFlight && c.sentAt >= path.provenUntil) {
      return c.sentAt;
    }
  }
  return NEVER;
}

/**
 * True if the answer to something sent at `sentAt` ends the suspicion: nothing left later, before the
 * suspicion, that may have met a path that died behind what was answered. Where acknowledgements died
 * with the path, the first to come over another tells of much that had arrived before.
 */
export const endsSuspicion = (path: SctpPath, sentAt: Instant): boolean =>
  path.suspected && sentAt >= path.suspectedOver;

/** Arms the timer for the moment when the answer is overdue. */
export function armSuspicion(a: SctpAssociation, path: SctpPath): void {
  const since = path.unprovenSince;
  if (!a.config.probing || since === NEVER || path.state.kind !== "active" || !path.rtt.hasSample) {
    path.timers.stop(PathTimer.suspicion);
    return;
  }
  path.timers.arm(PathTimer.suspicion, instantAdd(since, answerTime(a, path)));
}

/** How long an answer should take at most: a round trip and its variation. */
export function answerTime(a: SctpAssociation, path: SctpPath): Micros {
  const margin = Math.max(4 * path.rtt.rttvar, a.config.probeMargin);
  return Math.min(path.rtt.srtt + margin, path.rtt.rto) as Micros;
}

/** How many probes a suspected path gets before the verdict. */
export const PROBES = 5;

/** True while probes of a suspected path are to be awaited; false once they gave no verdict. */
export const verdictPending = (path: SctpPath): boolean =>
  path.suspected && path.probesSent <= PROBES;

/** Ends a suspicion, whatever came of it. */
export function clearSuspicion(path: SctpPath): void {
  path.suspected = false;
  path.suspectedAt = NEVER;
  path.suspectedOver = NEVER;
  path.probesSent = 0;
  path.timers.stop(PathTimer.verdict);
  path.timers.stop(PathTimer.suspicion);
}
