import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import * as chunk from "./support/chunks.js";
import { Script } from "./support/scripted-peer.js";

// RFC 9260 s6.3: when T3-rtx runs out, and what leaves then, against rules C1 to C7, R1 to R3 and E2, E3 written
// down as plainly as can be. One path, small chunks, cumulative SACKs.

type Op =
  | { readonly op: "send" }
  /** Acknowledges so many of what is outstanding. */
  | { readonly op: "ack"; readonly count: number }
  | { readonly op: "advance"; readonly ms: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.constant({ op: "send" as const }),
  fc.record({ op: fc.constant("ack" as const), count: fc.nat({ max: 6 }) }),
  fc.record({
    op: fc.constant("advance" as const),
    ms: fc.constantFrom(1, 7, 50, 130, 333, 900, 1000, 2100, 9000, 61_000),
  }),
);

interface Limits {
  readonly rtoInitialMs: number;
  readonly rtoMinMs: number;
  readonly rtoMaxMs: number;
}

const limits: fc.Arbitrary<Limits> = fc.constantFrom(
  { rtoInitialMs: 1000, rtoMinMs: 1000, rtoMaxMs: 60_000 },
  { rtoInitialMs: 500, rtoMinMs: 1, rtoMaxMs: 4000 },
);

const MAX_OUTSTANDING = 12;
/** Microseconds; each doubling doubles it. */
const ROUNDING = 64;

interface Chunk {
  readonly n: number;
  readonly firstAt: number;
  again: boolean;
}

class Model {
  readonly s: Script;
  readonly #limits: Limits;
  #outstanding: Chunk[] = [];
  #next = 0;
  #srtt: number | undefined;
  #rttvar = 0;
  #rto: number;
  #t3 = Number.POSITIVE_INFINITY;
  #sampledAt = Number.NEGATIVE_INFINITY;
  /** The newest chunk of each retransmission, and when it was. */
  #repairs: { readonly n: number; readonly at: number }[] = [];

  constructor(l: Limits) {
    this.#limits = l;
    this.#rto = l.rtoInitialMs * 1000;
    this.s = new Script({
      sctp: {
        ...l,
        pathMaxRetrans: 1000,
        potentiallyFailedMaxRetrans: 1000,
        associationMaxRetrans: 10_000,
        hbIntervalMs: 3_600_000,
        maxBurst: 1000,
      },
    });
    this.s.openFromPeer();
    const id = this.s.endpoint.paths(this.s.id)[0]?.id ?? -1;
    this.s.endpoint.setHeartbeat(this.s.id, id, false);
  }

  apply(o: Op): void {
    if (o.op === "send") this.#send();
    else if (o.op === "ack") this.#ack(o.count);
    else this.#advance(o.ms);
    if (this.#t3 === Number.POSITIVE_INFINITY) {
      expect(this.s.endpoint.status(this.s.id)?.outstandingBytes).toBe(0);
    } else expect(Math.abs(this.s.endpoint.pollTimeout() - this.#t3)).toBeLessThanOrEqual(ROUNDING);
    expect(
      Math.abs((this.s.endpoint.paths(this.s.id)[0]?.rto ?? 0) - this.#rto),
    ).toBeLessThanOrEqual(ROUNDING);
  }

  #send(): void {
    if (this.#outstanding.length >= MAX_OUTSTANDING) return;
    const { s } = this;
    // After a timeout one packet may be in flight until something is acknowledged (s7.2.3).
    if (this.#outstanding.some((c) => c.again)) return;
    s.endpoint.send(s.now, s.id, Uint8Array.of(1, 2, 3, 4));
    expect(s.relativeLines()).toEqual([`DATA tsn=+${this.#next} sid=0 ssn=${this.#next} len=4 BE`]);
    this.#outstanding.push({ n: this.#next++, firstAt: s.nowUs, again: false });
    if (this.#t3 === Number.POSITIVE_INFINITY) this.#t3 = s.nowUs + this.#rto; // R1
  }

  #ack(count: number): void {
    const { s } = this;
    const acked = this.#outstanding.splice(0, count);
    const last = acked.at(-1);
    const cum = s.tsn + this.#next - this.#outstanding.length - 1;
    s.receive([chunk.sack(cum)]);
    expect(s.lines()).toEqual([]);
    if (last === undefined) return;
    this.#measure(last, acked);
    if (this.#outstanding.length === 0)
      this.#t3 = Number.POSITIVE_INFINITY; // R2
    else this.#t3 = s.nowUs + this.#rto; // R3
  }

  #measure(last: Chunk, acked: readonly Chunk[]): void {
    const now = this.s.nowUs;
    // C5, second part: nothing up to it was sent again since it was sent first
    const repaired = this.#repairs.some((r) => r.at >= last.firstAt && r.n <= last.n);
    if (last.again || (repaired && acked.some((c) => c.again))) return;
    if (this.#srtt !== undefined && now - this.#sampledAt < this.#srtt) return; // C4
    this.#sampledAt = now;
    const r = Math.max(1, now - last.firstAt);
    if (this.#srtt === undefined) {
      this.#srtt = r; // C2
      this.#rttvar = r / 2;
    } else {
      this.#rttvar = 0.75 * this.#rttvar + 0.25 * Math.abs(this.#srtt - r); // C3
      this.#srtt = 0.875 * this.#srtt + 0.125 * r;
    }
    this.#rttvar = Math.max(1000, this.#rttvar); // G1
    this.#rto = this.#clamp(this.#srtt + 4 * this.#rttvar);
  }

  #clamp(rto: number): number {
    const { rtoMinMs, rtoMaxMs } = this.#limits;
    return Math.min(rtoMaxMs * 1000, Math.max(rtoMinMs * 1000, rto)); // C6, C7
  }

  #advance(ms: number): void {
    const { s } = this;
    const until = s.nowUs + ms * 1000;
    // what is due at the very end runs, too, on whichever side rounding puts it
    while (this.#t3 < until + 2 * ROUNDING) {
      const took = s.advanceToNextPacket();
      expect(Math.abs(s.nowUs - this.#t3)).toBeLessThanOrEqual(ROUNDING);
      expect(took).toBeGreaterThanOrEqual(0);
      const again = this.#outstanding
        .map((c) => `DATA tsn=+${c.n} sid=0 ssn=${c.n} len=4 BE`)
        .join(" | ");
      expect(s.relativeLines()).toEqual([again]); // E3
      for (const c of this.#outstanding) c.again = true;
      this.#repairs.push({ n: this.#outstanding[0]?.n ?? 0, at: s.nowUs });
      this.#rto = this.#clamp(2 * this.#rto); // E2
      this.#t3 = s.nowUs + this.#rto; // E4
    }
    if (s.nowUs < until) s.advance((until - s.nowUs) / 1000);
    expect(s.lines()).toEqual([]);
  }
}

describe("RFC 9260 s6.3: T3-rtx against a model", () => {
  test.prop([limits, fc.array(op, { maxLength: 60 })], { numRuns: 60 })(
    "when it runs out and what leaves then",
    (l, ops) => {
      const model = new Model(l);
      for (const o of ops) model.apply(o);
    },
    20_000,
  );
});
