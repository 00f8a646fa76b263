import { type Instant, instantAdd, type Micros, NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";

// Failover before T3-rtx. RFC 9260 leaves a path only after timeouts; here silence is probed first.
// What was sent on a path and is older than a round trip plus a margin, with nothing sent later
// answered, makes the path suspected: it is asked by HEARTBEATs, and another path takes copies of
// what is oldest and all that is new. The path that answers decides. An acknowledgement of anything
// sent on the suspected path clears it, so loss, jitter and reordering cost copies and no switch.
// docs/failover.md has the timeline.

/** Something was sent on the path: from now an answer can be expected. */
export function expectAnswer(a: SctpAssociation, now: Instant, path: SctpPath): void {
  const waiting = path.awaited.first !== NEVER;
  path.awaited.add(now, path.rtt.srtt >> 4);
  if (!waiting && !path.suspected) armSuspicion(a, path);
}

/** Something that was sent on this path at `sentAt`, and on no other, was answered. */
export function noteProof(a: SctpAssociation, path: SctpPath, sentAt: Instant): void {
  if (sentAt > path.provenUntil) path.provenUntil = sentAt;
  path.awaited.answered(sentAt);
  if (!path.suspected) armSuspicion(a, path);
}

/**
 * True if the path is suspected and should be no longer: the answer to what was sent next is not overdue.
 * Where acknowledgements died with the path, the first to come over another tells of much that had
 * arrived before; that ends no suspicion.
 */
export const suspicionEnds = (a: SctpAssociation, now: Instant, path: SctpPath): boolean =>
  path.suspected && !answerOverdue(a, now, path);

/** True if something that was sent on the path should have been answered by now. */
export const answerOverdue = (a: SctpAssociation, now: Instant, path: SctpPath): boolean =>
  instantAdd(path.awaited.first, answerTime(a, path)) <= now;

/** Arms the timer for the moment when the answer is overdue. */
export function armSuspicion(a: SctpAssociation, path: SctpPath): void {
  const since = path.awaited.first;
  if (!a.config.probing || since === NEVER || path.state.kind !== "active") {
    path.timers.stop(PathTimer.suspicion);
    return;
  }
  path.timers.arm(PathTimer.suspicion, instantAdd(since, answerTime(a, path)));
}

/** How long an answer should take at most: a round trip and its variation, or as long as the set-up waits. */
export function answerTime(a: SctpAssociation, path: SctpPath): Micros {
  if (!path.rtt.hasSample) return Math.min(a.config.connectionAttemptDelay, path.timeout) as Micros;
  const margin = Math.max(4 * path.rtt.rttvar, a.config.probeMargin);
  return Math.min(path.rtt.srtt + margin, path.timeout) as Micros;
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
  path.probesSent = 0;
  path.timers.stop(PathTimer.verdict);
  path.timers.stop(PathTimer.suspicion);
}
