import { type Instant, NEVER } from "./instant.js";

/**
 * A fixed table of deadlines, one per timer; the index is the timer's name in an `as const` object of
 * its owner. Expiry is looked for in index order, so that equal deadlines replay alike.
 */
export class TimerTable {
  /** A plain array: a typed one of this size takes three times the memory. */
  readonly #deadlines: number[];

  /** @param size how many timers there are */
  constructor(size: number) {
    this.#deadlines = new Array<number>(size).fill(NEVER);
  }

  /** Arms timer `t`, replacing its former deadline. */
  arm(t: number, at: Instant): void {
    this.#deadlines[t] = at;
  }

  stop(t: number): void {
    this.#deadlines[t] = NEVER;
  }

  stopAll(): void {
    this.#deadlines.fill(NEVER);
  }

  /** The deadline of timer `t`; {@link NEVER} when it is not armed. */
  at(t: number): Instant {
    return this.#deadlines[t] as Instant;
  }

  isArmed(t: number): boolean {
    return (this.#deadlines[t] as number) !== NEVER;
  }

  /** The earliest deadline. */
  next(): Instant {
    let least: number = NEVER;
    const d = this.#deadlines;
    for (let i = 0; i < d.length; i++) if ((d[i] as number) < least) least = d[i] as number;
    return least as Instant;
  }

  /** Stops and returns the first timer, in index order, that is due at `now`; -1 when none is. */
  takeExpired(now: Instant): number {
    const d = this.#deadlines;
    for (let i = 0; i < d.length; i++) {
      if ((d[i] as number) <= now) {
        d[i] = NEVER;
        return i;
      }
    }
    return -1;
  }
}
