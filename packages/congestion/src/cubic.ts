import type { Instant, Micros } from "@multihome/base";
import { cubeRoot } from "./cube-root.js";
import { type CongestionConfig, LossBasedControl } from "./loss-based-control.js";

/** Options of {@link Cubic}. */
export interface CubicConfig extends CongestionConfig {
  /** Where the smoothed round-trip time of the path is read, such as its `RttEstimator`. */
  readonly rtt: { readonly srtt: Micros };
  /** Fast convergence (RFC 9438 s4.7). Default true. */
  readonly fastConvergence?: boolean | undefined;
}

/** RFC 9438 s4.6 and s5.1. */
const BETA = 0.7;
const C = 0.4;
/** Additive increase of the Reno-friendly region. RFC 9438 s4.3 */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);

/**
 * CUBIC (RFC 9438), for one destination. Windows are kept in bytes, segments are PMDCS. Slow start is
 * that of RFC 9260 s7.2.1.
 */
export class Cubic extends LossBasedControl {
  readonly name: string = "cubic";
  readonly #rtt: { readonly srtt: Micros };
  readonly #fastConvergence: boolean;
  /** The window with its fraction; the base class sees it rounded down. */
  #exact: number;
  /** W_max and cwnd_prior; 0 before the first congestion. */
  #wMax: number;
  #cwndPrior: number;
  /** K and t in seconds. */
  #k: number;
  #t: number;
  #wEst: number;
  /** A congestion avoidance stage is going on: #k, #t, #wEst hold. */
  #inStage: boolean;
  /** The next stage begins at its plateau: K = 0 and W_max = cwnd. */
  #fromPlateau: boolean;
  #lastAckAt: number;
  #undo: Stage;

  /** @throws StackError `invalidOption` */
  constructor(cfg: CubicConfig) {
    super(cfg);
    this.#rtt = cfg.rtt;
    this.#fastConvergence = cfg.fastConvergence ?? true;
    this.#exact = this.window;
    this.#wMax = 0;
    this.#cwndPrior = 0;
    this.#k = 0;
    this.#t = 0;
    this.#wEst = 0;
    this.#inStage = false;
    this.#fromPlateau = true;
    this.#lastAckAt = 0;
    this.#undo = { wMax: 0, cwndPrior: 0, k: 0, t: 0, wEst: 0, inStage: false, fromPlateau: true };
  }

  /** RFC 9438 s4.6: at least two segments. */
  protected override windowAfterLoss(): number {
    return Math.max(Math.floor(this.window * BETA), 2 * this.pmdcsBytes);
  }

  /** RFC 9438 s4.6: marks reduce further, to one segment. */
  protected override windowAfterMark(): number {
    return Math.max(Math.floor(this.window * BETA), this.pmdcsBytes);
  }

  protected override avoidCongestion(
    now: Instant,
    ackedBytes: number,
    _duplicateBytes: number,
    _flightSizeBefore: number,
    _cumAckAdvanced: boolean,
    fullyUtilized: boolean,
  ): void {
    if (!this.#inStage) this.#beginStage(now);
    const gap = now - this.#lastAckAt;
    this.#lastAckAt = now;
    // t leaves out the time in which the window was not the limit (RFC 9438 s4.2, s5.8). While it
    // is, acknowledgements are at most about a round trip apart; a longer gap is a pause.
    if (!fullyUtilized || ackedBytes <= 0) return;
    const srtt = this.#rtt.srtt;
    this.#t += (srtt > 0 ? Math.min(gap, 2 * srtt) : gap) / 1e6;

    const p = this.pmdcsBytes;
    const cwnd = Math.floor(this.#exact) === this.window ? this.#exact : this.window;
    const acked = Math.min(ackedBytes, cwnd);
    const alpha = this.#wEst >= this.#cwndPrior ? 1 : ALPHA;
    this.#wEst += (alpha * p * acked) / cwnd;
    let next = cwnd;
    if (this.#wCubic(this.#t) < this.#wEst) {
      next = Math.max(cwnd, this.#wEst);
    } else {
      const target = Math.min(1.5 * cwnd, Math.max(cwnd, this.#wCubic(this.#t + srtt / 1e6)));
      // (target - cwnd) / cwnd for each segment, however many one SACK acknowledges.
      next = cwnd + ((target - cwnd) * acked) / cwnd;
    }
    this.#exact = next;
    this.window = Math.floor(next);
  }

  protected override save(): void {
    const u = this.#undo;
    u.wMax = this.#wMax;
    u.cwndPrior = this.#cwndPrior;
    u.k = this.#k;
    u.t = this.#t;
    u.wEst = this.#wEst;
    u.inStage = this.#inStage;
    u.fromPlateau = this.#fromPlateau;
  }

  protected override beforeReduction(cause: "loss" | "timeout" | "mark"): void {
    const cwnd = this.window;
    // RFC 9438 s4.7: a lower peak than last time says that others need room.
    const yields = this.#fastConvergence && cwnd < this.#wMax;
    this.#wMax = yields ? (cwnd * (1 + BETA)) / 2 : cwnd;
    this.#cwndPrior = cwnd;
    this.#inStage = false;
    this.#fromPlateau = cause === "timeout"; // RFC 9438 s4.8
  }

  protected override restore(): void {
    const u = this.#undo;
    this.#wMax = u.wMax;
    this.#cwndPrior = u.cwndPrior;
    this.#k = u.k;
    this.#t = u.t;
    this.#wEst = u.wEst;
    this.#inStage = u.inStage;
    this.#fromPlateau = u.fromPlateau;
  }

  protected override forget(): void {
    this.#wMax = 0;
    this.#cwndPrior = 0;
    this.#inStage = false;
    this.#fromPlateau = true;
  }

  #beginStage(now: Instant): void {
    const cwnd = this.window;
    this.#inStage = true;
    this.#lastAckAt = now;
    this.#t = 0;
    this.#wEst = cwnd;
    if (this.#fromPlateau || this.#wMax <= cwnd) {
      if (this.#cwndPrior === 0) this.#cwndPrior = cwnd; // slow start ended without congestion, s4.10
      this.#fromPlateau = false;
      this.#wMax = cwnd;
      this.#k = 0;
    } else {
      this.#k = cubeRoot((this.#wMax - cwnd) / this.pmdcsBytes / C);
    }
  }

  /** W_cubic in bytes, t in seconds. RFC 9438 s4.2 */
  #wCubic(t: number): number {
    const d = t - this.#k;
    return C * d * d * d * this.pmdcsBytes + this.#wMax;
  }
}

/** What congestion changes and a spurious one gives back. RFC 9438 s4.9.2 */
interface Stage {
  wMax: number;
  cwndPrior: number;
  k: number;
  t: number;
  wEst: number;
  inStage: boolean;
  fromPlateau: boolean;
}
