import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { EPOCH, instantAdd, micros, NEVER } from "@multihome/base";
import { comesBefore, type Timed, TimeHeap } from "./time-heap.js";

const entry = (): Timed => ({ heapIndex: -1, at: NEVER, seq: 0 });
const at = (us: number) => instantAdd(EPOCH, micros(us));

describe("TimeHeap", () => {
  test("gives entries by time, and those of one time by sequence number", () => {
    const heap = new TimeHeap<Timed>();
    const [first, second, third] = [entry(), entry(), entry()];
    heap.set(third, at(9), 1);
    heap.set(second, at(5), 3);
    heap.set(first, at(5), 2);
    expect(heap.next()).toBe(5);
    for (const expected of [first, second, third]) {
      expect(heap.peek()).toBe(expected);
      heap.remove(expected);
    }
    expect(heap.next()).toBe(NEVER);
  });

  const command = fc.record({
    entry: fc.nat({ max: 11 }),
    at: fc.oneof(fc.nat({ max: 8 }), fc.constant(undefined)),
  });

  test.prop([fc.array(command, { maxLength: 200 })])(
    "is always led by the least of what was set, moved and removed",
    (commands) => {
      const heap = new TimeHeap<Timed>();
      const entries = Array.from({ length: 12 }, entry);
      const inside = new Set<Timed>();
      let seq = 0;
      for (const { entry: index, at: us } of commands) {
        const moved = entries[index];
        if (moved === undefined) continue;
        heap.set(moved, us === undefined ? NEVER : at(us), ++seq);
        if (us === undefined) inside.delete(moved);
        else inside.add(moved);
        const least = [...inside].reduce<Timed | undefined>(
          (best, next) => (best === undefined || comesBefore(next, best) ? next : best),
          undefined,
        );
        expect(heap.peek()).toBe(least);
        expect(heap.size).toBe(inside.size);
      }
    },
  );
});
