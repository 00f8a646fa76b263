import { elapsed, type Instant, instantAdd, type Micros, NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { markAllOf, markLikelyLost, markSentUntil } from "./marking.js";
import { askFailed, failPath } from "./path-failure.js";
import { alternatePath, reselectPath } from "./path-selection.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { answerTime, PROBES, verdictPending } from "./suspicion.js";
import { tracePath } from "./trace-path.js";

// What is done about a suspected path; suspicion.ts says when a path is.

/** Chunks that another path takes copies of with the first probe; later ones take what is overdue, the last one all. */
const FIRST_COPIES = 8;

const DECISIVE_TIMEOUTS = 2;

/** The answer is overdue. */
export function handleSuspicionTimer(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (path.suspected || suspect(a, now, path)) return;
  // All others have failed. One that heals, or whose HEARTBEAT was lost, is found by asking again.
  if (path.state.kind === "active" && askFailed(a, path)) {
    path.timers.arm(PathTimer.suspicion, instantAdd(now, answerTime(a, path)));
  }
}

/**
 * T3-rtx ran out: true if probes decide about the path. A third time in a row, without data being
 * acknowledged, they do not: HEARTBEATs may pass where data does not.
 */
export function probesDecide(a: SctpAssociation, now: Instant, path: SctpPath): boolean {
  if (!a.config.probing || path.timeoutsInARow > DECISIVE_TIMEOUTS) return false;
  if (path.suspected) return verdictPending(path);
  return suspect(a, now, path);
}

/** Begins to doubt a path, unless there is no other to compare with: then T3-rtx decides. */
function suspect(a: SctpAssociation, now: Instant, path: SctpPath): boolean {
  if (path.state.kind !== "active") return false;
  if (alternatePath(a, path) === undefined) return false;
  a.counters.pathsSuspected++;
  tracePath(a, now, "suspected", path);
  askFailed(a, path);
  path.suspected = true;
  path.suspectedAt = now;
  path.probesSent = 0;
  reselectPath(a, now, "tailLossProbe");
  probe(a, now, path);
  return true;
}

/** The next probe, or the verdict. */
export function handleVerdictTimer(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (!path.suspected) return;
  if (path.probesSent < PROBES) {
    probe(a, now, path);
    return;
  }
  // provenUntil of the suspected path is older than suspectedAt, else the suspicion had been cleared.
  const answeredElsewhere = a.paths.some(
    (p) => p !== path && p.provenUntil >= path.suspectedAt && p.state.kind === "active",
  );
  if (!answeredElsewhere) {
    tracePath(a, now, "noVerdict", path);
    // Nobody answers: no verdict. Ask again, slower, until T3-rtx or an answer decides.
    path.probesSent = PROBES + 1;
    path.hbDue = path.heartbeatEnabled;
    path.timers.arm(PathTimer.verdict, instantAdd(now, path.rtt.rto));
    return;
  }
  if (peerStillUses(a, now, path)) {
    path.hbDue = path.heartbeatEnabled;
    path.timers.arm(PathTimer.verdict, instantAdd(now, answerTime(a, path)));
    return;
  }
  tracePath(a, now, "verdict", path);
  failPath(a, now, path, "tailLossProbe");
  markAllOf(a, path);
}

/**
 * True while packets keep coming over a path that does not answer: either the answers stand in the queue behind
 * them, or the way there is dead, which the peer will notice by our silence and leave the path.
 */
const peerStillUses = (a: SctpAssociation, now: Instant, path: SctpPath): boolean =>
  path.lastHeard !== NEVER && elapsed(path.lastHeard, now) < answerTime(a, path);

function probe(a: SctpAssociation, now: Instant, path: SctpPath): void {
  path.probesSent++;
  tracePath(a, now, "probed", path);
  path.hbDue = path.heartbeatEnabled;
  a.counters.probesSent++;
  const other = alternatePath(a, path);
  // A copy's acknowledgement would not tell which path carried it, the other path's HEARTBEAT does.
  if (other !== undefined) other.hbDue = other.heartbeatEnabled;
  if (path.probesSent === 1) markLikelyLost(a, path, FIRST_COPIES);
  else markSentUntil(a, path, path.probesSent === PROBES ? NEVER : now - path.rtt.srtt);
  // Probes a quarter of a round trip apart, so that one burst of loss does not take all of them.
  const answer = answerTime(a, path);
  const gap = Math.max((path.rtt.hasSample ? path.rtt.srtt : answer) / 4, 2000);
  const wait = path.probesSent < PROBES ? gap : answer;
  path.timers.arm(PathTimer.verdict, instantAdd(now, Math.round(wait) as Micros));
}
