import {
  checkNumber,
  type Instant,
  type Micros,
  micros,
  millis,
  StackError,
} from "@multihome/base";
import { WindowedMin } from "./windowed-min.js";

/** Limits of the retransmission timeout. All in microseconds. */
export interface RtoConfig {
  /** RTO before the first sample. RFC 9260 s16 and RFC 6298 s2.1 recommend 1 s. */
  readonly rtoInitial: Micros;
  /** RTO is never below. RFC 9260 s16 recommends 1 s. */
  readonly rtoMin: Micros;
  /** RTO is never above. RFC 9260 s16 recommends 60 s. */
  readonly rtoMax: Micros;
  /** Clock granularity G, 1 or more: RTTVAR is never below it. RTO = SRTT + max(G, 4 * RTTVAR) */
  readonly granularity: Micros;
  /** How long a sample counts for `minRtt`; default 5 minutes. */
  readonly minRttWindow?: Micros | undefined;
}

/** K, alpha and beta of RFC 6298 s2; RTO.Alpha and RTO.Beta of RFC 9260 s16. */
const K = 4;
const ALPHA = 1 / 8;
const BETA = 1 / 4;

const MIN_RTT_WINDOW = millis(5 * 60_000);

/**
 * Round-trip time and retransmission timeout of one path (RFC 9260 s6.3.1, RFC 6298).
 *
 * The caller keeps Karn's rule (C5: no sample from what was retransmitted) and samples about once a
 * round trip (C4).
 */
export class RttEstimator {
  #cfg: RtoConfig;
  #hasSample: boolean;
  /** In microseconds with a fraction, so that rounding does not hold the averages in place. */
  #srtt: number;
  #rttvar: number;
  #latest: Micros;
  #baseRto: Micros;
  #rto: Micros;
  #backoffs: number;
  #min: WindowedMin;

  /** @throws StackError `invalidOption` if a limit is out of range or rtoMin is above rtoMax */
  constructor(cfg: RtoConfig) {
    checkConfig(cfg);
    this.#cfg = cfg;
    this.#hasSample = false;
    this.#srtt = 0;
    this.#rttvar = 0;
    this.#latest = micros(0);
    this.#baseRto = clamp(cfg, cfg.rtoInitial);
    this.#rto = this.#baseRto;
    this.#backoffs = 0;
    this.#min = new WindowedMin(cfg.minRttWindow ?? MIN_RTT_WINDOW);
  }

  /** Whether there has been a sample since construction or the last `reset`. */
  get hasSample(): boolean {
    return this.#hasSample;
  }

  /** Smoothed round-trip time; 0 without a sample, never 0 with one. */
  get srtt(): Micros {
    return micros(this.#srtt);
  }

  /** Round-trip time variation; 0 without a sample, at least G with one. */
  get rttvar(): Micros {
    return micros(this.#rttvar);
  }

  /**
   * Least sample of the last `minRttWindow`; 0 without a sample. Windowed, so that it follows a move
   * to a longer path. RFC 8985 s6.2 step 1
   */
  get minRtt(): Micros {
    return this.#hasSample ? micros(this.#min.value) : micros(0);
  }

  /** The last sample; 0 without one. */
  get latest(): Micros {
    return this.#latest;
  }

  /** The timeout to arm now, back-off included: rtoMin .. rtoMax. */
  get rto(): Micros {
    return this.#rto;
  }

  /** The timeout without back-off: rtoMin .. rtoMax. */
  get baseRto(): Micros {
    return this.#baseRto;
  }

  /** How often the timeout was doubled since the last sample or `resetBackoff`. */
  get backoffs(): number {
    return this.#backoffs;
  }

  /**
   * Takes a measurement and drops the back-off ("collapses" RTO: RFC 9260 s6.3.3, RFC 6298 s5).
   * @param rtt one round trip; below 1 counts as 1
   */
  sample(now: Instant, rtt: Micros): void {
    const r = rtt >= 1 ? rtt : micros(1);
    if (this.#hasSample) {
      // C3: RTTVAR takes SRTT as it was.
      this.#rttvar = (1 - BETA) * this.#rttvar + BETA * Math.abs(this.#srtt - r);
      this.#srtt = (1 - ALPHA) * this.#srtt + ALPHA * r;
    } else {
      // C2
      this.#hasSample = true;
      this.#srtt = r;
      this.#rttvar = r / 2;
    }
    // G1: a variation finer than the clock can tell is taken as zero, and zero becomes G.
    if (this.#rttvar < this.#cfg.granularity) this.#rttvar = this.#cfg.granularity;
    this.#latest = r;
    this.#min.sample(now, r);
    this.#computeRto();
    this.resetBackoff();
  }

  /** The timer ran out: RTO doubles, up to rtoMax. RFC 9260 s6.3.3 rule E2 */
  backoff(): void {
    this.#backoffs++;
    this.#rto = clamp(this.#cfg, micros(this.#rto * 2));
  }

  /** Drops the back-off without a sample: for proof of life that gives no round-trip time. */
  resetBackoff(): void {
    this.#backoffs = 0;
    this.#rto = this.#baseRto;
  }

  /**
   * Takes new limits; samples and the number of doublings stay.
   * @throws StackError `invalidOption`, and then nothing has changed
   */
  configure(cfg: RtoConfig): void {
    checkConfig(cfg);
    const window = cfg.minRttWindow ?? MIN_RTT_WINDOW;
    if (window !== (this.#cfg.minRttWindow ?? MIN_RTT_WINDOW)) {
      throw new StackError("invalidOption", "minRttWindow: is fixed once the estimator is made", {
        option: "minRttWindow",
        got: window,
      });
    }
    this.#cfg = cfg;
    if (this.#hasSample) this.#computeRto();
    else this.#baseRto = clamp(cfg, cfg.rtoInitial);
    this.#rto = clamp(cfg, micros(Math.min(cfg.rtoMax, this.#baseRto * 2 ** this.#backoffs)));
  }

  /** Back to the state before the first sample: the route has changed. RFC 9260 s7.2.5.2 */
  reset(): void {
    this.#hasSample = false;
    this.#srtt = 0;
    this.#rttvar = 0;
    this.#latest = micros(0);
    this.#min.reset();
    this.#baseRto = clamp(this.#cfg, this.#cfg.rtoInitial);
    this.resetBackoff();
  }

  #computeRto(): void {
    const margin = Math.max(this.#cfg.granularity, K * this.#rttvar);
    this.#baseRto = clamp(this.#cfg, micros(this.#srtt + margin));
  }
}

/** C6 and C7 */
function clamp(cfg: RtoConfig, rto: Micros): Micros {
  if (rto < cfg.rtoMin) return cfg.rtoMin;
  return rto > cfg.rtoMax ? cfg.rtoMax : rto;
}

function checkConfig(cfg: RtoConfig): void {
  const max = Number.MAX_SAFE_INTEGER;
  checkNumber("granularity", cfg.granularity, 1, max);
  checkNumber("rtoInitial", cfg.rtoInitial, 1, max);
  checkNumber("rtoMax", cfg.rtoMax, 1, max);
  checkNumber("rtoMin", cfg.rtoMin, 1, cfg.rtoMax);
}
