import { expect, test } from "@jest/globals";
import { randomBelow, randomFraction, SeededRandom } from "./random.js";

test("the same seed gives the same numbers, on every platform", () => {
  const first = (seed: number): number[] => {
    const r = new SeededRandom(seed);
    return [r.nextU32(), r.nextU32(), r.nextU32()];
  };
  expect(first(1)).toEqual(first(1));
  expect(first(1)).not.toEqual(first(2));
  // Pinned: a change of the generator changes every recorded seed.
  expect(first(42)).toEqual([660444221, 3652823732, 77678286]);
});

test("seeds above 2^32 count too", () => {
  expect(new SeededRandom(7).nextU32()).not.toBe(new SeededRandom(7 + 2 ** 32).nextU32());
});

test("fractions and bounded numbers stay in range and spread evenly", () => {
  const r = new SeededRandom(3);
  const buckets = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const f = randomFraction(r);
    if (!(f >= 0 && f < 1)) throw new Error(`out of range: ${f}`);
    const b = randomBelow(r, 10);
    buckets[b] = (buckets[b] as number) + 1;
  }
  for (const n of buckets) expect(Math.abs(n - 10_000)).toBeLessThan(500);
});

test("a fork draws its own stream", () => {
  const a = new SeededRandom(5);
  const fork = a.fork();
  const b = new SeededRandom(5);
  b.fork();
  fork.nextU32();
  expect(a.nextU32()).toBe(b.nextU32());
});
