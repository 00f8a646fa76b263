import type { CliIo } from "./cli-io.js";
import { CommandError, toCommandError } from "./command-error.js";
import { EXIT, type ExitStatus } from "./exit-status.js";
import { Console } from "./output/console.js";

/** What a command does; its result is the exit status. What it throws becomes a message and a status. */
export type CommandBody = (console: Console) => Promise<ExitStatus>;

/** Runs the body of the command that was chosen, and keeps its exit status. */
export class CommandRunner {
  readonly io: CliIo;
  status: ExitStatus;

  constructor(io: CliIo) {
    this.io = io;
    this.status = EXIT.ok;
  }

  async run(json: boolean, body: CommandBody): Promise<void> {
    const console = new Console(this.io, json);
    try {
      this.status = await body(console);
      await console.flush();
    } catch (error) {
      this.status = await tellFailure(console, toCommandError(error));
    }
  }

  /** What commander found wrong with the arguments; it has told the person already. */
  async usage(json: boolean, message: string): Promise<void> {
    this.status = EXIT.usage;
    if (json) await new Console(this.io, true).object(failureObject("usage", message, {}));
  }
}

/** `{ ok: false, code, message, details }`: how every command fails with `--json`. */
const failureObject = (
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>>,
): Record<string, unknown> => ({ ok: false, code, message, details });

async function tellFailure(console: Console, error: CommandError): Promise<ExitStatus> {
  const c = console.errColours;
  console.warn(`${c.red(c.bold("error:"))} ${error.message} ${c.dim(`[${error.code}]`)}`);
  try {
    if (console.json) {
      await console.object(failureObject(error.code, error.message, error.details));
    }
    await console.flush();
  } catch {
    // stdout is what failed, and that has been told.
  }
  return error.exit;
}

/** Throws if Ctrl-C or SIGTERM came. */
export function throwIfStopped(io: CliIo): void {
  if (io.stop.aborted) throw stopped(io);
}

/** The error that Ctrl-C or SIGTERM ends a command with. */
export function stopped(io: CliIo): CommandError {
  return io.stop.reason === EXIT.terminated
    ? new CommandError(EXIT.terminated, "terminated", "ended by SIGTERM; the peer was told")
    : new CommandError(EXIT.interrupted, "interrupted", "ended by Ctrl-C; the peer was told");
}
