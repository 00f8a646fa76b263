/** What the script does to a path. */
export interface FaultAction {
  readonly kind: "cut" | "heal";
  /** The path that data went over at the start, or the other one. */
  readonly path: "primary" | "other";
}

interface Step {
  /** When so much of the file has arrived; after `afterMs` whatever has arrived. */
  readonly atFraction?: number;
  /** Waits until data goes over the primary again, but no longer than to this fraction. */
  readonly primaryUntil?: number;
  /** So long after the step before. */
  readonly afterMs?: number;
  readonly actions: readonly FaultAction[];
}

const PRIMARY = { path: "primary" } as const;
const OTHER = { path: "other" } as const;

const STEPS: readonly Step[] = [
  { atFraction: 0.2, actions: [{ kind: "cut", ...PRIMARY }] },
  { atFraction: 0.4, actions: [{ kind: "heal", ...PRIMARY }] },
  { atFraction: 0.6, primaryUntil: 0.7, actions: [{ kind: "cut", ...OTHER }] },
  { atFraction: 0.75, actions: [{ kind: "heal", ...OTHER }] },
  {
    atFraction: 0.82,
    actions: [
      { kind: "cut", ...PRIMARY },
      { kind: "cut", ...OTHER },
    ],
  },
  {
    afterMs: 700,
    actions: [
      { kind: "heal", ...PRIMARY },
      { kind: "heal", ...OTHER },
    ],
  },
];

/**
 * What happens to the paths of the demonstration, by how much of the file has arrived: the primary is
 * cut and healed, then the other, then both for a moment.
 */
export class FaultScript {
  #next: number;
  #lastAt: number;

  constructor() {
    this.#next = 0;
    this.#lastAt = 0;
  }

  /**
   * What is to be done now; at most one step at a time.
   *
   * @param fraction of the file that has arrived
   * @param onPrimary data goes over the primary now
   */
  step(fraction: number, nowMs: number, onPrimary: boolean): readonly FaultAction[] {
    const step = STEPS[this.#next];
    if (step === undefined) return [];
    const due =
      step.atFraction !== undefined
        ? fraction >= step.atFraction && (onPrimary || fraction >= (step.primaryUntil ?? 0))
        : nowMs - this.#lastAt >= (step.afterMs ?? 0);
    if (!due) return [];
    this.#next++;
    this.#lastAt = nowMs;
    return step.actions;
  }

  /** Nothing more is going to happen. */
  get over(): boolean {
    return this.#next >= STEPS.length;
  }
}
