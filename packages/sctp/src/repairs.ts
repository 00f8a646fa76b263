import type { Tsn } from "@multihome/base";
import { LossKind, type OutChunk } from "./out-chunk.js";
import type { SctpPath } from "./sctp-path.js";

const PLACES = 64;

/** One chunk that was sent again, once, and is acknowledged. */
export interface Repair {
  tsn: Tsn;
  size: number;
  lossKind: number;
  /** Where it was taken for lost, and in which of that path's loss episodes. */
  lostOn: SctpPath | undefined;
  episode: number;
  /** Where the repair went. */
  sentOn: SctpPath | undefined;
  /** The peer has not reported it as received twice. */
  open: boolean;
}

/**
 * The last chunks that were sent again, once, and are acknowledged. When the peer reports the TSN of one as
 * received twice, both copies arrived: it was sent again needlessly.
 */
export class Repairs {
  readonly #places: Repair[];
  #next: number;

  constructor() {
    this.#places = [];
    this.#next = 0;
  }

  /** The chunk is acknowledged for the first time. */
  note(c: OutChunk): void {
    if (c.sentCount !== 2 || c.lossKind === LossKind.none) return;
    const r = this.#place(c.tsn);
    r.tsn = c.tsn;
    r.size = c.size;
    r.lossKind = c.lossKind;
    r.lostOn = c.lostOn;
    r.episode = c.episode;
    r.sentOn = c.path;
    r.open = true;
  }

  /** The repair of this TSN, valid until the next `note`. It is found once. */
  take(tsn: Tsn): Repair | undefined {
    for (const r of this.#places) {
      if (r.tsn !== tsn || !r.open) continue;
      r.open = false;
      return r;
    }
    return undefined;
  }

  #place(tsn: Tsn): Repair {
    const at = this.#next;
    this.#next = (at + 1) % PLACES;
    const known = this.#places[at];
    if (known !== undefined) return known;
    const fresh: Repair = {
      tsn,
      size: 0,
      lossKind: LossKind.none,
      lostOn: undefined,
      episode: 0,
      sentOn: undefined,
      open: false,
    };
    this.#places.push(fresh);
    return fresh;
  }
}

/** What all associations have that never sent anything again; nothing is noted in it. */
export const NO_REPAIRS: Repairs = new Repairs();
