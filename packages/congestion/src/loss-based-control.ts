import { checkNumber, type Instant, type Micros, StackError } from "@multihome/base";
import type { CongestionControl, CongestionSnapshot } from "./congestion-control.js";
import { CSS_GROWTH_DIVISOR, HyStart } from "./hystart.js";

/** How a congestion controller of SCTP begins. */
export interface CongestionConfig {
  /** PMDCS of the path in bytes, 64 .. 65535. */
  readonly pmdcs: number;
  /** Address family of the peer: the initial window is slightly less over IPv6. Default 4. */
  readonly family?: 4 | 6 | undefined;
  /**
   * `rfc9260`: 4 PMDCS, at most 4404 bytes (4344 over IPv6) but at least 2 PMDCS; the default.
   * `iw10`: 10 PMDCS, at most 14600 bytes but at least 2 PMDCS, as RFC 6928 s2 allows TCP.
   */
  readonly initialWindow?: "rfc9260" | "iw10" | undefined;
  /**
   * L of RFC 9260 s7.2.1: one SACK grows cwnd in slow start by at most so many PMDCS. 1 .. 100,
   * default 1. RFC 3465 s2.3 allows TCP 2, and only 1 in the slow start after a timeout; the latter
   * holds here for every L. RFC 9406 s4.3 recommends 8 with HyStart++ and without pacing.
   */
  readonly slowStartLimit?: number | undefined;
  /** Leave the first slow start when the round trip grows, not only when packets are lost. RFC 9406. Default false. */
  readonly hystart?: boolean | undefined;
}

/** "Arbitrarily high": the largest window that a peer can advertise. RFC 9260 s7.2.1 */
const UNBOUNDED = 0xffffffff;

const MIN_PMDCS = 64;
const MAX_PMDCS = 0xffff;

/**
 * What the loss-based controllers have in common: the initial window, slow start, timeout, idle
 * decay and taking back a needless reduction, as RFC 9260 s7.2 has them. A subclass says how far
 * loss reduces the window and how congestion avoidance grows it.
 */
export abstract class LossBasedControl implements CongestionControl {
  abstract readonly name: string;
  protected window: number;
  protected threshold: number;
  protected partial: number;
  protected pmdcsBytes: number;
  readonly #family: 4 | 6;
  readonly #iw10: boolean;
  readonly #slowStartLimit: number;
  readonly #hystart: HyStart | undefined;
  #inFastRecovery: boolean;
  #onePacketOnly: boolean;
  /** Slow start that follows a timeout. */
  #afterTimeout: boolean;
  /** Something was acknowledged since the initial window was set. */
  #used: boolean;
  /** When the present idle period began, and how many RTOs of it have been accounted for. */
  #idleSince: number;
  #idleSteps: number;
  /** cwnd was reduced in it. */
  #idleDecayed: boolean;
  /** cwnd and ssthresh before the last reduction, and what caused it. */
  #undoKind: "none" | "t3" | "fastRetransmit";
  #undoWindow: number;
  #undoThreshold: number;

  /** @throws StackError `invalidOption` */
  constructor(cfg: CongestionConfig) {
    this.pmdcsBytes = checkNumber("pmdcs", cfg.pmdcs, MIN_PMDCS, MAX_PMDCS);
    this.#family = cfg.family ?? 4;
    const initial = cfg.initialWindow ?? "rfc9260";
    if (initial !== "rfc9260" && initial !== "iw10") {
      throw new StackError(
        "invalidOption",
        `initialWindow: got ${String(initial)}, expected 'rfc9260' or 'iw10'`,
        { option: "initialWindow", got: initial },
      );
    }
    this.#iw10 = initial === "iw10";
    this.#slowStartLimit = checkNumber("slowStartLimit", cfg.slowStartLimit ?? 1, 1, 100);
    this.#hystart = cfg.hystart === true ? new HyStart() : undefined;
    this.window = this.#initialWindow();
    this.threshold = UNBOUNDED;
    this.partial = 0;
    this.#inFastRecovery = false;
    this.#onePacketOnly = false;
    this.#afterTimeout = false;
    this.#used = false;
    this.#idleSince = -1;
    this.#idleSteps = 0;
    this.#idleDecayed = false;
    this.#undoKind = "none";
    this.#undoWindow = 0;
    this.#undoThreshold = 0;
  }

  get cwnd(): number {
    return this.window;
  }

  get ssthresh(): number {
    return this.threshold;
  }

  get partialBytesAcked(): number {
    return this.partial;
  }

  get inFastRecovery(): boolean {
    return this.#inFastRecovery;
  }

  get onePacketOnly(): boolean {
    return this.#onePacketOnly;
  }

  onAck(
    now: Instant,
    ackedBytes: number,
    cumAckAdvanced: boolean,
    flightSizeBefore: number,
    fullyUtilized: boolean,
    duplicateBytes = 0,
  ): void {
    if (ackedBytes <= 0 && duplicateBytes <= 0) return;
    if (ackedBytes > 0) {
      this.#used = true;
      this.#onePacketOnly = false;
    }
    if (this.window <= this.threshold) {
      if (!this.#inFastRecovery && fullyUtilized) this.#slowStart(ackedBytes);
    } else {
      this.avoidCongestion(
        now,
        ackedBytes,
        duplicateBytes,
        flightSizeBefore,
        cumAckAdvanced,
        fullyUtilized,
      );
    }
    // RFC 9260 s7.2.2: with everything acknowledged, partial_bytes_acked begins anew.
    if (ackedBytes >= flightSizeBefore) this.partial = 0;
  }

  onRoundTrip(rtt: Micros, key: number, nextKey: number): void {
    // RFC 9406 s4.3: only while ssthresh is at its initial value.
    if (this.#hystart === undefined || this.threshold !== UNBOUNDED) return;
    this.#hystart.onSample(rtt, key, nextKey);
    if (this.#hystart.phase === "over") this.threshold = this.window;
  }

  onFastRetransmit(_now: Instant): void {
    if (this.#inFastRecovery) return;
    this.#save("fastRetransmit");
    const target = this.windowAfterLoss();
    this.beforeReduction("loss");
    this.threshold = target;
    this.window = target;
    this.partial = 0;
    this.#inFastRecovery = true;
    this.#afterTimeout = false;
  }

  enterFastRecovery(_now: Instant): void {
    this.#inFastRecovery = true;
  }

  exitFastRecovery(_now: Instant): void {
    this.#inFastRecovery = false;
  }

  onT3Expiry(_now: Instant): void {
    // The undo is for the whole series of timeouts: later ones find cwnd already at its least.
    if (!(this.#onePacketOnly && this.#undoKind === "t3")) this.#save("t3");
    const target = this.windowAfterLoss();
    this.beforeReduction("timeout");
    this.threshold = target;
    this.window = this.pmdcsBytes;
    this.partial = 0;
    this.#onePacketOnly = true;
    this.#afterTimeout = true;
    // RFC 9260 is silent; a timeout ends fast recovery in TCP (RFC 6582 s3.2 step 4). If it stayed,
    // slow start could not begin before all that was out is repaired, one packet a round trip.
    this.#inFastRecovery = false;
  }

  onIdle(now: Instant, idle: Micros, rto: Micros): void {
    if (!this.#used || rto <= 0) return;
    const since = now - idle;
    if (since !== this.#idleSince) {
      this.#idleSince = since;
      this.#idleSteps = 0;
      this.#idleDecayed = false;
    }
    const steps = Math.floor(idle / rto);
    const floor = 4 * this.pmdcsBytes;
    // RFC 9260 s7.2.1: max(cwnd / 2, 4 * PMDCS) per RTO. It is a decay: a smaller window stays.
    while (this.#idleSteps < steps && this.window > floor) {
      if (!this.#idleDecayed) this.threshold = this.window;
      this.#idleDecayed = true;
      this.window = Math.max(Math.floor(this.window / 2), floor);
      this.partial = 0;
      this.#idleSteps++;
    }
    if (this.#idleSteps < steps) this.#idleSteps = steps;
  }

  onEcn(_now: Instant): void {
    if (this.#inFastRecovery) return;
    const threshold = this.windowAfterLoss();
    const window = this.windowAfterMark();
    this.beforeReduction("mark");
    this.threshold = threshold;
    this.window = window;
    this.partial = 0;
    this.#undoKind = "none";
  }

  onSpuriousT3(_now: Instant): void {
    if (this.#undoKind === "t3") this.#undo();
  }

  onSpuriousFastRetransmit(_now: Instant): void {
    if (this.#undoKind !== "fastRetransmit") return;
    this.#inFastRecovery = false;
    this.#undo();
  }

  setPmdcs(pmdcs: number): void {
    if (pmdcs === this.pmdcsBytes) return;
    this.pmdcsBytes = checkNumber("pmdcs", pmdcs, MIN_PMDCS, MAX_PMDCS);
    if (!this.#used && this.threshold === UNBOUNDED) this.window = this.#initialWindow();
    else if (this.window < pmdcs) this.window = pmdcs;
  }

  reset(_now: Instant): void {
    this.window = this.#initialWindow();
    this.threshold = UNBOUNDED;
    this.partial = 0;
    this.#inFastRecovery = false;
    this.#onePacketOnly = false;
    this.#afterTimeout = false;
    this.#used = false;
    this.#idleSince = -1;
    this.#idleSteps = 0;
    this.#idleDecayed = false;
    this.#undoKind = "none";
    this.#hystart?.reset();
    this.forget();
  }

  snapshot(): CongestionSnapshot {
    return {
      name: this.name,
      phase: this.#inFastRecovery
        ? "fastRecovery"
        : this.window <= this.threshold
          ? "slowStart"
          : "congestionAvoidance",
      cwnd: this.window,
      ssthresh: this.threshold,
      partialBytesAcked: this.partial,
      pmdcs: this.pmdcsBytes,
    };
  }

  /** The window, and ssthresh, that loss leaves. */
  protected abstract windowAfterLoss(): number;

  /** Grows the window above ssthresh. */
  protected abstract avoidCongestion(
    now: Instant,
    ackedBytes: number,
    duplicateBytes: number,
    flightSizeBefore: number,
    cumAckAdvanced: boolean,
    fullyUtilized: boolean,
  ): void;

  /** The window that a mark leaves: no reason to send more, so below the floor it stays. */
  protected windowAfterMark(): number {
    return Math.min(this.window, this.windowAfterLoss());
  }

  /** Lets a subclass note the window at which congestion was met. `mark` cannot be taken back. */
  protected beforeReduction(_cause: "loss" | "timeout" | "mark"): void {}

  /** Lets a subclass keep what `restore` may have to bring back; comes before `beforeReduction`. */
  protected save(): void {}

  /** Lets a subclass go back to what it saved; the window is as before already. */
  protected restore(): void {}

  /** Lets a subclass forget the path. */
  protected forget(): void {}

  #slowStart(ackedBytes: number): void {
    const limit = this.#afterTimeout ? 1 : this.#slowStartLimit;
    const growth = Math.min(ackedBytes, limit * this.pmdcsBytes);
    const conservative = this.threshold === UNBOUNDED && this.#hystart?.phase === "conservative";
    this.window += conservative ? Math.ceil(growth / CSS_GROWTH_DIVISOR) : growth;
    if (this.window > this.threshold) this.#afterTimeout = false;
  }

  #initialWindow(): number {
    const p = this.pmdcsBytes;
    if (this.#iw10) return Math.min(10 * p, Math.max(2 * p, 14600));
    return Math.min(4 * p, Math.max(2 * p, this.#family === 4 ? 4404 : 4344));
  }

  #save(kind: "t3" | "fastRetransmit"): void {
    this.#undoKind = kind;
    this.#undoWindow = this.window;
    this.#undoThreshold = this.threshold;
    this.save();
  }

  #undo(): void {
    this.#undoKind = "none";
    this.threshold = Math.max(this.threshold, this.#undoThreshold);
    this.partial = 0;
    this.#onePacketOnly = false;
    this.#afterTimeout = false;
    if (this.window >= this.#undoWindow) return;
    this.window = this.#undoWindow;
    this.restore();
  }
}
