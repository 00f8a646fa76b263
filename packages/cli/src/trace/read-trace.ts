import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { checkTraceLine, type TraceEvent } from "multihome";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import { openFailure } from "../file-failure.js";
import type { Console } from "../output/console.js";
import { ProgressBar } from "../output/progress-bar.js";
import { formatBytes } from "../output/units.js";

/** From so many bytes on, reading takes long enough to be watched. */
const WATCHED_BYTES = 4 << 20;

/**
 * Reads a trace line by line; nothing is kept. A last line that was cut off, as when the process was killed, is
 * left out with a warning.
 *
 * @param name file, or `-` for standard input
 * @throws CommandError `notATrace`, `brokenTrace`, or why the file cannot be read
 */
export async function* readTrace(console: Console, name: string): AsyncGenerator<TraceEvent> {
  const size = name === "-" ? 0 : await sizeOf(name);
  const bar = size < WATCHED_BYTES ? undefined : new ProgressBar(console, "{bar} {text}", size);
  const stream: Readable = name === "-" ? console.io.stdin : createReadStream(name);
  let number = 0;
  let broken: string | undefined;
  try {
    for await (const { line, bytes } of linesOf(stream)) {
      // Only the last line may be cut off.
      if (broken !== undefined) throw brokenTrace(name, number, broken);
      number++;
      if (number % 1000 === 0) bar?.update(bytes, `${formatBytes(bytes)}, line ${number}`);
      const check = checkTraceLine(line);
      if (number === 1 && !(check.ok && check.event.kind === "trace")) {
        throw notATrace(name, check.ok ? "it begins in the middle" : check.problem);
      }
      if (check.ok) yield check.event;
      else broken = check.problem;
    }
    if (number === 0) throw notATrace(name, "it is empty");
    if (broken !== undefined) console.warn(`line ${number} of ${name}, the last, is cut off`);
  } catch (error) {
    throw error instanceof CommandError ? error : openFailure(error, name);
  } finally {
    bar?.stop();
  }
}

/** The lines of a stream, and how many bytes were read for them so far. */
async function* linesOf(stream: Readable): AsyncGenerator<{ line: string; bytes: number }> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const text: string = decoder.decode(chunk, { stream: true });
    bytes += chunk.length;
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      parts.push(text.slice(from, at));
      yield { line: parts.join(""), bytes };
      parts = [];
      from = at + 1;
    }
    if (from < text.length) parts.push(text.slice(from));
  }
  if (parts.length > 0) yield { line: parts.join(""), bytes };
}

async function sizeOf(name: string): Promise<number> {
  try {
    return (await stat(name)).size;
  } catch (error) {
    throw openFailure(error, name);
  }
}

const notATrace = (name: string, why: string): CommandError =>
  new CommandError(EXIT.failed, "notATrace", `${name} is no trace of multihome: ${why}`);

const brokenTrace = (name: string, line: number, why: string): CommandError =>
  new CommandError(EXIT.failed, "brokenTrace", `${name} is damaged in line ${line}: ${why}`, {
    line,
  });
