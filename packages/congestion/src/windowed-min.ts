import type { Instant, Micros } from "@multihome/base";
import { checkNumber } from "@multihome/base";

const BUCKETS = 8;
/** The buckets of all that have had no sample; never written. */
const NO_SAMPLE: number[] = new Array<number>(BUCKETS).fill(Number.POSITIVE_INFINITY);

/**
 * The least value of recent samples. A sample counts for at least 7/8 of the window and never for
 * longer than the window; memory is fixed and a sample costs O(1), whatever the rate of samples.
 */
export class WindowedMin {
  readonly #width: number;
  /** Least value of each eighth of the window; the eighth numbered n is in bucket n mod 8. */
  #buckets: number[];
  #newest: number;
  #min: number;

  /**
   * @param window length in microseconds, 8 or more
   * @throws StackError `invalidOption`
   */
  constructor(window: Micros) {
    this.#width = checkNumber("window", window, BUCKETS, Number.MAX_SAFE_INTEGER) / BUCKETS;
    this.#buckets = NO_SAMPLE;
    this.#newest = 0;
    this.#min = Number.POSITIVE_INFINITY;
  }

  /** The least value as of the last sample; infinity when there is none. */
  get value(): number {
    return this.#min;
  }

  /** Takes a sample. `now` never goes back. */
  sample(now: Instant, value: number): void {
    if (this.#buckets === NO_SAMPLE) this.#buckets = NO_SAMPLE.slice();
    const n = Math.floor(now / this.#width);
    if (n > this.#newest) this.#expire(n);
    const at = n % BUCKETS;
    if (value < (this.#buckets[at] ?? 0)) this.#buckets[at] = value;
    if (value < this.#min) this.#min = value;
  }

  /** Forgets every sample. */
  reset(): void {
    this.#buckets = NO_SAMPLE;
    this.#newest = 0;
    this.#min = Number.POSITIVE_INFINITY;
  }

  #expire(n: number): void {
    const first = Math.max(this.#newest + 1, n - BUCKETS + 1);
    for (let i = first; i <= n; i++) this.#buckets[i % BUCKETS] = Number.POSITIVE_INFINITY;
    this.#newest = n;
    let min = Number.POSITIVE_INFINITY;
    for (let i = 0; i < BUCKETS; i++) min = Math.min(min, this.#buckets[i] ?? min);
    this.#min = min;
  }
}
