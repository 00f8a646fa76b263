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
  const eager =
    kind === "potentiallyFailed" ||
    (kind === "unconfirmed" && path.errorCount <= a.config.pathMaxRetrans);
  if (eager) {
    path.hbDue = true;
    return;
  }
  const rto = path.rtt.rto;
  const jitter = randomBelow(a.owner.random, rto) - rto / 2;
  path.timers.arm(
    PathTimer.heartbeat,
    instantAdd(now, Math.round(rto + a.config.hbInterval + jitter) as Micros),
  );
}

/** HEARTBEATs are sent from ESTABLISHED until the SHUTDOWN or SHUTDOWN ACK is. RFC 9260 s8.3 */
export function heartbeatsRun(a: SctpAssociation): boolean {
  return a.canTransferData;
}

/** As {@link heartbeatsRun}, but the verification of a path goes on to the end. RFC 9260 s5.4 */
export function mayProbe(a: SctpAssociation, path: SctpPath): boolean {
  return heartbeatsRun(a) || (a.established && !path.confirmed);
}
