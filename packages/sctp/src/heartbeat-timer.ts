import { type Instant, instantAdd, type Micros, randomBelow } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";

/**
 * Arms the heartbeat timer: RTO + HB.interval with the jitter of RFC 9260 s8.3; at once while the path
 * is potentially failed (RFC 7829 s3.2 rules 5, 6) or to be verified (RFC 9260 s5.4).
 *
 * @param unanswered when the HEARTBEAT left that was just given up
 */
export function restartHeartbeatTimer(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath,
  unanswered: Instant = now,
): void {
  if (!path.heartbeatEnabled || !heartbeatsRun(a) || path.hbOutstanding) return;
  const kind = path.state.kind;
  if (kind === "potentiallyFailed") {
    path.hbDue = true;
    return;
  }
  if (kind === "unconfirmed" && path.errorCount <= a.config.pathMaxRetrans) {
    verifySoon(a, now, path);
    return;
  }
  path.heartbeatSince = now;
  // RFC 9260 s8.3 has the back-off of the RTO in it; by default a healed path is to be found soon.
  const rto = a.config.probing ? path.rtt.baseRto : path.rtt.rto;
  const from = a.config.probing ? unanswered : now;
  const jitter = randomBelow(a.owner.random, rto) - rto / 2;
  const due = instantAdd(from, Math.round(rto + a.config.hbInterval + jitter) as Micros);
  path.timers.arm(PathTimer.heartbeat, due > now ? due : now);
}

/** How long the answer to a HEARTBEAT is awaited: the RTO, by default without what would delay the next one. */
export function heartbeatTimeout(a: SctpAssociation, path: SctpPath): Micros {
  if (!a.config.probing) return path.timeout;
  const longest = Math.max(
    a.config.hbInterval,
    path.rtt.baseRto,
    path.rtt.srtt + path.timeoutMargin,
  );
  return Math.min(path.timeout, longest) as Micros;
}

/**
 * A HEARTBEAT to verify the path: at once, or with strict timing when it is its turn. RFC 9260 s5.4:
 * HB.Max.Burst (1, s16) packets with HEARTBEATs per RTO. Our default asks four paths at once, so that
 * there is somewhere to go when the first one dies, and one more with each answer: addresses that somebody
 * lists to have them bombed do not answer (RFC 5062 s6).
 */
export function verifySoon(a: SctpAssociation, now: Instant, path: SctpPath): void {
  const atOnce = a.config.probing
    ? beingVerified(a) < VERIFIED_AT_ONCE
    : a.nextVerificationAt <= now;
  if (atOnce) {
    path.hbDue = true;
    a.nextVerificationAt = instantAdd(now, path.rtt.baseRto);
    return;
  }
  path.timers.arm(PathTimer.heartbeat, a.nextVerificationAt);
  a.nextVerificationAt = instantAdd(a.nextVerificationAt, path.rtt.baseRto);
}

/** A path answered: one that waits for its turn need not wait. */
export function verifyNext(a: SctpAssociation): void {
  if (!a.config.probing) return;
  for (const p of a.paths) {
    if (p.confirmed || p.hbDue || p.hbOutstanding || p.errorCount > 0 || !p.heartbeatEnabled)
      continue;
    p.hbDue = true;
    return;
  }
}

const VERIFIED_AT_ONCE = 4;

function beingVerified(a: SctpAssociation): number {
  let n = 0;
  for (const p of a.paths) if (!p.confirmed && (p.hbDue || p.hbOutstanding)) n++;
  return n;
}

/** HEARTBEATs are sent from ESTABLISHED until the SHUTDOWN or SHUTDOWN ACK is. RFC 9260 s8.3 */
export function heartbeatsRun(a: SctpAssociation): boolean {
  return a.canTransferData;
}

/** As {@link heartbeatsRun}, but the verification of a path goes on to the end. RFC 9260 s5.4 */
export function mayProbe(a: SctpAssociation, path: SctpPath): boolean {
  return heartbeatsRun(a) || (a.established && !path.confirmed);
}
