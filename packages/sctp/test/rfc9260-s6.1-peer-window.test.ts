import { describe, expect, test } from "@jest/globals";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { type PeerNumbers, Script } from "./support/scripted-peer.js";

// RFC 9260 s6.1 rule A and s6.2.1: what the sender knows of the peer's window, and what it does without one.

const opened = (o: SctpOptions = {}, peer: PeerNumbers = {}): Script => {
  const s = new Script({
    sctp: {
      pathMaxRetrans: 100,
      potentiallyFailedMaxRetrans: 100,
      associationMaxRetrans: 1000,
      hbIntervalMs: 3_600_000,
      ...o,
    },
  });
  s.openFromPeer(peer);
  return s;
};

const send = (s: Script, ...sizes: number[]): void => {
  for (const n of sizes) {
    const r = s.endpoint.send(s.now, s.id, new Uint8Array(n));
    if (!r.ok) throw new Error(r.code);
  }
  s.drain();
};

const rwnd = (s: Script): number | undefined => s.endpoint.status(s.id)?.peerRwnd;

describe("RFC 9260 s6.2.1: the peer's rwnd", () => {
  test("rules A to D, step by step", () => {
    const s = opened({}, { aRwnd: 5000 });
    expect(rwnd(s)).toBe(5000); // A
    send(s, 1000, 1000, 1000);
    expect(rwnd(s)).toBe(2000); // B
    s.receive([chunk.sack(s.tsn, { aRwnd: 4500 })]);
    expect(rwnd(s)).toBe(2500); // D ii: 4500 less the 2000 outstanding
    s.receive([chunk.sack(s.tsn, { aRwnd: 4500, gaps: [[2, 2]] })]);
    expect(rwnd(s)).toBe(3500); // what a gap reports is not outstanding
    s.take();
    s.advanceToNextPacket();
    // C: T3-rtx adds the chunk, B: it leaves at once and is subtracted
    expect(s.relativeLines()).toEqual(["DATA tsn=+1 sid=0 ssn=1 len=1000 BE"]);
    expect(rwnd(s)).toBe(3500);
    s.receive([chunk.sack(s.tsn + 2, { aRwnd: 5000 })]);
    expect(rwnd(s)).toBe(5000);
  });

  test("rule C: what is marked and waits for cwnd is added", () => {
    const s = opened({}, { aRwnd: 50_000 });
    send(s, 1400, 1400, 1400);
    expect(rwnd(s)).toBe(50_000 - 4200);
    s.advance(1000);
    // one of the three is in flight again
    expect(rwnd(s)).toBe(50_000 - 1400);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(1400);
  });

  test("rule D ii: never below 0, though more is outstanding than the SACK allows", () => {
    const s = opened({}, { aRwnd: 5000 });
    send(s, 1000, 1000);
    s.receive([chunk.sack(s.tsn, { aRwnd: 500 })]);
    expect(rwnd(s)).toBe(0);
  });

  test("rule D i: a SACK from before is dropped, its window too", () => {
    const s = opened({}, { aRwnd: 5000 });
    send(s, 1000, 1000);
    s.receive([chunk.sack(s.tsn + 1, { aRwnd: 5000 })]);
    s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
    expect(rwnd(s)).toBe(5000);
    expect(s.endpoint.counters.sackOutOfOrder).toBe(1);
  });
});

describe("RFC 9260 s6.1 rule A: nothing new beyond the window", () => {
  test("exactly what fits; the rest with the next window", () => {
    const s = opened({}, { aRwnd: 2500 });
    send(s, 1000, 1000, 501, 400);
    // 500 bytes are left: the third message does not fit, and the fourth does not overtake it
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=1000 BE",
      "DATA tsn=+1 sid=0 ssn=1 len=1000 BE",
    ]);
    s.receive([chunk.sack(s.tsn, { aRwnd: 1501 })]);
    expect(s.relativeLines()).toEqual(["DATA tsn=+2 sid=0 ssn=2 len=501 BE"]);
  });

  test("what was sent once is sent again whatever the window says", () => {
    const s = opened({}, { aRwnd: 1500 });
    send(s, 1000, 1000);
    s.take();
    s.receive([chunk.sack(s.tsn - 1, { aRwnd: 0 })]);
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1000 BE"]);
  });

  test("the sender still takes messages, up to its buffer", () => {
    const s = opened({ sendBufferBytes: 3000 }, { aRwnd: 1500 });
    send(s, 1000, 1000, 1000);
    expect(s.lines()).toHaveLength(1);
    expect(s.endpoint.send(s.now, s.id, new Uint8Array(10))).toEqual({
      ok: false,
      code: "wouldBlock",
      freeBytes: 0,
    });
  });
});

describe("RFC 9260 s6.1 rule A: probes of a closed window", () => {
  /** The window is closed, nothing is outstanding, two messages wait. */
  const closed = (o: SctpOptions = {}): Script => {
    const s = opened(o, { aRwnd: 1500 });
    send(s, 1000, 900, 800, 700);
    s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1000 BE"]);
    return s;
  };

  test("the first after one RTO, each one chunk, then twice as long each time, while the peer takes them", () => {
    const s = closed();
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.relativeLines()).toEqual(["DATA tsn=+1 sid=0 ssn=1 len=900 BE"]);
    s.receive([chunk.sack(s.tsn + 1, { aRwnd: 0 })]);
    expect(s.advanceToNextPacket()).toBe(2000);
    expect(s.relativeLines()).toEqual(["DATA tsn=+2 sid=0 ssn=2 len=800 BE"]);
    s.receive([chunk.sack(s.tsn + 2, { aRwnd: 0 })]);
    expect(s.advanceToNextPacket()).toBe(4000);
    expect(s.relativeLines()).toEqual(["DATA tsn=+3 sid=0 ssn=3 len=700 BE"]);
    expect(s.endpoint.counters.zeroWindowProbes).toBe(3);
  });

  test("dropped by the peer, the same chunk again, twice as long each time up to RTO.Max", () => {
    const s = closed({ rtoMaxMs: 8000 });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      waits.push(s.advanceToNextPacket());
      expect(s.relativeLines()).toEqual(["DATA tsn=+1 sid=0 ssn=1 len=900 BE"]);
      s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
      expect(s.lines()).toEqual([]);
    }
    expect(waits).toEqual([1000, 1000, 2000, 4000, 8000, 8000]);
  });

  test("while SACKs come, probes are no errors and cost no window; without SACKs they are", () => {
    const s = closed();
    const { cwnd } = s.endpoint.paths(s.id)[0] ?? {};
    for (let i = 0; i < 12; i++) {
      s.advanceToNextPacket();
      s.take();
      s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
    }
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
    expect(s.endpoint.paths(s.id)[0]).toMatchObject({ errorCount: 0, cwnd });
    const t = closed();
    // the probe, and then the peer is silent
    for (let i = 0; i < 3; i++) {
      t.advanceToNextPacket();
      t.take();
    }
    expect(t.endpoint.status(t.id)?.errorCount).toBe(2);
    expect(t.endpoint.paths(t.id)[0]?.errorCount).toBe(2);
  });

  test("none while something is not acknowledged cumulatively", () => {
    const s = opened({}, { aRwnd: 2500 });
    send(s, 1000, 1000, 900);
    s.take();
    // the second is there, the first is missing: nothing new, only the first again
    s.receive([chunk.sack(s.tsn - 1, { aRwnd: 0, gaps: [[2, 2]] })]);
    for (let i = 0; i < 3; i++) {
      s.advanceToNextPacket();
      expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1000 BE"]);
    }
    expect(s.endpoint.counters.zeroWindowProbes).toBe(0);
  });

  test("a window that opens ends them at once", () => {
    const s = closed();
    s.advance(500);
    s.receive([chunk.sack(s.tsn, { aRwnd: 10_000 })]);
    expect(s.relativeLines().join(" | ")).toContain("tsn=+3");
    s.receive([chunk.sack(s.tsn + 3, { aRwnd: 10_000 })]);
    s.advance(60_000);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.zeroWindowProbes).toBe(0);
    // and the next time they begin anew, after one RTO
    send(s, 1000, 1000);
    s.receive([chunk.sack(s.tsn + 5, { aRwnd: 0 })]);
    s.take();
    send(s, 1000);
    expect(s.advanceToNextPacket()).toBe(1000);
  });

  test("with another timing they begin after the RTO of that timing", () => {
    const s = new Script({ sctp: { timing: "fast", hbIntervalMs: 3_600_000 } });
    s.openFromPeer({ aRwnd: 1500 });
    s.advanceAnswering(2000);
    send(s, 1000, 900);
    s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
    s.take();
    // RTO.Min is the budget of 200 ms
    expect(s.advanceToNextPacket()).toBe(200);
    expect(s.relativeLines()).toEqual(["DATA tsn=+1 sid=0 ssn=1 len=900 IBE"]);
  });
});

describe("RFC 9260 s6.1: silly windows", () => {
  test("a message goes whole or not at all: no chunk is cut to the room that is left", () => {
    const s = opened({}, { aRwnd: 3000 });
    send(s, 4000);
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=1452 B",
      "DATA tsn=+1 sid=0 ssn=0 len=1452",
    ]);
    s.receive([chunk.sack(s.tsn + 1, { aRwnd: 100 })]);
    expect(s.lines()).toEqual([]);
    s.receive([chunk.sack(s.tsn + 1, { aRwnd: 1096 })]);
    expect(s.relativeLines()).toEqual(["DATA tsn=+2 sid=0 ssn=0 len=1096 E"]);
  });

  test("a peer whose window never holds a whole packet gets half of its window at a time", () => {
    const s = opened({ mtu: 9000 }, { aRwnd: 8000 });
    send(s, 20_000);
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=4000 B | DATA tsn=+1 sid=0 ssn=0 len=4000",
    ]);
    for (let n = 1; n < 5; n++) s.receive([chunk.sack(s.tsn + n, { aRwnd: 8000 })]);
    // without a timer: otherwise each chunk would be a probe, one for each RTO
    expect(s.endpoint.counters.zeroWindowProbes).toBe(0);
    expect(s.endpoint.status(s.id)?.bufferedBytes).toBe(0);
  });
});
