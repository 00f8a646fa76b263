import type { TraceNote, TraceValue } from "@multihome/base";
import type { AssociationId } from "@multihome/sctp";

/** Watches the receive windows that SACKs tell, in both directions: a line when one closes or opens. */
export class TraceWindows {
  /** Windows that are closed, by association and side. */
  readonly #closed: Set<string>;

  constructor() {
    this.#closed = new Set();
  }

  /**
   * A packet with these chunks went over.
   * @param side whose window its SACKs tell
   */
  change(
    id: AssociationId,
    side: "ours" | "peer",
    chunks: TraceValue | undefined,
  ): TraceNote | undefined {
    const aRwnd = lastWindow(chunks);
    if (aRwnd === undefined) return undefined;
    const key = `${id} ${side}`;
    const closed = aRwnd === 0;
    if (closed === this.#closed.has(key)) return undefined;
    if (closed) this.#closed.add(key);
    else this.#closed.delete(key);
    return { kind: "window", association: id, side, closed, aRwnd };
  }

  forget(id: AssociationId): void {
    this.#closed.delete(`${id} ours`);
    this.#closed.delete(`${id} peer`);
  }
}

function lastWindow(chunks: TraceValue | undefined): number | undefined {
  let found: number | undefined;
  if (!Array.isArray(chunks)) return undefined;
  for (const c of chunks) if (typeof c.aRwnd === "number") found = c.aRwnd;
  return found;
}
