import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { EPOCH, type Instant, instantAdd, micros, NEVER } from "@multihome/base";
import { SendTimes } from "./send-times.js";

const at = (us: number): Instant => instantAdd(EPOCH, micros(us));

describe("times of sending that await an answer", () => {
  test("nothing sent: nothing is awaited", () => {
    const times = new SendTimes();
    expect([times.first, times.last]).toEqual([NEVER, NEVER]);
  });

  test("an answer settles what was sent at its time and before", () => {
    const times = new SendTimes();
    for (const us of [100, 200, 300]) times.add(at(us), 0);
    times.answered(at(200));
    expect([times.first, times.last]).toEqual([300, 300]);
    times.answered(at(300));
    expect([times.first, times.last]).toEqual([NEVER, NEVER]);
  });

  test("an old answer settles nothing", () => {
    const times = new SendTimes();
    times.add(at(100), 0);
    times.answered(at(99));
    expect(times.first).toBe(100);
  });

  test("the last of a burst is awaited though it shares the place of the first", () => {
    const times = new SendTimes();
    times.add(at(100), 50);
    times.add(at(110), 50);
    times.answered(at(100));
    expect(times.first).toBe(110);
    times.answered(at(110));
    expect(times.first).toBe(NEVER);
  });

  test("more than it has places for: the first and the last are kept", () => {
    const times = new SendTimes();
    for (let us = 1; us <= 1000; us++) times.add(at(us), 0);
    expect([times.first, times.last]).toEqual([1, 1000]);
    times.answered(at(500));
    expect(times.first).toBe(1000);
  });
});

// Against a list of all times: what it tells to be awaited is awaited, and never earlier than the first
// that is; it tells that nothing is only when nothing is.
propertyTest.prop([
  fc.array(
    fc.oneof(
      fc.record({ op: fc.constant("add" as const), after: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ op: fc.constant("answered" as const), before: fc.integer({ min: 0, max: 400 }) }),
    ),
    { maxLength: 100 },
  ),
  fc.integer({ min: 0, max: 60 }),
])("agrees with a list of all times", (ops, spacing) => {
  const times = new SendTimes();
  let awaited: Instant[] = [];
  let now = 1;
  for (const o of ops) {
    if (o.op === "add") {
      now += o.after;
      times.add(at(now), spacing);
      awaited.push(at(now));
    } else {
      const until = at(Math.max(0, now - o.before));
      times.answered(until);
      awaited = awaited.filter((t) => t > until);
    }
    const first = awaited[0] ?? NEVER;
    expect(times.last).toBe(awaited.at(-1) ?? NEVER);
    expect(times.first >= first).toBe(true);
    if (first === NEVER) expect(times.first).toBe(NEVER);
    else expect(awaited).toContain(times.first);
  }
});

test("what was sent before some moment is taken for answered, what was sent then is not", () => {
  const times = new SendTimes();
  for (const us of [10, 20, 30]) times.add(at(us), 0);
  times.answeredBefore(at(20));
  expect([times.first, times.last]).toEqual([at(20), at(30)]);
  times.answeredBefore(at(31));
  expect([times.first, times.last]).toEqual([NEVER, NEVER]);
});
