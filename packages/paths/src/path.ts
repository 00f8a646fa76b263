import { type Instant, type IpAddress, NEVER, sameIp } from "@multihome/base";
import type { CongestionControl, RttEstimator } from "@multihome/congestion";
import type { PathState, PathStateKind } from "./path-state.js";

/**
 * What a policy, a scheduler and the application may see of a path. RFC 9260 s14.3 lists the data.
 * Lengths of time are microseconds, sizes bytes.
 */
export interface PathView {
  /** Never reused within an association. */
  readonly id: number;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly stateKind: PathStateKind;
  /** Name of the interface that owns `local`; empty when the host did not tell. */
  readonly interfaceName: string;
  readonly metered: boolean;
  readonly cost: number;
  /** False: not one byte may be sent on it. */
  readonly allowed: boolean;
  /** True while no proof of life came for longer than it should take, and a probe is under way. */
  readonly suspected: boolean;
  /** Since when it is suspected, or in the state it is in if that is no good one; NEVER while it is fine. */
  readonly troubledSince: Instant;
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly flightSize: number;
  readonly srtt: number;
  readonly rttvar: number;
  readonly rto: number;
  /** Least round trip of the last five minutes, 0 before the first. */
  readonly minRtt: number;
  /** The last round trip that was measured, 0 before the first; and when, NEVER before the first. */
  readonly latestRtt: number;
  readonly lastRttSampleAt: Instant;
  readonly pathMtu: number;
  readonly errorCount: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** When something last came over it; NEVER if nothing did. */
  readonly lastHeard: Instant;
}

/** Facts of the interface that a path leaves by. */
export interface PathAttachment {
  readonly interfaceName: string;
  readonly metered: boolean;
  readonly cost: number;
  readonly allowed: boolean;
}

/** A pair of addresses with all that is kept per path, whatever the protocol. */
export class Path implements PathView {
  readonly id: number;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  interfaceName: string;
  metered: boolean;
  cost: number;
  allowed: boolean;
  state: PathState;
  suspected: boolean;
  /** When the suspicion began; NEVER without one. */
  suspectedAt: Instant;
  readonly rtt: RttEstimator;
  readonly cc: CongestionControl;
  /** Bytes sent on it and neither acknowledged nor given up. RFC 9260 s1.3 */
  flightSize: number;
  pathMtu: number;
  errorCount: number;
  bytesSent: number;
  bytesReceived: number;
  packetsSent: number;
  packetsReceived: number;
  lastHeard: Instant;
  lastRttSampleAt: Instant;

  constructor(
    id: number,
    local: IpAddress,
    remote: IpAddress,
    rtt: RttEstimator,
    cc: CongestionControl,
    pathMtu: number,
  ) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.interfaceName = "";
    this.metered = false;
    this.cost = 0;
    this.allowed = true;
    this.state = { kind: "unconfirmed" };
    this.suspected = false;
    this.suspectedAt = NEVER;
    this.rtt = rtt;
    this.cc = cc;
    this.flightSize = 0;
    this.pathMtu = pathMtu;
    this.errorCount = 0;
    this.bytesSent = 0;
    this.bytesReceived = 0;
    this.packetsSent = 0;
    this.packetsReceived = 0;
    this.lastHeard = NEVER;
    this.lastRttSampleAt = NEVER;
  }

  get stateKind(): PathStateKind {
    return this.state.kind;
  }
  get troubledSince(): Instant {
    const { state } = this;
    if (state.kind === "potentiallyFailed" || state.kind === "inactive") return state.since;
    return this.suspectedAt;
  }
  get cwnd(): number {
    return this.cc.cwnd;
  }
  get ssthresh(): number {
    return this.cc.ssthresh;
  }
  get srtt(): number {
    return this.rtt.srtt;
  }
  get rttvar(): number {
    return this.rtt.rttvar;
  }
  get rto(): number {
    return this.rtt.rto;
  }
  get minRtt(): number {
    return this.rtt.minRtt;
  }
  get latestRtt(): number {
    return this.rtt.latest;
  }

  /** Takes over what the host tells of the interface. */
  attach(to: PathAttachment): void {
    this.interfaceName = to.interfaceName;
    this.metered = to.metered;
    this.cost = to.cost;
    this.allowed = to.allowed;
  }
}

/**
 * How far two paths diverge: 0 same pair, 1 one end differs, 2 both ends differ. RFC 9260 s6.4.1
 * asks for the most divergent pair and leaves the rule open; two disjoint ends share the least.
 */
export function divergence(
  a: { readonly local: IpAddress; readonly remote: IpAddress },
  b: { readonly local: IpAddress; readonly remote: IpAddress },
): 0 | 1 | 2 {
  const ends = (sameIp(a.local, b.local) ? 0 : 1) + (sameIp(a.remote, b.remote) ? 0 : 1);
  return ends as 0 | 1 | 2;
}
