import { closeSync, openSync, writeSync } from "node:fs";
import { jsonLines, type TraceSink } from "@multihome/base";

/** Held back at most, so that each line costs no system call. */
const BUFFER_CHARACTERS = 1 << 16;
const FLUSH_MS = 1000;

/**
 * Writes a trace to a file as it goes, a line of JSON for each event; what is held back is at most 64 KiB and
 * at most a second old. Writing waits for the file system, so that memory stays bounded however fast lines come.
 *
 * A trace with all detail holds the application's data and the keys that cookies were signed with: a new file can
 * be read by its owner only.
 *
 * @example
 * const file = TraceFile.open("run.trace");
 * const host = await Host.open({ trace: file.sink });
 * // ...
 * await host.close();
 * file.close();
 */
export class TraceFile {
  /** Takes the events. */
  readonly sink: TraceSink;
  readonly path: string;
  readonly #fd: number;
  #text: string;
  #timer: NodeJS.Timeout | undefined;
  #error: Error | undefined;
  #closed: boolean;
  #lines: number;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    this.#text = "";
    this.#timer = undefined;
    this.#error = undefined;
    this.#closed = false;
    this.#lines = 0;
    this.sink = jsonLines((line) => this.#add(line));
  }

  /**
   * Makes the file, or empties the one that is there.
   * @throws the error of the file system, such as `ENOENT`
   */
  static open(path: string): TraceFile {
    return new TraceFile(path, openSync(path, "w", 0o600));
  }

  /** Why nothing is written any more, such as `ENOSPC`; a trace that cannot be written stops no traffic. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Lines taken. */
  get lines(): number {
    return this.#lines;
  }

  /** Writes what is held back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Writes what is held back and closes the file; what comes after that is dropped. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    closeSync(this.#fd);
  }

  #add(line: string): void {
    if (this.#closed || this.#error !== undefined) return;
    this.#lines++;
    this.#text += `${line}\n`;
    if (this.#text.length >= BUFFER_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }
}
