import { StackError } from "@multihome/base";
import type { Schedule } from "./op.js";
import type { Oracle, Violation } from "./oracle.js";
import { standardOracles } from "./oracles/standard-oracles.js";
import { Pair, type PairBounds, type PairOptions } from "./pair.js";

/** How a schedule is run. */
export interface ScheduleOptions extends PairBounds {
  /** @defaultValue {@link standardOracles} */
  readonly oracles?: readonly Oracle[];
  /** More options of both hosts' cores. */
  readonly sctp?: PairOptions["sctp"];
  readonly userOps?: PairOptions["userOps"];
  readonly makeCore?: PairOptions["makeCore"];
  readonly trace?: PairOptions["trace"];
  readonly coreTrace?: PairOptions["coreTrace"];
}

/** What came of one schedule. */
export interface ScheduleResult {
  readonly ok: boolean;
  /** What the oracles found, in the order of time. */
  readonly violations: readonly Violation[];
  /** Sixteen digits over the whole run: equal for equal runs. */
  readonly digest: string;
  /** Virtual milliseconds. */
  readonly endedAtMs: number;
  /** Messages accepted and delivered, of both sides. */
  readonly accepted: number;
  readonly delivered: number;
  /** The pair as the run left it, to look into. */
  readonly pair: Pair;
}

/**
 * Runs one schedule to its end: sets the association up, applies the operations, mends everything, lets
 * all data through, closes gracefully, and asks the oracles. A run that does not come to rest within its
 * bounds is a violation, and so is an error thrown anywhere.
 */
export function runSchedule(schedule: Schedule, options: ScheduleOptions = {}): ScheduleResult {
  const pair = new Pair({
    seed: schedule.seed,
    topology: schedule.topology,
    oracles: options.oracles ?? standardOracles,
    ...(options.sctp === undefined ? {} : { sctp: options.sctp }),
    ...(options.userOps === undefined ? {} : { userOps: options.userOps }),
    ...(options.makeCore === undefined ? {} : { makeCore: options.makeCore }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...(options.coreTrace === undefined ? {} : { coreTrace: options.coreTrace }),
  });
  try {
    drive(pair, schedule, options);
  } catch (error) {
    pair.violations.push({ oracle: "noThrow", at: pair.now, detail: describe(error) });
  }
  pair.judge();
  const peers = [pair.a, pair.z];
  return {
    ok: pair.violations.length === 0,
    violations: pair.violations,
    digest: pair.digest,
    endedAtMs: pair.now / 1000,
    accepted: peers.reduce((n, p) => n + p.sent.filter((m) => m.outcomes > 0).length, 0),
    delivered: peers.reduce((n, p) => n + p.received.length, 0),
    pair,
  };
}

function drive(pair: Pair, schedule: Schedule, bounds: PairBounds): void {
  if (schedule.duringSetup === true) pair.startConnect();
  else pair.connect(bounds);
  for (const op of schedule.ops) pair.apply(op);
  pair.repairAll();
  pair.runUntilIdle(bounds, schedule.closedBy ?? "a");
}

function describe(error: unknown): string {
  if (error instanceof StackError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
