import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** One line of JSON that a program in the lab printed. The usrsctp peer names the event in `ev`. */
export type LabLine = Readonly<Record<string, unknown>>;

/** How a program ended. */
export interface LabExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const DEFAULT_TIMEOUT_MS = 20_000;

/** A program that runs in one of the lab's namespaces and says what it does in JSON lines. */
export class LabProcess {
  readonly name: string;
  /** Every JSON line so far; other lines of stdout go to {@link LabProcess.text}. */
  readonly lines: LabLine[] = [];
  /** Resolves once, when the program has ended and its output is read. */
  readonly exited: Promise<LabExit>;
  /** What it wrote to stderr, and lines of stdout that are no JSON objects. */
  text = "";
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #exit: LabExit | undefined;
  #rest = "";

  constructor(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (data: string) => this.#read(data));
    this.#child.stderr?.setEncoding("utf8").on("data", (data: string) => {
      this.text += data;
      this.#tell();
    });
    // A program that ends early closes its stdin; that is for its exit code to tell.
    this.#child.stdin?.on("error", () => {});
    this.exited = new Promise((resolve) => {
      const end = (exit: LabExit): void => {
        this.#exit = exit;
        resolve(exit);
        this.#tell();
      };
      this.#child.on("close", (code, signal) => end({ code, signal }));
      this.#child.on("error", (error) => {
        this.text += `${error.message}\n`;
        end({ code: null, signal: null });
      });
    });
  }

  /**
   * The first JSON line, from number `from` on, that `wanted` accepts (a string: whose `ev` it is);
   * lines that came before the call count too.
   * @throws Error with all output when the program ends or the time passes before such a line comes.
   */
  async waitFor(
    wanted: string | ((line: LabLine) => boolean),
    { from = 0, timeoutMs = DEFAULT_TIMEOUT_MS }: { from?: number; timeoutMs?: number } = {},
  ): Promise<LabLine> {
    const accepts =
      typeof wanted === "string" ? (line: LabLine): boolean => line["ev"] === wanted : wanted;
    const what = typeof wanted === "string" ? `"${wanted}"` : "the wanted line";
    let found: LabLine | undefined;
    let next = from;
    await this.#until(what, timeoutMs, () => {
      for (; found === undefined && next < this.lines.length; next++) {
        const line = this.lines[next];
        if (line !== undefined && accepts(line)) found = line;
      }
      return found !== undefined;
    });
    return found ?? {};
  }

  /** Waits until {@link LabProcess.text} matches. */
  async waitForText(pattern: RegExp, timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<void> {
    await this.#until(String(pattern), timeoutMs, () => pattern.test(this.text));
  }

  /** Waits for the end. @throws Error with all output when it does not end in time. */
  async end(timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<LabExit> {
    await this.#until("its end", timeoutMs, () => this.#exit !== undefined);
    return this.exited;
  }

  /** All JSON lines whose `ev` this is. */
  events(ev: string): LabLine[] {
    return this.lines.filter((line) => line["ev"] === ev);
  }

  /** Writes to the program's stdin. */
  write(data: string | Uint8Array): void {
    this.#child.stdin?.write(data);
  }

  /** Ends the program's stdin. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Sends a signal; `stop` waits for the end as well. */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  /** Ends the program, by SIGKILL if it does not follow within 2 s. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<LabExit> {
    this.signal(signal);
    const force = setTimeout(() => this.signal("SIGKILL"), 2000);
    const exit = await this.exited;
    clearTimeout(force);
    return exit;
  }

  /** All that the program said, for the message of a failure. */
  get output(): string {
    return [...this.lines.map((line) => JSON.stringify(line)), this.text].join("\n");
  }

  #read(data: string): void {
    const lines = (this.#rest + data).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed === undefined) this.text += `${line}\n`;
      else this.lines.push(parsed);
    }
    this.#tell();
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  async #until(what: string, timeoutMs: number, done: () => boolean): Promise<void> {
    if (done()) return;
    const fail = (why: string): Error => new Error(`${this.name}: ${why}\n${this.output}`);
    if (this.#exit !== undefined) throw fail(`ended before ${what}`);
    await new Promise<void>((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        outcome();
      };
      const watcher = (): void => {
        if (done()) settle(resolve);
        else if (this.#exit !== undefined) settle(() => reject(fail(`ended before ${what}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(fail(`${what} did not come within ${timeoutMs} ms`))),
        timeoutMs,
      );
      this.#watchers.add(watcher);
    });
  }
}

function parseLine(line: string): LabLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as LabLine;
  } catch {
    return undefined;
  }
}

/** Runs a command to its end and returns its stdout. @throws Error with its output if it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    stdout += data;
  });
  child.stderr.setEncoding("utf8").on("data", (data: string) => {
    stderr += data;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}
