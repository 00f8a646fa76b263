import { availableParallelism } from "node:os";
import type { ScheduleFailure, SchedulesResult } from "@multihome/testkit";
import { type Command, Option } from "commander";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { ProgressBar } from "../output/progress-bar.js";
import { failureObject, printFailure } from "../sim/print-failure.js";
import { runSimTasks } from "../sim/run-sim-tasks.js";
import { runSimTask, type ScheduleDraw, type SimTask } from "../sim/sim-task.js";

interface SchedulesOptions {
  readonly count: number;
  readonly first: number;
  readonly seed: number;
  readonly paths: number;
  readonly maxOps: number;
  readonly disturbances?: boolean;
  readonly keepGoing?: boolean;
  readonly jobs: number;
  readonly json?: boolean;
}

/** Schedules that a thread takes at a time. */
const SCHEDULES_OF_A_TASK = 50;

/** `multihome sim schedules`: generated fault schedules against the oracles. */
export function addSimSchedules(sim: Command, runner: CommandRunner): void {
  sim
    .command("schedules")
    .summary("run generated fault schedules against the oracles")
    .description(
      `Draws schedules of faults and traffic, runs each in virtual time, and checks that every message
arrived once and in order or was reported, that the association lived while a path lived, that the
run came to rest and left nothing behind, and that the same seed gives the same run.`,
    )
    .option("-n, --count <n>", "schedules", numberFrom(1, 100_000_000), 1000)
    .option(
      "--first <n>",
      "which of the seed's schedules comes first",
      numberFrom(0, 100_000_000),
      0,
    )
    .option("--seed <n>", "seed of the generator", numberFrom(0, 0x7fff_ffff), 1)
    .option("--paths <n>", "paths between the two hosts", numberFrom(1, 8), 2)
    .option("--max-ops <n>", "operations of one schedule at most", numberFrom(1, 10_000), 40)
    .option(
      "--disturbances",
      "mere jitter, loss up to 3 % and reordering, for which no path may be left",
    )
    .option("--keep-going", "count all failures instead of ending at the first")
    .addOption(
      new Option("--jobs <n>", "threads; the result is the same with any number")
        .argParser(numberFrom(1, 256))
        .default(availableParallelism(), "one for each core"),
    )
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
Examples:
  multihome sim schedules --count 5000 --paths 3
  multihome sim schedules --disturbances --count 10000`,
    )
    .action((options: SchedulesOptions) =>
      runner.run(options.json === true, (console) => schedules(console, options)),
    );
}

async function schedules(console: Console, o: SchedulesOptions): Promise<ExitStatus> {
  const began = performance.now();
  const results = await run(console, o);
  const { ran, failed, delivered, first } = await sumUp(results, drawOf(o, 0, 1));
  const elapsedMs = Math.round(performance.now() - began);
  if (console.json) {
    await console.object({
      ok: failed === 0,
      ran,
      failed,
      seed: o.seed,
      paths: o.paths,
      delivered,
      elapsedMs,
      first: first === undefined ? null : failureObject(first),
    });
  } else {
    const c = console.colours;
    const verdict = failed === 0 ? c.green("0 failed") : c.red(`${failed} failed`);
    await console.line(
      `${c.bold(String(ran))} schedules ran, ${verdict}  ${c.dim(
        `(seed ${o.seed}, ${o.paths} paths, ${delivered} messages delivered, ${(elapsedMs / 1000).toFixed(1)} s)`,
      )}`,
    );
    if (first !== undefined) await printFailure(console, first);
  }
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

/** The results of all parts up to the one that ended it, in order. */
async function run(console: Console, o: SchedulesOptions): Promise<SchedulesResult[]> {
  const tasks: SimTask[] = [];
  for (let at = 0; at < o.count; at += SCHEDULES_OF_A_TASK) {
    const count = Math.min(SCHEDULES_OF_A_TASK, o.count - at);
    tasks.push({ kind: "schedules", draw: drawOf(o, o.first + at, count) });
  }
  const bar = new ProgressBar(console, "{bar} {value}/{total} schedules {text}", o.count);
  const results: SchedulesResult[] = [];
  const total = { ran: 0, failed: 0 };
  try {
    await runSimTasks(tasks, o.jobs, console.io.stop, (outcome, index) => {
      if (outcome.kind !== "schedules") return true;
      results[index] = outcome.result;
      total.ran += outcome.result.ran;
      total.failed += outcome.result.failed;
      bar.update(total.ran, total.failed === 0 ? "" : `${total.failed} failed`);
      return total.failed === 0 || o.keepGoing === true;
    });
  } finally {
    bar.stop();
  }
  if (o.keepGoing === true) return results;
  // Other threads may have gone on for a while beyond the first that failed.
  const end = results.findIndex((r) => r.failed > 0);
  return end < 0 ? results : results.slice(0, end + 1);
}

/** Failures come back as they were drawn: only the first is made smaller. */
const drawOf = (o: SchedulesOptions, first: number, count: number): ScheduleDraw => ({
  count,
  first,
  seed: o.seed,
  paths: o.paths,
  maxOps: o.maxOps,
  keepGoing: o.keepGoing ?? false,
  maxShrinks: 0,
  disturbances: o.disturbances ?? false,
});

async function sumUp(
  results: readonly SchedulesResult[],
  draw: ScheduleDraw,
): Promise<SchedulesResult> {
  const sum = { ran: 0, failed: 0, delivered: 0 };
  let found: ScheduleFailure | undefined;
  for (const r of results) {
    sum.ran += r.ran;
    sum.failed += r.failed;
    sum.delivered += r.delivered;
    found ??= r.first;
  }
  if (found === undefined) return { ...sum, first: undefined };
  const { maxShrinks: _, ...again } = draw;
  const outcome = await runSimTask({ kind: "schedules", draw: { ...again, first: found.run } });
  return { ...sum, first: outcome.kind === "schedules" ? outcome.result.first : found };
}
