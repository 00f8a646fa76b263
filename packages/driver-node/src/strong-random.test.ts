import { describe, expect, test } from "@jest/globals";
import { StrongRandom } from "./strong-random.js";

describe("StrongRandom", () => {
  test("draws unsigned 32-bit numbers that do not repeat when the pool is refilled", () => {
    const random = new StrongRandom();
    const drawn = Array.from({ length: 5000 }, () => random.nextU32());
    expect(drawn.every((n) => Number.isInteger(n) && n >= 0 && n <= 0xffffffff)).toBe(true);
    // Of 5,000 draws, birthday says 0.003 pairs are equal; five would be a pool used twice.
    expect(new Set(drawn).size).toBeGreaterThan(4995);
    expect(drawn.some((n) => n > 0x7fffffff)).toBe(true);
  });

  test("fills bytes", () => {
    const random = new StrongRandom();
    const a = new Uint8Array(64);
    const b = new Uint8Array(64);
    random.fill(a);
    random.fill(b);
    expect(a).not.toEqual(b);
    expect(new Set(a).size).toBeGreaterThan(16);
  });
});
