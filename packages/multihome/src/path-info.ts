import { NEVER, toMillis } from "@multihome/base";
import type {
  PathName as CoreName,
  PathEvent as CorePathEvent,
  PathCause,
  PathView,
} from "@multihome/paths";

/** A path as events name it. Ids are never reused within an association. */
export interface PathName {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
}

/** What happened to a path. `atMs` is on the clock of `performance.now()`. */
export type PathEvent =
  /** A pair of addresses is being tried. */
  | { readonly kind: "added"; readonly atMs: number; readonly path: PathName }
  /** It was verified and can carry data. */
  | {
      readonly kind: "confirmed";
      readonly atMs: number;
      readonly path: PathName;
      readonly rttMs: number;
    }
  /** It may be dead, or is: data avoids it. */
  | {
      readonly kind: "potentiallyFailed" | "inactive";
      readonly atMs: number;
      readonly path: PathName;
      readonly cause: PathCause;
    }
  /** It answers again and can be used. */
  | { readonly kind: "recovered"; readonly atMs: number; readonly path: PathName }
  /** Data now goes another way. `stallMs`: how long nothing had got through by then; 0 for a planned move. */
  | {
      readonly kind: "switched";
      readonly atMs: number;
      readonly from: PathName;
      readonly to: PathName;
      readonly cause: PathCause;
      readonly stallMs: number;
    }
  /** It is no more. Comes once per path, last. */
  | {
      readonly kind: "removed";
      readonly atMs: number;
      readonly path: PathName;
      readonly cause: PathCause;
    };

/** A path as it is now. Sizes in bytes, times in milliseconds. */
export interface PathInfo extends PathName {
  readonly state: PathView["stateKind"];
  /** Data goes over it now. */
  readonly current: boolean;
  /** Name of our interface that it leaves by. */
  readonly interfaceName: string;
  readonly metered: boolean;
  readonly cost: number;
  /** False: not one byte may be sent on it. */
  readonly allowed: boolean;
  /** True while no proof of life came for longer than it should take, and a probe is under way. */
  readonly suspected: boolean;
  readonly cwndBytes: number;
  readonly ssthreshBytes: number;
  readonly flightSizeBytes: number;
  /** Smoothed round trip; 0 before the first measurement. */
  readonly srttMs: number;
  readonly rttvarMs: number;
  readonly rtoMs: number;
  /** The last round trip that was measured; 0 before the first. */
  readonly latestRttMs: number;
  /** When that was, on the clock of `performance.now()`; `undefined` before the first. */
  readonly latestRttAtMs: number | undefined;
  readonly pathMtuBytes: number;
  readonly errorCount: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** When something last came over it, on the clock of `performance.now()`; `undefined` if nothing did. */
  readonly lastHeardAtMs: number | undefined;
}

const name = (p: CoreName): PathName => ({
  id: p.id,
  local: p.local.toString(),
  remote: p.remote.toString(),
});

/** The application's form of a core's event. */
export function pathEvent(e: CorePathEvent): PathEvent {
  const atMs = toMillis(e.at);
  switch (e.kind) {
    case "added":
    case "recovered":
      return { kind: e.kind, atMs, path: name(e.path) };
    case "confirmed":
      return { kind: e.kind, atMs, path: name(e.path), rttMs: toMillis(e.rtt) };
    case "potentiallyFailed":
    case "inactive":
    case "removed":
      return { kind: e.kind, atMs, path: name(e.path), cause: e.cause };
    case "switched":
      return {
        kind: e.kind,
        atMs,
        from: name(e.from),
        to: name(e.to),
        cause: e.cause,
        stallMs: toMillis(e.stall),
      };
  }
}

/** The application's form of a core's path. */
export function pathInfo(p: PathView, current: boolean): PathInfo {
  return {
    ...name(p),
    state: p.stateKind,
    current,
    interfaceName: p.interfaceName,
    metered: p.metered,
    cost: p.cost,
    allowed: p.allowed,
    suspected: p.suspected,
    cwndBytes: p.cwnd,
    ssthreshBytes: p.ssthresh,
    flightSizeBytes: p.flightSize,
    srttMs: toMillis(p.srtt),
    rttvarMs: toMillis(p.rttvar),
    rtoMs: toMillis(p.rto),
    latestRttMs: toMillis(p.latestRtt),
    latestRttAtMs: p.lastRttSampleAt === NEVER ? undefined : toMillis(p.lastRttSampleAt),
    pathMtuBytes: p.pathMtu,
    errorCount: p.errorCount,
    bytesSent: p.bytesSent,
    bytesReceived: p.bytesReceived,
    packetsSent: p.packetsSent,
    packetsReceived: p.packetsReceived,
    lastHeardAtMs: p.lastHeard === NEVER ? undefined : toMillis(p.lastHeard),
  };
}
