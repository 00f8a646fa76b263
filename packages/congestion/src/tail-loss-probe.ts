import { checkNumber, elapsed, type Instant, type Micros, micros, millis } from "@multihome/base";

/** Options of {@link TailLossProbe}. The defaults are RFC 8985's. */
export interface TailLossProbeConfig {
  /** PTO in smoothed round trips. Default 2. Below 2 departs from RFC 8985 s7.2. */
  readonly ptoSrttFactor?: number | undefined;
  /** PTO in addition, in round-trip variations. Default 0. */
  readonly ptoRttvarFactor?: number | undefined;
  /** PTO is never below, except where the RTO is due before. Default 0. */
  readonly ptoFloor?: Micros | undefined;
  /** PTO while there is no round-trip time. Default 1 s. */
  readonly ptoInitial?: Micros | undefined;
}

/**
 * What an acknowledgement tells about the probe.
 * - `none`: nothing, or no probe is out
 * - `delivered`: the probe was new data, or original and retransmission both arrived; nothing was lost
 * - `repaired`: the probe repaired the one loss at the tail; the caller invokes the congestion
 *   response of a fast retransmission
 */
export type ProbeOutcome = "none" | "delivered" | "repaired";

/**
 * Tail loss probe (RFC 8985 s7): when to ask for feedback that does not come by itself, and what the
 * answer means. The caller owns the timer and the packets.
 */
export class TailLossProbe {
  readonly #srttFactor: number;
  readonly #rttvarFactor: number;
  readonly #floor: Micros;
  readonly #initial: Micros;
  #outstanding: boolean;
  #endSeq: number;
  #isRetrans: boolean;
  #sampledSinceProbe: boolean;

  /** @throws StackError `invalidOption` */
  constructor(cfg: TailLossProbeConfig = {}) {
    const max = Number.MAX_SAFE_INTEGER;
    this.#srttFactor = checkNumber("ptoSrttFactor", cfg.ptoSrttFactor ?? 2, 1, 100, false);
    this.#rttvarFactor = checkNumber("ptoRttvarFactor", cfg.ptoRttvarFactor ?? 0, 0, 100, false);
    this.#floor = micros(checkNumber("ptoFloor", cfg.ptoFloor ?? 0, 0, max));
    this.#initial = micros(checkNumber("ptoInitial", cfg.ptoInitial ?? millis(1000), 1, max));
    this.#outstanding = false;
    this.#endSeq = 0;
    this.#isRetrans = false;
    this.#sampledSinceProbe = false;
  }

  /** A probe is out and its fate unknown (TLP.end_seq is set). */
  get outstanding(): boolean {
    return this.#outstanding;
  }

  /** The probe that is out was a retransmission (TLP.is_retrans). */
  get isRetrans(): boolean {
    return this.#outstanding && this.#isRetrans;
  }

  /**
   * Whether to start the probe timer, after sending new data that is not itself a probe, or after an
   * acknowledgement that moved the cumulative point. RFC 8985 s7.2
   *
   * @param flightUnits units in flight
   * @param unitsSacked units acknowledged by gap blocks only
   * @param inRecovery in Fast Recovery or in recovery from a timeout
   */
  shouldArm(flightUnits: number, unitsSacked: number, inRecovery: boolean): boolean {
    return flightUnits > 0 && unitsSacked === 0 && !inRecovery;
  }

  /**
   * How long from `now` to the probe. RFC 8985 s7.2
   *
   * @param srtt 0 while there is none
   * @param flightUnits units in flight; a lone one may wait for the peer's delayed acknowledgement
   * @param maxAckDelay how long the peer may delay an acknowledgement
   * @param rtoDeadline when the retransmission timer would run out; the probe is not later
   * @param rttvar counts if `ptoRttvarFactor` is set
   * @returns 0 or more
   */
  pto(
    now: Instant,
    srtt: Micros,
    flightUnits: number,
    maxAckDelay: Micros,
    rtoDeadline: Instant,
    rttvar: Micros = micros(0),
  ): Micros {
    let pto: number = this.#initial;
    if (srtt > 0) {
      pto = this.#srttFactor * srtt + this.#rttvarFactor * rttvar;
      if (flightUnits === 1) pto += maxAckDelay;
      pto = Math.max(pto, this.#floor);
    }
    return micros(Math.max(0, Math.min(pto, elapsed(now, rtoDeadline))));
  }

  /**
   * When the timer ran out: whether a probe may be sent. One at a time, and only with a round-trip
   * time measured since the one before, so that probes do not keep Karn's rule from ever measuring.
   * With or without a probe the caller then arms the RTO, not the probe timer. RFC 8985 s7.3
   */
  maySend(): boolean {
    return !this.#outstanding && this.#sampledSinceProbe;
  }

  /** A round-trip time was measured. */
  onRttSample(): void {
    this.#sampledSinceProbe = true;
  }

  /**
   * A probe was sent.
   * @param endSeq the sequence number (TSN) that the next new unit gets
   * @param isRetrans it repeats the last unit instead of carrying a new one
   */
  onProbeSent(endSeq: number, isRetrans: boolean): void {
    this.#outstanding = true;
    this.#endSeq = endSeq;
    this.#isRetrans = isRetrans;
    this.#sampledSinceProbe = false;
  }

  /**
   * For each acknowledgement. RFC 8985 s7.4.2
   *
   * @param ackSeq the lowest sequence number (TSN) not cumulatively acknowledged
   * @param duplicateOfProbe it reports the probe's data as received twice (DSACK, Duplicate TSN)
   * @param isBareDuplicateAck a duplicate acknowledgement without gap blocks, from a peer that does
   *   not report duplicates; false with SCTP, where every SACK reports them
   */
  onAck(ackSeq: number, duplicateOfProbe: boolean, isBareDuplicateAck: boolean): ProbeOutcome {
    if (!this.#outstanding) return "none";
    const past = (ackSeq - this.#endSeq) | 0;
    if (past < 0) return "none";
    if (!this.#isRetrans || duplicateOfProbe) {
      this.#outstanding = false;
      return "delivered";
    }
    if (past > 0) {
      this.#outstanding = false;
      return "repaired";
    }
    if (isBareDuplicateAck) {
      this.#outstanding = false;
      return "delivered";
    }
    return "none";
  }

  /** The episode is over: fast recovery or recovery from a timeout has begun. RFC 8985 s7.1 */
  reset(): void {
    this.#outstanding = false;
    this.#isRetrans = false;
  }
}
