import type { Schedule, ScheduleFailure } from "@multihome/testkit";
import type { Console } from "../output/console.js";
import { printViolations } from "./print-violations.js";

/** A failing schedule for `--json`. */
export const failureObject = (f: ScheduleFailure): object => ({
  violations: f.violations,
  schedule: f.schedule,
  run: f.run,
  replay: replayCommand(f.schedule),
  code: f.replay,
});

/** A failing schedule for a person: what is wrong, the operations that it takes, how to run it again. */
export async function printFailure(console: Console, f: ScheduleFailure): Promise<void> {
  const c = console.colours;
  const shrunk = f.schedule.ops.length;
  const drawn = f.original.ops.length;
  await console.line();
  await console.line(`Schedule ${f.run} breaks a rule:`);
  await printViolations(console, f.violations);
  await console.line();
  await console.line(`The smallest that still does (${shrunk} of ${drawn} operations):`);
  await console.line(`  seed ${f.schedule.seed}, topology ${JSON.stringify(f.schedule.topology)}`);
  for (const op of f.schedule.ops) {
    const { op: kind, ...rest } = op;
    await console.line(`  ${c.cyan(kind.padEnd(16))}${JSON.stringify(rest)}`);
  }
  await console.line();
  await console.line(`Run it again:\n  ${c.bold(replayCommand(f.schedule))}`);
}

/** The command line that runs a schedule again, quoted for a POSIX shell. */
const replayCommand = (schedule: Schedule): string =>
  `multihome sim replay '${JSON.stringify(schedule).replaceAll("'", "'\\''")}'`;
