import type { CliIo } from "./cli-io.js";
import { EXIT } from "./exit-status.js";

/**
 * The process's own streams. Who looks at `stop` takes charge of Ctrl-C and SIGTERM: the first asks for
 * an orderly end, the second ends at once. Commands that never look die of the signal, which is right
 * for those that compute without a pause and have nobody to tell.
 */
export function processIo(): CliIo {
  let stop: AbortSignal | undefined;
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    get stop(): AbortSignal {
      stop ??= watchSignals();
      return stop;
    },
  };
}

function watchSignals(): AbortSignal {
  const stop = new AbortController();
  const on = (signal: NodeJS.Signals, status: number): void => {
    process.on(signal, () => {
      if (stop.signal.aborted) {
        // Bars hide the cursor.
        if (process.stderr.isTTY) process.stderr.write("\x1b[?25h");
        process.exit(status);
      }
      stop.abort(status);
    });
  };
  on("SIGINT", EXIT.interrupted);
  on("SIGTERM", EXIT.terminated);
  return stop.signal;
}
