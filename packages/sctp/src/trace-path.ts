import { elapsed, type Instant, NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import type { SctpPath } from "./sctp-path.js";

/** Tells the trace what was decided about a path, with the state that explains it. Costs nothing when nobody traces. */
export function tracePath(a: SctpAssociation, now: Instant, kind: string, path: SctpPath): void {
  const trace = a.owner.trace;
  if (trace === undefined) return;
  const { first } = path.awaited;
  trace({
    kind,
    association: a.id,
    path: path.id,
    state: path.state.kind,
    cwnd: path.cwnd,
    ssthresh: path.ssthresh,
    flightSize: path.flightSize,
    srtt: path.srtt,
    rttvar: path.rttvar,
    rto: path.rto,
    errorCount: path.errorCount,
    probesSent: path.probesSent,
    // For how long the oldest answer that may still come has been awaited, and the path has been silent.
    awaitedFor: first === NEVER ? null : elapsed(first, now),
    silentFor: path.lastHeard === NEVER ? null : elapsed(path.lastHeard, now),
  });
}
