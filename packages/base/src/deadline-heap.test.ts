import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { DeadlineHeap, type HeapEntry } from "./deadline-heap.js";
import { type Instant, NEVER } from "./instant.js";

class Entry implements HeapEntry {
  heapIndex = -1;
  heapAt: Instant = NEVER;
  readonly heapOrder: number;
  constructor(order: number) {
    this.heapOrder = order;
  }
}

test("always knows the earliest, ties in a fixed order, for every sequence of moves", () => {
  const move = fc.tuple(
    fc.nat({ max: 19 }),
    fc.oneof(fc.nat({ max: 50 }), fc.constant(Number.POSITIVE_INFINITY)),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 300 }), (moves) => {
      const heap = new DeadlineHeap<Entry>();
      const entries = Array.from({ length: 20 }, (_, i) => new Entry(i));
      const at = new Map<Entry, number>();
      for (const [i, t] of moves) {
        const entry = entries[i] as Entry;
        heap.set(entry, t as Instant);
        if (t === Number.POSITIVE_INFINITY) at.delete(entry);
        else at.set(entry, t);
        const first = [...at].sort((p, q) => p[1] - q[1] || p[0].heapOrder - q[0].heapOrder)[0];
        expect(heap.next()).toBe(first?.[1] ?? NEVER);
        expect(heap.peek()).toBe(first?.[0]);
        expect(heap.size).toBe(at.size);
      }
    }),
  );
});
