import fc from "fast-check";
import type { Op } from "./op.js";
import type { Oracle } from "./oracle.js";
import type { SchedulesOptions } from "./run-schedules.js";

/** Loss of packets up to here, per cent, is no reason to leave a path. */
const LITTLE_LOSS = 3;

/**
 * Schedules of mere jitter, loss up to 3 % and reordering, under traffic, and the rule that no path is left
 * for them. For {@link runSchedules}.
 *
 * @param paths paths of the network
 * @defaultValue 2
 * @example
 * runSchedules({ ...disturbances(2), count: 10_000 }).failed; // 0
 */
export function disturbances(paths = 2): SchedulesOptions {
  const on = {
    path: fc.nat({ max: paths - 1 }),
    direction: fc.constantFrom("both" as const, "aToZ" as const, "zToA" as const),
  };
  const ops: fc.Arbitrary<Op>[] = [
    fc.record({
      op: fc.constant("loss" as const),
      ...on,
      percent: fc.integer({ min: 0, max: LITTLE_LOSS }),
    }),
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
  return { paths, kinds: ["advance", "send"], moreOps: ops, oracles: [steady], replayEvery: 0 };
}

/** No side moves its data to another path. */
export const steady: Oracle = {
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
