import { Ring, type Ssn, ssn, ssnAdd, type Tsn, tsnDiff, tsnLeq } from "@multihome/base";
import type { ReceivedMessage } from "./events.js";
import { joinPieces, PAGE_BYTES, type Piece, ReceiveArena } from "./receive-arena.js";

/** After so many pages what waits is copied out of them. */
const PAGES_UNTIL_COPY = 64;
/** What is held may pin so many bytes beside itself. */
export const MOST_PINNED: number = PAGES_UNTIL_COPY * PAGE_BYTES;

/** Fragments with consecutive TSNs of one message that is not complete yet. */
interface Run {
  beginTsn: Tsn;
  endTsn: Tsn;
  hasBegin: boolean;
  hasEnd: boolean;
  /** Its first part went to the application already (partial delivery). */
  partial: boolean;
  readonly streamId: number;
  readonly ssn: Ssn;
  ppid: number;
  readonly unordered: boolean;
  pieces: Piece[];
  bytes: number;
  /** Chunks that `pieces` hold. */
  chunks: number;
}

interface InStream {
  nextSsn: Ssn;
  /** Complete messages that wait for an earlier SSN; made when first needed. */
  waiting: Map<number, ReceivedMessage> | undefined;
}

/** What all have that received nothing yet; never written. */
const NO_STREAMS: Map<number, InStream> = new Map();

/** One DATA chunk as the reassembly takes it. Reused; valid during the call. */
export interface InboundChunk {
  bytes: Uint8Array;
  start: number;
  end: number;
  tsn: Tsn;
  streamId: number;
  ssn: Ssn;
  ppid: number;
  begin: boolean;
  endFlag: boolean;
  unordered: boolean;
}

/**
 * Puts fragments together and messages in order (RFC 9260 s6.5, s6.6, s6.9), and holds what the
 * application has not taken. `bytesHeld` is what counts against the receive window.
 */
export class Reassembly {
  /** User bytes held, whether complete or not. */
  bytesHeld: number;
  /** Chunks held and messages waiting, for a bound on what tiny chunks can make grow. */
  itemsHeld: number;
  readonly ready: Ring<ReceivedMessage>;
  readonly #arena: ReceiveArena;
  readonly #runs: Run[];
  #streams: Map<number, InStream>;
  /** The message that is being delivered in parts; at most one at a time. */
  #partialRun: Run | undefined;

  constructor() {
    this.bytesHeld = 0;
    this.itemsHeld = 0;
    this.ready = new Ring();
    this.#arena = new ReceiveArena();
    this.#runs = [];
    this.#streams = NO_STREAMS;
    this.#partialRun = undefined;
  }

  /** A fresh one that keeps only what is ready for the application: all streams begin at SSN 0. */
  restarted(): Reassembly {
    const next = new Reassembly();
    for (let m = this.ready.shift(); m !== undefined; m = this.ready.shift()) {
      next.ready.push(m);
      next.bytesHeld += m.data.length;
      next.itemsHeld++;
    }
    return next;
  }

  /** True if fragments of a message wait for more. */
  get incomplete(): boolean {
    return this.#runs.length > 0;
  }

  /**
   * Takes a new chunk, copying its bytes. Returns what the peer did wrong, if so; then nothing was
   * kept and the association is to be aborted.
   */
  add(c: InboundChunk, cumTsn: Tsn): string | undefined {
    if (this.#arena.pagesBegun > PAGES_UNTIL_COPY) this.#copyOut();
    const length = c.end - c.start;
    if (c.begin && c.endFlag) {
      const piece = this.#arena.store(c.bytes, c.start, c.end, undefined);
      this.bytesHeld += length;
      this.itemsHeld++;
      return this.#complete({
        data: piece.page.subarray(piece.at, piece.at + length),
        stream: c.streamId,
        ssn: c.ssn,
        ppid: c.ppid,
        unordered: c.unordered,
        begin: true,
        end: true,
      });
    }
    const at = this.#runIndexFor(c.tsn);
    const before = this.#runs[at - 1];
    const after = this.#runs[at];
    const joinsBefore = before !== undefined && tsnDiff(c.tsn, before.endTsn) === 1;
    const joinsAfter = after !== undefined && tsnDiff(after.beginTsn, c.tsn) === 1;
    if (joinsBefore && !before.hasEnd && c.begin) return "message begins inside another";
    if (joinsBefore && before.hasEnd && !c.begin) return "fragment without a begin";
    if (joinsAfter && !c.endFlag && after.hasBegin) return "message begins inside another";
    if (joinsAfter && c.endFlag && !after.hasBegin) return "fragment without a begin";
    const extendsBefore = joinsBefore && !before.hasEnd;
    const extendsAfter = joinsAfter && !c.endFlag;
    if (extendsBefore && !sameMessage(before, c)) return "fragments of one message differ";
    if (extendsAfter && !sameMessage(after, c)) return "fragments of one message differ";

    this.bytesHeld += length;
    this.itemsHeld++;
    let run: Run;
    if (extendsBefore) {
      run = before;
      const last = run.pieces[run.pieces.length - 1];
      const piece = this.#arena.store(c.bytes, c.start, c.end, last);
      if (piece !== last) run.pieces.push(piece);
      run.endTsn = c.tsn;
      run.hasEnd = c.endFlag;
      run.bytes += length;
      if (extendsAfter) {
        run.endTsn = after.endTsn;
        run.hasEnd = after.hasEnd;
        run.pieces.push(...after.pieces);
        run.bytes += after.bytes;
        run.chunks += after.chunks;
        this.#runs.splice(at, 1);
      }
    } else if (extendsAfter) {
      run = after;
      run.pieces.unshift(this.#arena.store(c.bytes, c.start, c.end, undefined));
      run.beginTsn = c.tsn;
      run.hasBegin = c.begin;
      run.ppid = c.begin ? c.ppid : run.ppid;
      run.bytes += length;
    } else {
      run = {
        beginTsn: c.tsn,
        endTsn: c.tsn,
        hasBegin: c.begin,
        hasEnd: c.endFlag,
        partial: false,
        streamId: c.streamId,
        ssn: c.ssn,
        ppid: c.ppid,
        unordered: c.unordered,
        pieces: [this.#arena.store(c.bytes, c.start, c.end, undefined)],
        bytes: length,
        chunks: 0,
      };
      this.#runs.splice(at, 0, run);
    }
    run.chunks++;
    if (run.hasBegin && run.hasEnd) return this.#finish(run);
    if (run.partial) this.deliverPart(cumTsn);
    return undefined;
  }

  /**
   * Partial delivery: hands the application what is there of the message that is next in its order,
   * so that the rest finds room (RFC 9260 s6.9). Returns whether anything was handed over.
   */
  deliverPart(cumTsn: Tsn): boolean {
    const run = this.#partialRun ?? this.#runs[0];
    if (run === undefined || run.bytes === 0) return false;
    if (!run.hasBegin || !tsnLeq(run.endTsn, cumTsn)) return false;
    if (!run.unordered && run.ssn !== this.#stream(run.streamId).nextSsn) return false;
    this.#pushPart(run, false);
    this.#partialRun = run;
    return true;
  }

  /** The next message or part for the application, which takes its bytes off the window. */
  take(): ReceivedMessage | undefined {
    const message = this.ready.shift();
    if (message === undefined) return undefined;
    this.bytesHeld -= message.data.length;
    this.itemsHeld--;
    return message;
  }

  /** Nothing came for a while: gives back the room that was needed in busier times. */
  rest(): void {
    this.#arena.rest();
    if (this.ready.length === 0) this.ready.clear();
  }

  /** Counts anew what {@link Reassembly.bytesHeld} and {@link Reassembly.itemsHeld} should be. */
  recount(): { readonly bytes: number; readonly items: number } {
    let bytes = 0;
    let items = this.ready.length;
    for (let i = 0; i < this.ready.length; i++) bytes += this.ready.at(i)?.data.length ?? 0;
    for (const run of this.#runs) {
      bytes += run.bytes;
      items += run.chunks;
    }
    for (const { waiting } of this.#streams.values()) {
      for (const message of waiting?.values() ?? []) {
        bytes += message.data.length;
        items++;
      }
    }
    return { bytes, items };
  }

  /**
   * Bytes of memory that cannot be freed because of what waits for fragments or for an earlier message.
   * For audits: it looks at everything held.
   */
  get bytesPinned(): number {
    const buffers = new Set<ArrayBufferLike>();
    for (const run of this.#runs) for (const piece of run.pieces) buffers.add(piece.page.buffer);
    for (const { waiting } of this.#streams.values()) {
      for (const message of waiting?.values() ?? []) buffers.add(message.data.buffer);
    }
    let bytes = 0;
    for (const buffer of buffers) bytes += buffer.byteLength;
    return bytes;
  }

  /**
   * A byte that waits keeps its page from being freed, whatever else was in it: a peer who makes one byte of
   * each page wait would have 64 KiB for it. So what waits is now and then copied to a place of its own.
   */
  #copyOut(): void {
    this.#arena.pagesBegun = 0;
    for (const run of this.#runs) {
      if (run.bytes === 0) continue;
      const page = joinPieces(run.pieces, run.bytes).slice();
      run.pieces = [{ page, at: 0, length: run.bytes }];
    }
    for (const { waiting } of this.#streams.values()) {
      if (waiting === undefined) continue;
      for (const [at, message] of waiting) {
        waiting.set(at, { ...message, data: message.data.slice() });
      }
    }
  }

  #finish(run: Run): string | undefined {
    this.#runs.splice(this.#runIndexFor(run.beginTsn) - 1, 1);
    if (run.partial) {
      this.#partialRun = undefined;
      this.#pushPart(run, true);
      if (!run.unordered) this.#advance(run.streamId);
      return undefined;
    }
    this.itemsHeld -= run.chunks - 1;
    return this.#complete({
      data: joinPieces(run.pieces, run.bytes),
      stream: run.streamId,
      ssn: run.ssn,
      ppid: run.ppid,
      unordered: run.unordered,
      begin: true,
      end: true,
    });
  }

  #pushPart(run: Run, end: boolean): void {
    this.ready.push({
      data: joinPieces(run.pieces, run.bytes),
      stream: run.streamId,
      ssn: run.ssn,
      ppid: run.ppid,
      unordered: run.unordered,
      begin: !run.partial,
      end,
    });
    this.itemsHeld -= run.chunks - 1;
    run.partial = true;
    run.chunks = 0;
    run.pieces = [];
    run.bytes = 0;
  }

  #complete(message: ReceivedMessage): string | undefined {
    if (message.unordered) {
      this.ready.push(message);
      return undefined;
    }
    const stream = this.#stream(message.stream);
    const at = ssn(message.ssn);
    if (at === stream.nextSsn && !this.#partialBlocks(message.stream)) {
      this.ready.push(message);
      this.#advance(message.stream);
      return undefined;
    }
    // Every other number is ahead: up to 2^16 - 1 messages of a stream may be under way (RFC 9260 s6.1).
    stream.waiting ??= new Map();
    if (at === stream.nextSsn || stream.waiting.has(at)) return "stream sequence number used twice";
    stream.waiting.set(at, message);
    return undefined;
  }

  /** The next SSN of a stream is through: releases what waited for it. */
  #advance(streamId: number): void {
    const stream = this.#stream(streamId);
    stream.nextSsn = ssnAdd(stream.nextSsn, 1);
    while (stream.waiting !== undefined && stream.waiting.size > 0) {
      const next = stream.waiting.get(stream.nextSsn);
      if (next === undefined) return;
      stream.waiting.delete(stream.nextSsn);
      this.ready.push(next);
      stream.nextSsn = ssnAdd(stream.nextSsn, 1);
    }
  }

  #partialBlocks(streamId: number): boolean {
    const run = this.#partialRun;
    return run !== undefined && !run.unordered && run.streamId === streamId;
  }

  #stream(id: number): InStream {
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      stream = { nextSsn: ssn(0), waiting: undefined };
      if (this.#streams === NO_STREAMS) this.#streams = new Map();
      this.#streams.set(id, stream);
    }
    return stream;
  }

  /** Index of the first run that begins after `t`. Arrivals are mostly at the end. */
  #runIndexFor(t: Tsn): number {
    const runs = this.#runs;
    let lo = 0;
    let hi = runs.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (tsnDiff((runs[mid] as Run).beginTsn, t) > 0) hi = mid;
      else lo = mid + 1;
    }
    return lo;
  }
}

const sameMessage = (run: Run, c: InboundChunk): boolean =>
  run.streamId === c.streamId &&
  run.unordered === c.unordered &&
  (c.unordered || run.ssn === c.ssn);
