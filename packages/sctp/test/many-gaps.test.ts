import { describe, expect, jest, test } from "@jest/globals";
import { Outstanding } from "../src/outstanding.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// Very many Gap Ack Blocks, and very much in flight: what a SACK may cost, and what one that had no room for
// all its blocks does not say. RFC 9260 s6.7

const A_RWND = 100_000_000;
const message = new Uint8Array(1400);

const opened = (timing: "fast" | "rfc"): Script => {
  const s = new Script({
    sctp: {
      timing,
      sendBufferBytes: 64 << 20,
      maxBurst: 1000,
      hbIntervalMs: 3_600_000,
      rtoMinMs: 60_000,
      rtoInitialMs: 60_000,
    },
  });
  s.openFromPeer({ aRwnd: A_RWND });
  s.advanceAnswering(1000);
  return s;
};

/** Sends and has acknowledged until `chunks` are in flight; returns the TSN before the first of them. */
function fly(s: Script, chunks: number): number {
  let acked = s.tsn - 1;
  for (;;) {
    while ((s.endpoint.status(s.id)?.bufferedBytes ?? 0) < 3 * chunks * message.length) {
      if (!s.endpoint.send(s.now, s.id, message).ok) throw new Error("no room");
    }
    s.take();
    const out = (s.endpoint.status(s.id)?.outstandingBytes ?? 0) / message.length;
    if (out >= chunks) return acked;
    for (let i = 0; i < out; i++) s.receive([chunk.sack(++acked, { aRwnd: A_RWND })]);
  }
}

const counters = (s: Script) => s.endpoint.counters;

describe.each(["fast", "rfc"] as const)("timing %s", (timing) => {
  test("a SACK costs what it reports, not what is in flight or held back by a gap", () => {
    const s = opened(timing);
    const cum = fly(s, 2000);
    const at = jest.spyOn(Outstanding.prototype, "at");
    // One chunk is missing, and of those after it one more arrives each time.
    for (let n = 2; n < 1500; n++) {
      s.receive([chunk.sack(cum, { aRwnd: 0, gaps: [[2, n]] })]);
    }
    expect(at.mock.calls.length).toBeLessThan(30 * 1500);
    at.mockRestore();
    s.advance(300);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    expect(counters(s).fastRetransmits).toBe(1);
  });

  test("what a SACK with as many blocks as ever leaves out is neither taken back nor lost", () => {
    const s = opened(timing);
    const cum = fly(s, 400);
    const every = (from: number, count: number): [number, number][] =>
      Array.from({ length: count }, (_, i) => [from + 2 * i, from + 2 * i]);
    // 30 blocks, then one more gap below them: the last block has no room any more.
    for (let n = 1; n <= 30; n++) {
      s.receive([chunk.sack(cum, { aRwnd: A_RWND, gaps: every(10, n) })]);
    }
    s.advance(30);
    s.receive([chunk.sack(cum, { aRwnd: A_RWND, gaps: [[8, 8], ...every(10, 29)] })]);
    expect(counters(s).reneged).toBe(0);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    const lost = counters(s).fastRetransmits;
    // Repairs arrive that were sent later than everything beyond the last block.
    s.advance(30);
    s.take();
    s.receive([chunk.sack(cum + 1, { aRwnd: A_RWND, gaps: [[5, 5], [7, 7], ...every(9, 28)] })]);
    s.advance(300);
    expect(counters(s).fastRetransmits).toBe(lost);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    // With room again, silence about them says that they are gone.
    s.receive([chunk.sack(cum + 60, { aRwnd: A_RWND })]);
    s.advance(300);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("a SACK that leaves out what it had room for takes it back", () => {
    const s = opened(timing);
    const cum = fly(s, 50);
    s.receive([
      chunk.sack(cum, {
        aRwnd: A_RWND,
        gaps: [
          [5, 9],
          [12, 20],
        ],
      }),
    ]);
    s.receive([chunk.sack(cum, { aRwnd: A_RWND, gaps: [[5, 7]] })]);
    expect(counters(s).reneged).toBe(11);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    s.receive([
      chunk.sack(cum, {
        aRwnd: A_RWND,
        gaps: [
          [5, 9],
          [12, 20],
        ],
      }),
    ]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    s.receive([chunk.sack(cum + 50, { aRwnd: A_RWND })]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });
});

test("a receiver keeps 16,384 ranges and tells as many as fit, the lowest", () => {
  const s = new Script({ sctp: { receiveBufferBytes: 64 << 20 } });
  s.openFromPeer();
  const byte = Uint8Array.of(1);
  for (let i = 0; i < 16_400; i++) {
    s.hold(() => s.receive([chunk.data(PEER_TSN + 1 + 2 * i, { ssn: i + 1, bytes: byte })]));
  }
  expect(s.endpoint.counters.dataNoWindow).toBe(16);
  s.drain();
  const last = s.take().at(-1);
  expect(last?.bytes.length).toBeLessThanOrEqual(1480);
  expect(last?.bytes.length).toBeGreaterThan(1470);
  expect(s.endpoint.audit(s.id)).toBeUndefined();
});
