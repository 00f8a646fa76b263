import { describe, expect, test } from "@jest/globals";
import { BulkTransfer } from "../src/index.js";

// The full rate at real round trips. All in virtual time; docs/throughput.md has the curves.

const GIGABIT = 1e9;
const MTU = 1500;
/** User bytes of a full packet: IPv4 header, common header, DATA header. */
const USER_BYTES = MTU - 20 - 12 - 16;
/** Bytes of one round trip of 100 ms at 1 Gbit/s. */
const BDP = 12_500_000;

/** Jain's index of fairness: 1 when all have the same, 1/n when one has all. */
const jain = (rates: readonly number[]): number =>
  rates.reduce((sum, r) => sum + r, 0) ** 2 /
  (rates.length * rates.reduce((sum, r) => sum + r * r, 0));

describe("1 Gbit/s, round trip 100 ms, a queue of one bandwidth-delay product", () => {
  const buffers = (bulk: BulkTransfer): number[] => {
    const { sender, senderId, receiver, receiverId } = bulk.flows[0] ?? {};
    if (senderId === undefined || receiverId === undefined) return [];
    return [
      sender?.core.status(senderId)?.sendBufferBytes ?? 0,
      receiver?.core.status(receiverId)?.receiveBufferBytes ?? 0,
    ];
  };

  test.each([
    ["one stream", 1, 16_384],
    ["64 streams", 64, 4000],
  ])(
    "%s: 90 %% of the rate within 20 round trips of the start, and no packet lost",
    (_, streams, messageBytes) => {
      const bulk = new BulkTransfer({
        rateBps: GIGABIT,
        delayMs: 50,
        flows: [{ streams, messageBytes }],
      });
      bulk.runFor(500);
      expect(buffers(bulk)).toEqual([1 << 20, 1 << 20]);
      bulk.runFor(1700);
      // The start is the INIT; what counts is the application's bytes.
      expect(Math.min(...bulk.curve(0).slice(19, 21))).toBeGreaterThan(0.9);
      expect(bulk.link.dropped.queueFull).toBe(0);
      expect(bulk.flows[0]?.sender.core.counters()["t3Expirations"]).toBe(0);
      const [send = 0, receive = 0] = buffers(bulk);
      expect(receive).toBeGreaterThan(1.5 * BDP);
      expect(receive).toBeLessThan(2 * BDP);
      expect(send).toBeGreaterThan(2 * BDP);
      expect(send).toBeLessThanOrEqual(32 << 20);
    },
  );

  test("a reader of 20 Mbit/s is sent 20 Mbit/s, and holds no more than the first buffer", () => {
    const bulk = new BulkTransfer({ rateBps: GIGABIT, delayMs: 50, flows: [{ readBps: 20e6 }] });
    let most = 0;
    for (let i = 0; i < 30; i++) {
      bulk.runFor(100);
      const id = bulk.flows[0]?.receiverId;
      const status = id === undefined ? undefined : bulk.flows[0]?.receiver.core.status(id);
      most = Math.max(most, status?.unreadBytes ?? 0);
    }
    expect(bulk.rateBps(0, 1000, 3000) / 20e6).toBeCloseTo(1, 1);
    expect(most).toBeLessThanOrEqual(1 << 20);
  });
});

test("with strict timing the window grows by half in a round trip, and reaches the rate without loss, too", () => {
  const bulk = new BulkTransfer({
    rateBps: 100e6,
    delayMs: 50,
    flows: [{ sctp: { timing: "rfc" } }],
  });
  bulk.runFor(3000);
  expect(Math.min(...bulk.curve(0).slice(20, 30))).toBeGreaterThan(0.9);
  expect(bulk.link.dropped.queueFull).toBe(0);
});

test("thousands of packets lost in slow start are sent again once each, without a timeout", () => {
  // Fixed buffers of 5 bandwidth-delay products: nothing ends slow start before the queue has overflowed.
  const buffer = 24 << 20;
  const bulk = new BulkTransfer({
    rateBps: 400e6,
    delayMs: 50,
    queueBytes: 2_500_000,
    flows: [{ sctp: { receiveBufferBytes: buffer, sendBufferBytes: buffer } }],
  });
  bulk.runFor(3000);
  const { queueFull } = bulk.link.dropped;
  expect(queueFull).toBeGreaterThan(2000);
  const counters = bulk.flows[0]?.sender.core.counters() ?? {};
  expect(counters["t3Expirations"]).toBe(0);
  expect(counters["chunksRetransmitted"]).toBe(queueFull);
  expect(bulk.curve(0).at(-1)).toBeGreaterThan(0.4);
});

describe("1 Gbit/s, round trip 100 ms, 0.1 % of the packets lost", () => {
  // Mathis et al. 1997: MSS / RTT * sqrt(3/2) / sqrt(p), for a window that grows by a segment each round trip.
  const formula = ((USER_BYTES * 8) / 0.1) * (Math.sqrt(1.5) / Math.sqrt(0.001));

  test.each(["newreno", "cubic"] as const)("%s: at least what the formula allows", (congestion) => {
    const bulk = new BulkTransfer({
      seed: 1,
      rateBps: GIGABIT,
      delayMs: 50,
      loss: 0.001,
      flows: [{ sctp: { congestion } }],
    });
    bulk.runFor(120_000);
    expect(bulk.flows[0]?.sender.core.counters()["t3Expirations"]).toBe(0);
    expect(bulk.rateBps(0, 10_000, 120_000)).toBeGreaterThan(formula);
  });
});

describe("two associations share one bottleneck", () => {
  const share = (bulk: BulkTransfer, fromMs: number, toMs: number): number[] =>
    [0, 1].map((i) => bulk.rateBps(i, fromMs, toMs) / 10e6);

  test.each([
    ["newreno", 0],
    ["newreno", 10_000],
    ["cubic", 0],
    ["cubic", 10_000],
  ] as const)("%s, equal round trips, the second starts after %d ms", (congestion, startMs) => {
    const sctp = { congestion };
    const bulk = new BulkTransfer({
      rateBps: 10e6,
      delayMs: 20,
      flows: [{ sctp }, { sctp, startMs }],
    });
    bulk.runFor(60_000);
    const shares = share(bulk, 25_000, 60_000);
    expect(jain(shares)).toBeGreaterThan(0.95);
    expect(Math.min(...shares)).toBeGreaterThan(0.35);
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBeGreaterThan(0.9);
  });

  test("with twice the round trip one gets less, as RFC 9260's window growth has it, but is not starved", () => {
    const bulk = new BulkTransfer({
      rateBps: 10e6,
      delayMs: 20,
      flows: [{}, { extraDelayMs: 20 }],
    });
    bulk.runFor(60_000);
    const shares = share(bulk, 20_000, 60_000);
    expect(jain(shares)).toBeGreaterThan(0.6);
    expect(Math.min(...shares)).toBeGreaterThan(0.12);
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBeGreaterThan(0.9);
  });
});
