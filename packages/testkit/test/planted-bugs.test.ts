import { describe, expect, test } from "@jest/globals";
import { replay, runSchedules } from "../src/index.js";
import { plantedBugs } from "./planted-bugs.js";

describe("the test kit finds, and makes small", () => {
  for (const [name, makeCore] of Object.entries(plantedBugs)) {
    test(name, () => {
      const options = { makeCore, sctp: { sendBufferBytes: 100_000 }, maxMs: 20_000 } as const;
      const result = runSchedules({ ...options, count: 5000, seed: 1, maxShrinks: 300 });
      expect(result.failed).toBe(1);
      const found = result.first;
      expect(found?.schedule.ops.length).toBeLessThanOrEqual(5);
      // What it prints can be pasted back, and fails in the same way.
      const again = found === undefined ? undefined : replay(found.schedule, options);
      expect(again?.violations[0]).toEqual(found?.violations[0]);
      // Without the fault the same schedule passes.
      const { makeCore: _, ...sound } = options;
      expect(found === undefined ? undefined : replay(found.schedule, sound).violations).toEqual(
        [],
      );
    }, 60_000);
  }
});
