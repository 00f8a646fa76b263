import { type Instant, NEVER } from "@multihome/base";
import type { EventSource, SimContext } from "./sim-context.js";

/** Something that the simulation's user wants done at an instant. */
export class ScheduledAction implements EventSource {
  heapIndex: number;
  at: Instant;
  seq: number;
  readonly #context: SimContext;
  readonly #action: () => void;
  readonly #done: () => void;

  /** @param done called once, when the action is about to run or is cancelled */
  constructor(context: SimContext, at: Instant, action: () => void, done: () => void) {
    this.heapIndex = -1;
    this.at = NEVER;
    this.seq = 0;
    this.#context = context;
    this.#action = action;
    this.#done = done;
    context.events.set(this, at, context.nextSeq());
  }

  /** True until it has run or was cancelled. */
  get pending(): boolean {
    return this.heapIndex >= 0;
  }

  /** Drops the action; nothing happens if it has run. */
  cancel(): void {
    if (!this.pending) return;
    this.#context.events.remove(this);
    this.#done();
  }

  fire(): void {
    this.#context.events.remove(this);
    this.#done();
    this.#action();
  }
}
