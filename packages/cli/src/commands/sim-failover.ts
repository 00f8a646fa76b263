import type { FailoverFault, FailoverResult, FailoverTraffic } from "@multihome/testkit";
import { type Command, Option } from "commander";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { histogram } from "../output/histogram.js";
import { ProgressBar } from "../output/progress-bar.js";
import { table } from "../output/table.js";
import { formatMs } from "../output/units.js";
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
  readonly rtt: number;
  readonly fault: FailoverFault;
  readonly traffic: FailoverTraffic;
  readonly paths: number;
  readonly timing: "fast" | "rfc";
  readonly failoverBudget?: number;
  readonly json?: boolean;
}

/** `multihome sim failover`: how long a dead path stops the application. */
export function addSimFailover(sim: Command, runner: CommandRunner): void {
  const command = sim
    .command("failover")
    .summary("measure how long a dead path stops the application")
    .description(
      `Sends a message of 1,200 bytes every 10 ms over two paths, kills the primary path at a random moment,
and prints how the longest time between two deliveries is distributed over many runs. Everything is
simulated in virtual time: the same seeds give the same result on every machine.`,
    )
    .option("-n, --seeds <n>", "runs, each with a seed of its own", numberFrom(1, 1_000_000), 100)
    .option("--first-seed <n>", "seed of the first run", numberFrom(0, 0x7fff_ffff), 1)
    .option("--rtt <ms>", "round trip of every path", numberFrom(0, 10_000, false), 50)
    .addOption(
      new Option("--fault <name>", "what happens to the primary path")
        .choices(FAULTS)
        .default("blackhole"),
    )
    .addOption(new Option("--traffic <name>", "who sends").choices(TRAFFIC).default("aToZ"))
    .option("--paths <n>", "paths between the two hosts", numberFrom(2, 8), 2)
    .addOption(
      new Option("--timing <name>", "rfc: the timers that RFC 9260 recommends")
        .choices(["fast", "rfc"])
        .default("fast"),
    )
    .option(
      "--failover-budget <ms>",
      "what a dead path may cost, on top of a round trip (default: 200)",
      numberFrom(20, 60_000, false),
    );
  addTraceOptions(command, "write down the run with the longest gap, for multihome trace")
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
Examples:
  multihome sim failover --seeds 1000
  multihome sim failover --fault linkdown --rtt 20
  multihome sim failover --seeds 20 --timing rfc
  multihome sim failover --seeds 1 --trace sim.trace && multihome trace sim.trace --host a`,
    )
    .action((options: FailoverOptions) =>
      runner.run(options.json === true, (console) => failover(console, options)),
    );
}

async function failover(console: Console, o: FailoverOptions): Promise<ExitStatus> {
  const { recording, runFailover } = await import("@multihome/testkit");
  const bar = new ProgressBar(console, "{bar} {value}/{total} runs", o.seeds);
  const trace = new TraceOutput(o);
  const experiment = {
    rttMs: o.rtt,
    fault: o.fault,
    traffic: o.traffic,
    paths: o.paths,
    timing: o.timing,
    ...(o.failoverBudget === undefined
      ? {}
      : { sctp: { failover: { budgetMs: o.failoverBudget } } }),
  };
  const result = runFailover({
    ...experiment,
    seeds: o.seeds,
    firstSeed: o.firstSeed,
    progress: (done) => bar.update(done),
  });
  bar.stop();
  if (trace.sink !== undefined) {
    const run = recording(trace.sink, trace.detail);
    runFailover({ ...experiment, ...run, seeds: 1, firstSeed: result.worstSeed });
    trace.close(console);
  }
  const ok = result.lost === 0 && result.duplicated === 0 && result.ended === 0;
  if (console.json) await console.object({ ok, ...toObject(o, result) });
  else await print(console, o, result);
  return ok ? EXIT.ok : EXIT.failed;
}

const toObject = (o: FailoverOptions, r: FailoverResult): object => ({
  runs: r.runs,
  fault: o.fault,
  traffic: o.traffic,
  rttMs: o.rtt,
  paths: o.paths,
  timing: o.timing,
  gapMs: r.gapMs,
  lost: r.lost,
  duplicated: r.duplicated,
  ended: r.ended,
  switches: r.switches,
  falseSwitches: r.falseSwitches,
  switchedBack: r.switchedBack,
  worstSeed: r.worstSeed,
});

async function print(console: Console, o: FailoverOptions, r: FailoverResult): Promise<void> {
  const c = console.colours;
  const bad = (n: number): string => (n === 0 ? c.green("0") : c.red(String(n)));
  await console.line(
    `${c.bold(o.fault)} on the primary of ${o.paths} paths, round trip ${o.rtt} ms, ${r.runs} runs${
      o.timing === "rfc" ? ", timers of RFC 9260" : ""
    }`,
  );
  await console.line();
  await console.line("Longest time between two deliveries:");
  for (const line of histogram(
    console,
    r.all.map((run) => run.gapMs),
  )) {
    await console.line(line);
  }
  await console.line();
  const moves = Object.entries(r.switches).map(([cause, n]) => `${cause} ${n}`);
  await console.line(
    table(
      console,
      ["", ""],
      [
        ["half of the runs", `${c.bold(formatMs(r.gapMs.p50))} or less`],
        ["99 of 100", `${c.bold(formatMs(r.gapMs.p99))} or less`],
        ["longest", `${c.bold(formatMs(r.gapMs.max))} ${c.dim(`(seed ${r.worstSeed})`)}`],
        ["messages", `${bad(r.lost)} lost, ${bad(r.duplicated)} delivered twice`],
        ["associations", `${bad(r.ended)} ended`],
        ["moved by", moves.join(", ") || "nothing"],
        ["moved without need", bad(r.falseSwitches)],
        ["came back after repair", `${r.switchedBack} of ${r.runs}`],
      ],
    ),
  );
}
