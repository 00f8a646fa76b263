// One end of the demonstration, in a process of its own. Started by run-demo.ts with a ChildTask.
import { type Association, Host, Impairment } from "multihome";
import { toCommandError } from "../command-error.js";
import { PathLog } from "../path-log.js";
import { TraceOutput } from "../trace/trace-output.js";
import { CHUNK_BYTES } from "../transfer/file-protocol.js";
import { openInputFile } from "../transfer/input-file.js";
import { openOutputFile } from "../transfer/output-file.js";
import { receiveFile } from "../transfer/receive-file.js";
import { sendFile } from "../transfer/send-file.js";
import { type ChildMessage, type ChildTask, isParentMessage, wallClockMs } from "./demo-message.js";
import type { DemoPath } from "./demo-paths.js";
import { GapMeter } from "./gap-meter.js";

/** How often progress is told. */
const TELL_MS = 25;
/** The peer's process may be killed; nobody should wait long then. */
const GIVE_UP_MS = 15_000;

/** An end's own address of a path, and the other end's. */
interface Ends {
  readonly local: string;
  readonly remote: string;
}

class Child {
  readonly #task: ChildTask;
  readonly #impair: Impairment;
  readonly #trace: TraceOutput;
  #association: Association | undefined;

  constructor(task: ChildTask) {
    this.#task = task;
    this.#impair = this.#impairment();
    this.#trace = new TraceOutput(task);
    this.#association = undefined;
  }

  async run(): Promise<void> {
    const host = await Host.open({
      ...this.#trace.forHost,
      addresses: this.#task.paths.map((path) => this.#ends(path).local),
      impair: this.#impair,
      maxPaths: this.#task.paths.length,
      giveUpAfterMs: GIVE_UP_MS,
    });
    try {
      if (this.#task.role === "sender") await this.#send(host, this.#task.file, this.#task.to);
      else await this.#receive(host, this.#task.file);
    } finally {
      await host.close();
      this.#trace.close();
    }
  }

  cut(name: DemoPath["name"]): void {
    for (const path of this.#named(name)) this.#impair.cut(this.#ends(path));
    this.#trace.note(`${name} is cut below the transport: packets vanish, nobody is told`);
  }

  heal(name: DemoPath["name"]): void {
    for (const path of this.#named(name)) this.#impair.heal(this.#ends(path));
    this.#trace.note(`${name} is healed, again nobody is told`);
  }

  async abort(): Promise<void> {
    await this.#association?.abort("the demonstration was stopped");
  }

  async #send(host: Host, file: string, to: readonly string[]): Promise<void> {
    const input = await openInputFile(file, CHUNK_BYTES);
    const association = await host.connect(to);
    this.#association = association;
    tell({ kind: "connected", atMs: wallClockMs() });
    const log = new PathLog(association, (event) =>
      tell({ kind: "path", atMs: performance.timeOrigin + event.atMs, event }),
    );
    const timer = setInterval(() => tellPaths(association), TELL_MS);
    try {
      const end = await sendFile(association, input.offer, input.chunks());
      tellPaths(association);
      const paths = log.reports();
      await association.close();
      tell({ kind: "sent", end, paths, switchovers: log.switchovers });
    } finally {
      clearInterval(timer);
      await input.close();
    }
  }

  async #receive(host: Host, file: string): Promise<void> {
    const server = await host.listen({ port: 0 });
    tell({ kind: "ready", addresses: server.addresses });
    for await (const association of server) {
      this.#association = association;
      const gaps = new GapMeter();
      let bytes = 0;
      const timer = setInterval(
        () => tell({ kind: "stored", atMs: wallClockMs(), bytes }),
        TELL_MS,
      );
      try {
        const end = await receiveFile(association, () => openOutputFile(file), {
          stored: (n) => {
            bytes = n;
            gaps.delivered(wallClockMs());
          },
        });
        const atMs = wallClockMs();
        if (end === undefined) continue;
        await association.closed;
        tell({ kind: "stored", atMs, bytes });
        tell({ kind: "received", atMs, end, gaps: gaps.gaps });
        return;
      } finally {
        clearInterval(timer);
      }
    }
  }

  /** Rate and delay for what leaves; both ends have them, so a round trip has the delay twice. */
  #impairment(): Impairment {
    const impair = new Impairment();
    const all = this.#task.paths.map((path) => this.#ends(path));
    for (const [i, path] of this.#task.paths.entries()) {
      const { rateBitsPerSecond, delayMs, queueBytes } = path;
      impair.set(this.#ends(path), { rateBitsPerSecond, delayMs, queueBytes });
      // Two networks: what is on the one cannot be reached from the other.
      for (const other of all.filter((_, j) => j !== i)) {
        impair.cut({ local: this.#ends(path).local, remote: other.remote });
      }
    }
    return impair;
  }

  #named(name: DemoPath["name"]): readonly DemoPath[] {
    return this.#task.paths.filter((path) => path.name === name);
  }

  #ends(path: DemoPath): Ends {
    return this.#task.role === "sender"
      ? { local: path.local, remote: path.remote }
      : { local: path.remote, remote: path.local };
  }
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

const tellPaths = (association: Association): void =>
  tell({
    kind: "paths",
    atMs: wallClockMs(),
    paths: association.paths().map(({ local, remote, state, current, suspected, bytesSent }) => ({
      local,
      remote,
      state,
      current,
      suspected,
      bytesSent,
    })),
  });

const task: ChildTask = JSON.parse(process.argv[2] ?? "{}");
const child = new Child(task);

// Ctrl-C reaches the whole group of processes; the parent decides.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(1));
process.on("message", (message) => {
  if (!isParentMessage(message)) return;
  if (message.kind === "cut") child.cut(message.path);
  else if (message.kind === "heal") child.heal(message.path);
  else void child.abort().then(() => process.exit(1));
});

try {
  await child.run();
  process.disconnect();
} catch (error) {
  const { code, message } = toCommandError(error);
  tell({ kind: "failed", code, message });
  process.exitCode = 1;
  process.disconnect();
}
