import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import type { PathView } from "@multihome/paths";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { Script } from "./support/scripted-peer.js";

// RFC 9260 s7.2.4 in detail, and s7.2.5: what is missed how often, what leaves in the one packet, and where.

const PMDCS = 1468; // 1500 - 20 - 12
const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";

const quiet: SctpOptions = {
  pathMaxRetrans: 100,
  potentiallyFailedMaxRetrans: 100,
  associationMaxRetrans: 1000,
  hbIntervalMs: 3_600_000,
  maxBurst: 100,
};

const opened = (o: SctpOptions = {}): Script => {
  const s = new Script({ sctp: { ...quiet, ...o } });
  s.openFromPeer({ aRwnd: 10_000_000 });
  return s;
};

const opened2 = (o: SctpOptions = {}): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1"],
    peer: ["10.1.0.2", "10.2.0.2"],
    sctp: { ...quiet, maxPaths: 2, ...o },
  });
  s.openFromPeer({ aRwnd: 10_000_000 });
  s.advanceAnswering(10_000);
  return s;
};

const path = (s: Script, i = 0): PathView => {
  const p = s.endpoint.paths(s.id)[i];
  if (p === undefined) throw new Error(`no path ${i}`);
  return p;
};

/** Messages, each in a packet of its own. */
const send = (s: Script, count: number, size = 1000): void => {
  for (let i = 0; i < count; i++) {
    s.endpoint.send(s.now, s.id, new Uint8Array(size));
    s.drain();
  }
};

/** A SACK up to the n-th chunk (0: none), with gaps counted from there. */
const ack = (s: Script, n: number, ...gaps: readonly (readonly [number, number])[]): void =>
  s.receive([chunk.sack(s.tsn + n - 1, { aRwnd: 10_000_000, gaps })]);

/** TSNs in the packets sent since, packet by packet, counted from 1. */
const tsns = (s: Script): number[][] =>
  s.relativeLines().map((l) => [...l.matchAll(/tsn=\+(\d+)/g)].map((m) => Number(m[1]) + 1));

describe("RFC 9260 s7.2.4: miss indications", () => {
  test("three, not two; each SACK that acknowledges something later is one", () => {
    const s = opened();
    send(s, 4);
    s.take();
    ack(s, 0, [2, 2]);
    expect(tsns(s)).toEqual([]);
    ack(s, 0, [2, 3]);
    expect(tsns(s)).toEqual([]);
    ack(s, 0, [2, 4]);
    expect(tsns(s)).toEqual([[1]]);
  });

  test("a SACK that takes back a TSN is one miss indication for it, whatever else it reports (s6.2.1)", () => {
    const s = opened();
    send(s, 4);
    s.take();
    ack(s, 0, [1, 1]);
    ack(s, 0, [2, 2]); // the first is taken back, the second is new
    ack(s, 0, [2, 3]);
    expect(tsns(s)).toEqual([]);
    ack(s, 0, [2, 4]);
    expect(tsns(s)).toEqual([[1]]);
  });

  test("one although nothing later was newly acknowledged (s6.2.1 rule D iii)", () => {
    const s = opened();
    send(s, 5);
    s.take();
    ack(s, 0, [2, 3]);
    ack(s, 0, [3, 3]); // the second is taken back
    ack(s, 0, [3, 4]);
    expect(tsns(s)).toEqual([]);
    ack(s, 0, [3, 5]);
    // the first: missed at the 1st, 3rd and 4th; the second: 2nd, 3rd, 4th; cwnd has room for both
    expect(tsns(s)).toEqual([[1], [2]]);
    expect(s.endpoint.counters.fastRetransmits).toBe(2);
  });

  test("one that is acknowledged meanwhile is not retransmitted", () => {
    const s = opened();
    send(s, 4);
    s.take();
    ack(s, 0, [2, 2]);
    ack(s, 0, [2, 3]);
    ack(s, 3);
    ack(s, 4);
    s.advance(10_000);
    expect(tsns(s)).toEqual([]);
    expect(s.endpoint.counters.fastRetransmits).toBe(0);
  });
});

describe("RFC 9260 s7.2.4 rules 2, 3: what leaves", () => {
  /** A window of 10 PMDCS that is full of chunks of 716 bytes; how many. */
  const full = (s: Script): number => {
    send(s, 100, 700);
    s.take();
    for (let n = 1; n <= 14; n++) {
      ack(s, n);
      s.take();
    }
    return 14;
  };

  test("as many of the earliest as fit into one packet, whatever cwnd says; the others when it allows", () => {
    const s = opened();
    const n = full(s);
    // n+1 .. n+5 are missing
    for (const end of [6, 7]) {
      ack(s, n, [6, end]);
      s.take();
    }
    const { cwnd } = path(s);
    s.receive([chunk.sack(s.tsn + n - 1, { aRwnd: 10_000_000, gaps: [[6, 8]] })]);
    expect(path(s).cwnd).toBeLessThan(cwnd);
    expect(path(s).flightSize).toBeGreaterThan(path(s).cwnd);
    // two of 716 bytes fit; the other three are marked and wait
    expect(tsns(s)).toEqual([[n + 1, n + 2]]);
    expect(s.endpoint.counters.fastRetransmits).toBe(5);
    // They leave first as soon as flightSize is below cwnd, before anything new, and are not missed again.
    const later: number[] = [];
    for (let end = 9; later.length < 3 && end < 40; end++) {
      ack(s, n, [6, end]);
      later.push(...tsns(s).flat());
    }
    expect(later.slice(0, 3)).toEqual([n + 3, n + 4, n + 5]);
    expect(s.endpoint.counters.fastRetransmits).toBe(5);
  });

  test("while in Fast Recovery a further loss waits for cwnd", () => {
    const s = opened();
    const n = full(s);
    for (const end of [3, 4, 5]) ack(s, n, [2, 2], [3, end]);
    expect(tsns(s).flat()).toContain(n + 1);
    const before = { cwnd: path(s).cwnd, ssthresh: path(s).ssthresh };
    // now n+7 is missing as well
    for (const end of [8, 9, 10]) {
      ack(s, n, [2, 6], [8, end]);
      expect(path(s).flightSize).toBeGreaterThan(path(s).cwnd);
      expect(tsns(s)).toEqual([]);
    }
    expect(s.endpoint.counters.fastRetransmits).toBe(2);
    expect(path(s)).toMatchObject(before);
  });

  test("the window of the path that the missing chunks were last sent on is reduced, no other", () => {
    const s = opened2();
    send(s, 3); // +0 to +2 on P1
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    send(s, 4); // +3 to +6 on P2
    s.take();
    const [one, two] = [path(s, 0).cwnd, path(s, 1).cwnd];
    // the first of P2 is missing
    for (const end of [5, 6, 7]) ack(s, 3, [2, end - 3]);
    expect(path(s, 1).ssthresh).toBe(4 * PMDCS);
    expect(path(s, 1).ssthresh).toBeLessThan(0xffff_ffff);
    expect(path(s, 0).ssthresh).toBe(0xffff_ffff);
    expect(path(s, 0).cwnd).toBeGreaterThanOrEqual(one);
    expect(two).toBe(4404);
    expect(s.routes().filter((l) => l.includes("tsn=+3 "))).toEqual([
      `${P2} DATA tsn=+3 sid=0 ssn=3 len=1000 BE`,
    ]);
  });

  test("chunks that overtake each other on two paths are not missed", () => {
    const s = opened2();
    send(s, 4); // on P1
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    send(s, 4); // on P2
    s.take();
    for (const end of [5, 6, 7, 8]) ack(s, 0, [5, end]);
    expect(s.routes().filter((l) => l.startsWith(P1))).toEqual([]);
    expect(s.endpoint.counters.fastRetransmits).toBe(0);
  });
});

describe("RFC 9260 s7.2.4 rule 4: T3-rtx", () => {
  test("restarted when the earliest chunk of the path is fast retransmitted", () => {
    const s = opened();
    send(s, 4);
    s.take();
    s.advance(700);
    for (const end of [2, 3, 4]) ack(s, 0, [2, end]);
    expect(tsns(s)).toEqual([[1]]);
    // 700 ms was the round trip: RTO 700 + 4 * 350, from now
    expect(s.advanceToNextPacket()).toBe(2100);
  });

  test("restarted when the SACK acknowledges the lowest outstanding TSN", () => {
    const s = opened();
    send(s, 3);
    s.advance(200);
    send(s, 1);
    s.take();
    s.advance(500);
    ack(s, 1);
    // R3: 700 ms round trip for the first; not 300 ms, as it would be from the first sending
    expect(s.advanceToNextPacket()).toBe(2100);
  });
});

describe("RFC 9260 s7.2.4 rule 6: Fast Recovery", () => {
  test("its exit point is the highest TSN that was outstanding; new losses after it reduce again", () => {
    const s = opened();
    send(s, 60, 1452);
    for (let n = 1; n <= 12; n++) ack(s, n);
    const { cwnd } = path(s);
    const highest = 12 + path(s).flightSize / PMDCS;
    for (const end of [2, 3, 4]) ack(s, 12, [2, end]);
    const first = path(s).ssthresh;
    expect(first).toBeLessThan(cwnd);
    ack(s, highest - 1);
    s.take();
    // still in it: three more misses beyond the exit point change nothing
    for (const end of [3, 4, 5]) ack(s, highest - 1, [3, end]);
    expect(path(s).ssthresh).toBe(first);
    ack(s, highest + 4);
    s.take();
    for (const end of [2, 3]) ack(s, highest + 4, [2, end]);
    const { cwnd: grown } = path(s);
    ack(s, highest + 4, [2, 4]);
    expect(grown).not.toBe(2 * first);
    expect(path(s).ssthresh).toBe(Math.floor(grown / 2));
  });
});

describe("RFC 9260 s7.2: the variables", () => {
  test("count chunks with header and padding", () => {
    const s = opened();
    send(s, 1, 1);
    expect(path(s).flightSize).toBe(20);
    send(s, 1, 4);
    expect(path(s).flightSize).toBe(40);
    send(s, 1, 5);
    expect(path(s).flightSize).toBe(64);
  });

  test("partial_bytes_acked begins at 0 when all is acknowledged (s7.2.2)", () => {
    const s = opened();
    let n = 0;
    /** Sends so many full chunks; acknowledges all, one by one or all at once. */
    const round = (chunks: number, oneByOne: boolean): void => {
      const until = n + chunks;
      for (let i = 0; i < chunks; i++) s.endpoint.send(s.now, s.id, new Uint8Array(1452));
      s.take();
      while (n < until) {
        n = oneByOne ? n + 1 : n + path(s).flightSize / PMDCS;
        ack(s, n);
        s.take();
      }
      expect(path(s).flightSize).toBe(0);
    };
    send(s, 3, 1452);
    s.advance(1000); // T3-rtx: ssthresh 4 PMDCS, cwnd 1
    ack(s, 3);
    s.take();
    n = 3;
    while (path(s).cwnd <= path(s).ssthresh) round(30, true);
    const { cwnd } = path(s);
    const window = cwnd / PMDCS;
    expect(Number.isInteger(window)).toBe(true);
    // a window less one chunk, all acknowledged at once, again and again: it never adds up
    for (let i = 0; i < 5; i++) round(window - 1, false);
    expect(path(s).cwnd).toBe(cwnd);
    // a whole window does
    round(window, false);
    expect(path(s).cwnd).toBe(cwnd + PMDCS);
  });
});

describe("RFC 9260 s7.2.5.2: another route", () => {
  test("another source address is a path of its own, with initial values", () => {
    const s = opened();
    send(s, 20, 1452);
    for (let n = 1; n <= 20; n++) ack(s, n);
    expect(path(s).cwnd).toBeGreaterThan(5 * PMDCS);
    s.endpoint.handle(s.now, {
      kind: "addresses",
      addresses: [
        {
          address: IpAddress.parse("10.1.0.77"),
          interfaceName: "eth0",
          metered: false,
          cost: 0,
          allowed: true,
        },
      ],
    });
    s.answerHeartbeats(s.take());
    const fresh = s.endpoint.paths(s.id).find((p) => p.local.toString() === "10.1.0.77");
    expect(fresh).toMatchObject({ cwnd: 4404, ssthresh: 0xffff_ffff, errorCount: 0 });
    expect(s.paths().find((p) => p.startsWith("*"))).toBe("*10.1.0.77>10.1.0.2 active");
  });
});
