import { closeSync, openSync, readSync } from "node:fs";
import { EPOCH, instantAdd, micros } from "@multihome/base";
import { type Command, Option } from "commander";
import { type TraceDetail, TraceFile, type TraceSink } from "multihome";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import { writeFailure } from "../file-failure.js";
import type { Console } from "../output/console.js";

/** What every command that can be traced takes. */
export interface TraceOptions {
  readonly trace?: string;
  readonly traceDetail?: TraceDetail;
}

/**
 * Adds `--trace` and `--trace-detail`.
 * @param what what is written
 */
export function addTraceOptions(
  command: Command,
  what = "write down all that happens, for multihome trace; holds the data sent",
): Command {
  return command
    .option("--trace <file>", what)
    .addOption(
      new Option(
        "--trace-detail <name>",
        "full: can be replayed; story: without the data and secrets",
      ).choices(["full", "story"]),
    );
}

/** The trace that a command writes, if it was asked for one. */
export class TraceOutput {
  readonly #file: TraceFile | undefined;
  readonly detail: TraceDetail;

  /** @throws CommandError when the file cannot be made */
  constructor(o: TraceOptions) {
    this.detail = o.traceDetail ?? "full";
    this.#file = o.trace === undefined ? undefined : openTrace(o.trace);
  }

  /** Takes the lines; `undefined` if nobody asked for a trace. */
  get sink(): TraceSink | undefined {
    return this.#file?.sink;
  }

  /** Options for a host that is to be traced. */
  get forHost(): { readonly trace?: TraceSink; readonly traceDetail?: TraceDetail } {
    return this.#file === undefined ? {} : { trace: this.#file.sink, traceDetail: this.detail };
  }

  /** A line of our own, with the time of the host's clock. */
  note(text: string): void {
    this.#file?.sink({
      at: instantAdd(EPOCH, micros(performance.now() * 1000)),
      kind: "note",
      text,
    });
  }

  /**
   * Writes the rest. What could not be written is a warning: what was traced has been done.
   * @param console where to say how much it was; nothing is said without
   */
  close(console?: Console): void {
    const file = this.#file;
    if (file === undefined) return;
    file.close();
    if (console === undefined) return;
    if (file.error !== undefined) {
      const failure = writeFailure(file.error, file.path);
      console.warn(`the trace is not complete: ${failure instanceof Error ? failure.message : ""}`);
    } else console.note(`trace: ${file.lines} lines in ${file.path}`);
  }
}

/** With what every trace begins. */
const BEGINNING = '{"at":';

/**
 * Makes a trace, or begins the one that is there anew; nothing else is overwritten.
 * @throws CommandError `fileExists`, or why it cannot be written
 */
export function openTrace(path: string): TraceFile {
  const there = beginningOf(path);
  if (there !== "" && there !== BEGINNING) {
    throw new CommandError(
      EXIT.failed,
      "fileExists",
      `${path} is there and is no trace: not replaced`,
    );
  }
  try {
    return TraceFile.open(path);
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/** The first characters of a file; empty if there is none, or none that can be read. */
function beginningOf(path: string): string {
  try {
    const fd = openSync(path, "r");
    const bytes = Buffer.alloc(BEGINNING.length);
    const n = readSync(fd, bytes, 0, bytes.length, 0);
    closeSync(fd);
    return bytes.toString("latin1", 0, n);
  } catch {
    return "";
  }
}
