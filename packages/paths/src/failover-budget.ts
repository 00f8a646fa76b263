import { checkNumber, type Micros, micros, millis, StackError } from "@multihome/base";

/** How soon an association must notice and leave a dead path. */
export interface FailoverOptions {
  /**
   * What a silently dead path may cost the application, in milliseconds on top of one round trip.
   * 20 .. 60,000; default 200.
   */
  readonly budgetMs?: number;
}

/** `fast` follows the failover budget; `rfc` takes every value that RFC 9260 s16 and RFC 7829 s6 recommend. */
export type Timing = "fast" | "rfc";

/** Timers and thresholds of an association. Lengths of time in microseconds. */
export interface FailoverTiming {
  readonly rtoInitial: Micros;
  readonly rtoMin: Micros;
  readonly rtoMax: Micros;
  /** Interval of HEARTBEATs on an idle path, on top of its RTO. RFC 9260 s8.3 */
  readonly hbInterval: Micros;
  /** How long an acknowledgement may wait. RFC 9260 s6.2: at most 500 ms. */
  readonly sackDelay: Micros;
  readonly pathMaxRetrans: number;
  /** PFMR, RFC 7829 s3.2 */
  readonly potentiallyFailedMaxRetrans: number;
  readonly associationMaxRetrans: number;
  /**
   * The association is not given up before the peer was silent for this long, whatever
   * associationMaxRetrans says; 0 follows RFC 9260 s8.1 strictly.
   */
  readonly giveUpAfter: Micros;
  /**
   * Whether silence is probed before T3-rtx runs out: after srtt + max(4 * rttvar, probeMargin) since
   * something unacknowledged was sent, other paths take copies and the silent one is asked.
   */
  readonly probing: boolean;
  readonly probeMargin: Micros;
  /** Delay between attempts when the set-up races address pairs. RFC 8305 s5 */
  readonly connectionAttemptDelay: Micros;
}

/** The default of {@link FailoverOptions.budgetMs}. */
export const DEFAULT_BUDGET_MS = 200;

/** The values of RFC 9260 s16 and RFC 7829 s6. */
export const RFC_TIMING: FailoverTiming = {
  rtoInitial: millis(1000),
  rtoMin: millis(1000),
  rtoMax: millis(60_000),
  hbInterval: millis(30_000),
  sackDelay: millis(200),
  pathMaxRetrans: 5,
  potentiallyFailedMaxRetrans: 0,
  associationMaxRetrans: 10,
  giveUpAfter: micros(0),
  probing: false,
  probeMargin: micros(0),
  connectionAttemptDelay: millis(250),
};

/**
 * Derives every timer from the budget; docs/failover.md has the table and the reasons.
 *
 * @throws StackError `invalidOption`
 */
export function failoverTiming(
  timing: Timing = "fast",
  options: FailoverOptions = {},
): FailoverTiming {
  if (timing !== "fast" && timing !== "rfc") {
    throw new StackError(
      "invalidOption",
      `timing: got ${String(timing)}, expected 'fast' or 'rfc'`,
      {
        option: "timing",
        got: timing,
      },
    );
  }
  if (timing === "rfc") return RFC_TIMING;
  const budget = checkNumber(
    "failover.budgetMs",
    options.budgetMs ?? DEFAULT_BUDGET_MS,
    20,
    60_000,
    false,
  );
  return {
    rtoInitial: millis(Math.min(1000, 2.5 * budget)),
    rtoMin: millis(Math.min(1000, budget)),
    rtoMax: millis(Math.min(60_000, 10 * budget)),
    hbInterval: millis(Math.min(30_000, 5 * budget)),
    sackDelay: millis(Math.min(200, budget / 10)),
    pathMaxRetrans: 5,
    potentiallyFailedMaxRetrans: 0,
    associationMaxRetrans: 10,
    giveUpAfter: millis(120_000),
    probing: true,
    // An acknowledgement that waits is no silence: half as long again as the peer may take with the same budget.
    probeMargin: millis(0.15 * budget),
    connectionAttemptDelay: millis(Math.max(100, Math.min(250, budget))),
  };
}
