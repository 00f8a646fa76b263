import { type Instant, NEVER } from "./instant.js";

/** What can stand in a {@link DeadlineHeap}; the two fields belong to the heap. */
export interface HeapEntry {
  /** Place in the heap, or -1 when outside. Start with -1. */
  heapIndex: number;
  /** Deadline as the heap knows it. Start with NEVER. */
  heapAt: Instant;
  /** Distinct number that orders equal deadlines, so that runs replay alike. */
  readonly heapOrder: number;
}

/** The earliest of many deadlines: O(log n) to move one, O(1) to read the least. */
export class DeadlineHeap<T extends HeapEntry> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The least deadline; NEVER when the heap is empty. */
  next(): Instant {
    const top = this.#items[0];
    return top === undefined ? NEVER : top.heapAt;
  }

  /** The entry with the least deadline. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Enters, moves, or (with NEVER) removes an entry. */
  set(entry: T, at: Instant): void {
    if (entry.heapIndex >= 0) {
      if (entry.heapAt === at) return;
      if (at === NEVER) {
        this.remove(entry);
        return;
      }
      entry.heapAt = at;
      this.#settle(entry);
      return;
    }
    if (at === NEVER) return;
    entry.heapAt = at;
    entry.heapIndex = this.#items.length;
    this.#items.push(entry);
    this.#settle(entry);
  }

  /** Removes an entry; nothing happens if it is outside. */
  remove(entry: T): void {
    const i = entry.heapIndex;
    if (i < 0) return;
    const last = this.#items.pop() as T;
    entry.heapIndex = -1;
    entry.heapAt = NEVER;
    if (last === entry) return;
    last.heapIndex = i;
    this.#items[i] = last;
    this.#settle(last);
  }

  #settle(entry: T): void {
    const items = this.#items;
    let i = entry.heapIndex;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = items[up] as T;
      if (!before(entry, parent)) break;
      items[i] = parent;
      parent.heapIndex = i;
      i = up;
    }
    for (;;) {
      let down = 2 * i + 1;
      if (down >= items.length) break;
      const right = items[down + 1];
      if (right !== undefined && before(right, items[down] as T)) down++;
      const child = items[down] as T;
      if (!before(child, entry)) break;
      items[i] = child;
      child.heapIndex = i;
      i = down;
    }
    items[i] = entry;
    entry.heapIndex = i;
  }
}

const before = (a: HeapEntry, b: HeapEntry): boolean =>
  a.heapAt < b.heapAt || (a.heapAt === b.heapAt && a.heapOrder < b.heapOrder);
