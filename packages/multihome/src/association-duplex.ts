import { Duplex } from "node:stream";
import { checkNumber, type StackError } from "@multihome/base";
import type { Association } from "./association.js";
import type { StreamReader } from "./inbox.js";
import type { Message, SendOptions } from "./message.js";

/** How to make a Node stream of an association's stream. */
export interface DuplexOptions {
  /** Stream of the association, the same number both ways. Default 0. */
  readonly stream?: number;
  /** Payload protocol identifier of the messages sent. Default 0. */
  readonly ppid?: number;
  /** What may wait unread in the stream, and unwritten, in bytes. Default 64 KiB. */
  readonly highWaterMark?: number;
}

/** What a duplex needs of its association. */
export interface DuplexLink {
  readonly association: Association;
  submit(
    data: Uint8Array,
    options: SendOptions,
    accepted: () => void,
    refused: (error: StackError) => void,
  ): void;
  pump(): void;
  claim(reader: StreamReader): void;
  release(reader: StreamReader): void;
  /** It writes nothing more. */
  finished(): void;
}

// One message, so that the reader can have it soon and neither side must hold more.
const MAX_PIECE = 65_536;

/**
 * A Node `Duplex` over one stream of an association; see {@link Association.duplex}. It has what
 * `node:http` and others expect of a socket.
 */
export class AssociationDuplex extends Duplex {
  readonly #link: DuplexLink;
  readonly #sendOptions: SendOptions;
  readonly #reader: StreamReader;
  #wants: boolean;
  #idleMs: number;
  #idleTimer: NodeJS.Timeout | undefined;

  /** @internal Made by {@link Association.duplex}. */
  constructor(options: DuplexOptions, link: DuplexLink) {
    super({
      highWaterMark: checkNumber("highWaterMark", options.highWaterMark ?? 65_536, 1, 1 << 30),
      allowHalfOpen: false,
    });
    this.#link = link;
    this.#sendOptions = {
      stream: checkNumber("stream", options.stream ?? 0, 0, 65_534),
      ppid: checkNumber("ppid", options.ppid ?? 0, 0, 0xffffffff),
    };
    this.#wants = false;
    this.#idleMs = 0;
    this.#idleTimer = undefined;
    const wants = (): boolean => this.#wants;
    this.#reader = {
      get wants() {
        return wants();
      },
      take: (message) => this.#take(message),
      end: (error) => {
        if (error === undefined) this.push(null);
        else this.destroy(error);
      },
    };
    link.claim(this.#reader);
  }

  // ---- what sockets have

  /** The peer's address on the path that data goes over now. */
  get remoteAddress(): string | undefined {
    return this.#currentPath()?.remote;
  }

  /** The peer's SCTP port. */
  get remotePort(): number {
    return this.#link.association.remotePort;
  }

  get remoteFamily(): "IPv4" | "IPv6" {
    return this.remoteAddress?.includes(":") === true ? "IPv6" : "IPv4";
  }

  /** Our address on the path that data goes over now. */
  get localAddress(): string | undefined {
    return this.#currentPath()?.local;
  }

  /** Our SCTP port. */
  get localPort(): number {
    return this.#link.association.localPort;
  }

  /** Emits `timeout` when nothing was read or written for so long; 0 switches it off. */
  setTimeout(ms: number, onTimeout?: () => void): this {
    this.#idleMs = ms;
    if (onTimeout !== undefined) {
      if (ms > 0) this.once("timeout", onTimeout);
      else this.off("timeout", onTimeout);
    }
    this.#active();
    return this;
  }

  /** Does nothing: an association sends at once. */
  setNoDelay(): this {
    return this;
  }

  /** Does nothing: heartbeats watch every path. */
  setKeepAlive(): this {
    return this;
  }

  /** Does nothing: the association keeps the process alive. */
  ref(): this {
    return this;
  }

  /** Does nothing: the association keeps the process alive. */
  unref(): this {
    return this;
  }

  // ---- Duplex

  override _read(): void {
    this.#wants = true;
    this.#link.pump();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#active();
    this.#writePiece(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#link.finished();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    this.#wants = false;
    this.#link.release(this.#reader);
    if (error !== null) void this.#link.association.abort(error.message);
    else this.#link.finished();
    done(error);
  }

  #take(message: Message): void {
    this.#active();
    const { buffer, byteOffset, byteLength } = message.data;
    this.#wants = this.push(Buffer.from(buffer, byteOffset, byteLength));
  }

  #writePiece(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (chunk.length === 0) {
      done();
      return;
    }
    const rest = chunk.subarray(MAX_PIECE);
    this.#link.submit(
      chunk.subarray(0, MAX_PIECE),
      this.#sendOptions,
      () => {
        // Later: it may have been accepted at once, and a long chunk has many pieces.
        if (rest.length > 0) process.nextTick(() => this.#writePiece(rest, done));
        else done();
      },
      done,
    );
  }

  #currentPath(): { readonly local: string; readonly remote: string } | undefined {
    const paths = this.#link.association.paths();
    return paths.find((p) => p.current) ?? paths[0];
  }

  #active(): void {
    if (this.#idleMs === 0 && this.#idleTimer === undefined) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer =
      this.#idleMs > 0 ? setTimeout(() => this.emit("timeout"), this.#idleMs).unref() : undefined;
  }
}
