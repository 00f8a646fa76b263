import type { ReceivedMessage } from "@multihome/association";
import { Ring, type StackError } from "@multihome/base";
import { Consumers } from "./consumers.js";
import type { Message } from "./message.js";
import { MessageAssembler, TOO_LONG } from "./message-assembler.js";

/** Who takes the messages of one stream. */
export interface StreamReader {
  /** True if it would take a message now. */
  readonly wants: boolean;
  take(message: Message): void;
  /** Nothing follows. */
  end(error: StackError | undefined): void;
}

/** Where messages come from. */
export interface MessageSource {
  /** The next message or part; `undefined` when there is none now. */
  receive(): ReceivedMessage | undefined;
  /** Messages were taken: the window may be opened. */
  taken(): void;
  /** The peer sent a message that is longer than it may be. */
  tooLong(): void;
}

/**
 * Takes messages from the core when, and only when, somebody wants them, so that the window that the
 * peer sees is honest. At most one message waits here: the next, when its reader has no room.
 */
export class Inbox {
  /** Readers of all streams that nobody else has. */
  readonly general: Consumers<Message>;
  readonly #source: MessageSource;
  readonly #assembler: MessageAssembler;
  readonly #readers: Map<number, StreamReader>;
  /** Taken from the source and not yet from here: at most one until the association is over. */
  readonly #taken: Ring<Message>;
  #complete: boolean;
  #error: StackError | undefined;
  #discarding: boolean;
  #pumping: boolean;

  constructor(source: MessageSource, maxMessageBytes: number) {
    this.#source = source;
    this.#assembler = new MessageAssembler(maxMessageBytes);
    this.general = new Consumers("messages", () => this.pump());
    this.#readers = new Map();
    this.#taken = new Ring();
    this.#complete = false;
    this.#error = undefined;
    this.#discarding = false;
    this.#pumping = false;
  }

  /** True if this stream has a reader of its own. */
  isClaimed(stream: number): boolean {
    return this.#readers.has(stream);
  }

  /** Gives a stream a reader of its own. */
  claim(stream: number, reader: StreamReader): void {
    this.#readers.set(stream, reader);
    queueMicrotask(() => this.pump());
  }

  /** Gives a stream back to the general readers. */
  release(stream: number, reader: StreamReader): void {
    if (this.#readers.get(stream) === reader) this.#readers.delete(stream);
    this.pump();
  }

  /** From now on, while nobody reads, messages are thrown away, so that they cannot hold up the end. */
  discardUnwanted(): void {
    this.#discarding = true;
    this.pump();
  }

  /**
   * The peer sends nothing more: readers end once everything is taken.
   * @param error why it ended too early, if it did
   */
  complete(error: StackError | undefined): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#error = error;
    this.pump();
  }

  /** The association is over: takes all that is left, so that the core can forget it. */
  takeAll(): void {
    for (let m = this.#next(); m !== undefined; m = this.#next()) this.#taken.push(m);
  }

  /** Moves messages to who wants them. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let opened = false;
    for (;;) {
      let message = this.#taken.peek();
      if (message === undefined) {
        if (!this.#wanted() && !this.#complete) break;
        message = this.#next();
        if (message === undefined) {
          if (this.#complete) this.#end();
          break;
        }
        this.#taken.push(message);
        opened = true;
      }
      const reader = this.#readers.get(message.stream) ?? this.general;
      if (!reader.wants && !(reader === this.general && this.#discards)) break;
      this.#taken.shift();
      if (reader.wants) reader.take(message);
    }
    this.#pumping = false;
    if (opened) this.#source.taken();
  }

  #wanted(): boolean {
    if (this.#discards || this.general.wants) return true;
    for (const reader of this.#readers.values()) if (reader.wants) return true;
    return false;
  }

  get #discards(): boolean {
    return this.#discarding && !this.general.active;
  }

  #next(): Message | undefined {
    for (;;) {
      const part = this.#source.receive();
      if (part === undefined) return undefined;
      const message = this.#assembler.add(part);
      if (message === TOO_LONG) this.#source.tooLong();
      else if (message !== undefined) return message;
    }
  }

  #end(): void {
    this.general.end(this.#error);
    for (const reader of this.#readers.values()) reader.end(this.#error);
    this.#readers.clear();
  }
}
