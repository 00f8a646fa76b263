import { checkNumber } from "@multihome/base";
import fc from "fast-check";
import type { Schedule } from "./op.js";
import type { Violation } from "./oracle.js";
import { runSchedule, type ScheduleOptions, type ScheduleResult } from "./run-schedule.js";
import { type ScheduleConstraints, scheduleArbitrary } from "./schedule-arbitrary.js";
import { shrinkSchedule } from "./shrink-schedule.js";

/** How many schedules, and which. */
export interface SchedulesOptions extends ScheduleOptions, ScheduleConstraints {
  /** @defaultValue 1,000 */
  readonly count?: number;
  /**
   * The first of the schedules of this seed to run, counted from 0: several calls, or processes, can share a
   * seed. @defaultValue 0
   */
  readonly first?: number;
  /** Seed of the generator, a whole number below 2^31; with the same options it draws the same schedules. @defaultValue 1 */
  readonly seed?: number;
  /** Every so many schedules one is run twice, and must run the same; 0 for never. @defaultValue 20 */
  readonly replayEvery?: number;
  /** Go on after a failure, to count all of them. @defaultValue false */
  readonly keepGoing?: boolean;
  /** How long a failing schedule is made smaller, in runs. @defaultValue 2,000 */
  readonly maxShrinks?: number;
  /** Is told after each schedule. */
  readonly progress?: (done: number, failed: number) => void;
}

/** A schedule that an oracle objected to. */
export interface ScheduleFailure {
  /** Made as small as it could be. */
  readonly schedule: Schedule;
  readonly violations: readonly Violation[];
  /** As it was drawn. */
  readonly original: Schedule;
  /** Which of the schedules of this seed it is, from 0. */
  readonly run: number;
  /** Seed and path of fast-check that draw the original again. */
  readonly seed: number;
  readonly path: string;
  /** A line of TypeScript that runs it again. */
  readonly replay: string;
}

/** What came of all schedules. */
export interface SchedulesResult {
  readonly ran: number;
  readonly failed: number;
  readonly first: ScheduleFailure | undefined;
  /** Messages delivered in all of them, to tell a run that tested something from one that did not. */
  readonly delivered: number;
}

/**
 * Draws schedules and runs them against the oracles; the first that fails is made smaller. Needs no test
 * runner.
 *
 * @example
 * const { ran, failed, first } = runSchedules({ count: 1000, seed: 1, paths: 2 });
 * if (first !== undefined) console.log(first.violations, first.replay);
 */
export function runSchedules(options: SchedulesOptions = {}): SchedulesResult {
  const count = checkNumber("count", options.count ?? 1000, 0, 100_000_000);
  const seed = checkNumber("seed", options.seed ?? 1, 0, 0x7fff_ffff);
  const offset = checkNumber("first", options.first ?? 0, 0, 100_000_000);
  const replayEvery = checkNumber("replayEvery", options.replayEvery ?? 20, 0, 1_000_000);
  const arbitrary = scheduleArbitrary(options);
  const stop = options.keepGoing !== true;
  let ran = 0;
  let failed = 0;
  let delivered = 0;
  let firstRun = -1;
  const count1 = (schedule: Schedule): boolean => {
    const run = offset + ran;
    const result = runTwice(schedule, options, replayEvery > 0 && run % replayEvery === 0);
    delivered += result.delivered;
    if (!result.ok) {
      failed++;
      if (firstRun < 0) firstRun = run;
    }
    ran++;
    options.progress?.(ran, failed);
    return result.ok || !stop;
  };
  if (count > 0) {
    fc.check(fc.property(arbitrary, count1), {
      numRuns: count,
      seed,
      path: String(offset),
      endOnFailure: true,
    });
  }
  const first = firstRun < 0 ? undefined : shrink(arbitrary, options, seed, firstRun);
  return { ran, failed, first, delivered };
}

/** Runs one schedule again, as a failure names it; see {@link runSchedule}. */
export const replay = (schedule: Schedule, options: ScheduleOptions = {}): ScheduleResult =>
  runTwice(schedule, options, true);

function runTwice(schedule: Schedule, options: ScheduleOptions, twice: boolean): ScheduleResult {
  const first = runSchedule(schedule, options);
  if (!twice || !first.ok) return first;
  const second = runSchedule(schedule, options);
  if (second.digest === first.digest) return first;
  const detail = `two runs of one schedule differ: ${first.digest} and ${second.digest}`;
  return {
    ...first,
    ok: false,
    violations: [{ oracle: "sameSeedSameTrace", at: first.pair.now, detail }],
  };
}

function shrink(
  arbitrary: fc.Arbitrary<Schedule>,
  options: SchedulesOptions,
  seed: number,
  run: number,
): ScheduleFailure | undefined {
  const maxRuns = checkNumber("maxShrinks", options.maxShrinks ?? 2000, 0, 1_000_000);
  const original = drawn(arbitrary, seed, run);
  if (original === undefined) return undefined;
  // The smaller one must fail before the same oracle, or another fault would be shown than was found.
  const oracle = runTwice(original, options, true).violations[0]?.oracle;
  const schedule = shrinkSchedule(
    original,
    (candidate) => {
      const twice = oracle === "sameSeedSameTrace";
      return runTwice(candidate, options, twice).violations.some((v) => v.oracle === oracle);
    },
    maxRuns,
  );
  return {
    schedule,
    violations: runTwice(schedule, options, true).violations,
    original,
    run,
    seed,
    path: String(run),
    replay: `replay(${JSON.stringify(schedule)})`,
  };
}

/** The schedule of one run. */
function drawn(arbitrary: fc.Arbitrary<Schedule>, seed: number, run: number): Schedule | undefined {
  let found: Schedule | undefined;
  const take = (schedule: Schedule): void => {
    found ??= schedule;
  };
  fc.check(fc.property(arbitrary, take), { seed, path: String(run), numRuns: 1 });
  return found;
}
