/** A time in which something was waited for, in microseconds of the trace. */
interface Wait {
  readonly from: number;
  readonly to: number;
}

/** Shorter waits are forgotten: they are no part of a story. */
const NOTED_US = 1000;
/** So many of the last waits are kept, to be asked for when a switch is told. */
const KEPT = 256;

/** Measures how long something that is due did not come: acknowledgements, messages. */
export class WaitMeter {
  readonly #waits: Wait[];
  #since: number | undefined;
  /** The longest so far. */
  longest: Wait;

  constructor() {
    this.#waits = [];
    this.#since = undefined;
    this.longest = { from: 0, to: 0 };
  }

  /** From now on it is waited for, unless it is already. */
  begin(at: number): void {
    this.#since ??= at;
  }

  /** It came. */
  came(at: number): void {
    this.stop(at);
    this.#since = at;
  }

  /** It is waited for no longer. */
  stop(at: number): void {
    const from = this.#since;
    this.#since = undefined;
    if (from === undefined || at - from < NOTED_US) return;
    const wait = { from, to: at };
    if (at - from > this.longest.to - this.longest.from) this.longest = wait;
    this.#waits.push(wait);
    if (this.#waits.length > KEPT) this.#waits.shift();
  }

  /** The longest wait that touches a span of time; 0 if none does. */
  longestIn(from: number, to: number): number {
    let most = 0;
    for (const w of this.#waits) {
      if (w.to >= from && w.from <= to) most = Math.max(most, w.to - w.from);
    }
    return most;
  }
}
