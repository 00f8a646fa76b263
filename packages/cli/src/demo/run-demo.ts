import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PathName } from "multihome";
import type { CliIo } from "../cli-io.js";
import { CommandError } from "../command-error.js";
import { stopped } from "../command-runner.js";
import { EXIT } from "../exit-status.js";
import { describePathEvent, type PathLine } from "../output/describe-path-event.js";
import type { PathReport, Switchover } from "../path-log.js";
import type { TraceOptions } from "../trace/trace-output.js";
import type { FileEnd } from "../transfer/file-protocol.js";
import {
  type ChildMessage,
  type ChildTask,
  isChildMessage,
  type ParentMessage,
  wallClockMs,
} from "./demo-message.js";
import type { DemoPath } from "./demo-paths.js";
import { type FaultAction, FaultScript } from "./fault-script.js";
import { type Gap, longestGap } from "./gap-meter.js";

/** Somebody who watches the demonstration; times are milliseconds from the start of the transfer. */
export interface DemoWatcher {
  connected(): void;
  event(atMs: number, line: PathLine): void;
  /** The sender's paths as they are now. */
  paths(atMs: number, paths: Extract<ChildMessage, { kind: "paths" }>["paths"]): void;
  stored(atMs: number, bytes: number): void;
  cut(path: DemoPath["name"], isCut: boolean): void;
}

/** A cut of one path, or of both at a time. */
interface DemoCut {
  readonly paths: readonly DemoPath["name"][];
  readonly atMs: number;
  readonly healedAtMs: number;
  /** How long the application had to wait meanwhile. */
  readonly longestGapMs: number;
}

/** What came of it. */
export interface DemoResult {
  readonly sent: FileEnd;
  readonly received: FileEnd;
  readonly elapsedMs: number;
  readonly longestGapMs: number;
  readonly paths: readonly PathReport[];
  readonly switchovers: readonly Switchover[];
  readonly cuts: readonly DemoCut[];
}

const TICK_MS = 20;
/** Nothing arrives for so long: the demonstration has failed. */
const STALL_MS = 30_000;
const STOPPING_MS = 2000;

/**
 * Sends a file from one process to another and cuts paths on the way, as {@link FaultScript} says.
 *
 * @param file what to send; `copy`: where the receiver stores it
 * @param trace where the sender writes its trace; the receiver adds `.receiver` to the name
 * @throws CommandError what the sender or the receiver failed with; `childDied`, `stalled`, `interrupted`
 */
export async function runDemo(
  io: CliIo,
  paths: readonly DemoPath[],
  file: string,
  copy: string,
  bytes: number,
  watcher: DemoWatcher,
  trace: TraceOptions = {},
): Promise<DemoResult> {
  const demo = new Demo(paths, bytes, watcher, trace);
  const stop = (): void => demo.fail(stopped(io));
  io.stop.addEventListener("abort", stop);
  try {
    if (io.stop.aborted) stop();
    return await demo.run(file, copy);
  } finally {
    io.stop.removeEventListener("abort", stop);
    await demo.end();
  }
}

class Demo {
  readonly #trace: TraceOptions;
  readonly #paths: readonly DemoPath[];
  readonly #bytes: number;
  readonly #watcher: DemoWatcher;
  readonly #children: ChildProcess[];
  readonly #script: FaultScript;
  readonly #cuts: { paths: DemoPath["name"][]; fromMs: number; toMs: number }[];
  readonly #failed: Promise<never>;
  #fail: (error: CommandError) => void;
  #startedMs: number;
  #primary: DemoPath | undefined;
  #current: DemoPath | undefined;
  #stored: number;
  #storedMs: number;
  #sent: Extract<ChildMessage, { kind: "sent" }> | undefined;
  #received: Extract<ChildMessage, { kind: "received" }> | undefined;
  #finished: () => void;

  constructor(
    paths: readonly DemoPath[],
    bytes: number,
    watcher: DemoWatcher,
    trace: TraceOptions,
  ) {
    this.#trace = trace;
    this.#paths = paths;
    this.#bytes = bytes;
    this.#watcher = watcher;
    this.#children = [];
    this.#script = new FaultScript();
    this.#cuts = [];
    this.#fail = () => {};
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
    this.#startedMs = wallClockMs();
    this.#primary = undefined;
    this.#current = undefined;
    this.#stored = 0;
    this.#storedMs = wallClockMs();
    this.#sent = undefined;
    this.#received = undefined;
    this.#finished = () => {};
  }

  fail(error: CommandError): void {
    this.#fail(error);
  }

  async run(file: string, copy: string): Promise<DemoResult> {
    const to = await this.#within(this.#startReceiver(copy));
    const finished = new Promise<void>((resolve) => {
      this.#finished = resolve;
    });
    this.#start({ role: "sender", paths: this.#paths, file, to, ...this.#trace });
    const timer = setInterval(() => this.#tick(), TICK_MS);
    try {
      await this.#within(finished);
    } finally {
      clearInterval(timer);
    }
    return this.#result();
  }

  /** Ends the children that still run: first by asking, then by force. */
  async end(): Promise<void> {
    const running = this.#children.filter((c) => c.exitCode === null && c.signalCode === null);
    if (running.length === 0) return;
    const gone = Promise.all(
      running.map((c) => new Promise<void>((resolve) => c.once("exit", () => resolve()))),
    );
    const finished = this.#sent !== undefined && this.#received !== undefined;
    if (!finished) this.#tellAll({ kind: "stop" });
    const timer = setTimeout(() => {
      for (const child of running) child.kill("SIGKILL");
    }, STOPPING_MS);
    await gone;
    clearTimeout(timer);
  }

  #within<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed]);
  }

  #startReceiver(file: string): Promise<readonly string[]> {
    return new Promise((resolve) => {
      const child = this.#start({
        role: "receiver",
        paths: this.#paths,
        file,
        ...forReceiver(this.#trace),
      });
      child.on("message", (message) => {
        if (isChildMessage(message) && message.kind === "ready") resolve(message.addresses);
      });
    });
  }

  #start(task: ChildTask): ChildProcess {
    const child = fork(
      fileURLToPath(new URL("./demo-child.js", import.meta.url)),
      [JSON.stringify(task)],
      { stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    this.#children.push(child);
    child.on("message", (message) => {
      if (isChildMessage(message)) this.#take(message);
    });
    child.on("error", (error) => this.#died(task.role, error.message));
    child.on("exit", (code, signal) => {
      if (code !== 0) this.#died(task.role, signal ?? `exit status ${code}`);
    });
    return child;
  }

  #died(role: ChildTask["role"], how: string): void {
    this.#fail(new CommandError(EXIT.failed, "childDied", `the ${role}'s process ended: ${how}`));
  }

  #take(message: ChildMessage): void {
    switch (message.kind) {
      case "ready":
        break;
      case "connected":
        this.#startedMs = message.atMs;
        this.#storedMs = message.atMs;
        this.#watcher.connected();
        break;
      case "path": {
        const line = describePathEvent(message.event, (path) => this.nameOf(path));
        if (line !== undefined) this.#watcher.event(this.#since(message.atMs), line);
        break;
      }
      case "paths": {
        const current = message.paths.find((path) => path.current);
        this.#current = current === undefined ? undefined : this.#pathOf(current);
        this.#primary ??= this.#current;
        this.#watcher.paths(this.#since(message.atMs), message.paths);
        break;
      }
      case "stored":
        if (message.bytes > this.#stored) this.#storedMs = message.atMs;
        this.#stored = message.bytes;
        this.#watcher.stored(this.#since(message.atMs), message.bytes);
        break;
      case "sent":
        this.#sent = message;
        break;
      case "received":
        this.#received = message;
        break;
      case "failed":
        this.#fail(new CommandError(EXIT.failed, message.code, message.message));
    }
    if (this.#sent !== undefined && this.#received !== undefined) this.#finished();
  }

  nameOf(path: Pick<PathName, "local" | "remote">): string {
    return this.#pathOf(path)?.name ?? `${path.local} → ${path.remote}`;
  }

  #pathOf(path: Pick<PathName, "local" | "remote">): DemoPath | undefined {
    return this.#paths.find((p) => p.local === path.local && p.remote === path.remote);
  }

  #tick(): void {
    const now = wallClockMs();
    if (now - this.#storedMs > STALL_MS) {
      this.#fail(
        new CommandError(EXIT.failed, "stalled", `nothing arrived for ${STALL_MS / 1000} s`),
      );
      return;
    }
    if (this.#primary === undefined || this.#bytes === 0) return;
    const onPrimary = this.#current === this.#primary;
    const actions = this.#script.step(this.#stored / this.#bytes, now, onPrimary);
    if (actions.length > 0) this.#act(actions, now);
  }

  #act(actions: readonly FaultAction[], now: number): void {
    const primary = this.#primary?.name;
    const names: DemoPath["name"][] = [];
    for (const { kind, path } of actions) {
      for (const { name } of this.#paths) {
        if ((name === primary) !== (path === "primary")) continue;
        names.push(name);
        this.#tellAll({ kind, path: name });
        this.#watcher.cut(name, kind === "cut");
        this.#watcher.event(this.#since(now), {
          who: name,
          tone: kind === "cut" ? "bad" : "good",
          text:
            kind === "cut"
              ? "✂ cut below the transport: packets vanish, nobody is told"
              : "✚ healed, again nobody is told",
        });
      }
    }
    if (actions[0]?.kind === "cut") {
      this.#cuts.push({ paths: names, fromMs: now, toMs: Number.POSITIVE_INFINITY });
      return;
    }
    const last = this.#cuts.at(-1);
    if (last !== undefined) last.toMs = now;
  }

  #tellAll(message: ParentMessage): void {
    for (const child of this.#children) if (child.connected) child.send(message);
  }

  #since(wallMs: number): number {
    return Math.max(0, wallMs - this.#startedMs);
  }

  #result(): DemoResult {
    const sent = this.#sent;
    const received = this.#received;
    if (sent === undefined || received === undefined) {
      throw new CommandError(EXIT.failed, "childDied", "a process ended without a result");
    }
    const { gaps } = received;
    return {
      sent: sent.end,
      received: received.end,
      elapsedMs: this.#since(received.atMs),
      longestGapMs: round(longestGap(gaps)),
      paths: sent.paths,
      switchovers: sent.switchovers,
      cuts: this.#cuts.map((cut) => this.#cutResult(cut, gaps, received.atMs)),
    };
  }

  #cutResult(
    cut: { paths: DemoPath["name"][]; fromMs: number; toMs: number },
    gaps: readonly Gap[],
    endMs: number,
  ): DemoCut {
    const toMs = Math.min(cut.toMs, endMs);
    return {
      paths: cut.paths,
      atMs: round(this.#since(cut.fromMs)),
      healedAtMs: round(this.#since(toMs)),
      longestGapMs: round(longestGap(gaps, cut.fromMs, toMs)),
    };
  }
}

/** Two processes cannot write one file. */
const forReceiver = (o: TraceOptions): TraceOptions =>
  o.trace === undefined ? o : { ...o, trace: `${o.trace}.receiver` };

/** To the microsecond. */
const round = (ms: number): number => Math.round(ms * 1000) / 1000;
