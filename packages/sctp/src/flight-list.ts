import { type Tsn, tsnLt } from "@multihome/base";
import { ChunkState, type OutChunk } from "./out-chunk.js";
import type { Outstanding } from "./outstanding.js";

/**
 * The chunks in flight on one path in the order in which they were last sent, linked through themselves.
 * RACK looks only at the first of them (RFC 8985 s6.2 step 5), so a SACK costs what it reports, however much is in
 * flight.
 */
export class FlightList {
  /** The one sent longest ago. */
  first: OutChunk | undefined;
  #last: OutChunk | undefined;
  /** No TSN in the list is lower. */
  #lowest: Tsn | undefined;

  constructor() {
    this.first = undefined;
    this.#last = undefined;
    this.#lowest = undefined;
  }

  /** Adds a chunk that is being sent now. */
  append(c: OutChunk): void {
    const last = this.#last;
    c.flightBefore = last;
    c.flightAfter = undefined;
    if (last === undefined) {
      this.first = c;
      this.#lowest = c.tsn;
    } else {
      last.flightAfter = c;
      this.#noteLow(c.tsn);
    }
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
    this.#noteLow(c.tsn);
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

  /** Forgets all. */
  clear(): void {
    this.first = undefined;
    this.#last = undefined;
  }

  /** The one with the lowest TSN. The search goes on where it last ended, so that it adds up to little. */
  lowest(q: Outstanding): OutChunk | undefined {
    const { first } = this;
    const from = this.#lowest;
    if (first === undefined || from === undefined) return undefined;
    for (let i = Math.max(0, q.indexOf(from)); i < q.length; i++) {
      const c = q.at(i);
      if (c?.state !== ChunkState.inFlight || c.path !== first.path) continue;
      this.#lowest = c.tsn;
      return c;
    }
    return undefined;
  }

  #noteLow(t: Tsn): void {
    if (this.#lowest === undefined || tsnLt(t, this.#lowest)) this.#lowest = t;
  }
}
