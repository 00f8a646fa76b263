import { expect, test } from "@jest/globals";
import type { Op, Schedule } from "./op.js";
import { shrinkSchedule } from "./shrink-schedule.js";

const noise: Op[] = [
  { op: "loss", path: 0, direction: "both", percent: 30 },
  { op: "jitter", path: 1, ms: 12 },
  { op: "advance", ms: 777 },
];
const big: Schedule = {
  seed: 123_456,
  topology: { delaysMs: [10, 20], udp: true, mesh: true },
  ops: [
    ...noise,
    { op: "cut", path: 1, direction: "aToZ" },
    ...noise,
    { op: "send", side: "a", bytes: 4321, count: 17, stream: 3, unordered: true },
    ...noise,
  ],
  duringSetup: true,
  closedBy: "both",
};

const has = (s: Schedule, kind: Op["op"]): boolean => s.ops.some((o) => o.op === kind);

test("keeps what the failure needs, and makes the rest plain", () => {
  const small = shrinkSchedule(big, (s) => has(s, "cut") && has(s, "send"));
  expect(small).toEqual({
    seed: 123_456,
    topology: { delaysMs: [10, 20] },
    ops: [
      { op: "cut", path: 1 },
      { op: "send", side: "a", bytes: 1 },
    ],
  });
});

test("keeps numbers as large as the failure needs", () => {
  const enough = (o: Op): boolean => o.op === "send" && o.bytes * (o.count ?? 1) >= 20_000;
  const small = shrinkSchedule(big, (s) => s.ops.some(enough));
  expect(small.ops).toHaveLength(1);
  expect(small.ops.some(enough)).toBe(true);
});

test("tries other seeds when the own one no longer fails", () => {
  const small = shrinkSchedule(big, (s) => s === big || (has(s, "cut") && s.seed === 2));
  expect(small).toEqual({
    seed: 2,
    topology: { delaysMs: [10, 20] },
    ops: [{ op: "cut", path: 1 }],
  });
});

test("keeps what the topology needs", () => {
  const small = shrinkSchedule(big, (s) => s.topology.mesh === true);
  expect(small.topology).toEqual({ delaysMs: [10, 20], mesh: true });
});

test("asks no more often than it may, and gives back what it was given if nothing smaller fails", () => {
  let asked = 0;
  const small = shrinkSchedule(
    big,
    () => {
      asked++;
      return false;
    },
    50,
  );
  expect(small).toBe(big);
  expect(asked).toBe(50);
});
