import { PassThrough } from "node:stream";
import type { CliOutput } from "../src/cli-io.js";
import { Console } from "../src/output/console.js";

/** A console over streams in memory, and what is written to its stdout so far. */
export function consoleWith(
  env: Record<string, string> = {},
  columns?: number,
): { console: Console; stdout: () => string } {
  const out: CliOutput = Object.assign(
    new PassThrough(),
    columns === undefined ? {} : { isTTY: true, columns },
  );
  const console = new Console(
    {
      stdin: new PassThrough(),
      stdout: out,
      stderr: new PassThrough(),
      env,
      stop: new AbortController().signal,
    },
    false,
  );
  let text = "";
  out.on("data", (piece) => {
    text += String(piece);
  });
  return { console, stdout: () => text };
}
