import type { AssociationEvent, SendResult } from "@multihome/association";
import { StackError, toMillis } from "@multihome/base";
import type { PathView } from "@multihome/paths";
import { type Observable, Subject } from "rxjs";
import { AssociationDuplex, type DuplexOptions } from "./association-duplex.js";
import type { AssociationLink } from "./association-link.js";
import { EarlyEvents } from "./early-events.js";
import { associationEnded, type EndCause, endCause } from "./end-cause.js";
import { Inbox } from "./inbox.js";
import {
  type Message,
  type MessageOutcome,
  type Outcome,
  type SendOptions,
  SentMessage,
} from "./message.js";
import { Outbox } from "./outbox.js";
import { type PathEvent, type PathInfo, pathEvent, pathInfo } from "./path-info.js";

/** What happened to an association beside messages and paths. `atMs` is on the clock of `performance.now()`. */
export type AssociationNotice =
  /** The peer lost its state and began anew: messages under way failed. */
  | { readonly kind: "restarted"; readonly atMs: number }
  /** The peer closes: it sends nothing more, and nothing more can be sent to it. */
  | { readonly kind: "peerShutdown"; readonly atMs: number }
  /** The peer reported an error cause of RFC 9260 s3.3.10. */
  | { readonly kind: "peerError"; readonly atMs: number; readonly causeCode: number }
  /** The policy threw or chose what was not on offer; `handover` replaces it. */
  | { readonly kind: "policyFailed"; readonly atMs: number; readonly detail: string };

/** Where an association stands. Sizes in bytes. */
export interface AssociationStatus {
  /** `closing` from the first `close` of either side on. */
  readonly state: "open" | "closing" | "closed";
  /** Accepted for sending and not acknowledged. */
  readonly bufferedBytes: number;
  /** Of these, on their way. */
  readonly outstandingBytes: number;
  /** Given to `send` and waiting for room. */
  readonly waitingBytes: number;
  /** Received, and not taken by the application. */
  readonly unreadBytes: number;
  /** What the peer has room for. */
  readonly peerRwndBytes: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  /** Timeouts in a row with nothing heard. */
  readonly errorCount: number;
}

/**
 * A conversation with all addresses of a peer over all of ours. Made by {@link Host.connect}, or given
 * by a {@link Server}.
 *
 * Messages are read in one of three ways: pushed by {@link Association.messages$}, pulled by iterating
 * (`for await`), or as bytes of a {@link Association.duplex}. In each, only what was taken opens the
 * window that the peer may fill.
 */
export class Association implements AsyncIterable<Message> {
  /** The peer opened it. */
  readonly incoming: boolean;
  /** Our SCTP port. */
  readonly localPort: number;
  /** The peer's SCTP port. */
  readonly remotePort: number;
  /** Resolves with how it ended, once it has; never rejects. */
  readonly closed: Promise<EndCause>;
  /**
   * Messages as they arrive, to all subscribers. Taken from the peer only while there is a subscriber.
   * Completes after the last, however the association ends: {@link Association.closed} tells how.
   */
  readonly messages$: Observable<Message>;
  /** What happens to paths. The first subscriber also gets what came before. */
  readonly paths$: Observable<PathEvent>;
  /** What became of each message that was accepted for sending. */
  readonly outcomes$: Observable<MessageOutcome>;
  /** What else happens. The first subscriber also gets what came before. */
  readonly events$: Observable<AssociationNotice>;
  readonly #link: AssociationLink;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #paths: EarlyEvents<PathEvent>;
  readonly #events: EarlyEvents<AssociationNotice>;
  readonly #outcomes: Subject<MessageOutcome>;
  /** Messages whose outcome is not known. */
  readonly #sent: Map<number, SentMessage>;
  /** Duplex streams that may still write. */
  readonly #writers: Set<AssociationDuplex>;
  readonly #resolveClosed: (cause: EndCause) => void;
  #pathViews: readonly PathView[];
  #closing: boolean;
  #ended: EndCause | undefined;
  #abortDetail: string | undefined;
  #tooLong: boolean;

  /** @internal Made by a host. */
  constructor(link: AssociationLink) {
    const { driver, id } = link;
    const { core } = driver;
    this.incoming = link.incoming;
    this.localPort = core.portOf(id) ?? 0;
    this.remotePort = core.status(id)?.peerPort ?? 0;
    this.#link = link;
    let resolveClosed: (cause: EndCause) => void = () => {};
    this.closed = new Promise((resolve) => {
      resolveClosed = resolve;
    });
    this.#resolveClosed = resolveClosed;
    this.#inbox = new Inbox(
      {
        receive: () => core.receive(id),
        taken: () => driver.wake(),
        tooLong: () => this.#abortTooLong(),
      },
      link.maxMessageBytes,
    );
    this.#outbox = new Outbox({
      nowMs: () => toMillis(driver.now()),
      send: (data, options) => this.#sendNow(data, options),
    });
    this.#paths = new EarlyEvents();
    this.#events = new EarlyEvents();
    this.#outcomes = new Subject();
    this.#sent = new Map();
    this.#writers = new Set();
    this.messages$ = this.#inbox.general.stream$;
    this.paths$ = this.#paths.stream$;
    this.outcomes$ = this.#outcomes.asObservable();
    this.events$ = this.#events.stream$;
    this.#pathViews = core.paths(id);
    this.#closing = false;
    this.#ended = undefined;
    this.#abortDetail = undefined;
    this.#tooLong = false;
    link.onEvent = (event) => this.#handle(event);
  }

  // ---- sending

  /**
   * Sends a message. Resolves when it was accepted, which takes until there is room in the send buffer;
   * messages that wait keep their order. What becomes of it is told later, by the `outcome` of what
   * this resolves with and by {@link Association.outcomes$}.
   *
   * The bytes are not copied: they must not change until the outcome is known.
   *
   * Rejects with StackError `notOpen` (also when the association ends while it waits; that rejection
   * may be left unhandled, since {@link Association.closed} tells it, too), `messageTooLong`,
   * `noSuchStream`, `emptyMessage`, `invalidArgument`.
   */
  send(data: Uint8Array, options: SendOptions = {}): Promise<SentMessage> {
    if (!this.#closing && this.#outbox.empty && notBytes(data) === undefined) {
      // The usual case, without a closure: there is room.
      const result = this.#sendNow(data, options);
      if (result.ok) return Promise.resolve(this.#remember(result.messageId));
    }
    let accept: (sent: SentMessage) => void = () => {};
    let refuse: (error: StackError) => void = () => {};
    const promise = new Promise<SentMessage>((resolve, reject) => {
      accept = resolve;
      refuse = reject;
    });
    this.#submit(
      data,
      options,
      (messageId) => accept(this.#remember(messageId)),
      (error) => {
        if (error.code === "notOpen") promise.catch(() => {});
        refuse(error);
      },
    );
    return promise;
  }

  /**
   * Sends a message now or not at all. `wouldBlock` says that there is no room, or that messages wait
   * already; try again after a `send` resolved. As for the bytes, see {@link Association.send}.
   */
  trySend(data: Uint8Array, options: SendOptions = {}): SendResult {
    checkBytes(data);
    if (this.#closing) return { ok: false, code: "notOpen" };
    if (!this.#outbox.empty) return { ok: false, code: "wouldBlock", freeBytes: 0 };
    return this.#sendNow(data, options);
  }

  // ---- receiving

  /**
   * Iterates over the messages. Only what is asked for is taken from the peer; leaving the loop stops
   * that. Ends when the peer has closed; throws StackError `associationLost` if the association ended
   * before the peer had sent all.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.#inbox.general.iterate();
  }

  /**
   * An ordinary Node stream over one stream of the association, both ways, with backpressure. Messages
   * of that stream no longer come by other ways. Bytes that are written leave as messages of at most
   * 64 KiB; their borders mean nothing to the reader.
   *
   * `end()` closes the association gracefully once all is delivered, when it is the last duplex of the
   * association that ends: SCTP has no half-close, so the peer can send nothing more either.
   * `destroy()` does so without waiting; `destroy(error)` aborts the association.
   *
   * @throws StackError `streamInUse`, `invalidOption`
   */
  duplex(options: DuplexOptions = {}): AssociationDuplex {
    const stream = options.stream ?? 0;
    if (this.#inbox.isClaimed(stream)) {
      throw new StackError("streamInUse", `stream ${stream} has a duplex already`, { stream });
    }
    const duplex = new AssociationDuplex(options, {
      association: this,
      submit: (data, how, accepted, refused) => this.#submit(data, how, accepted, refused),
      pump: () => this.#inbox.pump(),
      claim: (reader) => this.#inbox.claim(stream, reader),
      release: (reader) => this.#inbox.release(stream, reader),
      finished: () => this.#writerFinished(duplex),
    });
    this.#writers.add(duplex);
    return duplex;
  }

  // ---- paths

  /** The paths as they are now; after the end, as they were then. */
  paths(): PathInfo[] {
    const { driver, id } = this.#link;
    if (this.#ended === undefined) this.#pathViews = driver.core.paths(id);
    const current = driver.core.currentPath(id);
    return this.#pathViews.map((p) => pathInfo(p, p.id === current?.id));
  }

  /**
   * Makes a path the primary: data goes over it while it is healthy. RFC 9260 s11.1.6
   * @returns false when there is no such path, or it is not confirmed
   */
  setPrimary(pathId: number): boolean {
    const { driver, id } = this.#link;
    const done = driver.core.setPrimary(driver.now(), id, pathId);
    driver.wake();
    return done;
  }

  /**
   * Sends a HEARTBEAT over a path now; its answer updates the path's round trip. RFC 9260 s11.1.10
   * @returns false when there is no such path
   */
  heartbeat(pathId: number): boolean {
    const { driver, id } = this.#link;
    const done = driver.core.requestHeartbeat(id, pathId);
    driver.wake();
    return done;
  }

  // ---- state and end

  get state(): "open" | "closing" | "closed" {
    if (this.#ended !== undefined) return "closed";
    return this.#closing ? "closing" : "open";
  }

  /** Sums of the association as they are now; all 0 after the end. */
  status(): AssociationStatus {
    const s = this.#link.driver.core.status(this.#link.id);
    return {
      state: this.state,
      bufferedBytes: s?.bufferedBytes ?? 0,
      outstandingBytes: s?.outstandingBytes ?? 0,
      waitingBytes: this.#outbox.waitingBytes,
      unreadBytes: s?.unreadBytes ?? 0,
      peerRwndBytes: s?.peerRwnd ?? 0,
      outboundStreams: s?.outboundStreams ?? 0,
      inboundStreams: s?.inboundStreams ?? 0,
      errorCount: s?.errorCount ?? 0,
    };
  }

  /**
   * Closes gracefully: all that was given to `send` is delivered first. What still comes can be read;
   * if nobody reads, it is thrown away. Resolves with how it ended.
   */
  close(): Promise<EndCause> {
    if (!this.#closing && this.#ended === undefined) {
      this.#closing = true;
      this.#outbox.whenEmpty(() => {
        const { driver, id } = this.#link;
        this.#link.weClosed = true;
        driver.core.shutdown(driver.now(), id);
        driver.wake();
      });
    }
    this.#inbox.discardUnwanted();
    return this.closed;
  }

  /**
   * Ends it at once: what is not delivered fails. Resolves with how it ended.
   * @param reason for the peer's application, 512 bytes at most
   */
  abort(reason: string | Uint8Array = ""): Promise<EndCause> {
    const bytes = typeof reason === "string" ? new TextEncoder().encode(reason) : reason;
    const { driver, id } = this.#link;
    this.#closing = true;
    driver.core.abort(driver.now(), id, bytes);
    driver.wake();
    return this.closed;
  }

  // ---- inside

  #submit(
    data: Uint8Array,
    options: SendOptions,
    accepted: (messageId: number) => void,
    refused: (error: StackError) => void,
  ): void {
    const wrong = notBytes(data);
    if (wrong !== undefined) refused(wrong);
    else if (this.#ended !== undefined) refused(associationEnded("notOpen", this.#ended));
    else if (this.#closing) {
      refused(new StackError("notOpen", "the association is being closed"));
    } else this.#outbox.submit(data, options, accepted, refused);
  }

  #sendNow(data: Uint8Array, options: SendOptions): SendResult {
    const { driver, id } = this.#link;
    const result = driver.core.send(driver.now(), id, data, options);
    if (result.ok) driver.wake();
    return result;
  }

  #remember(messageId: number): SentMessage {
    const sent = new SentMessage(messageId);
    this.#sent.set(messageId, sent);
    return sent;
  }

  #handle(e: AssociationEvent): void {
    switch (e.kind) {
      case "up":
        this.#pathViews = this.#link.driver.core.paths(e.id);
        break;
      case "readable":
        this.#inbox.pump();
        break;
      case "writable":
        this.#outbox.flush();
        break;
      case "message":
        this.#settle(e.messageId, e.outcome);
        break;
      case "path":
        this.#paths.next(pathEvent(e.event));
        break;
      case "peerShutdown":
        this.#closing = true;
        this.#outbox.refuseAll(new StackError("notOpen", "the peer closes the association"));
        this.#inbox.complete(undefined);
        this.#events.next({ kind: e.kind, atMs: toMillis(e.at) });
        break;
      case "restarted":
        this.#events.next({ kind: e.kind, atMs: toMillis(e.at) });
        break;
      case "peerError":
        this.#events.next({ kind: e.kind, atMs: toMillis(e.at), causeCode: e.causeCode });
        break;
      case "policyFailed":
        this.#events.next({ kind: e.kind, atMs: toMillis(e.at), detail: e.detail });
        break;
      case "ended":
        this.#end(endCause(e.cause, this.#abortDetail));
        break;
    }
  }

  #settle(id: number, outcome: Outcome): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) {
      this.#sent.delete(id);
      sent.settle(outcome);
    }
    if (this.#outcomes.observed) this.#outcomes.next({ id, ...outcome });
  }

  #end(cause: EndCause): void {
    this.#ended = cause;
    this.#closing = true;
    this.#outbox.refuseAll(associationEnded("notOpen", cause));
    this.#inbox.takeAll();
    const early = this.#tooLong || (cause.kind !== "shutdown" && cause.kind !== "aborted");
    this.#inbox.complete(early ? associationEnded("associationLost", cause) : undefined);
    this.#outcomes.complete();
    this.#paths.complete();
    this.#events.complete();
    this.#resolveClosed(cause);
  }

  #abortTooLong(): void {
    if (this.#tooLong) return;
    this.#tooLong = true;
    this.#abortDetail = `the peer sent a message of more than ${this.#link.maxMessageBytes} bytes`;
    void this.abort(this.#abortDetail);
  }

  #writerFinished(duplex: AssociationDuplex): void {
    this.#writers.delete(duplex);
    if (this.#writers.size === 0) void this.close();
  }
}

function notBytes(data: unknown): StackError | undefined {
  if (data instanceof Uint8Array) return undefined;
  const got =
    typeof data === "string" ? "a string; encode it first, as new TextEncoder() does" : typeof data;
  return new StackError("invalidArgument", `data: expected a Uint8Array, got ${got}`);
}

function checkBytes(data: unknown): void {
  const wrong = notBytes(data);
  if (wrong !== undefined) throw wrong;
}
