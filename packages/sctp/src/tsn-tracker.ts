import { type Tsn, tsnAdd, tsnDiff, tsnGt, tsnLeq } from "@multihome/base";

/** Duplicates that one SACK reports at most. */
export const MAX_DUPLICATES = 64;

/**
 * Which TSNs were received: the cumulative TSN, ranges beyond it, duplicates since the last SACK.
 * Ranges are kept in ascending order in two flat arrays; their number is bounded by the caller,
 * which asks {@link TsnTracker.wouldAddRange} first.
 */
export class TsnTracker {
  cumTsn: Tsn;
  /** Ranges beyond cumTsn, `starts[i] .. ends[i]` inclusive. */
  readonly starts: Tsn[];
  readonly ends: Tsn[];
  /** Duplicates to report in the next SACK; bounded, the rest is only counted. */
  readonly duplicates: Tsn[];

  /** @param initialTsn the peer's Initial TSN */
  constructor(initialTsn: Tsn) {
    this.cumTsn = tsnAdd(initialTsn, -1);
    this.starts = [];
    this.ends = [];
    this.duplicates = [];
  }

  /** The highest TSN received. */
  get highest(): Tsn {
    const last = this.ends[this.ends.length - 1];
    return last ?? this.cumTsn;
  }

  get hasGaps(): boolean {
    return this.starts.length > 0;
  }

  /** True if it was received before. */
  has(t: Tsn): boolean {
    if (tsnLeq(t, this.cumTsn)) return true;
    const i = this.#firstEndingAtOrAfter(t);
    return i < this.starts.length && tsnLeq(this.starts[i] as Tsn, t);
  }

  /** True if taking `t` would make one more range. */
  wouldAddRange(t: Tsn): boolean {
    if (tsnDiff(t, this.cumTsn) === 1) return false;
    const i = this.#firstEndingAtOrAfter(t);
    const joinsNext = i < this.starts.length && tsnDiff(this.starts[i] as Tsn, t) <= 1;
    const joinsPrevious = i > 0 && tsnDiff(t, this.ends[i - 1] as Tsn) === 1;
    return !joinsNext && !joinsPrevious;
  }

  /** Takes a TSN that {@link TsnTracker.has} did not know. */
  add(t: Tsn): void {
    if (tsnDiff(t, this.cumTsn) === 1) {
      this.cumTsn = t;
      const start = this.starts[0];
      if (start !== undefined && tsnDiff(start, t) === 1) {
        this.cumTsn = this.ends[0] as Tsn;
        this.starts.shift();
        this.ends.shift();
      }
      return;
    }
    const i = this.#firstEndingAtOrAfter(t);
    const joinsNext = i < this.starts.length && tsnDiff(this.starts[i] as Tsn, t) === 1;
    const joinsPrevious = i > 0 && tsnDiff(t, this.ends[i - 1] as Tsn) === 1;
    if (joinsNext && joinsPrevious) {
      this.ends[i - 1] = this.ends[i] as Tsn;
      this.starts.splice(i, 1);
      this.ends.splice(i, 1);
    } else if (joinsNext) this.starts[i] = t;
    else if (joinsPrevious) this.ends[i - 1] = t;
    else {
      this.starts.splice(i, 0, t);
      this.ends.splice(i, 0, t);
    }
  }

  /** Notes a duplicate for the next SACK. */
  noteDuplicate(t: Tsn): void {
    if (this.duplicates.length < MAX_DUPLICATES) this.duplicates.push(t);
  }

  /** Index of the first range that ends at `t` or later. Arrivals are mostly the highest, so from the end. */
  #firstEndingAtOrAfter(t: Tsn): number {
    const ends = this.ends;
    const last = ends[ends.length - 1];
    if (last === undefined || tsnGt(t, last)) return ends.length;
    let lo = 0;
    let hi = ends.length - 1;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (tsnGt(t, ends[mid] as Tsn)) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }
}
