import { type Instant, NEVER } from "@multihome/base";

const PLACES = 32;
/** An idle path has one HEARTBEAT out at a time. */
const FIRST_PLACES = 2;
const NOTHING: number[] = [];

/**
 * When things were sent on a path that may not have been answered yet, in order. Times that lie close
 * together share a place, and when all places are taken later times are left out, but for the last.
 */
export class SendTimes {
  #times: number[];
  #head: number;
  #length: number;
  #last: Instant;

  constructor() {
    this.#times = NOTHING;
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
    const mask = this.#times.length - 1;
    const newest = length === 0 ? 0 : (this.#times[(this.#head + length - 1) & mask] as number);
    if (length === 0 || (length < PLACES && now - newest >= spacing)) {
      if (length > mask) this.#grow();
      this.#times[(this.#head + length) & (this.#times.length - 1)] = now;
      this.#length++;
    }
    this.#last = now;
  }

  /** What was sent at `sentAt` or before needs no answer any more. */
  answered(sentAt: Instant): void {
    while (this.#length > 0 && (this.#times[this.#head] as number) <= sentAt) {
      this.#head = (this.#head + 1) & (this.#times.length - 1);
      this.#length--;
    }
    if (this.#last <= sentAt) this.#last = NEVER;
  }

  #grow(): void {
    const old = this.#times;
    const next = new Array<number>(old.length === 0 ? FIRST_PLACES : 2 * old.length).fill(0);
    for (let i = 0; i < this.#length; i++) {
      next[i] = old[(this.#head + i) & (old.length - 1)] as number;
    }
    this.#times = next;
    this.#head = 0;
  }

  /** What was sent before `then` needs no answer any more. */
  answeredBefore(then: Instant): void {
    while (this.#length > 0 && (this.#times[this.#head] as number) < then) {
      this.#head = (this.#head + 1) & (PLACES - 1);
      this.#length--;
    }
    if (this.#last < then) this.#last = NEVER;
  }
}
