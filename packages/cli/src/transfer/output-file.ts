import { randomBytes } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { writeFailure } from "../file-failure.js";

/** Where a received file goes. Either `commit` or `discard` ends it. */
export interface OutputFile {
  /** Takes the bytes over; resolves when there is room for more. */
  write(data: Uint8Array): Promise<void>;
  /** All is there: puts the file in its place. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * Makes a file that appears under its name only when it is complete: until then its bytes are in a
 * temporary file in the same folder. Devices and pipes, which cannot be renamed, are written directly.
 *
 * @throws CommandError `folderNotFound`, `fileNotWritable`, `isDirectory`, `diskFull`, `fileError`
 */
export async function openOutputFile(path: string): Promise<OutputFile> {
  try {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile() && !there.isDirectory()) {
      return new DirectFile(path, await open(path, "w"));
    }
    if (there?.isDirectory() === true) {
      throw Object.assign(new Error("is a directory"), { code: "EISDIR", syscall: "open" });
    }
    // A link stays a link: what it points to is replaced.
    const final = there === undefined ? path : await realpath(path);
    const mark = randomBytes(4).toString("hex");
    const temporary = join(dirname(final), `.${basename(final)}.${mark}.part`);
    return new RenamedFile(path, final, temporary, await open(temporary, "wx"));
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/** Written at once: fewer, larger calls of the system. */
const WRITE_BYTES = 1 << 18;

class RenamedFile implements OutputFile {
  readonly #path: string;
  readonly #final: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #waiting: Uint8Array[];
  #waitingBytes: number;
  #open: boolean;

  constructor(path: string, final: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#final = final;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#open = true;
  }

  async write(data: Uint8Array): Promise<void> {
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
    if (this.#waitingBytes >= WRITE_BYTES) await guarded(this.#path, () => this.#flush());
  }

  async commit(): Promise<void> {
    await guarded(this.#path, async () => {
      await this.#flush();
      // Some file systems report a full disk only here; after a crash the name must not stand for less.
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#temporary, this.#final);
      this.#open = false;
    });
  }

  async discard(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close().catch(() => {});
    await rm(this.#temporary, { force: true }).catch(() => {});
  }

  async #flush(): Promise<void> {
    const pieces = this.#waiting;
    const bytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (bytes === 0) return;
    const { bytesWritten } = await this.#handle.writev(pieces);
    // Rarely a system takes less than it was given.
    if (bytesWritten < bytes) {
      await writeAll(this.#handle, Buffer.concat(pieces).subarray(bytesWritten));
    }
  }
}

class DirectFile implements OutputFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #open: boolean;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
    this.#open = true;
  }

  async write(data: Uint8Array): Promise<void> {
    await guarded(this.#path, () => writeAll(this.#handle, data));
  }

  async commit(): Promise<void> {
    this.#open = false;
    await guarded(this.#path, () => this.#handle.close());
  }

  async discard(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close().catch(() => {});
  }
}

/** Writes what is received to a stream that is there already, such as standard output. */
export function streamOutput(stream: Writable, name: string): OutputFile {
  return {
    write: (data) => guarded(name, () => writeTo(stream, data)),
    commit: () => guarded(name, () => writeTo(stream, new Uint8Array(0))),
    discard: () => Promise.resolve(),
  };
}

const writeTo = (stream: Writable, data: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(data, (error) => (error == null ? resolve() : reject(error)));
  });

async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) {
    at += (await handle.write(data, at, data.length - at)).bytesWritten;
  }
}

async function guarded(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw writeFailure(error, path);
  }
}
