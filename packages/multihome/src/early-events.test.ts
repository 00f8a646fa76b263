import { describe, expect, test } from "@jest/globals";
import { EarlyEvents } from "./early-events.js";

describe("EarlyEvents", () => {
  test("the first subscriber gets what came before, later ones do not", () => {
    const events = new EarlyEvents<number>();
    events.next(1);
    events.next(2);
    const first: number[] = [];
    const second: number[] = [];
    events.stream$.subscribe((n) => first.push(n));
    events.next(3);
    events.stream$.subscribe((n) => second.push(n));
    events.next(4);
    expect(first).toEqual([1, 2, 3, 4]);
    expect(second).toEqual([4]);
  });

  test("keeps the last 256", () => {
    const events = new EarlyEvents<number>();
    for (let i = 0; i < 1000; i++) events.next(i);
    const seen: number[] = [];
    events.stream$.subscribe((n) => seen.push(n));
    expect(seen).toHaveLength(256);
    expect([seen[0], seen[255]]).toEqual([744, 999]);
  });

  test("who subscribes after the end still gets what came before it", () => {
    const events = new EarlyEvents<number>();
    events.next(1);
    events.complete();
    const seen: (number | string)[] = [];
    events.stream$.subscribe({ next: (n) => seen.push(n), complete: () => seen.push("|") });
    expect(seen).toEqual([1, "|"]);
  });
});
