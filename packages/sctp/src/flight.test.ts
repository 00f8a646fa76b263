import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { type Instant, IpAddress, micros, tsn, tsnLt } from "@multihome/base";
import { Rack, RttEstimator, SctpNewReno } from "@multihome/congestion";
import { ChunkState, type OutChunk } from "./out-chunk.js";
import { Outstanding } from "./outstanding.js";
import { SctpPath } from "./sctp-path.js";

const rtt = new RttEstimator({
  rtoInitial: micros(1000),
  rtoMin: micros(1),
  rtoMax: micros(10_000),
  granularity: micros(1),
});
const path = (id: number): SctpPath =>
  new SctpPath(
    id,
    IpAddress.v4(1),
    IpAddress.v4(2),
    rtt,
    new SctpNewReno({ pmdcs: 1000 }),
    new Rack(),
    1500,
    0,
    0,
  );

const listed = (first: OutChunk | undefined): OutChunk[] => {
  const chunks: OutChunk[] = [];
  for (let c = first; c !== undefined; c = c.flightAfter) chunks.push(c);
  return chunks;
};

describe("Flight", () => {
  propertyTest.prop([
    fc.array(
      fc.record({
        op: fc.constantFrom("send", "send", "send", "lose", "repair", "gap", "renege", "ack"),
        which: fc.nat(1000),
        way: fc.nat(1),
      }),
      { maxLength: 120 },
    ),
  ])(
    "lists what is in flight in the order of sending, and finds the lowest TSN, as a search does",
    (ops) => {
      const q = new Outstanding(tsn(0xffff_ffe0));
      const paths = [path(1), path(2)] as const;
      const some = (state: number, which: number): OutChunk | undefined => {
        const all: OutChunk[] = [];
        for (let i = 0; i < q.length; i++) {
          const c = q.at(i);
          if (c?.state === state) all.push(c);
        }
        return all[which % Math.max(1, all.length)];
      };
      let now = 0;
      const send = (c: OutChunk, way: number): void => {
        now += way; // some leave at the same instant
        c.path = paths[way as 0 | 1];
        c.sentAt = now as Instant;
        c.sentCount++;
        c.state = ChunkState.inFlight;
        c.path.inFlight.append(c);
      };
      const { inFlight, marked, gapAcked } = ChunkState;
      for (const { op, which, way } of ops) {
        if (op === "send") {
          const c = q.append();
          c.sentCount = 0;
          send(c, way);
        } else if (op === "repair") {
          const c = some(marked, which);
          if (c !== undefined) send(c, way);
        } else if (op === "renege") {
          const c = some(gapAcked, which);
          if (c === undefined) continue;
          c.state = inFlight;
          c.path?.inFlight.insert(c);
        } else if (op === "ack") {
          const c = q.shift();
          if (c?.state === inFlight) c.path?.inFlight.remove(c);
          if (c !== undefined) q.release(c);
        } else {
          const c = some(inFlight, which);
          if (c === undefined) continue;
          c.path?.inFlight.remove(c);
          c.state = op === "lose" ? marked : gapAcked;
        }

        for (const p of paths) {
          let lowest: OutChunk | undefined;
          let fresh = 0;
          let resent = 0;
          for (let i = 0; i < q.length; i++) {
            const c = q.at(i);
            if (c?.state !== inFlight || c.path !== p) continue;
            if (lowest === undefined || tsnLt(c.tsn, lowest.tsn)) lowest = c;
            if (c.sentCount > 1) resent++;
            else fresh++;
          }
          expect(p.inFlight.lowest(q)?.tsn).toBe(lowest?.tsn);
          expect(p.inFlight.empty).toBe(lowest === undefined);
          for (const [list, count] of [
            [p.inFlight.fresh, fresh],
            [p.inFlight.resent, resent],
          ] as const) {
            const times = listed(list.first).map((c) => c.sentAt);
            expect(times).toHaveLength(count);
            expect(times).toEqual([...times].sort((x, y) => x - y));
          }
        }
      }
    },
  );
});
