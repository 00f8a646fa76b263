import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { EPOCH, type Instant, instantAdd, micros, millis } from "@multihome/base";
import { type RtoConfig, RttEstimator } from "./rtt-estimator.js";

const at = (ms: number): Instant => instantAdd(EPOCH, millis(ms));

const wide: RtoConfig = {
  rtoInitial: millis(1000),
  rtoMin: micros(1),
  rtoMax: millis(60_000),
  granularity: micros(1),
};

/** RFC 9260 s16 */
const rfc9260: RtoConfig = { ...wide, rtoMin: millis(1000), granularity: millis(1) };

describe("RttEstimator", () => {
  test("has RTO.Initial and zeros before the first sample (C1)", () => {
    const e = new RttEstimator(rfc9260);
    expect([e.hasSample, e.srtt, e.rttvar, e.minRtt, e.latest]).toEqual([false, 0, 0, 0, 0]);
    expect(e.rto).toBe(1_000_000);
    expect(e.baseRto).toBe(1_000_000);
  });

  test("follows C2 and C3 over a sequence computed by hand", () => {
    const e = new RttEstimator(wide);
    e.sample(at(0), millis(100));
    expect([e.srtt, e.rttvar, e.rto]).toEqual([100_000, 50_000, 300_000]);
    e.sample(at(1), millis(140)); // RTTVAR takes the SRTT of before: |100 - 140|
    expect([e.srtt, e.rttvar, e.rto]).toEqual([105_000, 47_500, 295_000]);
    e.sample(at(2), millis(90));
    expect([e.srtt, e.rttvar, e.rto]).toEqual([103_125, 39_375, 260_625]);
    expect(e.latest).toBe(90_000);
    expect(e.minRtt).toBe(90_000);
  });

  test("rounds RTO up to RTO.Min (C6) and down to RTO.Max (C7)", () => {
    const e = new RttEstimator(rfc9260);
    e.sample(at(0), millis(20));
    expect(e.rto).toBe(1_000_000);
    e.reset();
    e.sample(at(1), millis(50_000));
    expect(e.rto).toBe(60_000_000);
  });

  test("never lets RTTVAR be finer than the clock (G1)", () => {
    const e = new RttEstimator({ ...wide, granularity: millis(1) });
    for (let i = 0; i < 200; i++) e.sample(at(i), millis(10));
    expect(e.srtt).toBe(10_000);
    expect(e.rttvar).toBe(1000);
    expect(e.rto).toBe(14_000);
  });

  test("reaches a new steady round trip exactly, without a residue of rounding", () => {
    const e = new RttEstimator(wide);
    e.sample(at(0), micros(1_000_003));
    for (let i = 1; i < 400; i++) e.sample(at(i), micros(17));
    expect(e.srtt).toBe(17);
    expect(e.rttvar).toBe(1);
  });

  test("doubles up to RTO.Max (E2), and a sample collapses the back-off", () => {
    const e = new RttEstimator({ ...wide, rtoMax: millis(1000) });
    e.sample(at(0), millis(100));
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      e.backoff();
      seen.push(e.rto);
    }
    expect(seen).toEqual([600_000, 1_000_000, 1_000_000, 1_000_000]);
    expect(e.backoffs).toBe(4);
    expect(e.baseRto).toBe(300_000);
    e.sample(at(5), millis(140));
    expect(e.rto).toBe(295_000);
    expect(e.backoffs).toBe(0);
  });

  test("backs off before the first sample too", () => {
    const e = new RttEstimator(rfc9260);
    e.backoff();
    e.backoff();
    expect(e.rto).toBe(4_000_000);
    e.resetBackoff();
    expect(e.rto).toBe(1_000_000);
  });

  test("lets minRtt rise once the least sample is older than the window", () => {
    const e = new RttEstimator({ ...wide, minRttWindow: millis(800) });
    e.sample(at(0), millis(10));
    for (let t = 100; t <= 600; t += 100) e.sample(at(t), millis(50));
    expect(e.minRtt).toBe(10_000);
    e.sample(at(800), millis(60));
    expect(e.minRtt).toBe(50_000);
  });

  test("keeps samples for minRtt for five minutes by default", () => {
    const e = new RttEstimator(wide);
    e.sample(at(0), millis(10));
    e.sample(at(4 * 60_000), millis(50));
    expect(e.minRtt).toBe(10_000);
    e.sample(at(5 * 60_000), millis(50));
    expect(e.minRtt).toBe(50_000);
  });

  test("takes a round trip of nothing as one microsecond", () => {
    const e = new RttEstimator(wide);
    e.sample(at(0), micros(0));
    expect(e.srtt).toBe(1);
    expect(e.hasSample).toBe(true);
  });

  test("forgets the route on reset", () => {
    const e = new RttEstimator(wide);
    e.sample(at(0), millis(100));
    e.backoff();
    e.reset();
    expect([e.hasSample, e.srtt, e.rttvar, e.minRtt, e.latest]).toEqual([false, 0, 0, 0, 0]);
    expect(e.rto).toBe(1_000_000);
    e.sample(at(1), millis(30));
    expect([e.srtt, e.rttvar, e.minRtt]).toEqual([30_000, 15_000, 30_000]);
  });

  test("applies new limits to what it has measured, back-off included", () => {
    const e = new RttEstimator(wide);
    e.sample(at(0), millis(100));
    e.backoff();
    e.configure({ ...wide, rtoMin: millis(400) });
    expect([e.baseRto, e.rto]).toEqual([400_000, 800_000]);
    e.configure({ ...wide, rtoMax: millis(500) });
    expect([e.baseRto, e.rto]).toEqual([300_000, 500_000]);
    const fresh = new RttEstimator(wide);
    fresh.configure({ ...wide, rtoInitial: millis(300) });
    expect(fresh.rto).toBe(300_000);
  });

  test("refuses limits that contradict each other", () => {
    expect(() => new RttEstimator({ ...wide, rtoMin: millis(70_000) })).toThrow(
      /rtoMin: got 70000000/,
    );
    expect(() => new RttEstimator({ ...wide, granularity: micros(0) })).toThrow(/granularity/);
    const e = new RttEstimator(wide);
    expect(() => e.configure({ ...wide, minRttWindow: millis(1) })).toThrow(/minRttWindow/);
    expect(() => e.configure({ ...wide, rtoMax: micros(0) })).toThrow(/rtoMax/);
    expect(e.rto).toBe(1_000_000);
  });

  const op = fc.oneof(
    fc.record({ op: fc.constant("sample" as const), rtt: fc.integer({ min: 0, max: 90_000_000 }) }),
    fc.record({ op: fc.constant("backoff" as const) }),
    fc.record({ op: fc.constant("resetBackoff" as const) }),
    fc.record({ op: fc.constant("reset" as const) }),
  );
  const limits = fc
    .tuple(fc.integer({ min: 1, max: 70_000_000 }), fc.integer({ min: 1, max: 70_000_000 }))
    .map(([a, b]) => ({ rtoMin: micros(Math.min(a, b)), rtoMax: micros(Math.max(a, b)) }));

  test.prop([limits, fc.integer({ min: 1, max: 100_000 }), fc.array(op, { maxLength: 80 })])(
    "keeps every value whole and within its limits",
    (l, g, ops) => {
      const e = new RttEstimator({ ...wide, ...l, granularity: micros(g) });
      let now = 0;
      let least = Number.POSITIVE_INFINITY;
      let most = 0;
      for (const o of ops) {
        if (o.op === "sample") {
          e.sample(at(now++), micros(o.rtt));
          least = Math.min(least, Math.max(1, o.rtt));
          most = Math.max(most, o.rtt, 1);
          expect(e.rto).toBe(e.baseRto);
        } else {
          const before = e.rto;
          e[o.op]();
          if (o.op === "backoff") expect(e.rto).toBe(Math.min(before * 2, l.rtoMax));
          if (o.op === "reset") [least, most] = [Number.POSITIVE_INFINITY, 0];
        }
        for (const v of [e.srtt, e.rttvar, e.minRtt, e.rto, e.baseRto]) {
          expect(Number.isInteger(v)).toBe(true);
        }
        expect(e.baseRto).toBeLessThanOrEqual(e.rto);
        expect(e.rto).toBeGreaterThanOrEqual(l.rtoMin);
        expect(e.rto).toBeLessThanOrEqual(l.rtoMax);
        if (e.hasSample) {
          expect(e.minRtt).toBe(least);
          expect(e.srtt).toBeGreaterThanOrEqual(least);
          expect(e.srtt).toBeLessThanOrEqual(most);
          expect(e.rttvar).toBeGreaterThanOrEqual(g);
        }
      }
    },
  );
});
