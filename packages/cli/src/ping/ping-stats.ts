import type { PathName } from "multihome";

/** The round trips of one path. */
export interface PathStats {
  readonly local: string;
  readonly remote: string;
  /** Heartbeats sent, and answered in time. */
  readonly sent: number;
  readonly answered: number;
  readonly lossPercent: number;
  /** `null` without any answer. */
  readonly minMs: number | null;
  readonly avgMs: number | null;
  readonly maxMs: number | null;
}

/** Counts heartbeats and their answers, path by path. */
export class PingStats {
  readonly #paths: Map<
    number,
    { readonly path: PathName; sent: number; readonly rttsMs: number[] }
  >;

  constructor() {
    this.#paths = new Map();
  }

  sent(path: PathName): void {
    this.#of(path).sent++;
  }

  answered(path: PathName, rttMs: number): void {
    this.#of(path).rttsMs.push(rttMs);
  }

  /** True if any path has answered. */
  get anyAnswer(): boolean {
    return [...this.#paths.values()].some((p) => p.rttsMs.length > 0);
  }

  toPaths(): PathStats[] {
    return [...this.#paths.values()].map(({ path, sent, rttsMs }) => ({
      local: path.local,
      remote: path.remote,
      sent,
      answered: rttsMs.length,
      lossPercent: sent === 0 ? 0 : Math.round((1000 * (sent - rttsMs.length)) / sent) / 10,
      minMs: rttsMs.length === 0 ? null : Math.min(...rttsMs),
      avgMs: rttsMs.length === 0 ? null : mean(rttsMs),
      maxMs: rttsMs.length === 0 ? null : Math.max(...rttsMs),
    }));
  }

  #of(path: PathName): { readonly path: PathName; sent: number; readonly rttsMs: number[] } {
    let entry = this.#paths.get(path.id);
    if (entry === undefined) {
      entry = { path, sent: 0, rttsMs: [] };
      this.#paths.set(path.id, entry);
    }
    return entry;
  }
}

/** To the microsecond. */
const mean = (values: readonly number[]): number =>
  Math.round((1000 * values.reduce((a, b) => a + b, 0)) / values.length) / 1000;
