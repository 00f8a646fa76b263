import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Op, type Oracle, runSchedules } from "../src/index.js";

// Mere jitter, loss up to 3 % and reordering are no reason to leave a path, however they come together.

const on = {
  path: fc.nat({ max: 1 }),
  direction: fc.constantFrom("both" as const, "aToZ" as const, "zToA" as const),
};
const disturbances: fc.Arbitrary<Op>[] = [
  fc.record({ op: fc.constant("loss" as const), ...on, percent: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ op: fc.constant("jitter" as const), ...on, ms: fc.integer({ min: 0, max: 10 }) }),
  fc.record({
    op: fc.constant("reorder" as const),
    ...on,
    percent: fc.integer({ min: 0, max: 10 }),
    extraMs: fc.integer({ min: 0, max: 20 }),
  }),
  fc.record({
    op: fc.constant("send" as const),
    side: fc.constantFrom("a" as const, "z" as const),
    bytes: fc.integer({ min: 1, max: 3000 }),
    count: fc.integer({ min: 1, max: 100 }),
  }),
];

const steady: Oracle = {
  name: "steady",
  watch: (pair) => ({
    end() {
      // RFC 7829 s3.2 leaves a path after one timeout, whatever the reason.
      if (pair.topology.timing === "rfc") return undefined;
      for (const { side, node } of [pair.a, pair.z]) {
        for (const e of node.log) {
          if (e.kind !== "path" || e.event.kind !== "switched") continue;
          return `${side} switched at ${e.at / 1000} ms: ${e.event.cause}`;
        }
      }
      return undefined;
    },
  }),
};

test("500 schedules of jitter, loss up to 3 % and reordering move nothing", () => {
  const result = runSchedules({
    count: 500,
    seed: 1,
    kinds: ["advance", "send"],
    moreOps: disturbances,
    oracles: [steady],
    replayEvery: 0,
  });
  expect(result.first).toBeUndefined();
  expect(result).toMatchObject({ ran: 500, failed: 0 });
  expect(result.delivered).toBeGreaterThan(10_000);
}, 60_000);
