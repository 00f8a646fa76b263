import type { Command } from "commander";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { ProgressBar } from "../output/progress-bar.js";
import { failureObject, printFailure } from "../sim/print-failure.js";

interface SchedulesOptions {
  readonly count: number;
  readonly seed: number;
  readonly paths: number;
  readonly maxOps: number;
  readonly keepGoing?: boolean;
  readonly json?: boolean;
}

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
    .option("--seed <n>", "seed of the generator", numberFrom(0, 0x7fff_ffff), 1)
    .option("--paths <n>", "paths between the two hosts", numberFrom(1, 8), 2)
    .option("--max-ops <n>", "operations of one schedule at most", numberFrom(1, 10_000), 40)
    .option("--keep-going", "count all failures instead of ending at the first")
    .option("--json", "end with one object")
    .addHelpText("after", "\nExample:\n  multihome sim schedules --count 5000 --paths 3")
    .action((options: SchedulesOptions) =>
      runner.run(options.json === true, (console) => schedules(console, options)),
    );
}

async function schedules(console: Console, o: SchedulesOptions): Promise<ExitStatus> {
  const { runSchedules } = await import("@multihome/testkit");
  const bar = new ProgressBar(console, "{bar} {value}/{total} schedules {text}", o.count);
  const began = performance.now();
  const result = runSchedules({
    count: o.count,
    seed: o.seed,
    paths: o.paths,
    maxOps: o.maxOps,
    keepGoing: o.keepGoing ?? false,
    progress: (done, failed) => bar.update(done, failed === 0 ? "" : `${failed} failed`),
  });
  bar.stop();
  const { ran, failed, delivered, first } = result;
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
