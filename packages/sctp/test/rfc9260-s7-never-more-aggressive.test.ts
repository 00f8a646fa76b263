import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { tsn } from "@multihome/base";
import { ChunkType, DATA_HEADER_LENGTH, dataTsn } from "@multihome/wire";
import { TsnTracker } from "../src/tsn-tracker.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, Script, type SentPacket } from "./support/scripted-peer.js";

// RFC 9260 s6.1 rules A to D and s7.2: "an SCTP sender MUST NOT be more aggressive than the following algorithms
// allow", whatever is sent and however it is acknowledged.

type Op =
  | { readonly op: "send"; readonly count: number; readonly size: number }
  /** The peer receives packets on their way, some of them not, and sends one SACK. */
  | {
      readonly op: "arrive";
      readonly packets: number;
      readonly lose: number;
      readonly window: number;
    }
  | { readonly op: "advance"; readonly ms: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("arrive" as const),
      packets: fc.integer({ min: 0, max: 6 }),
      lose: fc.nat({ max: 63 }),
      window: fc.constantFrom(1_000_000, 1_000_000, 1_000_000, 20_000, 3000, 500, 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("send" as const),
      count: fc.integer({ min: 1, max: 30 }),
      size: fc.constantFrom(1, 100, 700, 1452, 1453, 5000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("advance" as const),
      ms: fc.constantFrom(1, 10, 50, 200, 1000, 2500),
    }),
  },
);

const MAX_BURST = 4;
const PMDCS = 1468;

/** A peer with what is on its way to it, and what it has. */
class Model {
  readonly s: Script;
  readonly received: TsnTracker;
  onTheWay: SentPacket[] = [];
  /** Lengths of the chunks with their TSN, and whether they were sent before. */
  readonly sent: Map<number, number>;
  window = 1_000_000;
  /** cwnd before it was reduced last: a loss that proves to be none gives that back, no RFC 9260 matter. */
  #reducedFrom = 0;

  constructor() {
    this.s = new Script({
      sctp: {
        pathMaxRetrans: 1000,
        potentiallyFailedMaxRetrans: 1000,
        associationMaxRetrans: 10_000,
        hbIntervalMs: 3_600_000,
      },
    });
    this.s.openFromPeer({ aRwnd: this.window });
    this.received = new TsnTracker(tsn(this.s.tsn));
    this.sent = new Map();
  }

  get path(): { cwnd: number; ssthresh: number; flightSize: number } {
    const p = this.s.endpoint.paths(this.s.id)[0];
    if (p === undefined) throw new Error("no path");
    return { cwnd: p.cwnd, ssthresh: p.ssthresh, flightSize: p.flightSize };
  }

  apply(o: Op): void {
    const { s } = this;
    const before = this.path;
    const probes = s.endpoint.counters.zeroWindowProbes;
    const timeouts = s.endpoint.counters.t3Expirations;
    if (o.op === "send") {
      for (let i = 0; i < o.count; i++) {
        s.endpoint.send(s.now, s.id, new Uint8Array(o.size));
      }
      s.drain();
    } else if (o.op === "advance") s.advance(o.ms);
    else this.arrive(o);
    const packets = s.take().filter((p) => chunksOf(p).some((c) => c.type === ChunkType.data));
    this.onTheWay.push(...packets);
    const fresh = this.note(packets);
    const after = this.path;
    const timedOut = s.endpoint.counters.t3Expirations > timeouts;
    // rule B: new data never passes cwnd by a whole packet
    if (fresh > 0) expect(after.flightSize).toBeLessThanOrEqual(after.cwnd + PMDCS - 1);
    // rule A: nor what the peer has room for, but for a probe
    if (fresh > 0 && s.endpoint.counters.zeroWindowProbes === probes) {
      expect(s.endpoint.status(s.id)?.outstandingBytes).toBeLessThanOrEqual(this.window);
    }
    // rule D, for each input; time brings a packet each millisecond at least
    if (o.op !== "advance") expect(packets.length).toBeLessThanOrEqual(MAX_BURST);
    if (!timedOut) {
      // s7.2.1, s7.2.2: one SACK gives one PMDCS at most, and only in full use; time and sending give nothing
      const grown = after.cwnd - before.cwnd;
      const mayGrow = o.op === "arrive" && before.flightSize >= before.cwnd ? PMDCS : 0;
      // s7.2.3 sets cwnd to 4 PMDCS at least on loss, also from below
      const givenBack = after.cwnd === this.#reducedFrom || after.cwnd === 4 * PMDCS;
      if (!givenBack) expect(grown).toBeLessThanOrEqual(mayGrow);
    } else expect(after.cwnd).toBeLessThanOrEqual(before.cwnd);
    if (after.cwnd < before.cwnd) this.#reducedFrom = before.cwnd;
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  }

  arrive(o: { packets: number; lose: number; window: number }): void {
    const { s, received } = this;
    for (const [i, p] of this.onTheWay.splice(0, o.packets).entries()) {
      if ((o.lose >> i) & 1) continue;
      for (const c of chunksOf(p)) {
        if (c.type !== ChunkType.data) continue;
        const t = dataTsn(p.view, c.at);
        if (received.has(t)) received.noteDuplicate(t);
        else received.add(t);
      }
    }
    const gaps = received.starts.map((start, i): [number, number] => [
      (start - received.cumTsn) >>> 0,
      ((received.ends[i] ?? start) - received.cumTsn) >>> 0,
    ]);
    received.duplicates.length = 0; // told, they may take a reduction of cwnd back
    this.window = o.window;
    s.receive([chunk.sack(received.cumTsn, { gaps, aRwnd: o.window })]);
  }

  /** How many chunks of these packets were sent for the first time; no packet and no chunk is too large. */
  note(packets: readonly SentPacket[]): number {
    let fresh = 0;
    for (const p of packets) {
      expect(p.bytes.length).toBeLessThanOrEqual(1480);
      for (const c of chunksOf(p)) {
        const t = dataTsn(p.view, c.at);
        const known = this.sent.get(t);
        if (known === undefined) fresh++;
        else expect(c.length).toBe(known);
        expect(c.length).toBeGreaterThan(DATA_HEADER_LENGTH);
        this.sent.set(t, c.length);
      }
    }
    return fresh;
  }
}

describe("RFC 9260 s6.1, s7.2: never more aggressive than the rules allow", () => {
  test.prop([fc.array(op, { maxLength: 60 })], { numRuns: 60 })(
    "whatever is sent, lost and acknowledged",
    (ops) => {
      const model = new Model();
      for (const o of ops) model.apply(o);
      // and in the end all of it arrives
      for (let i = 0; i < 400 && model.s.endpoint.status(model.s.id)?.bufferedBytes !== 0; i++) {
        model.apply({ op: "arrive", packets: 1000, lose: 0, window: 1_000_000 });
        model.apply({ op: "advance", ms: 1000 });
      }
      expect(model.s.endpoint.status(model.s.id)).toMatchObject({
        bufferedBytes: 0,
        outstandingBytes: 0,
      });
    },
  );
});
