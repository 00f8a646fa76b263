import { describe, expect, test } from "@jest/globals";
import { type Instant, millis } from "@multihome/base";
import { ReadMeter } from "./read-meter.js";

const at = (ms: number): Instant => millis(ms) as number as Instant;
const RTT = millis(100);

describe("ReadMeter", () => {
  test("tells what was taken in the last round trip, at a steady rate", () => {
    const m = new ReadMeter();
    let last = 0;
    for (let ms = 1; ms <= 1000; ms++) {
      m.total += 10;
      const read = m.look(at(ms), RTT, 1_000_000);
      if (read >= 0) last = read;
    }
    expect(last).toBeGreaterThan(990);
    expect(last).toBeLessThan(1010);
  });

  test("looks no more than four times in a round trip, unless a quarter of the window was taken", () => {
    const m = new ReadMeter();
    let looks = 0;
    for (let ms = 1; ms <= 100; ms++) {
      m.total += 1;
      if (m.look(at(ms), RTT, 1_000_000) >= 0) looks++;
    }
    expect(looks).toBe(4);
    m.total += 250_000;
    expect(m.look(at(101), RTT, 1_000_000)).toBeGreaterThan(249_000);
  });

  test("a burst in each round trip counts in full while it comes, and what came long ago does not", () => {
    const m = new ReadMeter();
    for (let burst = 0; burst < 5; burst++) {
      let most = 0;
      for (let i = 0; i < 8; i++) {
        m.total += 1000;
        most = Math.max(most, m.look(at(burst * 100 + i), RTT, 8000));
      }
      if (burst > 0) expect(most).toBeGreaterThanOrEqual(7000);
    }
    m.total += 100;
    expect(m.look(at(60_000), RTT, 8000)).toBeLessThan(100);
  });
});
