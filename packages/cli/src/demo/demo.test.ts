import { describe, expect, test } from "@jest/globals";
import { RateMeter } from "../output/rate-meter.js";
import { findDemoPaths } from "./demo-paths.js";
import { FaultScript } from "./fault-script.js";
import { GapMeter, longestGap } from "./gap-meter.js";

describe("the script of faults", () => {
  /** Runs the script as fast as it lets the file arrive. */
  function run(onPrimary = true): { fraction: number; cut: string[] }[] {
    const script = new FaultScript();
    const cut = new Set<string>();
    const states: { fraction: number; cut: string[] }[] = [];
    let fraction = 0;
    for (let ms = 0; ms < 100_000 && !script.over; ms += 50) {
      if (cut.size < 2) fraction += 0.005;
      for (const action of script.step(fraction, ms, onPrimary)) {
        if (action.kind === "cut") cut.add(action.path);
        else cut.delete(action.path);
      }
      states.push({ fraction, cut: [...cut].sort() });
    }
    return states;
  }

  test("cuts the primary, then the other, then both, and heals all before the end", () => {
    const order = run()
      .map((state) => state.cut.join("+"))
      .filter((cut, i, all) => cut !== all[i - 1]);
    expect(order).toEqual(["", "primary", "", "other", "", "other+primary", ""]);
    expect(run().at(-1)?.fraction).toBeLessThan(1);
  });

  test("leaves the primary the time to come back before the other is cut", () => {
    const cutOther = (states: ReturnType<typeof run>): number =>
      states.find((state) => state.cut.includes("other"))?.fraction ?? 0;
    expect(cutOther(run(false))).toBeGreaterThan(cutOther(run(true)));
    expect(run(false).at(-1)?.cut).toEqual([]);
  });

  test("does one step at a time, however much arrived at once", () => {
    const script = new FaultScript();
    expect(script.step(1, 0, true)).toEqual([{ kind: "cut", path: "primary" }]);
    expect(script.step(1, 0, true)).toEqual([{ kind: "heal", path: "primary" }]);
  });
});

test("gaps are measured between deliveries, and belong to the time that they touch", () => {
  const meter = new GapMeter();
  for (const ms of [10, 11, 12, 112, 113, 613, 614]) meter.delivered(ms);
  expect(meter.gaps).toEqual([
    { fromMs: 12, toMs: 112 },
    { fromMs: 113, toMs: 613 },
  ]);
  expect(longestGap(meter.gaps)).toBe(500);
  expect(longestGap(meter.gaps, 0, 50)).toBe(100);
  expect(longestGap(meter.gaps, 700, 800)).toBe(0);
});

test("a rate is that of the last second", () => {
  const meter = new RateMeter();
  expect(meter.add(0, 0)).toBe(0);
  expect(meter.add(500, 62_500)).toBe(1_000_000);
  for (let ms = 600; ms <= 3000; ms += 100) meter.add(ms, 62_500);
  expect(meter.add(3100, 62_500)).toBe(0);
});

test("the two paths share no address pair", async () => {
  const paths = await findDemoPaths();
  expect(paths.map((p) => p.name)).toEqual(["wifi", "cellular"]);
  expect(new Set(paths.map((p) => `${p.local} ${p.remote}`)).size).toBe(2);
  expect(new Set(paths.map((p) => p.local)).size).toBe(2);
});
