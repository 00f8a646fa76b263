import { performance } from "node:perf_hooks";
import { EPOCH, type Instant, instantAdd, micros } from "@multihome/base";

/**
 * The clock of a driver: `performance.now()` in whole microseconds, so that instants can be compared
 * with what the application reads there. Never goes back.
 */
export class MonotonicClock {
  #last: Instant;
  readonly #readMs: () => number;

  /** @param readMs where milliseconds come from; default `performance.now()` */
  constructor(readMs: () => number = () => performance.now()) {
    this.#last = EPOCH;
    this.#readMs = readMs;
  }

  now(): Instant {
    const t = instantAdd(EPOCH, micros(this.#readMs() * 1000));
    if (t > this.#last) this.#last = t;
    return this.#last;
  }
}
