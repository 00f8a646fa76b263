import pc from "picocolors";
import type { CliIo, CliOutput } from "../cli-io.js";
import { isSystemError } from "../command-error.js";
import { writeFailure } from "../file-failure.js";

/** Functions that colour a text, or leave it as it is. */
export type Colours = ReturnType<typeof pc.createColors>;

/** What a command says, and where: results to stdout, everything else to stderr. */
export class Console {
  readonly io: CliIo;
  /** Results are JSON: nothing but objects on stdout, no progress on stderr. */
  readonly json: boolean;
  /** Colours of stdout. */
  readonly colours: Colours;
  /** Colours of stderr. */
  readonly errColours: Colours;
  #failure: Error | undefined;

  constructor(io: CliIo, json: boolean) {
    this.io = io;
    this.json = json;
    this.colours = pc.createColors(wantsColours(io.stdout, io.env));
    this.errColours = pc.createColors(wantsColours(io.stderr, io.env));
    this.#failure = undefined;
    io.stdout.on("error", (error) => {
      this.#failure ??= error;
    });
    // Nothing can be told of a stderr that fails.
    io.stderr.on("error", () => {});
  }

  /** Who read stdout has seen enough and closed it: there is no point in going on. */
  get closed(): boolean {
    return isSystemError(this.#failure) && this.#failure.code === "EPIPE";
  }

  /** Characters that fit into a line of stdout. */
  get width(): number {
    return this.io.stdout.columns ?? 100;
  }

  /** Characters that fit into a line of stderr. */
  get errWidth(): number {
    return this.io.stderr.columns ?? 100;
  }

  /** A line of the result; waits while the reader is slower than we are. */
  async line(text = ""): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** One object of the result, on one line. */
  async object(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value));
  }

  /** Bytes or text of the result as they are. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      if (this.io.stdout.write(data, () => resolve())) resolve();
    });
    this.#throwFailure();
  }

  /** A line for the person who watches; dropped with `--json`. */
  note(text = ""): void {
    if (!this.json) this.io.stderr.write(`${text}\n`);
  }

  /** A line that matters in any case. */
  warn(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  /** Waits until all that was written has left; throws if it could not. */
  async flush(): Promise<void> {
    for (const stream of [this.io.stdout, this.io.stderr]) {
      if (stream.writableLength > 0 && !stream.destroyed) {
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
      }
    }
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure === undefined || this.closed) return;
    throw writeFailure(this.#failure, "standard output");
  }
}

/** Colours are for terminals; https://no-color.org and FORCE_COLOR decide otherwise. */
function wantsColours(out: CliOutput, env: CliIo["env"]): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return out.isTTY === true && env["TERM"] !== "dumb";
}
