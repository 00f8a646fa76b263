import {
  EPOCH,
  type Instant,
  type RandomSource,
  type TraceNote,
  type TraceSink,
  toBase64,
} from "@multihome/base";
import type { AssociationId } from "@multihome/sctp";
import type { TraceDetail, TraceFields } from "./trace-lines.js";

/** How a trace is written. */
export interface TraceOptions {
  readonly sink: TraceSink;
  /** Default `full`. */
  readonly detail?: TraceDetail;
  /** Name of the host, when one trace holds several; each line says it. */
  readonly host?: string;
}

/**
 * Puts the lines of a trace in order. What a core notes and draws while it takes one input is held back until
 * the input is over, so that the line of the input comes first and can say whose packet it was.
 */
export class TraceRecorder {
  readonly detail: TraceDetail;
  readonly #sink: TraceSink;
  readonly #head: TraceFields;
  readonly #pending: TraceNote[];
  /** Associations that this input touched. */
  readonly touched: Set<AssociationId>;
  #now: Instant;
  #packets: number;
  /** Whose packet is at hand. */
  #owner: TraceFields;

  constructor(options: TraceOptions) {
    this.detail = options.detail ?? "full";
    this.#sink = options.sink;
    this.#head = options.host === undefined ? {} : { host: options.host };
    this.#pending = [];
    this.touched = new Set();
    this.#now = EPOCH;
    this.#packets = 0;
    this.#owner = {};
  }

  /** The time of the last input, for calls that bring none. */
  get now(): Instant {
    return this.#now;
  }

  /** The number for the next packet; they count in both directions, from 1. */
  nextPacket(): number {
    return ++this.#packets;
  }

  /** A source of randomness whose numbers are written down; they are the core's inputs, too. */
  random(source: RandomSource): RandomSource {
    if (this.detail !== "full") return source;
    return {
      nextU32: () => {
        const value = source.nextU32();
        this.#pending.push({ kind: "draw", value });
        return value;
      },
      fill: (into) => {
        source.fill(into);
        this.#pending.push({ kind: "draw", data: toBase64(into) });
      },
    };
  }

  /** A decision of the core below. */
  note(note: TraceNote): void {
    if (typeof note["association"] === "number") this.touch(note["association"]);
    if (note.kind !== "packet") this.#pending.push(note);
    else {
      const { association, path } = note;
      if (association !== undefined) this.#owner = { association };
      if (typeof path === "number") this.#owner = { ...this.#owner, path };
    }
  }

  touch(id: number): void {
    this.touched.add(id as AssociationId);
  }

  /** An input is about to be taken. */
  begin(now: Instant): void {
    this.#now = now;
    this.#owner = {};
    this.touched.clear();
  }

  /** It was taken: its line, then all that it led to. */
  end(kind: string, fields: TraceFields): void {
    this.write({ kind, ...fields });
    for (const note of this.#pending) this.write(note);
    this.#pending.length = 0;
  }

  /** As {@link TraceRecorder.end}, for a packet: with its number, its association and path. */
  endPacket(kind: "packetIn" | "packetOut", fields: TraceFields): void {
    this.end(kind, { packet: this.nextPacket(), ...this.#owner, ...fields });
  }

  /** One line; `at` when it is not the time of the input. */
  write(note: TraceNote, at: Instant = this.#now): void {
    const { kind, ...fields } = note;
    this.#sink({ at, kind, ...this.#head, ...fields });
  }
}
