// What every congestion controller promises, whatever happens in whatever order.
import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { EPOCH, instantAdd, micros } from "@multihome/base";
import { type CongestionConfig, type CongestionControl, Cubic, SctpNewReno } from "../src/index.js";

const controllers: readonly (readonly [string, (cfg: CongestionConfig) => CongestionControl])[] = [
  ["newreno", (cfg) => new SctpNewReno(cfg)],
  ["cubic", (cfg) => new Cubic({ ...cfg, rtt: { srtt: micros(30_000) } })],
];

const bytes = fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: 2_000_000 }));
const op = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant("fullAck" as const), acked: bytes }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("ack" as const),
      acked: bytes,
      duplicate: fc.oneof(fc.constant(0), bytes),
      cumAckAdvanced: fc.boolean(),
      flight: bytes,
      fullyUtilized: fc.boolean(),
    }),
  },
  fc.record({ op: fc.constant("fastRetransmit" as const) }),
  fc.record({ op: fc.constant("enterFastRecovery" as const) }),
  fc.record({ op: fc.constant("exitFastRecovery" as const) }),
  fc.record({ op: fc.constant("t3" as const) }),
  fc.record({ op: fc.constant("ecn" as const) }),
  fc.record({ op: fc.constant("spuriousT3" as const) }),
  fc.record({ op: fc.constant("spuriousFastRetransmit" as const) }),
  fc.record({ op: fc.constant("idle" as const), us: fc.nat({ max: 5_000_000 }) }),
  fc.record({ op: fc.constant("pmdcs" as const), pmdcs: fc.integer({ min: 64, max: 9000 }) }),
  fc.record({ op: fc.constant("reset" as const) }),
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

const config = fc.record({
  pmdcs: fc.integer({ min: 64, max: 9000 }),
  family: fc.constantFrom(4 as const, 6 as const),
  initialWindow: fc.constantFrom("rfc9260" as const, "iw10" as const),
  slowStartLimit: fc.integer({ min: 1, max: 4 }),
});

describe.each(controllers)("%s", (name, make) => {
  test.prop([config, fc.array(fc.tuple(fc.nat({ max: 200_000 }), op), { maxLength: 120 })])(
    "keeps its window whole, within bounds, and moves it only as the event allows",
    (cfg, ops) => {
      const cc = make(cfg);
      let pmdcs = cfg.pmdcs;
      let now = EPOCH;
      expect(cc.name).toBe(name);
      for (const [dt, o] of ops) {
        now = instantAdd(now, micros(dt));
        const before = cc.snapshot();
        const onePacket = cc.onePacketOnly;
        apply(cc, o);
        const after = cc.snapshot();
        if (o.op === "pmdcs") pmdcs = o.pmdcs;
        expect(after.pmdcs).toBe(pmdcs);
        for (const v of [after.cwnd, after.ssthresh, after.partialBytesAcked]) {
          expect(Number.isSafeInteger(v)).toBe(true);
        }
        expect(after.cwnd).toBeGreaterThanOrEqual(pmdcs);
        expect(after.ssthresh).toBeGreaterThan(0);
        expect(after.partialBytesAcked).toBeGreaterThanOrEqual(0);
        check(cc, o, before, after, onePacket);
      }

      function apply(c: CongestionControl, o: Op): void {
        switch (o.op) {
          case "fullAck":
            c.onAck(now, o.acked, true, c.cwnd, true);
            break;
          case "ack":
            c.onAck(now, o.acked, o.cumAckAdvanced, o.flight, o.fullyUtilized, o.duplicate);
            break;
          case "fastRetransmit":
            c.onFastRetransmit(now);
            break;
          case "enterFastRecovery":
            c.enterFastRecovery(now);
            break;
          case "exitFastRecovery":
            c.exitFastRecovery(now);
            break;
          case "t3":
            c.onT3Expiry(now);
            break;
          case "ecn":
            c.onEcn(now);
            break;
          case "spuriousT3":
            c.onSpuriousT3(now);
            break;
          case "spuriousFastRetransmit":
            c.onSpuriousFastRetransmit(now);
            break;
          case "idle":
            c.onIdle(now, micros(o.us), micros(300_000));
            break;
          case "pmdcs":
            c.setPmdcs(o.pmdcs);
            break;
          case "reset":
            c.reset(now);
            break;
        }
      }

      function check(
        c: CongestionControl,
        o: Op,
        before: ReturnType<CongestionControl["snapshot"]>,
        after: ReturnType<CongestionControl["snapshot"]>,
        onePacketBefore: boolean,
      ): void {
        const growth = after.cwnd - before.cwnd;
        const acked = o.op === "ack" || o.op === "fullAck" ? o.acked : 0;
        switch (o.op) {
          case "ack":
          case "fullAck": {
            expect(growth).toBeGreaterThanOrEqual(0);
            expect(after.ssthresh).toBe(before.ssthresh);
            const wasSlowStart = before.cwnd <= before.ssthresh;
            if (wasSlowStart) {
              const limit = Math.min(acked, cfg.slowStartLimit * pmdcs);
              expect(growth).toBeLessThanOrEqual(limit);
              if (before.phase === "fastRecovery") expect(growth).toBe(0);
              if (o.op === "ack" && !o.fullyUtilized) expect(growth).toBe(0);
            }
            if (acked > 0) expect(c.onePacketOnly).toBe(false);
            else expect(c.onePacketOnly).toBe(onePacketBefore);
            break;
          }
          case "fastRetransmit":
            expect(c.inFastRecovery).toBe(true);
            if (before.phase === "fastRecovery") expect(after).toEqual(before);
            else {
              expect(after.cwnd).toBe(after.ssthresh);
              expect(after.cwnd).toBeLessThanOrEqual(Math.max(before.cwnd, 4 * pmdcs));
              expect(after.cwnd).toBeGreaterThanOrEqual(Math.floor(before.cwnd / 2));
            }
            break;
          case "enterFastRecovery":
          case "exitFastRecovery":
            expect(c.inFastRecovery).toBe(o.op === "enterFastRecovery");
            expect(after).toEqual({ ...before, phase: after.phase });
            break;
          case "t3":
            expect(after.cwnd).toBe(pmdcs);
            expect(after.partialBytesAcked).toBe(0);
            expect(after.phase).toBe("slowStart");
            expect(c.onePacketOnly).toBe(true);
            break;
          case "ecn":
          case "idle":
            expect(growth).toBeLessThanOrEqual(0);
            break;
          case "spuriousT3":
          case "spuriousFastRetransmit":
            expect(growth).toBeGreaterThanOrEqual(0);
            expect(after.ssthresh).toBeGreaterThanOrEqual(before.ssthresh);
            break;
          case "pmdcs":
            expect(after.cwnd).toBeGreaterThanOrEqual(Math.min(pmdcs, before.cwnd));
            break;
          case "reset":
            expect(after).toEqual(make({ ...cfg, pmdcs }).snapshot());
            break;
        }
      }
    },
  );

  test.prop([config])("takes back a T3 that was the first event after any growth", (cfg) => {
    const cc = make(cfg);
    for (let i = 0; i < 50; i++) cc.onAck(EPOCH, cfg.pmdcs, true, cc.cwnd, true);
    const before = cc.snapshot();
    cc.onT3Expiry(EPOCH);
    cc.onSpuriousT3(EPOCH);
    expect(cc.snapshot()).toEqual(before);
  });
});
