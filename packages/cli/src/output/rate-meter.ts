const WINDOW_MS = 1000;

/** The rate of the last second of a number that grows. */
export class RateMeter {
  readonly #samples: { readonly atMs: number; readonly bytes: number }[];

  constructor() {
    this.#samples = [];
  }

  /** @returns bits per second */
  add(atMs: number, bytes: number): number {
    const samples = this.#samples;
    samples.push({ atMs, bytes });
    while (samples.length > 2 && (samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) samples.shift();
    const first = samples[0];
    if (first === undefined || atMs <= first.atMs) return 0;
    return ((bytes - first.bytes) * 8000) / (atMs - first.atMs);
  }
}
