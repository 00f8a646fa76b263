import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CliRun } from "./capture-io.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Builds the command if its sources are newer. */
export function build(): void {
  execFileSync("npx", ["tsc", "-b", "packages/cli"], { cwd: ROOT, stdio: "pipe" });
}

/** The command in a process of its own. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<CliRun>;
  #stdout = "";
  #stderr = "";
  #watch: () => void = () => {};

  constructor(argv: readonly string[], stdin: "ignore" | "pipe" = "ignore") {
    const child = spawn(process.execPath, [MAIN, ...argv], {
      stdio: [stdin, "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    this.#child = child;
    child.stdout?.on("data", (text) => {
      this.#stdout += text;
      this.#watch();
    });
    child.stderr?.on("data", (text) => {
      this.#stderr += text;
      this.#watch();
    });
    this.#ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => {
        resolve({ status: status ?? -1, stdout: this.#stdout, stderr: this.#stderr });
        this.#watch();
      });
    });
  }

  /** What it left behind when it ended by itself. */
  get ended(): Promise<CliRun> {
    return this.#ended;
  }

  /** Resolves with the first match in what it writes to stderr; throws if it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stderr);
      if (found !== null) return found;
      if (this.#child.exitCode !== null) {
        throw new Error(`it ended without ${String(pattern)}: ${this.#stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.#watch = resolve;
      });
    }
  }

  write(data: string | Uint8Array): void {
    this.#child.stdin?.write(data);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Runs the command to its end. */
export const run = (...argv: string[]): Promise<CliRun> => new Running(argv).ended;
