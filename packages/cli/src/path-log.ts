import type { Association, PathEvent, PathInfo } from "multihome";

/** An event of a path, with times from the start of the association. */
export interface LoggedEvent {
  readonly atMs: number;
  readonly kind: PathEvent["kind"];
  readonly cause?: string;
  readonly rttMs?: number;
  readonly stallMs?: number;
}

/** What became of one path. */
export interface PathReport {
  readonly local: string;
  readonly remote: string;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly srttMs: number;
  readonly state: PathInfo["state"];
  readonly events: readonly LoggedEvent[];
}

/** A move of the data to another path. */
export interface Switchover {
  readonly atMs: number;
  readonly from: { readonly local: string; readonly remote: string };
  readonly to: { readonly local: string; readonly remote: string };
  readonly cause: string;
  readonly stallMs: number;
}

/** Writes down what happens to the paths of an association. */
export class PathLog {
  readonly switchovers: Switchover[];
  readonly #association: Association;
  readonly #startedMs: number;
  readonly #events: Map<number, LoggedEvent[]>;

  /** @param onEvent is told each event, with milliseconds from the start */
  constructor(
    association: Association,
    onEvent: (event: PathEvent, atMs: number) => void = () => {},
  ) {
    this.switchovers = [];
    this.#association = association;
    this.#startedMs = performance.now();
    this.#events = new Map();
    association.paths$.subscribe((event) => {
      // Events of the set-up came before we were here.
      const atMs = Math.max(0, round(event.atMs - this.#startedMs));
      this.#add(event, atMs);
      onEvent(event, atMs);
    });
  }

  /** The paths that something was heard on, in the order in which they came up. */
  reports(): PathReport[] {
    return this.#association
      .paths()
      .filter((p) => p.state !== "unconfirmed")
      .map((p) => ({
        local: p.local,
        remote: p.remote,
        bytesSent: p.bytesSent,
        bytesReceived: p.bytesReceived,
        srttMs: round(p.srttMs),
        state: p.state,
        events: this.#events.get(p.id) ?? [],
      }));
  }

  #add(event: PathEvent, atMs: number): void {
    if (event.kind !== "switched") {
      this.#list(event.path.id).push({
        atMs,
        kind: event.kind,
        ...("cause" in event ? { cause: event.cause } : {}),
        ...("rttMs" in event ? { rttMs: round(event.rttMs) } : {}),
      });
      return;
    }
    const { from, to, cause } = event;
    const stallMs = round(event.stallMs);
    for (const { id } of [from, to])
      this.#list(id).push({ atMs, kind: event.kind, cause, stallMs });
    this.switchovers.push({ atMs, from: ends(from), to: ends(to), cause, stallMs });
  }

  #list(id: number): LoggedEvent[] {
    const list = this.#events.get(id) ?? [];
    this.#events.set(id, list);
    return list;
  }
}

const ends = (p: { readonly local: string; readonly remote: string }): Switchover["from"] => ({
  local: p.local,
  remote: p.remote,
});

/** To the microsecond. */
const round = (ms: number): number => Math.round(ms * 1000) / 1000;
