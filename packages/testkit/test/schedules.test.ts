import { expect, test } from "@jest/globals";
import { runSchedules } from "../src/index.js";

// With fixed seeds, so that a failure here is a change of ours. `multihome sim schedules --seed` draws others.
for (const { paths, count, seed } of [
  { paths: 2, count: 500, seed: 2 },
  { paths: 2, count: 500, seed: 4 },
  { paths: 2, count: 500, seed: 5 },
  { paths: 3, count: 500, seed: 3 },
]) {
  test(`${count} schedules over ${paths} paths, seed ${seed}, pass every oracle`, () => {
    const result = runSchedules({ paths, count, seed });
    expect(result.first).toBeUndefined();
    expect(result).toMatchObject({ ran: count, failed: 0 });
    // Schedules that carry nothing would prove nothing.
    expect(result.delivered).toBeGreaterThan(5 * count);
  }, 180_000);
}
