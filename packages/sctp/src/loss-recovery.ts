import { type Instant, instantAdd, NEVER, type Tsn, tsnGeq, tsnGt, tsnLt } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { mark, markAllOf } from "./marking.js";
import { ChunkState, LossKind, type OutChunk } from "./out-chunk.js";
import { countPathError } from "./path-failure.js";
import { alternatePath } from "./path-selection.js";
import { probesDecide } from "./probing.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { tracePath } from "./trace-path.js";

const FAST_RETRANSMIT_AT = 3;

/** T3-rtx ran out. RFC 9260 s6.3.3 */
export function handleT3Timer(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (path.flightSize === 0) return;
  const oldest = oldestSentAt(a, path);
  if (oldest > path.t3StartedAt) {
    // What it was started for goes over another path since: then it is for what left later.
    const due = instantAdd(oldest, path.timeout);
    path.t3StartedAt = oldest;
    if (due > now) {
      path.timers.arm(PathTimer.t3Rtx, due);
      return;
    }
  }
  a.counters.t3Expirations++;
  path.t3ExpiredAt = now;
  tracePath(a, now, "t3Expired", path);
  // RFC 9260 s6.1 rule A: a window probe that is answered by SACKs, but dropped, is no error.
  const windowProbe = a.zeroWindowProbes > 0 && a.lastSackAt >= oldest;
  // It says nothing of congestion either: "zero window probing does not affect the calculation of cwnd".
  if (!windowProbe) {
    // A chunk sent more than twice proves nothing: the reduction of a second timeout in a row is final.
    beginEpisode(path, path.cc.onePacketOnly);
    path.cc.onT3Expiry(now);
  }
  path.rtt.backoff();
  path.fastRetransmitDue = false;
  path.unseen = 0;
  markAllOf(a, path, windowProbe ? LossKind.none : LossKind.timeout);
  path.timers.stop(PathTimer.reorder);
  path.timeoutsInARow++;
  if (windowProbe || probesDecide(a, now, path)) return;
  countPathError(a, now, path, "retransmissionTimeout", true);
  if (a.current === path) a.retransmitVia = alternatePath(a, path);
}

function beginEpisode(path: SctpPath, final: boolean): void {
  path.lossEpisode++;
  path.openRepairs = final ? 1 : 0;
}

function oldestSentAt(a: SctpAssociation, path: SctpPath): Instant {
  return path.inFlight.lowest(a.outbound)?.sentAt ?? NEVER;
}

/**
 * After a SACK: counts miss indications (RFC 9260 s7.2.4) and asks RACK (RFC 8985 s6.2) which chunks
 * are lost, marks them, and enters Fast Recovery on their paths.
 *
 * A chunk is missed only if a later one was newly acknowledged on the same path (split fast
 * retransmit): while a path is left, chunks on two paths overtake each other without loss.
 *
 * @param cumAdvanced the SACK moved the Cumulative TSN Ack Point
 */
export function detectLoss(
  a: SctpAssociation,
  now: Instant,
  highest: Tsn,
  cumAdvanced: boolean,
): void {
  for (const p of a.paths) p.timers.stop(PathTimer.reorder);
  // RACK alone: three miss indications are no loss where packets overtake each other. RFC 8985 s3.2
  if (a.config.timing !== "rfc") detectByTime(a, now);
  else countMissing(a, now, highest, cumAdvanced);
}

/** Takes time in proportion to what is lost. */
function detectByTime(a: SctpAssociation, now: Instant): void {
  for (const path of a.paths) {
    if (path.rack.xmitTs === NEVER) continue;
    detectInList(a, now, path, path.inFlight.fresh.first);
    detectInList(a, now, path, path.inFlight.resent.first);
  }
}

function detectInList(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath,
  first: OutChunk | undefined,
): void {
  const q = a.outbound;
  const { rack } = path;
  for (let c = first; c !== undefined && c.sentAt <= rack.xmitTs; ) {
    const after: OutChunk | undefined = c.flightAfter;
    const at = rack.lossDeadline(c.sentAt, c.tsn);
    if (at !== NEVER) {
      // It may have arrived without the peer having room to say so, and so may all that follow.
      if (q.cutShort && tsnGt(c.tsn, q.reportEnd)) return;
      if (at > now) {
        armEarlier(path, at); // all that follow were sent later
        return;
      }
      loseChunk(a, now, q.indexOf(c.tsn), c, path);
    }
    c = after;
  }
}

function armEarlier(path: SctpPath, at: Instant): void {
  if (at < path.timers.at(PathTimer.reorder)) path.timers.arm(PathTimer.reorder, at);
}

/** Takes time in proportion to what the SACK reports missing. */
function countMissing(a: SctpAssociation, now: Instant, highest: Tsn, cumAdvanced: boolean): void {
  const q = a.outbound;
  let i = 0;
  for (let r = 0; r < q.reported.length; r++) {
    for (const until = q.reported.start(r) - q.firstNumber; i < until; i++) {
      const c = q.at(i) as OutChunk;
      if (!tsnLt(c.tsn, highest)) return;
      const path = c.path;
      if (c.state !== ChunkState.inFlight || path === undefined || c.fastRetransmitted) continue;
      // What was sent again after what was acknowledged has not been overtaken.
      const counts =
        c.sentAt <= path.newestAckedAt &&
        ((path.hasHtna && tsnLt(c.tsn, path.htna)) || (path.cc.inFastRecovery && cumAdvanced));
      if (c.takenBack) c.takenBack = false;
      else if (counts && ++c.missing >= FAST_RETRANSMIT_AT) loseChunk(a, now, i, c, path);
    }
    i = q.reported.end(r) + 1 - q.firstNumber;
  }
}

/** RACK's reordering window of some chunk has passed. RFC 8985 s6.3 */
export function handleReorderTimer(a: SctpAssociation, now: Instant): void {
  detectLoss(a, now, a.outbound.cumTsnAckPoint, false);
}

function loseChunk(
  a: SctpAssociation,
  now: Instant,
  index: number,
  chunk: OutChunk,
  path: SctpPath,
): void {
  if (!path.cc.inFastRecovery) beginEpisode(path, false);
  mark(a, index, chunk, LossKind.fast);
  chunk.fastRetransmitted = true;
  a.counters.fastRetransmits++;
  if (path.cc.inFastRecovery) return;
  path.cc.onFastRetransmit(now);
  tracePath(a, now, "fastRecovery", path);
  // RFC 9260 s7.2.4 rule 6: the highest outstanding TSN is the exit point.
  path.fastRecoveryExit = (a.outbound.at(a.outbound.length - 1) as OutChunk).tsn;
  // RFC 9260 s7.2.4 rule 3, for the path that it will leave on: another, if the path in use has changed (s6.4).
  (a.retransmitVia ?? a.current ?? path).fastRetransmitDue = true;
}

/** Leaves Fast Recovery where the exit point is acknowledged. RFC 9260 s6.2.1 rule D iv */
export function leaveFastRecovery(a: SctpAssociation, now: Instant): void {
  for (const p of a.paths) {
    if (p.cc.inFastRecovery && tsnGeq(a.outbound.cumTsnAckPoint, p.fastRecoveryExit)) {
      p.cc.exitFastRecovery(now);
    }
  }
}

/** Starts T3-rtx of a path if it does not run. RFC 9260 s6.3.2 rule R1 */
export function startT3(now: Instant, path: SctpPath): void {
  if (!path.timers.isArmed(PathTimer.t3Rtx)) restartT3(now, path);
}

/** Restarts T3-rtx with the current RTO, or stops it when nothing is in flight. Rules R2, R3 */
export function restartT3(now: Instant, path: SctpPath): void {
  path.t3StartedAt = now;
  if (path.flightSize > 0) path.timers.arm(PathTimer.t3Rtx, instantAdd(now, path.timeout));
  else path.timers.stop(PathTimer.t3Rtx);
}
