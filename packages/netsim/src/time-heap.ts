import { type Instant, NEVER } from "@multihome/base";

/** What can stand in a {@link TimeHeap}. The heap writes all three fields. */
export interface Timed {
  /** Place in the heap, or -1 when outside. */
  heapIndex: number;
  at: Instant;
  /** Number that orders equal times: what was scheduled first comes first. */
  seq: number;
}

/** A binary heap ordered by (time, sequence number) whose entries can be moved. Allocates nothing. */
export class TimeHeap<T extends Timed> {
  readonly #items: T[];

  constructor() {
    this.#items = [];
  }

  get size(): number {
    return this.#items.length;
  }

  /** The entry that comes first. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** The time of the first entry; NEVER when empty. */
  next(): Instant {
    const first = this.#items[0];
    return first === undefined ? NEVER : first.at;
  }

  /** Enters or moves an entry; with NEVER it leaves. */
  set(entry: T, at: Instant, seq: number): void {
    if (at === NEVER) {
      this.remove(entry);
      return;
    }
    if (entry.heapIndex >= 0 && entry.at === at && entry.seq === seq) return;
    entry.at = at;
    entry.seq = seq;
    if (entry.heapIndex < 0) {
      entry.heapIndex = this.#items.length;
      this.#items.push(entry);
    }
    this.#settle(entry);
  }

  remove(entry: T): void {
    const place = entry.heapIndex;
    if (place < 0) return;
    entry.heapIndex = -1;
    const last = this.#items.pop();
    if (last === undefined || last === entry) return;
    last.heapIndex = place;
    this.#items[place] = last;
    this.#settle(last);
  }

  #settle(entry: T): void {
    const items = this.#items;
    let place = entry.heapIndex;
    while (place > 0) {
      const up = (place - 1) >> 1;
      const parent = items[up];
      if (parent === undefined || !comesBefore(entry, parent)) break;
      items[place] = parent;
      parent.heapIndex = place;
      place = up;
    }
    for (;;) {
      let below = 2 * place + 1;
      let child = items[below];
      if (child === undefined) break;
      const right = items[below + 1];
      if (right !== undefined && comesBefore(right, child)) {
        child = right;
        below++;
      }
      if (!comesBefore(child, entry)) break;
      items[place] = child;
      child.heapIndex = place;
      place = below;
    }
    items[place] = entry;
    entry.heapIndex = place;
  }
}

/** True if `a` is due before `b`. */
export const comesBefore = (a: Timed, b: Timed): boolean =>
  a.at < b.at || (a.at === b.at && a.seq < b.seq);
