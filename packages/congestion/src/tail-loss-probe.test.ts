import { fc, test as propTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { EPOCH, type Instant, instantAdd, micros, millis, NEVER } from "@multihome/base";
import { TailLossProbe, type TailLossProbeConfig } from "./tail-loss-probe.js";

const at = (ms: number): Instant => instantAdd(EPOCH, millis(ms));

describe("the probe timeout (RFC 8985 s7.2)", () => {
  const pto = (
    cfg: TailLossProbeConfig,
    srttMs: number,
    flight: number,
    rtoAt: Instant = NEVER,
    rttvarMs = 0,
  ): number =>
    new TailLossProbe(cfg).pto(
      at(1000),
      millis(srttMs),
      flight,
      millis(200),
      rtoAt,
      millis(rttvarMs),
    ) / 1000;

  test("is two smoothed round trips", () => expect(pto({}, 50, 2)).toBe(100));
  test("allows one lone unit the peer's delay", () => expect(pto({}, 50, 1)).toBe(300));
  test("is a second without a round-trip time", () => expect(pto({}, 0, 2)).toBe(1000));
  test("does not add the delay to that second", () => expect(pto({}, 0, 1)).toBe(1000));
  test("is not later than the RTO", () => expect(pto({}, 50, 2, at(1070))).toBe(70));
  test("is now where the RTO is overdue", () => expect(pto({}, 50, 2, at(990))).toBe(0));
  test("leaves RTTVAR out by default", () => expect(pto({}, 50, 2, NEVER, 30)).toBe(100));

  test("takes other factors and a floor", () => {
    const cfg = { ptoSrttFactor: 1, ptoRttvarFactor: 4, ptoFloor: millis(20) };
    expect(pto(cfg, 50, 2, NEVER, 10)).toBe(90);
    expect(pto(cfg, 1, 2, NEVER, 1)).toBe(20);
    expect(pto(cfg, 1, 2, at(1005), 1)).toBe(5);
    expect(pto({ ptoInitial: millis(300) }, 0, 2)).toBe(300);
    expect(pto({ ptoSrttFactor: 1.5 }, 50, 2)).toBe(75);
  });

  test("refuses to ask before one round trip has passed", () => {
    expect(() => new TailLossProbe({ ptoSrttFactor: 0.9 })).toThrow(/ptoSrttFactor: got 0.9/);
    expect(() => new TailLossProbe({ ptoRttvarFactor: -1 })).toThrow(/ptoRttvarFactor/);
    expect(() => new TailLossProbe({ ptoFloor: micros(-1) })).toThrow(/ptoFloor/);
    expect(() => new TailLossProbe({ ptoInitial: micros(0) })).toThrow(/ptoInitial/);
  });

  propTest.prop([
    fc.nat({ max: 10_000_000 }),
    fc.nat({ max: 10_000_000 }),
    fc.integer({ min: 1, max: 5 }),
    fc.nat({ max: 500_000 }),
    fc.nat({ max: 100_000_000 }),
  ])("is whole, never negative and never past the RTO", (srtt, rttvar, flight, delay, rto) => {
    const p = new TailLossProbe({ ptoSrttFactor: 1.25, ptoRttvarFactor: 0.3 });
    const now = at(50_000);
    const d = p.pto(
      now,
      micros(srtt),
      flight,
      micros(delay),
      micros(rto) as number as Instant,
      micros(rttvar),
    );
    expect(Number.isInteger(d)).toBe(true);
    expect(d).toBeGreaterThanOrEqual(0);
    expect(now + d).toBeLessThanOrEqual(Math.max(rto, now));
  });
});

describe("arming (RFC 8985 s7.2)", () => {
  test.each([
    [1, 0, false, true],
    [0, 0, false, false],
    [3, 1, false, false],
    [3, 0, true, false],
  ])("%d in flight, %d sacked, recovery %p: %p", (flight, sacked, recovery, want) => {
    expect(new TailLossProbe().shouldArm(flight, sacked, recovery)).toBe(want);
  });
});

describe("sending (RFC 8985 s7.3)", () => {
  test("asks for a round-trip time first", () => {
    const p = new TailLossProbe();
    expect(p.maySend()).toBe(false);
    p.onRttSample();
    expect(p.maySend()).toBe(true);
  });

  test("has one probe out at a time, and a sample between two", () => {
    const p = new TailLossProbe();
    p.onRttSample();
    p.onProbeSent(10, true);
    expect([p.outstanding, p.isRetrans, p.maySend()]).toEqual([true, true, false]);
    p.onRttSample();
    expect(p.maySend()).toBe(false);
    expect(p.onAck(10, true, false)).toBe("delivered");
    expect(p.maySend()).toBe(true);
    p.onProbeSent(11, false);
    expect(p.onAck(11, false, false)).toBe("delivered");
    expect([p.outstanding, p.maySend()]).toEqual([false, false]);
  });

  test("is free again after recovery began, once there is a sample", () => {
    const p = new TailLossProbe();
    p.onRttSample();
    p.onProbeSent(10, true);
    p.reset();
    expect([p.outstanding, p.isRetrans, p.maySend()]).toEqual([false, false, false]);
    expect(p.onAck(20, false, false)).toBe("none");
    p.onRttSample();
    expect(p.maySend()).toBe(true);
  });
});

describe("what an acknowledgement tells (RFC 8985 s7.4.2)", () => {
  const probed = (endSeq: number, isRetrans: boolean): TailLossProbe => {
    const p = new TailLossProbe();
    p.onRttSample();
    p.onProbeSent(endSeq, isRetrans);
    return p;
  };

  test("nothing without a probe", () => {
    expect(new TailLossProbe().onAck(10, true, true)).toBe("none");
  });

  test("nothing before it covers the probe", () => {
    const p = probed(10, true);
    expect(p.onAck(9, true, true)).toBe("none");
    expect(p.outstanding).toBe(true);
  });

  test("that new data arrived", () => {
    expect(probed(10, false).onAck(10, false, false)).toBe("delivered");
    expect(probed(10, false).onAck(15, false, false)).toBe("delivered");
  });

  test("that original and probe arrived, when it reports the duplicate (case 1)", () => {
    expect(probed(10, true).onAck(10, true, false)).toBe("delivered");
    expect(probed(10, true).onAck(12, true, false)).toBe("delivered");
  });

  test("that original and probe arrived, when it only repeats itself (case 2)", () => {
    const p = probed(10, true);
    expect(p.onAck(10, false, false)).toBe("none");
    expect(p.outstanding).toBe(true);
    expect(p.onAck(10, false, true)).toBe("delivered");
    expect(p.outstanding).toBe(false);
  });

  test("that the probe repaired a loss, when it goes past without either; once", () => {
    const p = probed(10, true);
    expect(p.onAck(10, false, false)).toBe("none");
    expect(p.onAck(11, false, false)).toBe("repaired");
    expect(p.onAck(12, false, false)).toBe("none");
  });

  test("the same where sequence numbers wrap", () => {
    const p = probed(0xfffffffe, true);
    expect(p.onAck(0xfffffffd, false, false)).toBe("none");
    expect(p.onAck(3, false, false)).toBe("repaired");
  });
});
