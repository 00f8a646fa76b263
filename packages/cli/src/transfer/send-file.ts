import { createHash } from "node:crypto";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import {
  type FileEnd,
  MAX_CONTROL_BYTES,
  type Offer,
  PPID,
  type Receipt,
  readReceipt,
  STREAM,
  writeEnd,
  writeOffer,
} from "./file-protocol.js";
import type { TransferChannel } from "./transfer-channel.js";

/**
 * Sends a file over an association: offer, data, end; then waits for the receipt.
 *
 * @param chunks the file's bytes; each chunk is the association's once it was yielded
 * @param progress is told the bytes given to the association so far
 * @returns what was sent, and the receiver has confirmed
 * @throws CommandError `refusedByReceiver`, `hashMismatch`, `fileChanged`, `protocolError`; whatever reading
 * the file or the association throws
 */
export async function sendFile(
  channel: TransferChannel,
  offer: Offer,
  chunks: AsyncIterable<Uint8Array>,
  progress: (bytes: number) => void = () => {},
): Promise<FileEnd> {
  const answer = new Answer(channel);
  const source = chunks[Symbol.asyncIterator]();
  const hash = createHash("sha256");
  let size = 0;
  try {
    await channel.send(writeOffer(offer), { stream: STREAM, ppid: PPID.offer });
    for (;;) {
      const { done, value: chunk } = await answer.orFailure(source.next());
      if (done === true) break;
      if (chunk.length === 0) continue;
      hash.update(chunk);
      size += chunk.length;
      await channel.send(chunk, { stream: STREAM, ppid: PPID.data });
      progress(size);
    }
    if (offer.size !== undefined && offer.size !== size) throw changed(offer.size, size);
    const sent = { size, sha256: hash.digest("hex") };
    await channel.send(writeEnd(sent), { stream: STREAM, ppid: PPID.end });
    const receipt = await answer.result;
    if (!receipt.ok) throw refused(receipt);
    if (receipt.sha256 !== sent.sha256 || receipt.size !== size) throw mismatch(sent, receipt);
    return sent;
  } catch (error) {
    // Not awaited: who reads from a pipe may wait for ever.
    source.return?.().catch(() => {});
    // The receiver's own words explain more than the end of the association that follows them.
    const receipt = answer.taken;
    throw receipt !== undefined && !receipt.ok ? refused(receipt) : error;
  }
}

/** The receiver's answer: it may come in mid-transfer, from one that cannot go on. */
class Answer {
  readonly result: Promise<Receipt>;
  #taken: Receipt | undefined;
  #failure: unknown;
  #failed: boolean;
  #whenFailed: (error: unknown) => void;

  constructor(channel: TransferChannel) {
    this.#taken = undefined;
    this.#failure = undefined;
    this.#failed = false;
    this.#whenFailed = () => {};
    this.result = this.#listen(channel);
    this.result.then(
      (receipt) => {
        if (!receipt.ok) this.#fail(refused(receipt));
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** The receipt if it has come. */
  get taken(): Receipt | undefined {
    return this.#taken;
  }

  /**
   * The result of some work, or the failure that comes before: nobody should read on for a receiver
   * that is gone. One at a time.
   */
  orFailure<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // Not Promise.race: each call of that would stay with `result` for as long as that is open.
      this.#whenFailed = reject;
      if (this.#failed) reject(this.#failure);
      work.then(resolve, reject);
    });
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#failure = error;
    this.#whenFailed(error);
  }

  async #listen(channel: TransferChannel): Promise<Receipt> {
    for await (const { ppid, data } of channel) {
      if (ppid !== PPID.receipt || data.length > MAX_CONTROL_BYTES) {
        throw violation(channel, `an unexpected message (ppid ${ppid}, ${data.length} bytes)`);
      }
      const receipt = readReceipt(data);
      if (typeof receipt === "string") throw violation(channel, `a bad receipt (${receipt})`);
      this.#taken = receipt;
      // Whoever waits for room in the send buffer must not wait for ever.
      if (!receipt.ok) channel.abort("the receiver cannot go on");
      return receipt;
    }
    throw new CommandError(
      EXIT.failed,
      "noReceipt",
      "the receiver closed the association without a receipt: whether it has the file is not known",
    );
  }
}

function violation(channel: TransferChannel, what: string): CommandError {
  channel.abort("not the protocol of multihome receive");
  return new CommandError(
    EXIT.failed,
    "protocolError",
    `the peer is no multihome receive: it sent ${what}`,
  );
}

const refused = (receipt: Receipt & { readonly ok: false }): CommandError =>
  new CommandError(
    EXIT.failed,
    "refusedByReceiver",
    `the receiver could not take the file: ${receipt.message} [${receipt.code}]`,
    { code: receipt.code, message: receipt.message },
  );

const mismatch = (sent: FileEnd, got: FileEnd): CommandError =>
  new CommandError(
    EXIT.failed,
    "hashMismatch",
    `what arrived is not what was sent: SHA-256 ${got.sha256} of ${got.size} bytes, expected ${sent.sha256} of ${sent.size}`,
    { sent, received: { size: got.size, sha256: got.sha256 } },
  );

const changed = (expected: number, got: number): CommandError =>
  new CommandError(
    EXIT.failed,
    "fileChanged",
    `the file changed while it was sent: it had ${expected} bytes, then ${got}`,
    { expected, got },
  );
