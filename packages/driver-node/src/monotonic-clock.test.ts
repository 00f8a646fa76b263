import { performance } from "node:perf_hooks";
import { describe, expect, test } from "@jest/globals";
import { MonotonicClock } from "./monotonic-clock.js";

describe("MonotonicClock", () => {
  test("tells whole microseconds and never goes back", () => {
    const reads = [1.0004, 2.5, 2.4, 0, 3.00051];
    const clock = new MonotonicClock(() => reads.shift() ?? 0);
    expect([1, 2, 3, 4, 5].map(() => clock.now())).toEqual([1000, 2500, 2500, 2500, 3001]);
  });

  test("is the clock of performance.now()", () => {
    const before = performance.now();
    const told = new MonotonicClock().now() / 1000;
    expect(told).toBeGreaterThanOrEqual(before - 0.001);
    expect(told).toBeLessThanOrEqual(performance.now() + 0.001);
  });
});
