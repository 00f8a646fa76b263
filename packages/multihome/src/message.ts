/** A message that arrived. The bytes are the receiver's. */
export interface Message {
  readonly data: Uint8Array;
  readonly stream: number;
  /** Payload protocol identifier, as the peer gave it. */
  readonly ppid: number;
  readonly unordered: boolean;
}

/** How a message is to be sent. */
export interface SendOptions {
  /** Stream to send on, 0 .. streams - 1. Default 0. Messages of one stream arrive in order. */
  readonly stream?: number;
  /** Payload protocol identifier for the peer, 0 .. 2^32 - 1. Default 0. */
  readonly ppid?: number;
  /** Deliver it as soon as it is there, whatever is missing before it. Default false. */
  readonly unordered?: boolean;
  /** Give it up if its first byte could not leave within so many milliseconds. Default: never. */
  readonly lifetimeMs?: number;
}

/** What became of a message that was accepted for sending. */
export type Outcome =
  /** The peer's stack has it. */
  | { readonly kind: "delivered" }
  /** Its lifetime ended before it was sent. */
  | { readonly kind: "abandoned"; readonly data: Uint8Array }
  /** The association ended first; `sent` tells whether any part had left. */
  | { readonly kind: "failed"; readonly data: Uint8Array; readonly sent: boolean };

/** The outcome of one message, by the id that `send` gave. */
export type MessageOutcome = Outcome & { readonly id: number };

/** A message that was accepted for sending. */
export class SentMessage {
  /** Counts up from 1 within an association. */
  readonly id: number;
  #known: Outcome | undefined;
  #promise: Promise<Outcome> | undefined;
  #resolve: ((outcome: Outcome) => void) | undefined;

  constructor(id: number) {
    this.id = id;
    this.#known = undefined;
    this.#promise = undefined;
    this.#resolve = undefined;
  }

  /** Resolves when it is known what became of it; never rejects. */
  get outcome(): Promise<Outcome> {
    // Made when asked for: most senders never ask.
    this.#promise ??=
      this.#known === undefined
        ? new Promise((resolve) => {
            this.#resolve = resolve;
          })
        : Promise.resolve(this.#known);
    return this.#promise;
  }

  /** For the association: what became of it. */
  settle(outcome: Outcome): void {
    this.#known = outcome;
    this.#resolve?.(outcome);
  }
}
