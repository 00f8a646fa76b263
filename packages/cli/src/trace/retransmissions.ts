import type { TraceEvent } from "multihome";
import { maybe, num, text } from "./fields.js";
import type { Amount } from "./path-story.js";

/** Chunks that are marked and not sent again yet: of more the reason is not known. */
const MAX_MARKED = 1 << 17;

/** DATA that was sent again, by the path it was taken from and by the reason. */
export class Retransmissions {
  readonly sums: Map<string, Amount & { readonly path: number; readonly why: string }>;
  /** Reasons by TSN. */
  readonly #marked: Map<number, string>;

  constructor() {
    this.sums = new Map();
    this.#marked = new Map();
  }

  /** A line of kind `marked`. */
  marked(e: TraceEvent): void {
    if (this.#marked.size < MAX_MARKED) this.#marked.set(num(e, "tsn"), text(e, "why"));
  }

  /** A line of kind `retransmitted`. Gives the path that it was taken from, and the reason. */
  sent(e: TraceEvent): { readonly path: number; readonly why: string } | undefined {
    const tsn = num(e, "tsn");
    const why = this.#marked.get(tsn) ?? "";
    this.#marked.delete(tsn);
    const path = maybe(e, "from");
    if (path === undefined) return undefined;
    const key = `${path} ${why}`;
    const sum = this.sums.get(key) ?? { path, why, chunks: 0, bytes: 0 };
    this.sums.set(key, sum);
    addChunk(sum, num(e, "bytes"));
    return { path, why };
  }
}

/** One chunk more. */
export function addChunk(sum: Amount, bytes: number): void {
  sum.chunks++;
  sum.bytes += bytes;
}
