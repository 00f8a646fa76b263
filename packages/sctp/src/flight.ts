import { type Tsn, tsn, tsnLt } from "@multihome/base";
import { FlightList } from "./flight-list.js";
import { ChunkState, type OutChunk } from "./out-chunk.js";
import type { Outstanding } from "./outstanding.js";

/**
 * The chunks in flight on one path by the time when they were last sent, those sent once and those sent again
 * apart. RACK looks only at the first of each (RFC 8985 s6.2 step 5), so a SACK costs what it reports, however
 * much is in flight.
 */
export class Flight {
  readonly fresh: FlightList;
  readonly resent: FlightList;
  /** No TSN in flight is lower. */
  #lowest: Tsn;

  constructor() {
    this.fresh = new FlightList();
    this.resent = new FlightList();
    this.#lowest = tsn(0);
  }

  get empty(): boolean {
    return this.fresh.first === undefined && this.resent.first === undefined;
  }

  /** The chunk is being sent now; its `sentCount` counts that. */
  append(c: OutChunk): void {
    this.#noteLow(c.tsn);
    this.#listOf(c).append(c);
  }

  /** The chunk is in flight again as it was before, after the peer had taken back that it arrived. */
  insert(c: OutChunk): void {
    this.#noteLow(c.tsn);
    this.#listOf(c).insert(c);
  }

  /** The chunk, which is in flight, is acknowledged or lost. */
  remove(c: OutChunk): void {
    this.#listOf(c).remove(c);
  }

  clear(): void {
    this.fresh.clear();
    this.resent.clear();
  }

  /** The one with the lowest TSN. The search goes on where it last ended, so that all of them add up to little. */
  lowest(q: Outstanding): OutChunk | undefined {
    const path = (this.fresh.first ?? this.resent.first)?.path;
    if (path === undefined) return undefined;
    for (let i = Math.max(0, q.indexOf(this.#lowest)); i < q.length; i++) {
      const c = q.at(i);
      if (c?.state !== ChunkState.inFlight || c.path !== path) continue;
      this.#lowest = c.tsn;
      return c;
    }
    return undefined;
  }

  #listOf(c: OutChunk): FlightList {
    return c.sentCount > 1 ? this.resent : this.fresh;
  }

  #noteLow(t: Tsn): void {
    if (this.empty || tsnLt(t, this.#lowest)) this.#lowest = t;
  }
}
