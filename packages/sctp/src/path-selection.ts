import { elapsed, type Instant, type IpAddress, micros } from "@multihome/base";
import { Rack, RttEstimator } from "@multihome/congestion";
import {
  alternativeTo,
  handover,
  type PathCause,
  type PathEvent,
  type PathName,
} from "@multihome/paths";
import type { SctpAssociation } from "./association.js";
import { congestionControl } from "./congestion-choice.js";
import { countPathEvent } from "./counters.js";
import { repeatSack } from "./repeat-sack.js";
import { ACTIVE, SctpPath } from "./sctp-path.js";

/** With one measurement RTTVAR is half of it, and silence could be told from delay only late. */
const WARM_UPS = 3;

/** The name of a path for an event. */
export const pathName = (p: SctpPath): PathName => ({ id: p.id, local: p.local, remote: p.remote });

/** Tells the application what happened to a path. */
export function emitPath(a: SctpAssociation, now: Instant, event: PathEvent): void {
  countPathEvent(a.counters, event.kind);
  a.owner.emit({ kind: "path", at: now, id: a.id, event });
}

/**
 * Adds a path, unconfirmed, unless the association has as many as it may.
 * @param remotePort the peer's UDP port, 0 without UDP
 */
export function addPath(
  a: SctpAssociation,
  now: Instant,
  local: IpAddress,
  remote: IpAddress,
  remotePort: number,
): SctpPath | undefined {
  const known = a.findPath(local, remote);
  if (known !== undefined) return known;
  if (a.paths.length >= a.config.maxPaths) {
    a.counters.pathsRefused++;
    return undefined;
  }
  const c = a.config;
  const overhead = (local.family === 4 ? 20 : 40) + (remotePort > 0 ? 8 : 0);
  const pmdcs = ((c.mtu - overhead) & ~3) - 12;
  const rtt = new RttEstimator(c);
  const path = new SctpPath(
    a.nextPathId++,
    local,
    remote,
    rtt,
    congestionControl(c, { pmdcs, family: local.family }, rtt),
    new Rack(),
    c.mtu,
    remotePort > 0 ? a.owner.udpPort : 0,
    remotePort,
  );
  path.warmUps = c.probing ? WARM_UPS : 0;
  // RTO.Min is no margin where the round trip is longer: then any delay would be a timeout.
  path.timeoutMargin = micros(c.probing ? c.rtoMin / 2 : 0);
  path.hbNonce0 = a.owner.random.nextU32();
  path.hbNonce1 = a.owner.random.nextU32();
  a.owner.attachPath(path);
  a.paths = a.paths.concat(path); // push() would make room for sixteen more
  updateAmdcs(a);
  emitPath(a, now, { kind: "added", at: now, path: pathName(path) });
  return path;
}

/** AMDCS is the smallest PMDCS of all paths. RFC 9260 s7.3 */
export function updateAmdcs(a: SctpAssociation): void {
  let least = Number.POSITIVE_INFINITY;
  for (const p of a.paths) least = Math.min(least, p.pmdcs);
  a.amdcs = least;
}

/**
 * What goes over the path goes to the UDP port that the peer was heard from, or without UDP (ports 0).
 * RFC 6951 s5.4, s5.6
 */
export function learnPorts(
  a: SctpAssociation,
  path: SctpPath,
  localPort: number,
  remotePort: number,
): void {
  const { overhead } = path;
  path.learnPorts(localPort, remotePort);
  if (path.overhead !== overhead) {
    path.cc.setPmdcs(path.pmdcs);
    updateAmdcs(a);
  }
  a.owner.reindex(a);
}

/** The path is verified (RFC 9260 s5.4): it may carry data from now on. */
export function confirmPath(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (path.confirmed) return;
  path.state = ACTIVE;
  path.errorCount = 0;
  a.primary ??= path;
  emitPath(a, now, { kind: "confirmed", at: now, path: pathName(path), rtt: path.rtt.srtt });
}

/** The paths that may carry data, the best state first. */
function usablePaths(a: SctpAssociation): SctpPath[] {
  const usable = a.paths.filter((p) => p.confirmed && p.allowed);
  return usable.sort((p, q) => stateRank(p) - stateRank(q) || p.id - q.id);
}

const stateRank = (p: SctpPath): number =>
  p.state.kind === "active" ? 0 : p.state.kind === "potentiallyFailed" ? 1 : 2;

/**
 * Asks the policy anew which path data goes over and tells of the change. Called when something about
 * a path changed, not per packet.
 *
 * @param cause why, if it changes
 */
export function reselectPath(a: SctpAssociation, now: Instant, cause: PathCause): void {
  const usable = usablePaths(a);
  const before = a.current;
  if (usable.length === 0) {
    a.current = undefined;
    return;
  }
  // Where data goes only while the path in use is suspected is no choice yet.
  const doubted = a.toldPath?.state.kind === "active" ? a.toldPath : undefined;
  const context = { current: doubted ?? before, primary: a.primary };
  let next: SctpPath | undefined;
  try {
    const chosen = a.policy.select(usable, context);
    next = usable.find((p) => p === chosen);
    if (next === undefined) failPolicy(a, now, "it chose a path that was not on offer");
  } catch (error) {
    failPolicy(a, now, error instanceof Error ? error.message : String(error));
  }
  next ??= usable.find((p) => p === handover.select(usable, context));
  a.current = next;
  if (a.config.probing && next !== undefined && before !== undefined && next !== before) {
    // What comes over it now was mostly sent on another path before and proves nothing of this one.
    next.hbDue = next.heartbeatEnabled;
  }
  if (next !== before) repeatSack(a);
  const told = a.toldPath;
  if (next === undefined || next === told) return;
  // Doubtful silence moves new data at once, but it is told as a switch only after the verdict.
  if (told?.suspected && told.state.kind === "active") return;
  // Among failed paths the one with the fewest errors is tried, now this, now that (RFC 7829 s3.2 rule 4, s4.1):
  // that is no switch yet. It is one when a path answers.
  if (told !== undefined && next.state.kind !== "active") return;
  a.toldPath = next;
  if (told === undefined) return;
  a.counters.pathSwitches++;
  // The primary path may have come back while the one in use was doubted; the doubt's end only lets it be told.
  const back = cause === "policy" && next === a.primary && told.state.kind === "active";
  const why = back ? "switchback" : cause;
  const wanted = why === "switchback" && told.state.kind === "active";
  const planned = wanted || why === "application" || a.outbound.length === 0;
  emitPath(a, now, {
    kind: "switched",
    at: now,
    from: pathName(told),
    to: pathName(next),
    cause: why,
    stall: planned ? micros(0) : micros(Math.max(a.longestStall, elapsed(a.lastProgressAt, now))),
  });
}

function failPolicy(a: SctpAssociation, now: Instant, detail: string): void {
  a.counters.policyFailures++;
  a.owner.emit({
    kind: "policyFailed",
    at: now,
    id: a.id,
    detail: `policy ${a.policy.name}: ${detail}`,
  });
  a.policy = handover;
}

/** Where a chunk goes that must not go where it was last sent, if there is a choice. RFC 9260 s6.4 */
export function alternatePath(a: SctpAssociation, avoid: SctpPath): SctpPath | undefined {
  const usable = usablePaths(a);
  const others = usable.filter((p) => p !== avoid && p.state.kind === "active");
  const chosen = alternativeTo(avoid, others, usable);
  return others.find((p) => p === chosen);
}
