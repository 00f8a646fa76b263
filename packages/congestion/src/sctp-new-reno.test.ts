import { describe, expect, test } from "@jest/globals";
import { EPOCH, type Instant, instantAdd, micros, millis } from "@multihome/base";
import { burstLimitedCwnd } from "./congestion-control.js";
import type { CongestionConfig } from "./loss-based-control.js";
import { SctpNewReno } from "./sctp-new-reno.js";

const P = 1000;
const now = EPOCH;
const at = (ms: number): Instant => instantAdd(EPOCH, millis(ms));
const make = (cfg: Partial<CongestionConfig> = {}): SctpNewReno =>
  new SctpNewReno({ pmdcs: P, ...cfg });

/** One SACK for a window in full use. */
const ackFull = (cc: SctpNewReno, bytes: number): void => cc.onAck(now, bytes, true, cc.cwnd, true);

/** In congestion avoidance with this cwnd, a multiple of PMDCS and above 4 PMDCS. */
function avoiding(cwnd: number, cfg: Partial<CongestionConfig> = {}): SctpNewReno {
  const cc = make(cfg);
  while (cc.cwnd < 2 * (cwnd - P)) ackFull(cc, P);
  cc.onFastRetransmit(now);
  cc.exitFastRecovery(now);
  ackFull(cc, P); // slow start takes it one PMDCS above ssthresh
  expect(cc.cwnd).toBe(cwnd);
  expect(cc.cwnd).toBeGreaterThan(cc.ssthresh);
  return cc;
}

describe("the initial window", () => {
  test.each([
    [500, 4, 2000], // 4 PMDCS
    [1101, 4, 4404], // 4 PMDCS = 4404
    [1452, 4, 4404],
    [1452, 6, 4344],
    [2202, 4, 4404],
    [8952, 4, 17904], // 2 PMDCS
  ] as const)("PMDCS %d over IPv%d: %d bytes (RFC 9260 s7.2.1)", (pmdcs, family, cwnd) => {
    expect(make({ pmdcs, family }).cwnd).toBe(cwnd);
  });

  test.each([
    [1000, 10000],
    [1460, 14600],
    [1500, 14600],
    [8952, 17904],
  ])("PMDCS %d: %d bytes with iw10 (RFC 6928 s2)", (pmdcs, cwnd) => {
    expect(make({ pmdcs, initialWindow: "iw10" }).cwnd).toBe(cwnd);
  });

  test("goes with an arbitrarily high ssthresh", () => {
    expect(make().ssthresh).toBe(0xffffffff);
    expect(make().snapshot()).toEqual({
      name: "newreno",
      phase: "slowStart",
      cwnd: 4000,
      ssthresh: 0xffffffff,
      partialBytesAcked: 0,
      pmdcs: P,
    });
  });

  test("follows PMDCS until something is acknowledged, then only its least value does", () => {
    const cc = make();
    cc.setPmdcs(1200);
    expect(cc.cwnd).toBe(4404);
    ackFull(cc, 1200);
    cc.setPmdcs(500);
    expect(cc.cwnd).toBe(5604);
    cc.setPmdcs(9000);
    expect(cc.cwnd).toBe(9000);
  });
});

describe("slow start (RFC 9260 s7.2.1)", () => {
  test("grows by what was acknowledged, at most one PMDCS a SACK", () => {
    const cc = make();
    ackFull(cc, 300);
    expect(cc.cwnd).toBe(4300);
    ackFull(cc, 5000);
    expect(cc.cwnd).toBe(5300);
  });

  test("grows by at most L PMDCS where the limit is L", () => {
    const cc = make({ slowStartLimit: 2 });
    ackFull(cc, 5000);
    expect(cc.cwnd).toBe(6000);
    ackFull(cc, 1500);
    expect(cc.cwnd).toBe(7500);
  });

  test("does not grow while the window is not in full use", () => {
    const cc = make();
    cc.onAck(now, P, true, 3000, false);
    expect(cc.cwnd).toBe(4000);
  });

  test("grows on a SACK that does not move the cumulative ack point", () => {
    const cc = make();
    cc.onAck(now, P, false, 4000, true);
    expect(cc.cwnd).toBe(5000);
  });

  test("does not grow in Fast Recovery, also when another path caused it", () => {
    const cc = make();
    cc.enterFastRecovery(now);
    ackFull(cc, P);
    expect(cc.cwnd).toBe(4000);
    expect(cc.ssthresh).toBe(0xffffffff);
    cc.exitFastRecovery(now);
    ackFull(cc, P);
    expect(cc.cwnd).toBe(5000);
  });

  test("holds at cwnd = ssthresh as well, and passes it by at most one PMDCS", () => {
    const cc = make();
    for (let i = 0; i < 12; i++) ackFull(cc, P);
    cc.onFastRetransmit(now);
    cc.exitFastRecovery(now);
    expect([cc.cwnd, cc.ssthresh]).toEqual([8000, 8000]);
    ackFull(cc, P);
    expect(cc.cwnd).toBe(9000);
    expect(cc.snapshot().phase).toBe("congestionAvoidance");
  });

  test("ignores a SACK that acknowledges nothing", () => {
    const cc = make();
    cc.onAck(now, 0, false, 4000, true);
    expect(cc.cwnd).toBe(4000);
  });
});

describe("congestion avoidance (RFC 9260 s7.2.2)", () => {
  test("grows by one PMDCS for each window acknowledged and carries the rest over", () => {
    const cc = avoiding(6000);
    for (let i = 0; i < 5; i++) ackFull(cc, 1100);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([6000, 5500]);
    ackFull(cc, 1100);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([7000, 600]);
  });

  test("grows when partial_bytes_acked equals cwnd", () => {
    const cc = avoiding(6000);
    for (let i = 0; i < 3; i++) cc.onAck(now, 2000, true, 6500, true);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([7000, 0]);
  });

  test("caps partial_bytes_acked at cwnd while the window is not in full use", () => {
    const cc = avoiding(6000);
    for (let i = 0; i < 5; i++) cc.onAck(now, P, true, 5999, true);
    cc.onAck(now, P + 1, true, 5999, true);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([6000, 6000]);
    for (let i = 0; i < 9; i++) cc.onAck(now, P, true, 5999, true);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([6000, 6000]);
    // The first SACK of a full window then uses it.
    cc.onAck(now, P, true, 6000, true);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([7000, 1000]);
  });

  test("counts bytes of duplicates, and those only here", () => {
    const cc = avoiding(6000);
    cc.onAck(now, P, true, 6000, true, 500);
    expect(cc.partialBytesAcked).toBe(1500);
    cc.onAck(now, 0, false, 6000, true, 500);
    expect(cc.partialBytesAcked).toBe(2000);
    const slow = make();
    slow.onAck(now, 300, true, 4000, true, 500);
    expect(slow.cwnd).toBe(4300);
  });

  test("grows once a SACK, however much it acknowledges", () => {
    const cc = avoiding(6000);
    cc.onAck(now, 13_000, true, 14_000, true);
    expect([cc.cwnd, cc.partialBytesAcked]).toEqual([7000, 7000]);
  });

  test("begins anew when everything is acknowledged", () => {
    const cc = avoiding(6000);
    cc.onAck(now, 2000, true, 6000, true);
    expect(cc.partialBytesAcked).toBe(2000);
    cc.onAck(now, 4000, true, 4000, false);
    expect(cc.partialBytesAcked).toBe(0);
  });

  test("takes one round trip per PMDCS when every packet is acknowledged", () => {
    const cc = avoiding(6000);
    for (let round = 0; round < 10; round++) {
      const window = cc.cwnd;
      for (let i = 0; i < window / P; i++) ackFull(cc, P);
      expect(cc.cwnd).toBe(window + P);
    }
  });
});

describe("loss (RFC 9260 s7.2.3, s7.2.4)", () => {
  test("halves once for each Fast Recovery", () => {
    const cc = make();
    for (let i = 0; i < 16; i++) ackFull(cc, P);
    cc.onFastRetransmit(now);
    expect([cc.cwnd, cc.ssthresh, cc.partialBytesAcked]).toEqual([10_000, 10_000, 0]);
    expect(cc.inFastRecovery).toBe(true);
    expect(cc.snapshot().phase).toBe("fastRecovery");
    cc.onFastRetransmit(now);
    ackFull(cc, P);
    expect([cc.cwnd, cc.ssthresh]).toEqual([10_000, 10_000]);
    cc.exitFastRecovery(now);
    cc.onFastRetransmit(now);
    expect([cc.cwnd, cc.ssthresh]).toEqual([5000, 5000]);
  });

  test("leaves 4 PMDCS at least, also where the window was smaller", () => {
    const cc = make();
    cc.onFastRetransmit(now);
    expect([cc.cwnd, cc.ssthresh]).toEqual([4000, 4000]);
    cc.onT3Expiry(now);
    cc.onFastRetransmit(now);
    expect([cc.cwnd, cc.ssthresh]).toEqual([4000, 4000]);
  });

  test("clears partial_bytes_acked", () => {
    const cc = avoiding(9000);
    ackFull(cc, 5000);
    cc.onFastRetransmit(now);
    expect([cc.cwnd, cc.ssthresh, cc.partialBytesAcked]).toEqual([4500, 4500, 0]);
  });

  test("leaves one PMDCS, one packet and slow start after T3", () => {
    const cc = avoiding(20_000);
    ackFull(cc, 5000);
    cc.onT3Expiry(now);
    expect([cc.cwnd, cc.ssthresh, cc.partialBytesAcked]).toEqual([1000, 10_000, 0]);
    expect(cc.onePacketOnly).toBe(true);
    cc.onAck(now, P, true, P, true);
    expect(cc.onePacketOnly).toBe(false);
    expect(cc.cwnd).toBe(2000);
  });

  test("ends Fast Recovery at T3", () => {
    const cc = avoiding(20_000);
    cc.onFastRetransmit(now);
    cc.onT3Expiry(now);
    expect(cc.inFastRecovery).toBe(false);
    expect([cc.cwnd, cc.ssthresh]).toEqual([1000, 5000]);
  });

  test("uses L = 1 in the slow start after T3, whatever the limit (RFC 3465 s2.3)", () => {
    const cc = make({ slowStartLimit: 4 });
    while (cc.cwnd < 20_000) cc.onAck(now, 4000, true, cc.cwnd, true);
    cc.onT3Expiry(now);
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) {
      cc.onAck(now, 4000, true, 20_000, true);
      seen.push(cc.cwnd);
    }
    expect(seen).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => n * P));
    // Slow start of another cause has the limit again.
    cc.onFastRetransmit(now);
    cc.exitFastRecovery(now);
    expect(cc.cwnd).toBe(5500);
    cc.onAck(now, 4000, true, 20_000, true);
    expect(cc.cwnd).toBe(9500);
  });

  test("has the limit again once congestion avoidance was reached", () => {
    const cc = make({ slowStartLimit: 4 });
    while (cc.cwnd < 20_000) cc.onAck(now, 4000, true, cc.cwnd, true);
    cc.onT3Expiry(now);
    while (cc.cwnd <= cc.ssthresh) cc.onAck(now, 4000, true, 20_000, true);
    const before = cc.cwnd;
    cc.onIdle(at(1000), millis(1000), millis(1000));
    expect(cc.cwnd).toBe(Math.floor(before / 2));
    cc.onAck(now, 4000, true, 20_000, true);
    expect(cc.cwnd).toBe(Math.floor(before / 2) + 4000);
  });

  test("falls to the least window from a path that keeps timing out", () => {
    const cc = avoiding(20_000);
    for (let i = 0; i < 5; i++) cc.onT3Expiry(now);
    expect([cc.cwnd, cc.ssthresh]).toEqual([1000, 4000]);
  });
});

describe("needless retransmissions", () => {
  test("a spurious T3 gives back what the first timeout of the series took", () => {
    const cc = avoiding(20_000);
    const threshold = cc.ssthresh;
    cc.onT3Expiry(now);
    cc.onT3Expiry(now);
    cc.onSpuriousT3(now);
    expect([cc.cwnd, cc.ssthresh]).toEqual([20_000, threshold]);
    expect(cc.onePacketOnly).toBe(false);
    cc.onSpuriousT3(now);
    expect(cc.cwnd).toBe(20_000);
  });

  test("a spurious fast retransmit gives back the half and ends Fast Recovery", () => {
    const cc = avoiding(20_000);
    const threshold = cc.ssthresh;
    cc.onFastRetransmit(now);
    cc.onSpuriousFastRetransmit(now);
    expect([cc.cwnd, cc.ssthresh, cc.inFastRecovery]).toEqual([20_000, threshold, false]);
  });

  test("never lowers what has grown since", () => {
    const cc = avoiding(6000);
    cc.onFastRetransmit(now); // 4000
    cc.exitFastRecovery(now);
    for (let i = 0; i < 100; i++) ackFull(cc, P);
    const grown = cc.cwnd;
    expect(grown).toBeGreaterThan(6000);
    cc.onSpuriousFastRetransmit(now);
    expect(cc.cwnd).toBe(grown);
  });

  test("takes back only the last reduction, and only of its own kind", () => {
    const cc = avoiding(20_000);
    cc.onFastRetransmit(now);
    cc.onSpuriousT3(now);
    expect(cc.cwnd).toBe(10_000);
    cc.onT3Expiry(now);
    cc.onSpuriousFastRetransmit(now);
    expect(cc.cwnd).toBe(1000);
    cc.onSpuriousT3(now);
    expect(cc.cwnd).toBe(10_000);
  });

  test("a mark of the network is not taken back", () => {
    const cc = avoiding(20_000);
    cc.onFastRetransmit(now);
    cc.exitFastRecovery(now);
    cc.onEcn(now);
    cc.onSpuriousFastRetransmit(now);
    expect(cc.cwnd).toBe(5000);
  });
});

describe("a mark of the network", () => {
  test("halves like loss, without Fast Recovery", () => {
    const cc = avoiding(20_000);
    cc.onEcn(now);
    expect([cc.cwnd, cc.ssthresh, cc.inFastRecovery]).toEqual([10_000, 10_000, false]);
  });

  test("never grows a small window and does nothing in Fast Recovery", () => {
    const cc = make();
    cc.onT3Expiry(now);
    cc.onEcn(now);
    expect(cc.cwnd).toBe(1000);
    const busy = avoiding(20_000);
    busy.onFastRetransmit(now);
    busy.onEcn(now);
    expect(busy.cwnd).toBe(10_000);
  });
});

describe("idleness (RFC 9260 s7.2.1)", () => {
  const rto = millis(1000);

  test("halves once per RTO down to 4 PMDCS, with ssthresh at the old cwnd", () => {
    const cc = avoiding(20_000);
    cc.onIdle(at(999), millis(999), rto);
    expect(cc.cwnd).toBe(20_000);
    cc.onIdle(at(1000), millis(1000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([10_000, 20_000]);
    cc.onIdle(at(1999), millis(1999), rto);
    expect(cc.cwnd).toBe(10_000);
    cc.onIdle(at(2000), millis(2000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([5000, 20_000]);
    cc.onIdle(at(60_000), millis(60_000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([4000, 20_000]);
  });

  test("comes out the same in one call or in many", () => {
    const one = avoiding(50_000);
    one.onIdle(at(3500), millis(3500), rto);
    const many = avoiding(50_000);
    for (let t = 1; t <= 3500; t += 7) many.onIdle(at(t), millis(t), rto);
    many.onIdle(at(3500), millis(3500), rto);
    expect(many.snapshot()).toEqual(one.snapshot());
  });

  test("counts each idle period anew", () => {
    const cc = avoiding(40_000);
    cc.onIdle(at(1000), millis(1000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([20_000, 40_000]);
    cc.onIdle(at(5000), millis(1500), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([10_000, 20_000]);
  });

  test("leaves a path that never carried data its initial values", () => {
    const cc = make({ initialWindow: "iw10" });
    cc.onIdle(at(100_000), millis(100_000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([10_000, 0xffffffff]);
  });

  test("never grows a window that is smaller than 4 PMDCS", () => {
    const cc = avoiding(20_000);
    cc.onT3Expiry(now);
    cc.onIdle(at(5000), millis(5000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([1000, 10_000]);
  });

  test("does not make up for steps that had nothing to take", () => {
    const cc = avoiding(20_000);
    cc.onT3Expiry(now);
    cc.onIdle(at(5000), millis(5000), rto);
    // Acknowledgements of what was sent before the pause still arrive.
    for (let i = 0; i < 6; i++) ackFull(cc, P);
    cc.onIdle(at(5100), millis(5100), rto);
    expect(cc.cwnd).toBe(7000);
    cc.onIdle(at(6000), millis(6000), rto);
    expect([cc.cwnd, cc.ssthresh]).toEqual([4000, 7000]);
  });

  test("does not divide by an RTO of nothing", () => {
    const cc = avoiding(20_000);
    cc.onIdle(at(5000), millis(5000), micros(0));
    expect(cc.cwnd).toBe(20_000);
  });
});

describe("a change of route (RFC 9260 s7.2.5)", () => {
  test("brings the initial values back", () => {
    const cc = avoiding(20_000);
    cc.onT3Expiry(now);
    cc.enterFastRecovery(now);
    cc.reset(now);
    expect(cc.snapshot()).toEqual(make().snapshot());
    expect(cc.onePacketOnly).toBe(false);
    cc.onSpuriousT3(now);
    expect(cc.cwnd).toBe(4000);
  });
});

describe("burstLimitedCwnd (RFC 9260 s6.1 rule D)", () => {
  test.each([
    [20_000, 3000, 4, 7000],
    [6000, 3000, 4, 6000],
    [20_000, 0, 4, 4000],
    [20_000, 0, 0, 20_000],
  ])("cwnd %d, flightsize %d, Max.Burst %d: %d", (cwnd, flight, burst, want) => {
    expect(burstLimitedCwnd(cwnd, flight, burst, P)).toBe(want);
  });
});

describe("options", () => {
  test("are refused with what is allowed", () => {
    expect(() => make({ pmdcs: 63 })).toThrow(
      /pmdcs: got 63, expected an integer from 64 to 65535/,
    );
    expect(() => make({ slowStartLimit: 0 })).toThrow(/slowStartLimit/);
    // @ts-expect-error a caller without types
    expect(() => make({ initialWindow: "big" })).toThrow(/expected 'rfc9260' or 'iw10'/);
    expect(() => make().setPmdcs(1.5)).toThrow(/pmdcs/);
  });
});
