import { describe, expect, test } from "@jest/globals";
import { EPOCH, type Instant, instantAdd, micros, millis } from "@multihome/base";
import { Cubic, type CubicConfig } from "./cubic.js";

const P = 1000;
const RTT = 100_000;

/** A path that is always full: acknowledges one segment after the other over each round trip. */
class FullPath {
  readonly cc: Cubic;
  now: Instant;
  readonly #rtt: number;

  constructor(rttUs = RTT, cfg: Partial<CubicConfig> = {}) {
    this.#rtt = rttUs;
    this.cc = new Cubic({ pmdcs: P, rtt: { srtt: micros(rttUs) }, ...cfg });
    this.now = EPOCH;
  }

  /** One segment acknowledged, the time of one segment of the window later. */
  ack(fullyUtilized = true): void {
    this.now = instantAdd(this.now, micros((this.#rtt * P) / this.cc.cwnd));
    this.cc.onAck(this.now, P, true, this.cc.cwnd, fullyUtilized);
  }

  growTo(cwnd: number): void {
    for (let i = 0; this.cc.cwnd < cwnd && i < 1e6; i++) this.ack();
  }

  run(us: number): void {
    const end = this.now + us;
    while (this.now < end) this.ack();
  }

  lose(): void {
    this.cc.onFastRetransmit(this.now);
    this.cc.exitFastRecovery(this.now);
  }
}

describe("CUBIC (RFC 9438)", () => {
  test("reduces to 0.7 on loss, not below two segments (s4.6)", () => {
    const p = new FullPath();
    p.growTo(100_000);
    p.lose();
    expect([p.cc.cwnd, p.cc.ssthresh]).toEqual([70_000, 70_000]);
    for (let i = 0; i < 20; i++) p.lose();
    expect([p.cc.cwnd, p.cc.ssthresh]).toEqual([2000, 2000]);
  });

  test("goes on reducing to one segment where the network marks (s4.6)", () => {
    const p = new FullPath();
    p.growTo(100_000);
    p.cc.onEcn(p.now);
    expect([p.cc.cwnd, p.cc.ssthresh]).toEqual([70_000, 70_000]);
    for (let i = 0; i < 20; i++) p.cc.onEcn(p.now);
    expect([p.cc.cwnd, p.cc.ssthresh]).toEqual([1000, 2000]);
  });

  test("follows W_cubic: back at W_max after K, concave before, convex after (s4.2)", () => {
    // Large enough, with a long round trip, to be out of the Reno-friendly region.
    const p = new FullPath(RTT);
    p.growTo(1_000_000);
    const wMax = p.cc.cwnd / P;
    p.lose();
    p.ack(); // slow start up to above ssthresh
    p.ack(); // begins the stage
    const start = p.now;
    const epoch = p.cc.cwnd / P;
    const k = Math.cbrt((wMax - epoch) / 0.4);
    expect(k).toBeGreaterThan(9);
    const increments: number[] = [];
    let before = p.cc.cwnd;
    for (let s = 1; s <= 2 * k; s++) {
      p.run(1_000_000 - ((p.now - start) % 1_000_000));
      const t = (p.now - start) / 1e6;
      // The window is set towards W_cubic(t + RTT), reached about a round trip later.
      const want = 0.4 * (t - k) ** 3 + wMax;
      expect(Math.abs(p.cc.cwnd / P - want) / want).toBeLessThan(0.01);
      increments.push(p.cc.cwnd - before);
      before = p.cc.cwnd;
    }
    const half = Math.floor(k) - 1;
    for (let i = 1; i < half; i++) {
      expect(increments[i]).toBeLessThan(increments[i - 1] ?? 0);
    }
    for (let i = half + 3; i < increments.length; i++) {
      expect(increments[i]).toBeGreaterThan(increments[i - 1] ?? 0);
    }
  });

  test("grows by at most half the window a round trip (s4.2)", () => {
    const rtt = 5_000_000; // so long that W_cubic outgrows every window in one of them
    const p = new FullPath(rtt);
    p.growTo(20_000);
    p.lose();
    p.ack();
    p.ack();
    let fastest = 0;
    for (let round = 0; round < 8; round++) {
      const cwnd = p.cc.cwnd;
      p.run(rtt);
      // Half of what was acknowledged, and that compounds within the round trip: exp(1/2) = 1.65.
      expect(p.cc.cwnd).toBeLessThanOrEqual(cwnd * 1.65 + P);
      fastest = Math.max(fastest, p.cc.cwnd / cwnd);
    }
    expect(fastest).toBeGreaterThan(1.55);
  });

  test("is as fast as Reno where windows and round trips are small (s4.3)", () => {
    const rtt = 5000;
    const p = new FullPath(rtt);
    p.growTo(20_000);
    p.lose();
    expect(p.cc.cwnd).toBe(14_000);
    p.ack();
    expect(p.cc.cwnd).toBe(15_000);
    // alpha = 3 * 0.3 / 1.7 = 0.529 segments a round trip, up to cwnd_prior ...
    p.run(rtt * 4);
    expect(p.cc.cwnd).toBeGreaterThanOrEqual(16_500);
    expect(p.cc.cwnd).toBeLessThanOrEqual(17_500);
    p.growTo(20_000);
    const at = p.cc.cwnd;
    // ... and one segment from there (W_cubic is still far below).
    p.run(rtt * 10);
    expect(p.cc.cwnd - at).toBeGreaterThanOrEqual(9_000);
    expect(p.cc.cwnd - at).toBeLessThanOrEqual(11_000);
  });

  test("remembers a lower peak when the last one was not reached (s4.7)", () => {
    const grow = (fastConvergence: boolean): number => {
      const p = new FullPath(RTT, { fastConvergence });
      p.growTo(1_000_000);
      p.lose();
      p.lose(); // at 700 segments, below W_max
      p.ack();
      p.ack();
      const start = p.now;
      // The plateau is at 0.85 * 700 or at 700 segments; K follows from it.
      const plateau = fastConvergence ? 595 : 700;
      const k = Math.cbrt((plateau - p.cc.cwnd / P) / 0.4);
      p.run(k * 1e6);
      expect(Math.abs(p.cc.cwnd / P - plateau)).toBeLessThan(plateau * 0.01);
      return p.now - start;
    };
    expect(grow(true)).toBeLessThan(grow(false));
  });

  test("after a timeout starts at one segment and then from a plateau (s4.8)", () => {
    const p = new FullPath();
    p.growTo(1_000_000);
    p.cc.onT3Expiry(p.now);
    expect([p.cc.cwnd, p.cc.ssthresh]).toEqual([1000, 700_000]);
    p.growTo(700_001);
    p.ack();
    const start = p.now;
    const w = p.cc.cwnd / P;
    p.run(4_000_000);
    // K = 0 and W_max = cwnd: C * t^3 above it.
    const t = (p.now - start) / 1e6;
    expect(Math.abs(p.cc.cwnd / P - (w + 0.4 * t ** 3))).toBeLessThan(0.01 * w);
    // Had W_max been the window of before, the curve would be near 1000 segments by now.
    expect(p.cc.cwnd).toBeLessThan(780_000);
  });

  test("leaves out of t the time in which the window was not the limit (s5.8)", () => {
    const grown = (limited: boolean): number => {
      const p = new FullPath();
      p.growTo(1_000_000);
      p.lose();
      p.ack();
      p.run(1_000_000);
      if (limited) for (let i = 0; i < 500; i++) p.now = instantAdd(p.now, micros(20_000));
      if (limited) p.ack(false);
      p.run(1_000_000);
      return p.cc.cwnd;
    };
    expect(Math.abs(grown(true) - grown(false))).toBeLessThan(2 * P);
  });

  test("counts a silence as a pause, not as progress along the curve", () => {
    const grown = (pause: boolean): number => {
      const p = new FullPath();
      p.growTo(1_000_000);
      p.lose();
      p.ack();
      p.run(1_000_000);
      if (pause) p.now = instantAdd(p.now, millis(60_000));
      p.run(1_000_000);
      return p.cc.cwnd;
    };
    // Two round trips of the silence may count.
    expect(grown(true)).toBeGreaterThanOrEqual(grown(false));
    expect(grown(true)).toBeLessThan(grown(false) * 1.02);
  });

  test("gives back everything that a spurious loss took (s4.9.2)", () => {
    const a = new FullPath();
    const b = new FullPath();
    for (const p of [a, b]) {
      p.growTo(1_000_000);
      p.lose();
      p.ack();
      p.run(2_000_000);
    }
    b.cc.onFastRetransmit(b.now);
    b.cc.onSpuriousFastRetransmit(b.now);
    expect(b.cc.snapshot()).toEqual(a.cc.snapshot());
    for (const p of [a, b]) p.run(3_000_000);
    expect(b.cc.cwnd).toBe(a.cc.cwnd);
  });

  test("gives back the Reno-friendly estimate as well", () => {
    const a = new FullPath(5000);
    const b = new FullPath(5000);
    for (const p of [a, b]) {
      p.growTo(50_000);
      p.lose();
      p.ack();
      p.run(60_000);
    }
    b.cc.onFastRetransmit(b.now);
    b.cc.exitFastRecovery(b.now);
    for (let i = 0; i < 5; i++) b.cc.onAck(b.now, P, true, b.cc.cwnd, true);
    b.cc.onSpuriousFastRetransmit(b.now);
    for (const p of [a, b]) p.run(100_000);
    expect(b.cc.cwnd).toBe(a.cc.cwnd);
  });

  test("gives back everything that a series of spurious timeouts took (s4.9.1)", () => {
    const a = new FullPath();
    const b = new FullPath();
    for (const p of [a, b]) {
      p.growTo(1_000_000);
      p.lose();
      p.ack();
      p.run(2_000_000);
    }
    for (let i = 0; i < 3; i++) b.cc.onT3Expiry(b.now);
    b.cc.onSpuriousT3(b.now);
    for (const p of [a, b]) p.run(3_000_000);
    expect(b.cc.cwnd).toBe(a.cc.cwnd);
  });

  test("does not lose growth of less than a byte: it meets W_max to half a segment", () => {
    const p = new FullPath();
    p.growTo(1_000_000);
    p.lose();
    p.ack();
    p.ack();
    p.run(Math.cbrt((1000 - p.cc.cwnd / P) / 0.4) * 1e6);
    expect(Math.abs(p.cc.cwnd - 1_000_000)).toBeLessThan(P / 2);
  });

  test("comes back to its curve after idleness", () => {
    const p = new FullPath();
    p.growTo(1_000_000);
    p.lose();
    p.ack();
    p.run(2_000_000);
    const idle = millis(1000);
    p.now = instantAdd(p.now, idle);
    p.cc.onIdle(p.now, idle, idle);
    p.growTo(p.cc.ssthresh + 1);
    p.ack();
    const k = Math.cbrt((1000 - p.cc.cwnd / P) / 0.4);
    p.run((k / 2) * 1e6);
    const want = 1_000_000 - 0.4 * (k / 2) ** 3 * P;
    expect(Math.abs(p.cc.cwnd - want)).toBeLessThan(10_000);
  });

  test("decays when idle, and starts a new life after a change of route", () => {
    const p = new FullPath();
    p.growTo(100_000);
    p.lose();
    p.ack();
    p.run(1_000_000);
    const idle = millis(1000);
    p.now = instantAdd(p.now, idle);
    const before = p.cc.cwnd;
    p.cc.onIdle(p.now, idle, idle);
    expect([p.cc.cwnd, p.cc.ssthresh]).toEqual([Math.floor(before / 2), before]);
    p.cc.reset(p.now);
    expect(p.cc.snapshot()).toEqual(new FullPath().cc.snapshot());
  });
});
