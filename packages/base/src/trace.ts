import type { Instant } from "./instant.js";

/** One line of a trace: what happened when, to whom. Values are plain, so that it prints as JSON. */
export interface TraceEvent {
  readonly at: Instant;
  /** What happened, such as `pathSwitched`. */
  readonly kind: string;
  readonly [field: string]: string | number | boolean | null;
}

/**
 * Takes trace events. A core asks `if (trace !== undefined)` before it makes one, so that tracing
 * costs nothing when it is off.
 */
export type TraceSink = (event: TraceEvent) => void;
