import { type Instant, instantAdd, type Micros, randomBelow } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";

/**
 * Arms the heartbeat timer: RTO + HB.interval with the jitter of RFC 9260 s8.3; at once while the path
 * is potentially failed (RFC 7829 s3.2 rules 5, 6) or to be verified (RFC 9260 s5.4).
 */
export function restartHeartbeatTimer(a: SctpAssociation, now: Instant, path: SctpPath): void {
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
  const rto = path.rtt.rto;
  const jitter = randomBelow(a.owner.random, rto) - rto / 2;
  path.timers.arm(
    PathTimer.heartbeat,
    instantAdd(now, Math.round(rto + a.config.hbInterval + jitter) as Micros),
  );
}

/**
 * A HEARTBEAT to verify the path: at once, or with strict timing when it is its turn. RFC 9260 s5.4:
 * HB.Max.Burst (1, s16) packets with HEARTBEATs per RTO. Our default asks all paths at once, so that
 * there is somewhere to go when the first one dies.
 */
export function verifySoon(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (a.config.probing || a.nextVerificationAt <= now) {
    path.hbDue = true;
    a.nextVerificationAt = instantAdd(now, path.rtt.baseRto);
    return;
  }
  path.timers.arm(PathTimer.heartbeat, a.nextVerificationAt);
  a.nextVerificationAt = instantAdd(a.nextVerificationAt, path.rtt.baseRto);
}

/** HEARTBEATs are sent from ESTABLISHED until the SHUTDOWN or SHUTDOWN ACK is. RFC 9260 s8.3 */
export function heartbeatsRun(a: SctpAssociation): boolean {
  return a.canTransferData;
}

/** As {@link heartbeatsRun}, but the verification of a path goes on to the end. RFC 9260 s5.4 */
export function mayProbe(a: SctpAssociation, path: SctpPath): boolean {
  return heartbeatsRun(a) || (a.established && !path.confirmed);
}
