import type { TraceNote } from "@multihome/base";
import type { PathView } from "@multihome/paths";
import type { AssociationId, SctpStatus } from "@multihome/sctp";
import type { TraceFields } from "./trace-lines.js";

// What a line is worth writing for; the rest of a path's state comes along with it.
const PATH_FIELDS = [
  "state",
  "current",
  "suspected",
  "allowed",
  "cwnd",
  "ssthresh",
  "rto",
  "errorCount",
  "pathMtu",
] as const;
const ASSOCIATION_FIELDS = ["state", "errorCount"] as const;

/** How an association and its paths stood when they were last told of: gives a line for each that changed. */
export class TraceSnapshot {
  readonly #id: AssociationId;
  readonly #paths: Map<number, TraceFields>;
  #association: TraceFields | undefined;

  constructor(id: AssociationId) {
    this.#id = id;
    this.#paths = new Map();
    this.#association = undefined;
  }

  /** Lines for what changed since the last call. */
  changes(
    status: SctpStatus | undefined,
    paths: readonly PathView[],
    current: PathView | undefined,
  ): TraceNote[] {
    const notes: TraceNote[] = [];
    if (status !== undefined) {
      const now = { state: status.state, errorCount: status.errorCount };
      if (differs(ASSOCIATION_FIELDS, this.#association, now)) {
        this.#association = now;
        notes.push({ kind: "association", association: this.#id, ...now });
      }
    }
    for (const p of paths) {
      const now = pathFields(p, p === current);
      if (!differs(PATH_FIELDS, this.#paths.get(p.id), now)) continue;
      this.#paths.set(p.id, now);
      notes.push({ kind: "path", association: this.#id, path: p.id, ...now });
    }
    return notes;
  }
}

const pathFields = (p: PathView, current: boolean): TraceFields => ({
  state: p.stateKind,
  current,
  suspected: p.suspected,
  allowed: p.allowed,
  cwnd: p.cwnd,
  ssthresh: Number.isFinite(p.ssthresh) ? p.ssthresh : null,
  flightSize: p.flightSize,
  srtt: p.srtt,
  rttvar: p.rttvar,
  rto: p.rto,
  errorCount: p.errorCount,
  pathMtu: p.pathMtu,
});

const differs = (
  fields: readonly string[],
  before: TraceFields | undefined,
  now: TraceFields,
): boolean => before === undefined || fields.some((name) => before[name] !== now[name]);
