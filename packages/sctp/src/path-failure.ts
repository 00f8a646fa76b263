import { elapsed, type Instant, NEVER } from "@multihome/base";
import type { PathCause } from "@multihome/paths";
import type { SctpAssociation } from "./association.js";
import { closeAssociation, distinctRemotes } from "./closing.js";
import { restartHeartbeatTimer } from "./heartbeat-timer.js";
import { markAllOf } from "./marking.js";
import { emitPath, pathName, reselectPath } from "./path-selection.js";
import { repeatSack } from "./repeat-sack.js";
import { ACTIVE, PathTimer, type SctpPath } from "./sctp-path.js";
import {
  answerOverdue,
  answerTime,
  armSuspicion,
  clearSuspicion,
  suspicionEnds,
} from "./suspicion.js";
import { tracePath } from "./trace-path.js";

/**
 * Counts an error of a path: T3-rtx ran out or a HEARTBEAT was not answered (RFC 9260 s8.2), and of
 * the association where section 8.1 asks for it. May end the association.
 */
export function countPathError(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath,
  cause: PathCause,
  countsForAssociation: boolean,
): void {
  // RFC 7829 s4.1 rule 3: count beyond PMR, so that inactive paths can be told apart, up to ten times it.
  if (path.errorCount <= 10 * (a.config.pathMaxRetrans + 1)) path.errorCount++;
  judgePath(a, now, path, cause);
  if (countsForAssociation) countAssociationError(a, now);
}

/** Counts an error of the association, which ends with too many of them. RFC 9260 s8.1 */
export function countAssociationError(a: SctpAssociation, now: Instant): void {
  a.errorCount++;
  if (
    a.errorCount > a.config.associationMaxRetrans &&
    elapsed(a.lastHeard, now) >= a.config.giveUpAfter
  ) {
    closeAssociation(a, now, {
      kind: "unreachable",
      tried: distinctRemotes(a.paths),
    });
  }
}

/** Moves a path to the state that its error counter asks for. RFC 9260 s8.2, RFC 7829 s3.2 */
function judgePath(a: SctpAssociation, now: Instant, path: SctpPath, cause: PathCause): void {
  const kind = path.state.kind;
  if (kind === "unconfirmed") return;
  if (path.errorCount > a.config.pathMaxRetrans) {
    if (kind !== "inactive") {
      path.state = { kind: "inactive", since: now };
      clearSuspicion(path);
      restartHeartbeatTimer(a, now, path);
      emitPath(a, now, { kind: "inactive", at: now, path: pathName(path), cause });
    }
  } else if (
    path.errorCount > a.config.potentiallyFailedMaxRetrans &&
    a.config.potentiallyFailedMaxRetrans < a.config.pathMaxRetrans
  ) {
    if (kind === "active") {
      path.state = { kind: "potentiallyFailed", since: now };
      clearSuspicion(path);
      // RFC 7829 s3.2 rules 5 and 6: HEARTBEATs at once, then one per RTO.
      if (path.heartbeatEnabled) {
        path.hbDue = true;
        path.timers.stop(PathTimer.heartbeat);
      }
      emitPath(a, now, { kind: "potentiallyFailed", at: now, path: pathName(path), cause });
    }
  } else {
    return;
  }
  if (kind === "active") repeatSack(a);
  // Also when the state stays: among failed paths the one with the fewest errors is to be used (RFC 7829
  // s3.2 rule 4, s4.1 rule 3), and the error counter may pass PSMR in any of them.
  if (path === a.primary && path.errorCount > a.config.primarySwitchoverMaxRetrans) {
    // RFC 7829 s5 rule 2 and 3: the new primary is the path that would be chosen now.
    a.primary = undefined;
    reselectPath(a, now, cause);
    a.primary = a.current ?? path;
    return;
  }
  reselectPath(a, now, cause);
}

/** The path is known to be dead, without waiting for its error counter. */
export function failPath(a: SctpAssociation, now: Instant, path: SctpPath, cause: PathCause): void {
  const limit =
    a.config.potentiallyFailedMaxRetrans < a.config.pathMaxRetrans
      ? a.config.potentiallyFailedMaxRetrans
      : a.config.pathMaxRetrans;
  path.errorCount = Math.max(path.errorCount, limit + 1);
  judgePath(a, now, path, cause);
}

/**
 * Something that only this path can have carried, and that was sent at `sentAt`, was answered. RFC 9260
 * s8.2, RFC 7829 s3.2 rules 7 and 10
 */
export function pathAnswered(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath,
  sentAt: Instant,
  byData: boolean,
): void {
  if (!isProof(a, path, sentAt)) return;
  path.errorCount = 0;
  if (suspicionEnds(a, now, path)) {
    tracePath(a, now, "suspicionCleared", path);
    a.counters.suspicionsCleared++;
    // What had left before was copied to another path: its acknowledgement will prove nothing of this one.
    if (path.flightSize === 0) path.awaited.answeredBefore(path.suspectedAt);
    clearSuspicion(path);
    armSuspicion(a, path);
    reselectPath(a, now, "policy");
  }
  if (!hasFailed(path)) return;
  if (!byData && !answersReliably(a, now, path)) {
    path.hbDue = path.heartbeatEnabled;
    return;
  }
  path.hbStreak = 0;
  path.timeoutsInARow = 0;
  path.state = ACTIVE;
  // RFC 7829 s3.2 rule 7: data resumes by RFC 9260 s7.2, and that wants one packet in flight after T3-rtx
  // until data is acknowledged (s7.2.1). By default it begins as a new path does.
  if (a.config.probing || !path.cc.onePacketOnly) path.cc.reset(now);
  emitPath(a, now, { kind: "recovered", at: now, path: pathName(path) });
  reselectPath(a, now, "switchback");
  if (a.config.probing) {
    // What made it heal may have healed others; what is still under way on them need not wait for T3-rtx.
    askFailed(a, path);
    for (const p of a.paths) if (p.flightSize > 0 && hasFailed(p)) markAllOf(a, p);
  }
  // There is another way now: a path whose answer is overdue need not wait for T3-rtx.
  for (const p of a.paths) if (p !== path && !p.suspected) armSuspicion(a, p);
}

const hasFailed = (path: SctpPath): boolean =>
  path.state.kind === "potentiallyFailed" || path.state.kind === "inactive";

/**
 * RFC 7829 s3.2 rule 10 lets any acknowledgement revive a path. What had left before the path failed
 * says nothing of it since, so unless strict timing is asked for it does not count.
 */
function isProof(a: SctpAssociation, path: SctpPath, sentAt: Instant): boolean {
  const { state } = path;
  if (!a.config.probing || state.kind === "active" || state.kind === "unconfirmed") return true;
  return sentAt >= state.since;
}

/** HEARTBEATs that a failed path answers in a row before it is used again. */
const REVIVING_ANSWERS = 3;

/**
 * RFC 7829 s3.2 rule 7 revives a path with the first HEARTBEAT ACK. While another path serves, that is too
 * eager: a path that loses most of its packets would be used again and again. It has to answer in a row.
 */
function answersReliably(a: SctpAssociation, now: Instant, path: SctpPath): boolean {
  if (!a.config.probing) return true;
  path.hbStreak++;
  if (path.hbStreak >= REVIVING_ANSWERS) return true;
  const serves = (p: SctpPath): boolean =>
    p.state.kind === "active" && p.allowed && !p.suspected && !answerOverdue(a, now, p);
  return !a.paths.some((p) => p !== path && serves(p));
}

/** Paths that have failed may have healed meanwhile: now is the time to know. False if there are none. */
export function askFailed(a: SctpAssociation, except: SctpPath): boolean {
  let any = false;
  for (const p of a.paths) {
    if (p === except || !hasFailed(p) || !p.heartbeatEnabled || !p.allowed) continue;
    p.hbDue = true;
    any = true;
  }
  return any;
}

/**
 * Something came over this path. If it has failed, it may have healed, and the peer may wait for answers on
 * it: it is asked, once in the time that an answer takes.
 */
export function askHeard(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (!a.config.probing || !hasFailed(path)) return;
  const asked = path.awaited.last;
  if (asked !== NEVER) {
    if (elapsed(asked, now) < answerTime(a, path)) return;
    path.hbStreak = 0;
  }
  path.hbDue = path.heartbeatEnabled;
}
