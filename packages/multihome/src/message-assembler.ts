import type { ReceivedMessage } from "@multihome/association";
import type { Message } from "./message.js";

/** A part made the message longer than it may be. */
export const TOO_LONG: unique symbol = Symbol("tooLong");

/**
 * Puts messages together that a core hands over in parts (partial delivery, RFC 9260 s6.9). At most
 * one message of an association is in parts at a time; whole ones pass between its parts.
 */
export class MessageAssembler {
  readonly #maxBytes: number;
  #parts: Uint8Array[];
  #bytes: number;

  /** @param maxBytes of one message */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#parts = [];
    this.#bytes = 0;
  }

  /** The message that is complete with this part; `undefined` when more must follow. */
  add(part: ReceivedMessage): Message | undefined | typeof TOO_LONG {
    const { stream, ppid, unordered } = part;
    if (part.begin && part.end) {
      return part.data.length > this.#maxBytes
        ? TOO_LONG
        : { data: part.data, stream, ppid, unordered };
    }
    // A peer that restarted never ends what it had begun.
    if (part.begin) this.#clear();
    this.#parts.push(part.data);
    this.#bytes += part.data.length;
    if (this.#bytes > this.#maxBytes) {
      this.#clear();
      return TOO_LONG;
    }
    if (!part.end) return undefined;
    const data = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#parts) {
      data.set(piece, at);
      at += piece.length;
    }
    this.#clear();
    return { data, stream, ppid, unordered };
  }

  #clear(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}
