import type { Readable, Writable } from "node:stream";

/** A stream that text or bytes are written to, and what is known of the terminal behind it. */
export interface CliOutput extends Writable {
  readonly isTTY?: boolean;
  /** Width in characters, of a terminal. */
  readonly columns?: number;
}

/** What a command has of the outside world. */
export interface CliIo {
  readonly stdin: Readable;
  /** Results only. */
  readonly stdout: CliOutput;
  /** Progress, warnings and errors. */
  readonly stderr: CliOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on Ctrl-C or SIGTERM with the exit status as its reason. */
  readonly stop: AbortSignal;
}
