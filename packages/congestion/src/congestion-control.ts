import type { Instant, Micros } from "@multihome/base";

/** What a congestion controller is doing. */
export type CongestionPhase = "slowStart" | "congestionAvoidance" | "fastRecovery";

/** The state of a congestion controller at one moment, for statistics and traces. Bytes. */
export interface CongestionSnapshot {
  readonly name: string;
  readonly phase: CongestionPhase;
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly partialBytesAcked: number;
  readonly pmdcs: number;
}

/**
 * Decides how much may be in flight on one path. It sees what happened and keeps `cwnd`; the caller
 * keeps the list of what is outstanding and obeys.
 *
 * Everything is in bytes. PMDCS is the largest DATA chunk, header included, that a packet can carry
 * (RFC 9260 s1.3, key terms); for TCP it is the SMSS.
 */
export interface CongestionControl {
  /** Stable name for logs and statistics, such as `newreno`. */
  readonly name: string;
  /** Congestion window in bytes: at least one PMDCS. */
  readonly cwnd: number;
  /** Slow-start threshold in bytes. */
  readonly ssthresh: number;
  /** Bytes acknowledged towards the next increase of cwnd in congestion avoidance. RFC 9260 s7.2.2 */
  readonly partialBytesAcked: number;
  /** From `onFastRetransmit` or `enterFastRecovery` to `exitFastRecovery`, T3 expiry or `reset`. */
  readonly inFastRecovery: boolean;
  /**
   * From T3 expiry until data is acknowledged: no more than one packet may be in flight, also not by
   * the overbooking of RFC 9260 s6.1 rule B. RFC 9260 s7.2.3
   */
  readonly onePacketOnly: boolean;

  /**
   * One SACK (or ACK) acknowledged data that was sent on this path. Comes before `onFastRetransmit`
   * of the same SACK (RFC 9260 s7.2.4, note).
   *
   * @param ackedBytes newly acknowledged bytes of this path, cumulatively or in a gap block
   * @param cumAckAdvanced the cumulative acknowledgement moved
   * @param flightSizeBefore bytes in flight on this path before this SACK
   * @param fullyUtilized the congestion window was what limited the sender before this SACK
   * @param duplicateBytes bytes of this path that the SACK reports as received twice, default 0
   */
  onAck(
    now: Instant,
    ackedBytes: number,
    cumAckAdvanced: boolean,
    flightSizeBefore: number,
    fullyUtilized: boolean,
    duplicateBytes?: number,
  ): void;
  /**
   * An acknowledgement gave a round trip; for every one that does, before its `onAck`.
   *
   * @param key the unit that the round trip is of: its TSN or sequence number
   * @param nextKey the key that the next new unit gets
   */
  onRoundTrip(rtt: Micros, key: number, nextKey: number): void;
  /** Loss was found without a timeout: reduces once and enters Fast Recovery. In Fast Recovery it does nothing. */
  onFastRetransmit(now: Instant): void;
  /**
   * The association entered Fast Recovery because of another path: no reduction here, and no slow
   * start meanwhile (RFC 9260 s7.2.1). A caller with one Fast Recovery per path does not need it.
   */
  enterFastRecovery(now: Instant): void;
  /** The exit point of Fast Recovery is acknowledged. */
  exitFastRecovery(now: Instant): void;
  /** The retransmission timer of this path ran out: the least window, then slow start. */
  onT3Expiry(now: Instant): void;
  /**
   * Nothing was sent on this path for `idle`; may be called as often as one likes, at the latest
   * before the first transmission after the pause. The window decays once for each `rto` of it.
   */
  onIdle(now: Instant, idle: Micros, rto: Micros): void;
  /**
   * The network marked a packet: reduces like `onFastRetransmit`, but stays out of Fast Recovery.
   * The caller calls it at most once per round trip. RFC 3168 s6.1.2
   */
  onEcn(now: Instant): void;
  /** The last reduction was by T3, and the retransmission was needless: takes that reduction back. */
  onSpuriousT3(now: Instant): void;
  /** As `onSpuriousT3`, when the last reduction was by Fast Retransmit; ends Fast Recovery. */
  onSpuriousFastRetransmit(now: Instant): void;
  /** Takes a new PMDCS, when the path MTU has changed. */
  setPmdcs(pmdcs: number): void;
  /** Back to the initial values: route or DSCP changed. RFC 9260 s7.2.5 */
  reset(now: Instant): void;
  /** A copy of the state. Allocates: not for each packet. */
  snapshot(): CongestionSnapshot;
}

/**
 * The window to use for one burst: `cwnd`, but at most `maxBurst` packets more than is in flight.
 * The window itself does not change. RFC 9260 s6.1 rule D
 *
 * @param maxBurst packets; Max.Burst is 4 in RFC 9260 s16; 0 means no limit
 */
export function burstLimitedCwnd(
  cwnd: number,
  flightSize: number,
  maxBurst: number,
  pmdcs: number,
): number {
  return maxBurst > 0 ? Math.min(cwnd, flightSize + maxBurst * pmdcs) : cwnd;
}
