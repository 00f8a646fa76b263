import type { OutChunk } from "./out-chunk.js";

/** Chunks in flight in the order in which they were sent, linked through themselves. */
export class FlightList {
  /** The one sent longest ago. */
  first: OutChunk | undefined;
  #last: OutChunk | undefined;

  constructor() {
    this.first = undefined;
    this.#last = undefined;
  }

  /** Adds a chunk that is being sent now. */
  append(c: OutChunk): void {
    const last = this.#last;
    c.flightBefore = last;
    c.flightAfter = undefined;
    if (last === undefined) this.first = c;
    else last.flightAfter = c;
    this.#last = c;
  }

  /** Puts a chunk back that was sent some time ago. Takes time in proportion to what was sent since. */
  insert(c: OutChunk): void {
    let before = this.#last;
    while (before !== undefined && before.sentAt > c.sentAt) before = before.flightBefore;
    const after = before === undefined ? this.first : before.flightAfter;
    if (after === undefined) {
      this.append(c);
      return;
    }
    c.flightBefore = before;
    c.flightAfter = after;
    after.flightBefore = c;
    if (before === undefined) this.first = c;
    else before.flightAfter = c;
  }

  /** Takes a chunk out that is in the list. */
  remove(c: OutChunk): void {
    const { flightBefore: before, flightAfter: after } = c;
    if (before === undefined) this.first = after;
    else before.flightAfter = after;
    if (after === undefined) this.#last = before;
    else after.flightBefore = before;
    c.flightBefore = undefined;
    c.flightAfter = undefined;
  }

  clear(): void {
    this.first = undefined;
    this.#last = undefined;
  }
}
