import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { openFailure } from "../file-failure.js";
import type { Offer } from "./file-protocol.js";

/** A file to be sent. */
export interface InputFile {
  readonly offer: Offer;
  /** The file's bytes, each chunk the taker's own. Once. */
  chunks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a file for sending.
 * @throws CommandError `fileNotFound`, `fileNotReadable`, `isDirectory`, `fileError`
 */
export async function openInputFile(path: string, chunkBytes: number): Promise<InputFile> {
  try {
    const handle = await open(path, "r");
    const there = await handle.stat();
    if (there.isDirectory()) {
      await handle.close();
      throw Object.assign(new Error("is a directory"), { code: "EISDIR", syscall: "read" });
    }
    return {
      // What is no plain file (a pipe, a device) has no size to tell.
      offer: { name: basename(path), size: there.isFile() ? there.size : undefined },
      chunks: () => readChunks(handle, path, chunkBytes),
      close: () => handle.close().catch(() => {}),
    };
  } catch (error) {
    throw openFailure(error, path);
  }
}

/** Read at once: fewer, larger calls of the system. */
const READ_BYTES = 1 << 18;

async function* readChunks(
  handle: FileHandle,
  path: string,
  chunkBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    // A new one each time: what was yielded is no longer ours.
    const buffer = new Uint8Array(READ_BYTES);
    let read: number;
    try {
      read = (await handle.read(buffer, 0, READ_BYTES, null)).bytesRead;
    } catch (error) {
      throw openFailure(error, path);
    }
    if (read === 0) return;
    yield* slices(buffer.subarray(0, read), chunkBytes);
  }
}

function* slices(bytes: Uint8Array, length: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Standard input as a file of unknown size. */
export function streamInput(stream: Readable, chunkBytes: number): InputFile {
  return {
    offer: { name: "", size: undefined },
    chunks: () => splitChunks(stream, chunkBytes),
    close: () => Promise.resolve(),
  };
}

async function* splitChunks(
  stream: Readable,
  chunkBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of stream) {
    yield* slices(Buffer.from(piece), chunkBytes);
  }
}
