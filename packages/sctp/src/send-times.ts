import { type Instant, NEVER } from "@multihome/base";

const PLACES = 32;

/**
 * When things were sent on a path that may not have been answered yet, in order. Times that lie close
 * together share a place, and when all places are taken later times are left out, but for the last.
 */
export class SendTimes {
  readonly #times: Float64Array;
  #head: number;
  #length: number;
  #last: Instant;

  constructor() {
    this.#times = new Float64Array(PLACES);
    this.#head = 0;
    this.#length = 0;
    this.#last = NEVER;
  }

  /** The earliest; NEVER when everything was answered. */
  get first(): Instant {
    return this.#length > 0 ? (this.#times[this.#head] as Instant) : this.#last;
  }

  /** The latest; NEVER when everything was answered. */
  get last(): Instant {
    return this.#last;
  }

  /** @param spacing times closer than this, in microseconds, share a place */
  add(now: Instant, spacing: number): void {
    const length = this.#length;
    const newest = this.#times[(this.#head + length - 1) & (PLACES - 1)] as number;
    if (length === 0 || (length < PLACES && now - newest >= spacing)) {
      this.#times[(this.#head + length) & (PLACES - 1)] = now;
      this.#length++;
    }
    this.#last = now;
  }

  /** What was sent at `sentAt` or before needs no answer any more. */
  answered(sentAt: Instant): void {
    while (this.#length > 0 && (this.#times[this.#head] as number) <= sentAt) {
      this.#head = (this.#head + 1) & (PLACES - 1);
      this.#length--;
    }
    if (this.#last <= sentAt) this.#last = NEVER;
  }
}
