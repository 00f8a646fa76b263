import { type Micros, millis } from "@multihome/base";

const MIN_RTT_THRESH = millis(4);
const MAX_RTT_THRESH = millis(16);
const MIN_RTT_DIVISOR = 8;
const N_RTT_SAMPLE = 8;
const CSS_ROUNDS = 5;
/** In conservative slow start the window grows by this much less. RFC 9406 s4.3 */
export const CSS_GROWTH_DIVISOR = 4;

/** `conservative` is CSS; `over` says that congestion avoidance is to begin. */
export type HyStartPhase = "slowStart" | "conservative" | "over";

/**
 * HyStart++ (RFC 9406 s4.2, with its constants): leaves slow start when the least round trip of a round
 * grows, before the queue of the bottleneck overflows. It counts rounds and compares their least round
 * trips; the window belongs to the controller.
 */
export class HyStart {
  #phase: HyStartPhase;
  #started: boolean;
  /** The key whose acknowledgement ends the round. */
  #windowEnd: number;
  #lastRoundMin: number;
  #currentRoundMin: number;
  #samples: number;
  #cssBaseline: number;
  #cssRounds: number;

  constructor() {
    this.#phase = "slowStart";
    this.#started = false;
    this.#windowEnd = 0;
    this.#lastRoundMin = Number.POSITIVE_INFINITY;
    this.#currentRoundMin = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    this.#cssBaseline = Number.POSITIVE_INFINITY;
    this.#cssRounds = 0;
  }

  get phase(): HyStartPhase {
    return this.#phase;
  }

  /** Back to the beginning: the route has changed. */
  reset(): void {
    this.#phase = "slowStart";
    this.#started = false;
    this.#lastRoundMin = Number.POSITIVE_INFINITY;
    this.#currentRoundMin = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    this.#cssBaseline = Number.POSITIVE_INFINITY;
    this.#cssRounds = 0;
  }

  /**
   * One acknowledgement gave a round trip.
   * @param key the unit that it is of: its TSN or sequence number
   * @param nextKey the key that the next new unit gets
   */
  onSample(rtt: Micros, key: number, nextKey: number): void {
    if (this.#phase === "over") return;
    if (!this.#started) {
      this.#started = true;
      this.#windowEnd = nextKey;
    } else if (((key - this.#windowEnd) | 0) >= 0) {
      this.#endRound(nextKey);
    }
    if (rtt < this.#currentRoundMin) this.#currentRoundMin = rtt;
    this.#samples++;
    if (this.#samples < N_RTT_SAMPLE) return;
    if (this.#phase === "slowStart") this.#lookForDelay();
    else if (this.#currentRoundMin < this.#cssBaseline) {
      this.#phase = "slowStart";
      this.#cssBaseline = Number.POSITIVE_INFINITY;
    }
  }

  #lookForDelay(): void {
    const last = this.#lastRoundMin;
    if (last === Number.POSITIVE_INFINITY) return;
    const thresh = Math.max(MIN_RTT_THRESH, Math.min(last / MIN_RTT_DIVISOR, MAX_RTT_THRESH));
    if (this.#currentRoundMin < last + thresh) return;
    this.#cssBaseline = this.#currentRoundMin;
    this.#cssRounds = 0;
    this.#phase = "conservative";
  }

  #endRound(nextKey: number): void {
    this.#windowEnd = nextKey;
    this.#lastRoundMin = this.#currentRoundMin;
    this.#currentRoundMin = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    if (this.#phase !== "conservative") return;
    // The round in which it began counts, too.
    this.#cssRounds++;
    if (this.#cssRounds >= CSS_ROUNDS) this.#phase = "over";
  }
}
