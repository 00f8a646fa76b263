/** A time without delivery, in milliseconds of the clock that was given. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Shorter ones are pauses of a busy machine. */
const NOTED_MS = 5;

/** Measures how long the application had to wait between two deliveries. */
export class GapMeter {
  /** Gaps that are worth a look, in order. */
  readonly gaps: Gap[];
  #lastMs: number | undefined;

  constructor() {
    this.gaps = [];
    this.#lastMs = undefined;
  }

  /** Something was delivered. */
  delivered(nowMs: number): void {
    const last = this.#lastMs;
    this.#lastMs = nowMs;
    if (last !== undefined && nowMs - last >= NOTED_MS) {
      this.gaps.push({ fromMs: last, toMs: nowMs });
    }
  }
}

/** The longest gap that touches a span of time, 0 if none does. */
export const longestGap = (
  gaps: readonly Gap[],
  fromMs: number = Number.NEGATIVE_INFINITY,
  toMs: number = Number.POSITIVE_INFINITY,
): number =>
  gaps.reduce(
    (most, g) => (g.toMs >= fromMs && g.fromMs <= toMs ? Math.max(most, g.toMs - g.fromMs) : most),
    0,
  );
