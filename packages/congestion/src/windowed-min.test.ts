import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { type Instant, instantAdd, micros } from "@multihome/base";
import { WindowedMin } from "./windowed-min.js";

const at = (us: number): Instant => instantAdd(0 as Instant, micros(us));

describe("WindowedMin", () => {
  test("has no value before the first sample and after a reset", () => {
    const m = new WindowedMin(micros(800));
    expect(m.value).toBe(Number.POSITIVE_INFINITY);
    m.sample(at(5), 3);
    m.reset();
    expect(m.value).toBe(Number.POSITIVE_INFINITY);
    m.sample(at(6), 9);
    expect(m.value).toBe(9);
  });

  test("keeps the least for 7/8 of the window and drops it within the window", () => {
    const m = new WindowedMin(micros(800));
    m.sample(at(99), 5);
    m.sample(at(799), 50);
    expect(m.value).toBe(5);
    m.sample(at(800), 40);
    expect(m.value).toBe(40);
  });

  test("forgets everything over a silence longer than the window", () => {
    const m = new WindowedMin(micros(800));
    for (let t = 0; t < 800; t += 100) m.sample(at(t), t + 1);
    m.sample(at(1_000_000), 77);
    expect(m.value).toBe(77);
  });

  test.prop([
    fc.integer({ min: 8, max: 5000 }),
    fc.array(fc.tuple(fc.nat({ max: 1500 }), fc.integer({ min: 1, max: 1000 })), { minLength: 1 }),
  ])("lies between the least of the whole window and that of 7/8 of it", (window, steps) => {
    const m = new WindowedMin(micros(window));
    const seen: (readonly [number, number])[] = [];
    let now = 0;
    for (const [dt, value] of steps) {
      now += dt;
      m.sample(at(now), value);
      seen.push([now, value]);
      const least = (length: number): number =>
        Math.min(...seen.filter(([t]) => t > now - length).map(([, v]) => v));
      expect(m.value).toBeGreaterThanOrEqual(least(window));
      expect(m.value).toBeLessThanOrEqual(least((window * 7) / 8));
    }
  });

  test("refuses a window that eight parts do not fit in", () => {
    expect(() => new WindowedMin(micros(7))).toThrow(/window: got 7/);
  });
});
