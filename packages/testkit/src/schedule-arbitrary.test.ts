import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { OpKind } from "./op.js";
import { STANDARD_KINDS, scheduleArbitrary } from "./schedule-arbitrary.js";

const sample = (n: number, ...args: Parameters<typeof scheduleArbitrary>) =>
  fc.sample(scheduleArbitrary(...args), { numRuns: n, seed: 1 });

test("schedules are plain JSON", () => {
  for (const schedule of sample(200)) {
    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
  }
});

test("every kind is drawn, in long and short schedules", () => {
  const seen = new Set<OpKind>();
  const lengths = new Set<number>();
  for (const { ops } of sample(500)) {
    lengths.add(ops.length);
    for (const { op } of ops) seen.add(op);
  }
  expect([...seen].sort()).toEqual([...STANDARD_KINDS].sort());
  expect(Math.max(...lengths)).toBeGreaterThan(35);
  expect(lengths.has(0)).toBe(true);
});

test("only the kinds, paths and lengths that were asked for", () => {
  const drawn = sample(200, { paths: 3, maxOps: 5, kinds: ["cut", "advance"] });
  for (const { ops, topology } of drawn) {
    expect(topology.delaysMs).toHaveLength(3);
    expect(ops.length).toBeLessThanOrEqual(5);
    for (const op of ops) {
      expect(["cut", "advance"]).toContain(op.op);
      if (op.op === "cut") expect(op.path).toBeLessThan(3);
    }
  }
});

test("a topology and operations of one's own", () => {
  const topology = { delaysMs: [1] };
  const mine = fc.constant({ op: "user", name: "mine" } as const);
  const drawn = sample(100, { paths: 1, topology, moreOps: [mine] });
  expect(drawn.every((s) => s.topology === topology)).toBe(true);
  expect(drawn.some((s) => s.ops.some((o) => o.op === "user"))).toBe(true);
});
