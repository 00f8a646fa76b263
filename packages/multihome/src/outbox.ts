import type { SctpSendOptions, SendResult } from "@multihome/association";
import { Ring, StackError } from "@multihome/base";
import type { SendOptions } from "./message.js";

/** Where messages go. */
export interface MessageSink {
  nowMs(): number;
  send(data: Uint8Array, options: SctpSendOptions): SendResult;
}

interface Waiting {
  readonly data: Uint8Array;
  readonly options: SendOptions;
  readonly sinceMs: number;
  readonly accepted: (messageId: number) => void;
  readonly refused: (error: StackError) => void;
}

/** Messages that wait for room in the send buffer, in order. */
export class Outbox {
  readonly #sink: MessageSink;
  readonly #waiting: Ring<Waiting>;
  #waitingBytes: number;
  #whenEmpty: (() => void) | undefined;

  constructor(sink: MessageSink) {
    this.#sink = sink;
    this.#waiting = new Ring();
    this.#waitingBytes = 0;
    this.#whenEmpty = undefined;
  }

  /** Bytes that wait for room. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** True if nothing waits, so that a message may be tried at once. */
  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Sends now or as soon as there is room; one of the callbacks is called once, maybe at once. */
  submit(
    data: Uint8Array,
    options: SendOptions,
    accepted: (messageId: number) => void,
    refused: (error: StackError) => void,
  ): void {
    if (this.empty) {
      const result = this.#sink.send(data, options);
      if (result.ok) {
        accepted(result.messageId);
        return;
      }
      if (result.code !== "wouldBlock") {
        refused(refusal(result, data, options));
        return;
      }
    }
    this.#waiting.push({ data, options, sinceMs: this.#sink.nowMs(), accepted, refused });
    this.#waitingBytes += data.length;
  }

  /** There is room again. */
  flush(): void {
    for (let w = this.#waiting.peek(); w !== undefined; w = this.#waiting.peek()) {
      const result = this.#sink.send(w.data, this.#remaining(w));
      if (!result.ok && result.code === "wouldBlock") return;
      this.#waiting.shift();
      this.#waitingBytes -= w.data.length;
      if (result.ok) w.accepted(result.messageId);
      else w.refused(refusal(result, w.data, w.options));
    }
    this.#settle();
  }

  /** Calls back once nothing waits, maybe at once. */
  whenEmpty(then: () => void): void {
    this.#whenEmpty = then;
    this.#settle();
  }

  /** Refuses all that waits. */
  refuseAll(error: StackError): void {
    for (let w = this.#waiting.shift(); w !== undefined; w = this.#waiting.shift())
      w.refused(error);
    this.#waitingBytes = 0;
    this.#settle();
  }

  #settle(): void {
    if (!this.empty) return;
    const then = this.#whenEmpty;
    this.#whenEmpty = undefined;
    then?.();
  }

  /** The time that it waited here counts for its lifetime. */
  #remaining(w: Waiting): SctpSendOptions {
    const { lifetimeMs } = w.options;
    if (lifetimeMs === undefined) return w.options;
    return { ...w.options, lifetimeMs: Math.max(0, lifetimeMs - (this.#sink.nowMs() - w.sinceMs)) };
  }
}

/** The error for a message that was not accepted. */
function refusal(
  result: Exclude<SendResult, { readonly ok: true } | { readonly code: "wouldBlock" }>,
  data: Uint8Array,
  options: SendOptions,
): StackError {
  switch (result.code) {
    case "messageTooLong":
      return new StackError(
        result.code,
        `message of ${data.length} bytes: expected ${result.maxBytes} at most`,
        { bytes: data.length, maxBytes: result.maxBytes },
      );
    case "noSuchStream":
      return new StackError(
        result.code,
        `stream: got ${options.stream}, this association can send on 0 .. ${result.streams - 1}`,
        { stream: options.stream, streams: result.streams },
      );
    case "emptyMessage":
      return new StackError(result.code, "a message has at least one byte");
    case "notOpen":
      return new StackError(result.code, "the association is closing or closed");
  }
}
