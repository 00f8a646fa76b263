import { elapsed, type Instant, type Micros } from "@multihome/base";

/** A power of two, more than the looks of one round trip. */
const PLACES = 16;
/** Looks in a round trip, and in a window. */
const LOOKS = 4;

/**
 * What the application took in the last round trip: a running sum is looked at four times in each, and, since
 * in slow start all of a round trip comes in one burst, four times in each window.
 */
export class ReadMeter {
  /** Bytes taken so far. */
  total: number;
  readonly #times: Float64Array;
  readonly #totals: Float64Array;
  /** Where the newest look stands, and how many there are. */
  #newest: number;
  #count: number;

  constructor() {
    this.total = 0;
    this.#times = new Float64Array(PLACES);
    this.#totals = new Float64Array(PLACES);
    this.#newest = 0;
    this.#count = 0;
  }

  /**
   * Bytes of the last round trip; -1 when it is too early to look again.
   * @param window the receive buffer
   */
  look(now: Instant, rtt: Micros, window: number): number {
    const fresh = this.total - this.#total(0);
    if (fresh * LOOKS < window && now - this.#time(0) < rtt / LOOKS) return -1;
    let back = 0;
    while (back < this.#count - 1 && now - this.#time(back) < rtt) back++;
    const age = this.#count === 0 ? 0 : elapsed(this.#time(back), now);
    const read = this.#count === 0 ? 0 : this.total - this.#total(back);
    this.#newest = (this.#newest + 1) & (PLACES - 1);
    this.#times[this.#newest] = now;
    this.#totals[this.#newest] = this.total;
    if (this.#count < PLACES) this.#count++;
    return age > rtt ? (read * rtt) / age : read;
  }

  #time(back: number): Instant {
    return this.#times[(this.#newest - back) & (PLACES - 1)] as Instant;
  }

  #total(back: number): number {
    return this.#totals[(this.#newest - back) & (PLACES - 1)] as number;
  }
}
