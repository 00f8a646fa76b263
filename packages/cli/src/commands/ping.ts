import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { type Association, Host, type PathInfo } from "multihome";
import { associationFailure, endFailure } from "../association-failure.js";
import {
  addCommonOptions,
  associationOptions,
  type CommonOptions,
} from "../association-options.js";
import { type CommandRunner, stopped } from "../command-runner.js";
import { parseFrom, parsePeer } from "../endpoints.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { pathText } from "../output/describe-path-event.js";
import { table } from "../output/table.js";
import { formatMs } from "../output/units.js";
import { checkOwnAddresses } from "../own-addresses.js";
import { PingStats } from "../ping/ping-stats.js";
import { TraceOutput } from "../trace/trace-output.js";

interface PingOptions extends CommonOptions {
  readonly from?: string;
  readonly count: number;
  readonly interval: number;
  readonly wait: number;
  readonly timeout: number;
}

const POLL_MS = 5;

/** `multihome ping`: the round trip of every path to a peer. */
export function addPing(program: Command, runner: CommandRunner): void {
  const command = program
    .command("ping")
    .summary("measure the round trip of every path to a peer")
    .description(
      `Opens an association and asks every path for an answer, by a HEARTBEAT of SCTP. The peer is a multihome
receive, or anything that speaks SCTP over UDP.`,
    )
    .argument("<addresses>", "ADDRESS:PORT of the peer, several with commas; names are looked up")
    .option("-c, --count <n>", "rounds; 0: until Ctrl-C", numberFrom(0), 5)
    .option("-i, --interval <ms>", "time between two rounds", numberFrom(10, 3_600_000), 1000)
    .option("-W, --wait <ms>", "how long to wait for an answer", numberFrom(10, 60_000), 2000)
    .option("--from <address,...>", "use these of our addresses only (default: all)")
    .option(
      "--udp-port <port>",
      "the peer's UDP port, if it is not the port given (RFC 6951: 9899)",
      numberFrom(1, 65_535),
    )
    .option("--timeout <seconds>", "how long to try to connect", numberFrom(0.1, 3600, false), 10);
  addCommonOptions(command)
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
Examples:
  multihome ping 192.0.2.1:5000,198.51.100.1:5000
  multihome ping server.example:5001 --udp-port 9899 --count 0`,
    )
    .action((peer: string, options: PingOptions) =>
      runner.run(options.json === true, (console) => ping(console, peer, options)),
    );
}

async function ping(console: Console, peer: string, o: PingOptions): Promise<ExitStatus> {
  const { io } = console;
  const to = parsePeer("address", peer);
  const from = o.from === undefined ? undefined : parseFrom(o.from);
  const trace = new TraceOutput(o);
  const host = await Host.open({
    ...associationOptions(o),
    ...trace.forHost,
    ...(from === undefined ? {} : { addresses: from }),
  });
  try {
    checkOwnAddresses("--from", host, from);
    const began = performance.now();
    const association = await host.connect(to, {
      signal: io.stop,
      timeoutMs: o.timeout * 1000,
      ...(o.udpPort === undefined ? {} : { udpPort: o.udpPort }),
    });
    const setUpMs = Math.round((performance.now() - began) * 1000) / 1000;
    console.note(`up in ${formatMs(setUpMs)}, ${association.paths().length} paths`);
    const stats = new PingStats();
    await runRounds(console, association, stats, o);
    const paths = stats.toPaths();
    if (console.json) {
      await console.object({ ok: stats.anyAnswer, to, setUpMs, paths });
    } else await printStats(console, stats);
    if (io.stop.aborted) {
      await association.abort("stopped");
      throw stopped(io);
    }
    if (association.state === "closed") throw endFailure(await association.closed, "the peer");
    await association.close();
    return stats.anyAnswer ? EXIT.ok : EXIT.unreachable;
  } catch (error) {
    throw associationFailure(error, io, "the peer");
  } finally {
    await host.close();
    trace.close(console);
  }
}

/** Rounds until enough, Ctrl-C, or the end of the association. */
async function runRounds(
  console: Console,
  association: Association,
  stats: PingStats,
  o: PingOptions,
): Promise<void> {
  const over = (): boolean => console.io.stop.aborted || association.state === "closed";
  for (let round = 1; (round <= o.count || o.count === 0) && !over(); round++) {
    const began = performance.now();
    await runRound(console, association, stats, round, o.wait, over);
    if (round === o.count) return;
    while (performance.now() - began < o.interval && !over()) {
      await delay(Math.max(1, Math.min(100, o.interval - (performance.now() - began))));
    }
  }
}

async function runRound(
  console: Console,
  association: Association,
  stats: PingStats,
  round: number,
  waitMs: number,
  over: () => boolean,
): Promise<void> {
  const askedMs = performance.now();
  const waiting = new Map<number, PathInfo>();
  for (const path of association.paths()) {
    if (!association.heartbeat(path.id)) continue;
    stats.sent(path);
    waiting.set(path.id, path);
  }
  while (waiting.size > 0 && performance.now() - askedMs < waitMs && !over()) {
    await delay(POLL_MS);
    for (const path of association.paths()) {
      if (!waiting.has(path.id) || (path.latestRttAtMs ?? 0) <= askedMs) continue;
      waiting.delete(path.id);
      stats.answered(path, path.latestRttMs);
      await say(console, round, path, formatMs(path.latestRttMs));
    }
  }
  if (over()) return;
  for (const path of waiting.values()) {
    await say(console, round, path, console.colours.red(`no answer within ${waitMs} ms`));
  }
}

async function say(console: Console, round: number, path: PathInfo, text: string): Promise<void> {
  if (console.json) return;
  await console.line(
    `${console.colours.dim(String(round).padStart(4))}  ${pathText(path)}  ${text}`,
  );
}

async function printStats(console: Console, stats: PingStats): Promise<void> {
  const c = console.colours;
  const ms = (value: number | null): string => (value === null ? "-" : formatMs(value));
  await console.line();
  await console.line(
    table(
      console,
      ["path", "asked", "answered", "loss", "min", "avg", "max"],
      stats
        .toPaths()
        .map((p) => [
          pathText(p),
          String(p.sent),
          String(p.answered),
          p.lossPercent === 0 ? "0 %" : c.red(`${p.lossPercent} %`),
          ms(p.minMs),
          ms(p.avgMs),
          ms(p.maxMs),
        ]),
    ),
  );
}
