import { checkNumber, StackError } from "@multihome/base";
import type { PathCause } from "@multihome/paths";
import { FAILOVER_FAULTS, type FailoverFault } from "./failover-fault.js";
import { type FailoverRun, failoverRun } from "./failover-run.js";
import type { Topology } from "./op.js";
import type { PairOptions } from "./pair.js";

/**
 * Who sends. `idle`: nobody, but for one message of a at some time after the fault, whose delay takes the
 * place of the gap.
 */
export const FAILOVER_TRAFFIC = ["aToZ", "zToA", "both", "idle"] as const;

/** A name of {@link FAILOVER_TRAFFIC}. */
export type FailoverTraffic = (typeof FAILOVER_TRAFFIC)[number];

/** The experiment. */
export interface FailoverOptions {
  /** Runs, each with a seed of its own. @defaultValue 100 */
  readonly seeds?: number;
  /** Seed of the first run; the next ones follow. @defaultValue 1 */
  readonly firstSeed?: number;
  /** Round trip of every path. @defaultValue 50 */
  readonly rttMs?: number;
  /** @defaultValue "blackhole" */
  readonly fault?: FailoverFault;
  /** @defaultValue "aToZ" */
  readonly traffic?: FailoverTraffic;
  /** 2 to 8. @defaultValue 2 */
  readonly paths?: number;
  /** @defaultValue "fast" */
  readonly timing?: "fast" | "rfc";
  /** More options of both hosts' cores. */
  readonly sctp?: PairOptions["sctp"];
  /** Is told what the cores trace; see {@link PairOptions.coreTrace}. */
  readonly coreTrace?: PairOptions["coreTrace"];
  /** To record the runs; see {@link recording}. */
  readonly makeCore?: PairOptions["makeCore"];
  readonly trace?: PairOptions["trace"];
  /** More of the network: family, mesh, udp. */
  readonly topology?: Omit<Topology, "delaysMs" | "timing">;
  /** Bytes of each message. @defaultValue 1,200 */
  readonly messageBytes?: number;
  /** Time between two messages. @defaultValue 10 */
  readonly everyMs?: number;
  /** Time from the fault to its repair. @defaultValue drawn, 2,000 to 5,000; 120,000 with `timing: "rfc"` */
  readonly downMs?: number;
  /**
   * Time from the repair to the end at most, for the way back: a run ends half a second after it was found.
   * @defaultValue 10,000; 200,000 with `timing: "rfc"`
   */
  readonly afterMs?: number;
  /** Is told after each run. */
  readonly progress?: (done: number) => void;
}

/** Values at three places of a distribution, in milliseconds. */
export interface Distribution {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** All runs together. */
export interface FailoverResult {
  readonly runs: number;
  readonly gapMs: Distribution;
  /** Sums over all runs. */
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly ended: number;
  /** How many moves had which cause, between fault and repair. */
  readonly switches: Readonly<Partial<Record<PathCause, number>>>;
  /** Moves that nothing called for: before the fault, or with a fault that is none. */
  readonly falseSwitches: number;
  /** Runs in which the healed primary came into use again, and how long after the repair. */
  readonly usedAgain: number;
  readonly usedAgainMs: Distribution;
  /** Seed of the run with the longest gap. */
  readonly worstSeed: number;
  readonly all: readonly FailoverRun[];
}

/**
 * Kills the primary path at a random moment under steady traffic, and tells how long the application had
 * to wait: per seed one association over paths of the same round trip, 1,200-byte messages every 10 ms,
 * the fault after 1 to 2 seconds, then repair, and time to come back.
 *
 * @throws StackError `invalidOption`
 * @example
 * runFailover({ seeds: 100, rttMs: 50 }).gapMs; // { p50: 50, p99: 60, max: 60 }
 */
export function runFailover(options: FailoverOptions = {}): FailoverResult {
  const seeds = checkNumber("seeds", options.seeds ?? 100, 1, 1_000_000);
  const firstSeed = checkNumber("firstSeed", options.firstSeed ?? 1, 0, 0x7fff_ffff);
  checkNumber("rttMs", options.rttMs ?? 50, 0, 10_000, false);
  checkNumber("paths", options.paths ?? 2, 2, 8);
  checkNumber("everyMs", options.everyMs ?? 10, 0.1, 60_000, false);
  checkNumber("downMs", options.downMs ?? 0, 0, 3_600_000, false);
  checkNumber("afterMs", options.afterMs ?? 0, 0, 3_600_000, false);
  checkNumber("messageBytes", options.messageBytes ?? 1200, 1, 1 << 20);
  oneOf("fault", options.fault ?? "blackhole", FAILOVER_FAULTS);
  oneOf("traffic", options.traffic ?? "aToZ", FAILOVER_TRAFFIC);
  const all: FailoverRun[] = [];
  for (let i = 0; i < seeds; i++) {
    all.push(failoverRun(firstSeed + i, options));
    options.progress?.(i + 1);
  }
  return sumUpFailover(all);
}

function oneOf<T extends string>(option: string, got: T, allowed: readonly T[]): void {
  if (allowed.includes(got)) return;
  throw new StackError(
    "invalidOption",
    `${option}: got ${String(got)}, expected one of ${allowed.join(", ")}`,
    { option, got },
  );
}

/** Runs of one experiment together, such as those that several processes made of its seeds. */
export function sumUpFailover(all: readonly FailoverRun[]): FailoverResult {
  const switches: Partial<Record<PathCause, number>> = {};
  let worst = all[0];
  const sum = { lost: 0, duplicated: 0, reordered: 0, ended: 0, falseSwitches: 0 };
  const backMs: number[] = [];
  for (const r of all) {
    sum.lost += r.lost;
    sum.duplicated += r.duplicated;
    sum.reordered += r.reordered;
    sum.ended += r.survived ? 0 : 1;
    sum.falseSwitches += r.falseSwitches;
    if (r.usedAgainMs !== null) backMs.push(r.usedAgainMs);
    if (worst === undefined || r.gapMs > worst.gapMs) worst = r;
    for (const s of r.switches) switches[s.cause] = (switches[s.cause] ?? 0) + 1;
  }
  return {
    runs: all.length,
    gapMs: distribution(all.map((r) => r.gapMs)),
    ...sum,
    switches,
    usedAgain: backMs.length,
    usedAgainMs: distribution(backMs),
    worstSeed: worst?.seed ?? 0,
    all,
  };
}

function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((p, q) => p - q);
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: at(sorted, 1) };
}

/** The value that a share of all does not exceed (nearest rank). */
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
