import { type Instant, NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import type { SctpPath } from "./sctp-path.js";

/** Tells the trace what happened on a path, with the state that explains it. Costs nothing when nobody traces. */
export function tracePath(a: SctpAssociation, now: Instant, kind: string, path: SctpPath): void {
  const trace = a.owner.trace;
  if (trace === undefined) return;
  trace({
    at: now,
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
    awaitedSince: path.awaited.first === NEVER ? null : path.awaited.first,
  });
}
