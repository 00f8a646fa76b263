import { fc, test as propTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { EPOCH, type Instant, instantAdd, micros, millis, NEVER } from "@multihome/base";
import { Rack } from "./rack.js";

const at = (ms: number): Instant => instantAdd(EPOCH, millis(ms));
const srtt = millis(100);

/** Delivers unit `key` sent at `sent` ms, at `now` ms, never retransmitted. */
const first = (r: Rack, now: number, sent: number, key: number): boolean =>
  r.onDelivered(at(now), at(sent), key, false);
const again = (r: Rack, now: number, sent: number, key: number): boolean =>
  r.onDelivered(at(now), at(sent), key, true);

describe("RACK (RFC 8985 s6)", () => {
  test("knows nothing before the first delivery", () => {
    const r = new Rack();
    expect([r.xmitTs, r.rtt, r.minRtt, r.reoWnd, r.reoWndMult]).toEqual([NEVER, 0, 0, 0, 1]);
    expect(r.reorderingSeen).toBe(false);
    expect(r.lossDeadline(at(0), 1)).toBe(NEVER);
    expect(r.isLost(at(0), at(1e6), 1)).toBe(false);
  });

  test("marks the losses of the example of RFC 8985 s3.4, a lost retransmission included", () => {
    const r = new Rack();
    // 1, 2: P0..P3 sent at 0, a millisecond apart; P0 is acknowledged.
    expect(first(r, 100, 0, 0)).toBe(true);
    r.updateReoWnd(srtt, false, 0, 1, 4);
    for (const [sent, key] of [
      [1, 1],
      [2, 2],
      [3, 3],
    ] as const) {
      expect(r.isLost(at(sent), at(200), key)).toBe(false);
    }
    // 3, 4: a probe repeats P3 at 300, its SACK comes at 400.
    expect(again(r, 400, 300, 3)).toBe(true);
    r.updateReoWnd(srtt, false, 1, 1, 4);
    // 5: P1 and P2 were sent long before.
    expect(r.isLost(at(1), at(400), 1)).toBe(true);
    expect(r.isLost(at(2), at(400), 2)).toBe(true);
    // 6: both are sent again, P1 at 400 and P2 at 401; only P2 arrives.
    expect(again(r, 501, 401, 2)).toBe(true);
    r.updateReoWnd(srtt, true, 2, 1, 4);
    // 7: the retransmission of P1 is lost at once, the window being 0 in recovery.
    expect(r.reoWnd).toBe(0);
    expect(r.isLost(at(400), at(501), 1)).toBe(true);
  });

  test("waits for RACK.rtt and the reordering window after the unit was sent", () => {
    const r = new Rack();
    first(r, 110, 10, 7);
    r.updateReoWnd(srtt, false, 1, 6, 8);
    expect(r.reoWnd).toBe(25_000);
    expect(r.lossDeadline(at(9), 6)).toBe(at(9 + 100 + 25));
    expect(r.isLost(at(9), instantAdd(at(134), micros(-1)), 6)).toBe(false);
    expect(r.isLost(at(9), at(134), 6)).toBe(true);
    // What was sent after it is not in question.
    expect(r.lossDeadline(at(11), 8)).toBe(NEVER);
  });

  test("tells units of the same instant apart by their keys, also where keys wrap", () => {
    const r = new Rack();
    first(r, 110, 10, 1);
    expect(r.lossDeadline(at(10), 0)).not.toBe(NEVER);
    expect(r.lossDeadline(at(10), 0xffffffff)).not.toBe(NEVER);
    expect(r.lossDeadline(at(10), 1)).toBe(NEVER);
    expect(r.lossDeadline(at(10), 2)).toBe(NEVER);
    expect(r.lossDeadline(at(10))).toBe(NEVER);
    expect(r.lossDeadline(at(9))).not.toBe(NEVER);
    first(r, 111, 10, 5);
    expect(r.key).toBe(5);
  });

  test("keeps the unit that was sent last, not the one delivered last", () => {
    const r = new Rack();
    first(r, 120, 20, 2);
    first(r, 121, 10, 1);
    expect(r.xmitTs).toBe(at(20));
    expect(r.key).toBe(2);
    expect(r.rtt).toBe(111_000);
  });

  test("takes RACK.rtt from the unit sent last among those of one acknowledgement", () => {
    for (const order of [
      [10, 30, 20],
      [30, 20, 10],
    ]) {
      const r = new Rack();
      for (const sent of order) first(r, 130, sent, sent);
      expect(r.rtt).toBe(100_000);
    }
  });

  test("ignores a retransmission answered sooner than any round trip (step 2)", () => {
    const r = new Rack();
    first(r, 100, 0, 0);
    expect(again(r, 250, 200, 1)).toBe(false);
    expect([r.rtt, r.xmitTs, r.minRtt]).toEqual([100_000, at(0), 100_000]);
    expect(again(r, 300, 200, 1)).toBe(true);
    expect(r.xmitTs).toBe(at(200));
  });

  test("ignores a retransmission while no round trip is known", () => {
    const r = new Rack();
    expect(again(r, 1001, 1000, 0)).toBe(false);
    expect(r.xmitTs).toBe(NEVER);
  });

  test("sees reordering when an original comes in below the highest, not a retransmission", () => {
    const r = new Rack();
    first(r, 100, 0, 5);
    again(r, 300, 150, 4);
    expect(r.reorderingSeen).toBe(false);
    first(r, 301, 1, 5);
    expect(r.reorderingSeen).toBe(false);
    first(r, 302, 1, 3);
    expect(r.reorderingSeen).toBe(true);
  });

  test("has a quarter of the least round trip before updateReoWnd is used at all", () => {
    const r = new Rack();
    first(r, 100, 0, 0);
    expect(r.reoWnd).toBe(25_000);
    first(r, 180, 100, 1);
    expect(r.reoWnd).toBe(20_000);
  });

  describe("the reordering window (step 4)", () => {
    const delivered = (): Rack => {
      const r = new Rack();
      first(r, 100, 0, 0);
      return r;
    };

    test("is nothing in recovery, or with DupThresh units sacked, while no reordering was seen", () => {
      const r = delivered();
      expect(r.updateReoWnd(srtt, false, 2, 0, 9)).toBe(25_000);
      expect(r.updateReoWnd(srtt, false, 3, 0, 9)).toBe(0);
      expect(r.updateReoWnd(srtt, true, 0, 0, 9)).toBe(0);
      first(r, 200, 100, 9);
      first(r, 201, 101, 8);
      expect(r.updateReoWnd(srtt, true, 5, 0, 9)).toBe(25_000);
    });

    test("follows the DupThresh it was given", () => {
      const r = new Rack({ dupThresh: 5 });
      first(r, 100, 0, 0);
      expect(r.updateReoWnd(srtt, false, 4, 0, 9)).toBe(25_000);
      expect(r.updateReoWnd(srtt, false, 5, 0, 9)).toBe(0);
    });

    test("widens by a quarter for each round with a duplicate report, up to SRTT", () => {
      const r = delivered();
      const seen: number[] = [];
      for (let round = 1; round <= 5; round++) {
        r.onDuplicateReported();
        r.onDuplicateReported();
        seen.push(r.updateReoWnd(srtt, false, 0, round * 10, round * 10 + 10));
        // A second report in the same round changes nothing.
        r.onDuplicateReported();
        expect(r.updateReoWnd(srtt, false, 0, round * 10 + 9, round * 10 + 15)).toBe(seen.at(-1));
      }
      expect(seen).toEqual([50_000, 75_000, 100_000, 100_000, 100_000]);
      expect(r.reoWndMult).toBe(6);
    });

    test("is not bounded by an SRTT that there is not", () => {
      const r = delivered();
      for (let round = 1; round <= 5; round++) {
        r.onDuplicateReported();
        r.updateReoWnd(micros(0), false, 0, round * 10, round * 10 + 10);
      }
      expect(r.reoWnd).toBe(150_000);
    });

    test("persists for 16 recoveries without a duplicate report", () => {
      const r = delivered();
      r.onDuplicateReported();
      r.updateReoWnd(srtt, false, 0, 0, 10);
      for (let i = 1; i <= 16; i++) {
        r.updateReoWnd(srtt, true, 0, 20, 30);
        expect(r.reoWndMult).toBe(2);
        r.updateReoWnd(srtt, false, 0, 20, 30);
        expect(r.reoWndMult).toBe(i < 16 ? 2 : 1);
      }
      expect(r.reoWnd).toBe(25_000);
    });

    test("starts the 16 anew with each report", () => {
      const r = new Rack({ reoWndPersist: 2 });
      first(r, 100, 0, 0);
      const recovery = (): void => {
        r.updateReoWnd(srtt, true, 0, 100, 110);
        r.updateReoWnd(srtt, false, 0, 100, 110);
      };
      r.onDuplicateReported();
      r.updateReoWnd(srtt, false, 0, 0, 10);
      recovery();
      r.onDuplicateReported();
      r.updateReoWnd(srtt, false, 0, 50, 60);
      recovery();
      expect(r.reoWndMult).toBe(3);
      recovery();
      expect(r.reoWndMult).toBe(1);
    });
  });

  test("marks on a timeout only what a round trip has passed over (RFC 8985 s3.5, s6.3)", () => {
    const r = new Rack();
    expect(r.isLostOnTimeout(at(5), at(6))).toBe(true);
    first(r, 100, 0, 0);
    r.updateReoWnd(srtt, false, 0, 1, 4);
    expect(r.isLostOnTimeout(at(990), at(1000))).toBe(false);
    expect(r.isLostOnTimeout(at(875), at(1000))).toBe(true);
  });

  test("forgets the route on reset", () => {
    const r = new Rack();
    first(r, 100, 0, 5);
    first(r, 101, 1, 4);
    r.onDuplicateReported();
    r.updateReoWnd(srtt, true, 0, 4, 6);
    r.reset();
    expect([r.xmitTs, r.rtt, r.minRtt, r.reoWnd, r.reoWndMult]).toEqual([NEVER, 0, 0, 0, 1]);
    expect(r.reorderingSeen).toBe(false);
    first(r, 300, 200, 0);
    expect(r.reorderingSeen).toBe(false);
    expect(r.reoWnd).toBe(25_000);
  });

  test("refuses options out of range", () => {
    expect(() => new Rack({ dupThresh: 0 })).toThrow(/dupThresh/);
    expect(() => new Rack({ reoWndPersist: 0 })).toThrow(/reoWndPersist/);
  });

  const unit = fc.record({
    sent: fc.nat({ max: 50 }),
    delay: fc.integer({ min: 0, max: 400 }),
    lost: fc.boolean(),
    retransmitted: fc.boolean(),
  });

  propTest.prop([fc.array(unit, { minLength: 1, maxLength: 40 }), fc.nat()])(
    "agrees with RFC 8985's pseudocode over any delivery, and finds no loss before a later unit is delivered",
    (units, base) => {
      // Keys in the order of sending, close to where they wrap in many runs.
      const list = units
        .map((u) => ({ ...u }))
        .sort((a, b) => a.sent - b.sent)
        .map((u, i) => ({ ...u, key: (base * 7919 + i) >>> 0, order: i }));
      const r = new Rack();
      let minRtt = Number.POSITIVE_INFINITY;
      let xmit = -1;
      let order = -1;
      let rtt = 0;
      const arrivals = list
        .filter((u) => !u.lost)
        .sort((a, b) => a.sent + a.delay - (b.sent + b.delay) || a.order - b.order);
      const times = [...new Set(arrivals.map((u) => u.sent + u.delay))];
      const done = new Set<number>();
      for (const now of times) {
        for (const u of arrivals.filter((a) => a.sent + a.delay === now)) {
          r.onDelivered(at(now), at(u.sent), u.key, u.retransmitted);
          done.add(u.key);
          if (u.retransmitted && Math.max(u.delay, 0.001) < minRtt) continue;
          if (!u.retransmitted) minRtt = Math.min(minRtt, Math.max(u.delay, 0.001));
          rtt = Math.max(u.delay, 0.001);
          if (u.sent > xmit || (u.sent === xmit && u.order > order)) {
            xmit = u.sent;
            order = u.order;
          }
        }
        r.updateReoWnd(millis(1000), false, 0, 0, 1);
        const wait = xmit < 0 ? 0 : millis(rtt) + Math.round(millis(minRtt) / 4);
        for (const u of list.filter((x) => !done.has(x.key))) {
          const sentBefore = xmit > u.sent || (xmit === u.sent && order > u.order);
          expect(r.lossDeadline(at(u.sent), u.key)).toBe(sentBefore ? at(u.sent) + wait : NEVER);
        }
      }
    },
  );
});
