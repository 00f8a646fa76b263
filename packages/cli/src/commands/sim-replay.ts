import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { openFailure } from "../file-failure.js";
import type { Console } from "../output/console.js";
import { formatMs } from "../output/units.js";
import { printViolations } from "../sim/print-violations.js";
import { addTraceOptions, type TraceOptions, TraceOutput } from "../trace/trace-output.js";

interface ReplayOptions extends TraceOptions {
  readonly json?: boolean;
}

/** `multihome sim replay`: one schedule again. */
export function addSimReplay(sim: Command, runner: CommandRunner): void {
  const command = sim
    .command("replay")
    .summary("run one schedule again")
    .description("Runs one schedule, twice, and tells what the oracles found.")
    .argument("<schedule>", "the schedule as JSON, or a file that holds it");
  addTraceOptions(command)
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
Example:
  multihome sim replay '{"seed":7,"topology":{"delaysMs":[10,25]},"ops":[
    {"op":"send","side":"a","bytes":1000,"count":20},{"op":"cut","path":0},{"op":"advance","ms":500}]}'`,
    )
    .action((schedule: string, options: ReplayOptions) =>
      runner.run(options.json === true, (console) => replaySchedule(console, schedule, options)),
    );
}

async function replaySchedule(
  console: Console,
  argument: string,
  o: ReplayOptions,
): Promise<ExitStatus> {
  const { parseSchedule, recording, replay, runSchedule } = await import("@multihome/testkit");
  const schedule = parseSchedule(await textOf(argument));
  const trace = new TraceOutput(o);
  const { ok, violations, digest, endedAtMs, accepted, delivered } = replay(schedule);
  if (trace.sink !== undefined) {
    runSchedule(schedule, recording(trace.sink, trace.detail));
    trace.close(console);
  }
  if (console.json) {
    await console.object({ ok, violations, digest, endedAtMs, accepted, delivered });
  } else {
    const c = console.colours;
    await console.line(
      `${ok ? c.green("every rule holds") : c.red("a rule is broken")}: ${accepted} messages accepted, ${delivered} delivered in ${formatMs(endedAtMs)} of virtual time ${c.dim(`(digest ${digest})`)}`,
    );
    await printViolations(console, violations);
  }
  return ok ? EXIT.ok : EXIT.failed;
}

async function textOf(argument: string): Promise<string> {
  if (argument.trimStart().startsWith("{")) return argument;
  try {
    return await readFile(argument, "utf8");
  } catch (error) {
    throw openFailure(error, argument);
  }
}
