import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Oracle, replay, runSchedule, runSchedules } from "../src/index.js";

const noSends: Oracle = {
  name: "noSends",
  watch: (pair) => ({
    end: () => (pair.applied.some((op) => op.op === "send") ? "something was sent" : undefined),
  }),
};

test("counts what ran and failed, and tells after each", () => {
  const told: (readonly [number, number])[] = [];
  const result = runSchedules({
    count: 20,
    seed: 4,
    maxOps: 5,
    progress: (done, failed) => told.push([done, failed]),
  });
  expect(result).toMatchObject({ ran: 20, failed: 0, first: undefined });
  expect(told).toHaveLength(20);
  expect(told.at(-1)).toEqual([20, 0]);
});

test("stops at the first failure, makes it small, and tells how to run it again", () => {
  const result = runSchedules({ count: 100, seed: 4, oracles: [noSends] });
  const { first } = result;
  expect(result.failed).toBe(1);
  expect(result.ran).toBe((first?.run ?? -2) + 1);
  expect(first?.schedule.ops).toMatchObject([{ op: "send", bytes: 1 }]);
  expect(first?.violations).toMatchObject([{ oracle: "noSends", detail: "something was sent" }]);
  expect(first?.replay).toBe(`replay(${JSON.stringify(first?.schedule)})`);
  expect(first?.original.ops.length).toBeGreaterThanOrEqual(1);
  const again = first === undefined ? undefined : replay(first.schedule, { oracles: [noSends] });
  expect(again?.violations).toEqual(first?.violations);
});

test("goes on and counts all failures when asked to", () => {
  const result = runSchedules({
    count: 30,
    seed: 4,
    maxOps: 6,
    oracles: [noSends],
    keepGoing: true,
    maxShrinks: 50,
  });
  expect(result.ran).toBe(30);
  expect(result.failed).toBeGreaterThan(10);
});

test("the same seed draws the same schedules", () => {
  const digests = (): string[] => {
    const all: string[] = [];
    const listener: Oracle = {
      name: "listener",
      watch: (pair) => ({
        end: () => {
          all.push(pair.digest);
          return undefined;
        },
      }),
    };
    runSchedules({ count: 10, seed: 9, maxOps: 8, oracles: [listener], replayEvery: 0 });
    return all;
  };
  expect(digests()).toEqual(digests());
});

test("operations of one's own, drawn beside the others", () => {
  let done = 0;
  const result = runSchedules({
    count: 30,
    seed: 2,
    kinds: ["advance", "send"],
    moreOps: [fc.constant({ op: "user", name: "mine" } as const)],
    userOps: {
      mine: () => {
        done++;
      },
    },
    replayEvery: 0,
  });
  expect(result.failed).toBe(0);
  expect(done).toBeGreaterThan(10);
});

test("nothing to run is nothing run; what is not allowed is refused", () => {
  expect(runSchedules({ count: 0 })).toMatchObject({ ran: 0, failed: 0, first: undefined });
  expect(() => runSchedules({ count: -1 })).toThrow("count: got -1");
  expect(() => runSchedules({ seed: 1.5 })).toThrow("seed: got 1.5");
});

test("a schedule of nothing sets up and closes", () => {
  const result = runSchedule({ seed: 0, topology: { delaysMs: [10, 25] }, ops: [] });
  expect(result).toMatchObject({ ok: true, accepted: 0, delivered: 0 });
  expect(result.pair.a.ended).toEqual({ kind: "shutdown" });
});
