import type { ChannelMessage, TransferChannel } from "../src/transfer/transfer-channel.js";

/** Two ends of an association in memory: what one sends the other takes; a full window makes `send` wait. */
export class MemoryChannel implements TransferChannel {
  readonly #window: number;
  readonly #inbox: ChannelMessage[] = [];
  #peer: MemoryChannel | undefined;
  wake: () => void = () => {};
  #over: "open" | "closed" | { readonly failure: Error } = "open";
  /** Why this end aborted. */
  aborted: string | undefined;

  private constructor(window: number) {
    this.#window = window;
  }

  /** @param window messages that wait at most until `send` waits */
  static pair(window = 4): [MemoryChannel, MemoryChannel] {
    const a = new MemoryChannel(window);
    const z = new MemoryChannel(window);
    a.#peer = z;
    z.#peer = a;
    return [a, z];
  }

  async send(data: Uint8Array, options: { readonly ppid: number }): Promise<void> {
    const peer = this.#peer;
    while (peer !== undefined && this.#over === "open" && peer.#inbox.length >= this.#window) {
      await this.#changed();
    }
    if (this.#over !== "open" || peer === undefined) throw new Error("the association has ended");
    peer.put({ data: data.slice(), ppid: options.ppid });
  }

  /** A message that comes in. */
  put(message: ChannelMessage): void {
    this.#inbox.push(message);
    this.#notify();
  }

  abort(reason: string): void {
    this.aborted = reason;
    this.#fail(new Error("aborted"));
    const peer = this.#peer;
    if (peer !== undefined) peer.#fail(new Error(`aborted by the peer: ${reason}`));
  }

  /** A graceful end: what was sent still arrives. */
  close(): void {
    for (const end of [this, this.#peer]) {
      if (end !== undefined && end.#over === "open") end.#over = "closed";
    }
    this.#notify();
  }

  /** The other side was killed, or every path is dead. */
  lose(): void {
    this.#fail(new Error("unreachable"));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChannelMessage, void, undefined> {
    for (;;) {
      const message = this.#inbox.shift();
      if (message !== undefined) {
        this.#notify();
        yield message;
      } else if (this.#over === "closed") return;
      else if (this.#over !== "open") throw this.#over.failure;
      else await this.#changed();
    }
  }

  #fail(failure: Error): void {
    if (this.#over === "open") this.#over = { failure };
    this.#notify();
  }

  #changed(): Promise<void> {
    const before = this.wake;
    return new Promise((resolve) => {
      this.wake = () => {
        before();
        resolve();
      };
    });
  }

  #notify(): void {
    for (const end of [this, this.#peer]) {
      const wake = end?.wake;
      if (end !== undefined) end.wake = () => {};
      wake?.();
    }
  }
}
