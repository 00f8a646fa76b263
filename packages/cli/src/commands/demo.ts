import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { CommandError } from "../command-error.js";
import type { CommandRunner } from "../command-runner.js";
import { type DemoPath, findDemoPaths } from "../demo/demo-paths.js";
import { DemoScreen } from "../demo/demo-screen.js";
import { writeRandomFile } from "../demo/random-file.js";
import { type DemoResult, runDemo } from "../demo/run-demo.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { openFailure } from "../file-failure.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { table } from "../output/table.js";
import { formatBytes, formatMs, formatRate } from "../output/units.js";
import type { Switchover } from "../path-log.js";
import { addTraceOptions, openTrace, type TraceOptions } from "../trace/trace-output.js";

interface DemoOptions extends TraceOptions {
  readonly file?: string;
  readonly size: number;
  readonly json?: boolean;
}

const SEED = 1;

/** `multihome demo`: a file crosses two paths and survives losing them. */
export function addDemo(program: Command, runner: CommandRunner): void {
  const command = program
    .command("demo")
    .summary("send a file over two paths of this machine while they are cut")
    .description(
      `Sends a file from one process to another over two paths of this machine, each with a rate and a delay of
its own. On the way the path in use is cut without a word, then the other, then both for a moment.
Needs no set-up and no privileges.`,
    )
    .option("--file <file>", "what to send (default: random bytes)")
    .option("--size <MiB>", "how many random bytes", numberFrom(0, 1_000_000, false), 64);
  addTraceOptions(command)
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
With --trace FILE the sender writes FILE and the receiver FILE.receiver.

Examples:
  multihome demo
  multihome demo --file movie.mp4 --json
  multihome demo --size 16 --trace run.trace && multihome trace run.trace`,
    )
    .action((options: DemoOptions) =>
      runner.run(options.json === true, (console) => demo(console, options)),
    );
}

async function demo(console: Console, o: DemoOptions): Promise<ExitStatus> {
  const paths = await findDemoPaths();
  const folder = await mkdtemp(join(tmpdir(), "multihome-demo-"));
  try {
    const file = o.file ?? join(folder, "random");
    if (o.file === undefined) await writeRandomFile(file, Math.round(o.size * (1 << 20)), SEED);
    const bytes = await sizeOf(file);
    const screen = new DemoScreen(console, paths, bytes);
    let result: DemoResult;
    try {
      const copy = join(folder, "received");
      result = await runDemo(console.io, paths, file, copy, bytes, screen, traceOf(o));
    } finally {
      screen.stop();
    }
    const ok =
      result.sent.sha256 === result.received.sha256 && result.sent.size === result.received.size;
    if (console.json) await console.object({ ok, ...toObject(paths, result) });
    else await print(console, paths, result, ok);
    return ok ? EXIT.ok : EXIT.failed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Refuses a file that cannot be written before anything begins. */
function traceOf({ trace, traceDetail }: DemoOptions): TraceOptions {
  if (trace === undefined) return {};
  for (const file of [trace, `${trace}.receiver`]) openTrace(file).close();
  return { trace, ...(traceDetail === undefined ? {} : { traceDetail }) };
}

async function sizeOf(file: string): Promise<number> {
  try {
    const there = await stat(file);
    if (there.isFile()) return there.size;
  } catch (error) {
    throw openFailure(error, file);
  }
  throw new CommandError(EXIT.failed, "notAFile", `cannot send ${file}: it is no plain file`);
}

const nameOf = (
  paths: readonly DemoPath[],
  ends: { readonly local: string; readonly remote: string },
): string => paths.find((p) => p.local === ends.local && p.remote === ends.remote)?.name ?? "";

function toObject(paths: readonly DemoPath[], r: DemoResult): object {
  const end = (ends: Switchover["from"]): object => ({ name: nameOf(paths, ends), ...ends });
  return {
    bytes: r.received.size,
    sha256Sent: r.sent.sha256,
    sha256Received: r.received.sha256,
    elapsedMs: Math.round(r.elapsedMs),
    longestGapMs: r.longestGapMs,
    cuts: r.cuts,
    paths: r.paths.map((p) => ({
      name: nameOf(paths, p),
      local: p.local,
      remote: p.remote,
      bytesSent: p.bytesSent,
      srttMs: p.srttMs,
      events: p.events,
    })),
    switchovers: r.switchovers.map((s) => ({ ...s, from: end(s.from), to: end(s.to) })),
  };
}

async function print(
  console: Console,
  paths: readonly DemoPath[],
  r: DemoResult,
  ok: boolean,
): Promise<void> {
  const c = console.colours;
  await console.line();
  await console.line(
    table(
      console,
      ["path", "from", "to", "rate", "round trip", "sent"],
      r.paths.map((p) => {
        const made = paths.find((d) => d.local === p.local && d.remote === p.remote);
        return [
          c.bold(made?.name ?? ""),
          p.local,
          p.remote,
          formatRate(made?.rateBitsPerSecond ?? 0),
          `${2 * (made?.delayMs ?? 0)} ms`,
          formatBytes(p.bytesSent),
        ];
      }),
    ),
  );
  await console.line();
  if (r.cuts.length === 0) await console.line("The file was through before a path could be cut.");
  else {
    await console.line(
      table(
        console,
        ["what was cut", "for", "the application waited"],
        r.cuts.map((cut) => [
          c.bold(cut.paths.join(" and ")),
          formatMs(cut.healedAtMs - cut.atMs),
          cut.longestGapMs === 0 ? "not at all" : formatMs(cut.longestGapMs),
        ]),
      ),
    );
  }
  await console.line();
  await console.line(`longest delivery gap: ${c.bold(formatMs(r.longestGapMs))}`);
  await console.line();
  await console.line(`sent      ${r.sent.sha256}`);
  await console.line(`received  ${r.received.sha256}`);
  await console.line(
    `${ok ? c.green("✔ the same SHA-256") : c.red("✘ NOT the same SHA-256")}, ${formatBytes(r.received.size)} in ${formatMs(r.elapsedMs)}`,
  );
}
