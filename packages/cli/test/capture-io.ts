import { Readable, Writable } from "node:stream";
import type { CliIo } from "../src/cli-io.js";
import { runCli } from "../src/run-cli.js";

/** What a run of the command line left behind. */
export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Collector extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}

/** Runs the command line inside this process, with streams in memory and no terminal. */
export async function cli(argv: readonly string[], stdin: Uint8Array[] = []): Promise<CliRun> {
  const stdout = new Collector();
  const stderr = new Collector();
  const io: CliIo = {
    stdin: Readable.from(stdin),
    stdout,
    stderr,
    env: {},
    stop: new AbortController().signal,
  };
  const status = await runCli(argv, io);
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** The objects of a run with `--json`, one per line. */
export const objects = (run: CliRun): unknown[] =>
  run.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
