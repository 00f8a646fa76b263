import type { TraceEvent } from "multihome";
import { maybe, num, text } from "./fields.js";
import type { Amount } from "./path-story.js";

/** Chunks that are marked and not sent again yet: of older ones the reason is forgotten. */
const MAX_MARKED = 1 << 17;

interface Marked {
  readonly why: string;
  readonly trouble: Amount;
}

/** DATA that was sent again, by the path it was taken from and by the reason. */
export class Retransmissions {
  readonly sums: Map<string, Amount & { readonly path: number; readonly why: string }>;
  /** By TSN. */
  readonly #marked: Map<number, Marked>;

  constructor() {
    this.sums = new Map();
    this.#marked = new Map();
  }

  /**
   * A line of kind `marked`.
   * @param trouble what the trouble costs that it was marked in: it may leave long after that is over
   */
  marked(e: TraceEvent, trouble: Amount): void {
    this.#marked.set(num(e, "tsn"), { why: text(e, "why"), trouble });
    if (this.#marked.size <= MAX_MARKED) return;
    // Most of the oldest were acknowledged before they left again.
    for (const tsn of this.#marked.keys()) {
      this.#marked.delete(tsn);
      return;
    }
  }

  /** A line of kind `retransmitted`. */
  sent(e: TraceEvent): void {
    const tsn = num(e, "tsn");
    const { why = "", trouble } = this.#marked.get(tsn) ?? {};
    this.#marked.delete(tsn);
    const path = maybe(e, "from");
    if (path === undefined) return;
    const key = `${path} ${why}`;
    const sum = this.sums.get(key) ?? { path, why, chunks: 0, bytes: 0 };
    this.sums.set(key, sum);
    addChunk(sum, num(e, "bytes"));
    // Loss that SACKs tell of is no trouble of the path.
    if (trouble !== undefined && why !== "lossDetected") addChunk(trouble, num(e, "bytes"));
  }
}

function addChunk(sum: Amount, bytes: number): void {
  sum.chunks++;
  sum.bytes += bytes;
}
