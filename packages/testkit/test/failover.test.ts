import { describe, expect, test } from "@jest/globals";
import { type FailoverFault, runFailover } from "../src/index.js";

// What docs/failover.md promises, over a few seeds; `multihome sim failover --seeds 1000` runs more.
const SEEDS = 10;
const SHORT = { seeds: SEEDS, downMs: 2000, afterMs: 500 } as const;

describe("with defaults, at a round trip of 50 ms, the longest gap", () => {
  for (const [fault, mostMs] of [
    ["blackhole", 150],
    ["blackholeAToZ", 150],
    ["blackholeZToA", 150],
    ["icmp", 150],
    ["slow", 150],
    ["linkdown", 75], // one and a half round trips
    ["lossy", 400],
  ] as const satisfies readonly (readonly [FailoverFault, number])[]) {
    for (const traffic of ["aToZ", "both", "idle"] as const) {
      test(`of ${fault}, traffic ${traffic}, is at most ${mostMs} ms`, () => {
        const r = runFailover({ ...SHORT, fault, traffic });
        expect(r.gapMs.max).toBeLessThanOrEqual(mostMs);
        expect(r).toMatchObject({
          lost: 0,
          duplicated: 0,
          reordered: 0,
          ended: 0,
          falseSwitches: 0,
        });
      });
    }
  }
});

describe("at other round trips and with more paths, the longest gap of a blackhole", () => {
  for (const [rttMs, paths, mostMs] of [
    [5, 2, 60],
    [200, 2, 400],
    [50, 3, 150],
  ] as const) {
    test(`of ${rttMs} ms over ${paths} paths is at most ${mostMs} ms`, () => {
      const r = runFailover({ ...SHORT, rttMs, paths });
      expect(r.gapMs.max).toBeLessThanOrEqual(mostMs);
      expect(r).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, ended: 0 });
    });
  }
});

describe("nothing moves for", () => {
  for (const fault of ["none", "jitter", "loss3", "reorder"] as const) {
    for (const rttMs of [50, 200]) {
      test(`${fault} at a round trip of ${rttMs} ms`, () => {
        const r = runFailover({ ...SHORT, fault, rttMs, traffic: "both" });
        expect(r).toMatchObject({
          falseSwitches: 0,
          lost: 0,
          duplicated: 0,
          reordered: 0,
          ended: 0,
        });
      });
    }
  }
});

test("a primary that is healed is used again, without help, in every seed", () => {
  for (const fault of [
    "blackhole",
    "blackholeAToZ",
    "linkdown",
    "icmp",
    "lossy",
    "slow",
  ] as const) {
    for (const traffic of ["aToZ", "idle"] as const) {
      const r = runFailover({ seeds: 5, fault, traffic, everyMs: 50 });
      expect(r).toMatchObject({ usedAgain: 5, lost: 0, duplicated: 0, reordered: 0 });
    }
  }
});

test("an acknowledgement that waits is no silence: a healed path with a small window is used, and stays so", () => {
  // SACKs that came exactly when silence was suspected had data go over the other path without end.
  for (const firstSeed of [20, 94, 235]) {
    const r = runFailover({ seeds: 1, firstSeed, fault: "lossy", traffic: "both", rttMs: 200 });
    expect(r).toMatchObject({ usedAgain: 1, lost: 0, duplicated: 0, reordered: 0 });
  }
});

test("a primary that turned slow is not, while it is", () => {
  expect(runFailover({ seeds: 5, fault: "slow", everyMs: 50 }).switches).not.toHaveProperty(
    "switchback",
  );
});

test("timing 'rfc' takes the time of the RFC", () => {
  const r = runFailover({ seeds: 5, timing: "rfc", downMs: 10_000, afterMs: 1000 });
  expect(r.gapMs.p50).toBeGreaterThanOrEqual(900); // RTO.Min is 1 s; RFC 7829 leaves the path at the first timeout
  expect(r.gapMs.max).toBeLessThan(5000);
  expect(r).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, ended: 0, falseSwitches: 0 });
});

test("two runs with the same seeds are the same", () => {
  const options = { ...SHORT, seeds: 2, firstSeed: 77, fault: "lossy" } as const;
  expect(runFailover(options)).toEqual(runFailover(options));
});

test("progress is told after each run", () => {
  const told: number[] = [];
  runFailover({ ...SHORT, seeds: 3, progress: (done) => told.push(done) });
  expect(told).toEqual([1, 2, 3]);
});

test("what is not allowed is refused with what is", () => {
  expect(() => runFailover({ paths: 1 })).toThrow("paths: got 1, expected an integer from 2 to 8");
  expect(() => runFailover({ seeds: 0 })).toThrow("seeds");
  // A value from a command line that the type does not allow.
  const fault: string = "meteor";
  expect(() => runFailover(JSON.parse(JSON.stringify({ fault })))).toThrow(
    "expected one of blackhole",
  );
});
