import type { Instant } from "./instant.js";

/** What a field of a trace holds: whatever JSON can. */
export type TraceValue =
  | string
  | number
  | boolean
  | null
  | readonly TraceValue[]
  | { readonly [name: string]: TraceValue };

/** One line of a trace: what happened when, to whom. Values are plain, so that it prints as JSON. */
export interface TraceEvent {
  readonly at: Instant;
  /** What happened, such as `packetIn`. */
  readonly kind: string;
  readonly [field: string]: TraceValue;
}

/** Takes trace events in the order in which they happened. Must not call back, and must not throw. */
export type TraceSink = (event: TraceEvent) => void;

/**
 * A decision inside a core, and what led to it. It has no time of its own: a core decides when it is
 * given an input, and who gives the input knows the time.
 */
export interface TraceNote {
  /** What was decided, such as `suspected`. */
  readonly kind: string;
  readonly [field: string]: TraceValue;
}

/**
 * Takes the decisions of a core. A core asks `if (trace !== undefined)` before it makes a note, so that
 * tracing costs nothing when nobody listens.
 */
export type TraceNoteSink = (note: TraceNote) => void;

/**
 * A trace sink that writes each event as one line of JSON, without the newline.
 *
 * @example
 * const lines: string[] = [];
 * const sink = jsonLines((line) => lines.push(line));
 */
export const jsonLines =
  (write: (line: string) => void): TraceSink =>
  (event) =>
    write(JSON.stringify(event));
