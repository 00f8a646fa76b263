import { availableParallelism } from "node:os";
import type {
  FailoverOptions as Experiment,
  FailoverFault,
  FailoverResult,
  FailoverRun,
  FailoverTraffic,
} from "@multihome/testkit";
import { type Command, Option } from "commander";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { namesFrom, numberFrom, numbersFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { ProgressBar } from "../output/progress-bar.js";
import {
  cellObject,
  cellOk,
  type FailoverCell,
  matrixHead,
  matrixRow,
  printCell,
} from "../sim/failover-report.js";
import { runSimTasks } from "../sim/run-sim-tasks.js";
import type { SimTask } from "../sim/sim-task.js";
import { addTraceOptions, type TraceOptions, TraceOutput } from "../trace/trace-output.js";

// Named here again: the test kit takes longer to load than most commands to run.

/** Names for `--fault`. */
export const FAULTS: readonly FailoverFault[] = [
  "blackhole",
  "blackholeAToZ",
  "blackholeZToA",
  "linkdown",
  "icmp",
  "lossy",
  "slow",
  "none",
  "jitter",
  "loss3",
  "reorder",
];

/** Names for `--traffic`. */
export const TRAFFIC: readonly FailoverTraffic[] = ["aToZ", "zToA", "both", "idle"];

interface FailoverOptions extends TraceOptions {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly rtt: readonly number[];
  readonly fault: readonly FailoverFault[];
  readonly traffic: readonly FailoverTraffic[];
  readonly paths: readonly number[];
  readonly timing: "fast" | "rfc";
  readonly failoverBudget?: number;
  readonly jobs: number;
  readonly json?: boolean;
}

/** Seeds that a thread takes at a time. */
const SEEDS_OF_A_TASK = 10;

/** `multihome sim failover`: how long a dead path stops the application. */
export function addSimFailover(sim: Command, runner: CommandRunner): void {
  const command = sim
    .command("failover")
    .summary("measure how long a dead path stops the application")
    .description(
      `Sends a message of 1,200 bytes every 10 ms, does something to the primary path at a random moment,
repairs it 2 to 5 seconds later, and prints how the longest time between two deliveries is distributed
over many runs. Everything is simulated in virtual time: the same seeds give the same result on every
machine. Where lists are given every combination is measured, one line each.`,
    )
    .option("-n, --seeds <n>", "runs, each with a seed of its own", numberFrom(1, 1_000_000), 100)
    .option("--first-seed <n>", "seed of the first run", numberFrom(0, 0x7fff_ffff), 1)
    .addOption(
      new Option("--rtt <ms,...>", "round trip of every path")
        .argParser(numbersFrom(0, 10_000, false))
        .default([50], "50"),
    )
    .addOption(
      new Option(
        "--fault <name,...>",
        `what happens to the primary path: ${FAULTS.join(", ")}, or all`,
      )
        .argParser(namesFrom(FAULTS))
        .default(["blackhole"], "blackhole"),
    )
    .addOption(
      new Option("--traffic <name,...>", `who sends: ${TRAFFIC.join(", ")}, or all`)
        .argParser(namesFrom(TRAFFIC))
        .default(["aToZ"], "aToZ"),
    )
    .addOption(
      new Option("--paths <n,...>", "paths between the two hosts")
        .argParser(numbersFrom(2, 8))
        .default([2], "2"),
    )
    .addOption(
      new Option("--timing <name>", "rfc: the timers that RFC 9260 recommends")
        .choices(["fast", "rfc"])
        .default("fast"),
    )
    .option(
      "--failover-budget <ms>",
      "what a dead path may cost, on top of a round trip (default: 200)",
      numberFrom(20, 60_000, false),
    )
    .addOption(
      new Option("--jobs <n>", "threads; the result is the same with any number")
        .argParser(numberFrom(1, 256))
        .default(availableParallelism(), "one for each core"),
    );
  addTraceOptions(command, "write down the run with the longest gap, for multihome trace")
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
Examples:
  multihome sim failover --seeds 1000
  multihome sim failover --fault linkdown --rtt 20
  multihome sim failover --fault all --traffic all --rtt 5,50,200 --paths 2,3
  multihome sim failover --seeds 20 --timing rfc
  multihome sim failover --seeds 1 --trace sim.trace && multihome trace sim.trace --host a`,
    )
    .action((options: FailoverOptions) =>
      runner.run(options.json === true, (console) => failover(console, options)),
    );
}

async function failover(console: Console, o: FailoverOptions): Promise<ExitStatus> {
  const cells = cellsOf(o);
  const trace = new TraceOutput(o);
  const objects: object[] = [];
  let ok = true;
  let worst: { readonly cell: FailoverCell; readonly result: FailoverResult } | undefined;
  const matrix = cells.length > 1;
  if (matrix && !console.json) await console.line(matrixHead(console));
  for (const [i, cell] of cells.entries()) {
    const where = matrix ? `${cell.fault}, ${i + 1} of ${cells.length}` : "";
    const result = await measure(console, o, cell, where);
    ok &&= cellOk(result);
    if (worst === undefined || result.gapMs.max > worst.result.gapMs.max) worst = { cell, result };
    if (console.json) objects.push(cellObject(cell, result));
    else if (matrix) await console.line(matrixRow(console, cell, result));
    else await printCell(console, cell, result);
    if (console.closed) break;
  }
  if (trace.sink !== undefined && worst !== undefined) {
    const { recording, runFailover } = await import("@multihome/testkit");
    const run = recording(trace.sink, trace.detail);
    runFailover({
      ...optionsOf(o, worst.cell),
      ...run,
      firstSeed: worst.result.worstSeed,
      seeds: 1,
    });
    trace.close(console);
  }
  if (console.json) await console.object(matrix ? { ok, cells: objects } : (objects[0] ?? {}));
  return ok ? EXIT.ok : EXIT.failed;
}

function cellsOf(o: FailoverOptions): FailoverCell[] {
  const { timing } = o;
  return o.fault.flatMap((fault) =>
    o.traffic.flatMap((traffic) =>
      o.rtt.flatMap((rttMs) => o.paths.map((paths) => ({ fault, traffic, rttMs, paths, timing }))),
    ),
  );
}

const optionsOf = (o: FailoverOptions, cell: FailoverCell): Experiment =>
  o.failoverBudget === undefined
    ? cell
    : { ...cell, sctp: { failover: { budgetMs: o.failoverBudget } } };

async function measure(
  console: Console,
  o: FailoverOptions,
  cell: FailoverCell,
  where: string,
): Promise<FailoverResult> {
  const { sumUpFailover } = await import("@multihome/testkit");
  const tasks: SimTask[] = [];
  for (let at = 0; at < o.seeds; at += SEEDS_OF_A_TASK) {
    const seeds = Math.min(SEEDS_OF_A_TASK, o.seeds - at);
    const options = { ...optionsOf(o, cell), seeds, firstSeed: o.firstSeed + at };
    tasks.push({ kind: "failover", options });
  }
  const bar = new ProgressBar(console, "{bar} {value}/{total} runs {text}", o.seeds);
  const parts: (readonly FailoverRun[])[] = [];
  let done = 0;
  try {
    await runSimTasks(tasks, o.jobs, console.io.stop, (outcome, index) => {
      if (outcome.kind === "failover") {
        parts[index] = outcome.runs;
        done += outcome.runs.length;
      }
      bar.update(done, where);
      return true;
    });
  } finally {
    bar.stop();
  }
  return sumUpFailover(parts.flat());
}
