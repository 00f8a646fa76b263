import { createHash } from "node:crypto";
import { CommandError, toCommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import {
  type FileEnd,
  MAX_CONTROL_BYTES,
  type Offer,
  PPID,
  printable,
  readEnd,
  readOffer,
  STREAM,
  writeReceipt,
} from "./file-protocol.js";
import type { OutputFile } from "./output-file.js";
import type { TransferChannel } from "./transfer-channel.js";

/** What a transfer tells while it runs. */
export interface ReceiveProgress {
  /** The offer came and there is a place for the file. */
  started?(offer: Offer): void;
  /** Bytes stored so far. */
  stored?(bytes: number): void;
}

/**
 * Takes one file from an association: stores it, compares the hash, puts it in its place, sends the
 * receipt. When it cannot, the sender is told why and nothing is left behind.
 *
 * @param open finds a place for what is offered
 * @returns `undefined` if the peer went without having offered anything
 * @throws CommandError `hashMismatch`, `senderStopped`, `protocolError`; whatever storing or the association
 * throws
 */
export async function receiveFile(
  channel: TransferChannel,
  open: (offer: Offer) => Promise<OutputFile>,
  progress: ReceiveProgress = {},
): Promise<FileEnd | undefined> {
  const incoming = new IncomingFile(open, progress);
  try {
    for await (const { ppid, data } of channel) {
      const done = await incoming.take(ppid, data);
      if (done === undefined) continue;
      const receipt = writeReceipt({ ok: true, ...done });
      await channel.send(receipt, { stream: STREAM, ppid: PPID.receipt });
      return done;
    }
    if (!incoming.started) return undefined;
    throw new CommandError(
      EXIT.failed,
      "senderStopped",
      "the sender closed the association before the end of the file",
    );
  } catch (error) {
    await incoming.discard();
    if (!incoming.silent) await tellSender(channel, error);
    throw error;
  }
}

async function tellSender(channel: TransferChannel, error: unknown): Promise<void> {
  const { code, message } = toCommandError(error);
  try {
    const receipt = writeReceipt({ ok: false, code, message });
    await channel.send(receipt, { stream: STREAM, ppid: PPID.receipt });
  } catch {
    // The association is over: the sender knows.
  }
}

class IncomingFile {
  readonly #open: (offer: Offer) => Promise<OutputFile>;
  readonly #progress: ReceiveProgress;
  readonly #hash: ReturnType<typeof createHash>;
  #output: OutputFile | undefined;
  #offer: Offer | undefined;
  #size: number;
  /** Nothing has come yet. */
  silent: boolean;

  constructor(open: (offer: Offer) => Promise<OutputFile>, progress: ReceiveProgress) {
    this.#open = open;
    this.#progress = progress;
    this.#hash = createHash("sha256");
    this.#output = undefined;
    this.#offer = undefined;
    this.#size = 0;
    this.silent = true;
  }

  get started(): boolean {
    return this.#offer !== undefined;
  }

  /** Takes a message; the file's size and hash once all is in its place. */
  async take(ppid: number, data: Uint8Array): Promise<FileEnd | undefined> {
    this.silent = false;
    if (ppid === PPID.data && this.#output !== undefined) {
      this.#hash.update(data);
      this.#size += data.length;
      if (this.#size > (this.#offer?.size ?? this.#size)) throw violation("more than it offered");
      await this.#output.write(data);
      this.#progress.stored?.(this.#size);
      return undefined;
    }
    const expected = this.#output === undefined ? PPID.offer : PPID.end;
    if (ppid !== expected || data.length > MAX_CONTROL_BYTES) {
      throw violation(`an unexpected message (ppid ${ppid}, ${data.length} bytes)`);
    }
    if (this.#output !== undefined) return this.#finish(data, this.#output);
    await this.#begin(data);
    return undefined;
  }

  async discard(): Promise<void> {
    await this.#output?.discard();
  }

  async #begin(control: Uint8Array): Promise<void> {
    const offer = readOffer(control);
    if (offer === "wrongVersion") throw violation("an offer of another version");
    if (typeof offer === "string") throw violation(`a bad offer (${offer})`);
    this.#offer = { ...offer, name: printable(offer.name) };
    this.#output = await this.#open(this.#offer);
    this.#progress.started?.(this.#offer);
  }

  async #finish(control: Uint8Array, output: OutputFile): Promise<FileEnd> {
    const sent = readEnd(control);
    if (typeof sent === "string") throw violation(`a bad end (${sent})`);
    const got = { size: this.#size, sha256: this.#hash.digest("hex") };
    if (sent.size !== got.size || sent.sha256 !== got.sha256) {
      throw new CommandError(
        EXIT.failed,
        "hashMismatch",
        `what arrived is not what was sent: SHA-256 ${got.sha256} of ${got.size} bytes, expected ${sent.sha256} of ${sent.size}`,
        { sent, received: got },
      );
    }
    await output.commit();
    return got;
  }
}

const violation = (what: string): CommandError =>
  new CommandError(EXIT.failed, "protocolError", `the peer is no multihome send: it sent ${what}`);
