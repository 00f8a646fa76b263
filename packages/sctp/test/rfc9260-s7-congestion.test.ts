import { describe, expect, test } from "@jest/globals";
import type { PathView } from "@multihome/paths";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { Script, type ScriptOptions } from "./support/scripted-peer.js";

const PMDCS = 1468; // 1500 - 20 - 12
const FULL = PMDCS - 16; // user bytes of a full chunk

const quiet: SctpOptions = {
  pathMaxRetrans: 100,
  potentiallyFailedMaxRetrans: 100,
  associationMaxRetrans: 1000,
  hbIntervalMs: 3_600_000,
};

const opened = (o: SctpOptions = {}, more: ScriptOptions = {}): Script => {
  const s = new Script({ ...more, sctp: { ...quiet, maxBurst: 100, ...o } });
  s.openFromPeer({ aRwnd: 10_000_000 });
  return s;
};

const path = (s: Script, i = 0): PathView => {
  const p = s.endpoint.paths(s.id)[i];
  if (p === undefined) throw new Error(`no path ${i}`);
  return p;
};

/** Queues full-sized chunks; how many packets left. */
const send = (s: Script, chunks: number): number => {
  for (let i = 0; i < chunks; i++) {
    const r = s.endpoint.send(s.now, s.id, new Uint8Array(FULL));
    if (!r.ok) throw new Error(r.code);
  }
  return s.take().length;
};

/** A SACK up to the n-th chunk (from 1) after the first; how many packets it lets out. */
const ack = (
  s: Script,
  n: number,
  gaps: readonly (readonly [number, number])[] = [],
  dups: readonly number[] = [],
): number => {
  s.receive([
    chunk.sack(s.tsn + n - 1, { aRwnd: 10_000_000, gaps, dups: dups.map((d) => s.tsn + d - 1) }),
  ]);
  return s.take().length;
};

describe("RFC 9260 s7.2.1: slow start", () => {
  test.each([
    ["IPv4, 1500 bytes", "10.1.0", 1500, 4404],
    ["IPv6, 1500 bytes", "2001:db8::", 1500, 4344],
    ["IPv4, 576 bytes: 4 PMDCS", "10.1.0", 576, 4 * 544],
    ["IPv4, 9000 bytes: 2 PMDCS", "10.1.0", 9000, 2 * 8968],
  ])("initial cwnd over %s", (_, net, mtu, cwnd) => {
    const [local, peer] = net.includes(":") ? [`${net}1`, `${net}2`] : [`${net}.1`, `${net}.2`];
    const s = opened({ mtu }, { local: [local], peer: [peer] });
    expect(path(s).cwnd).toBe(cwnd);
    expect(path(s).ssthresh).toBe(0xffff_ffff);
  });

  test("grows by what is acknowledged, at most one PMDCS per SACK, while the window is fully used", () => {
    const s = opened();
    send(s, 50);
    ack(s, 1);
    expect(path(s).cwnd).toBe(4404 + PMDCS);
    ack(s, 4); // three at once
    expect(path(s).cwnd).toBe(4404 + 2 * PMDCS);
    const t = opened();
    for (let i = 0; i < 50; i++) t.endpoint.send(t.now, t.id, new Uint8Array(84)); // 100 bytes a chunk
    t.take();
    t.receive([chunk.sack(t.tsn)]);
    expect(path(t).cwnd).toBe(4404 + 100);
  });

  test("does not grow while the window is not fully used", () => {
    const s = opened();
    send(s, 2);
    ack(s, 1);
    ack(s, 2);
    expect(path(s).cwnd).toBe(4404);
  });

  test("a SACK grows the window of the path that its chunks went over", () => {
    const s = opened(
      { maxPaths: 2 },
      { local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] },
    );
    s.advanceAnswering(5000);
    send(s, 4);
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    send(s, 4);
    ack(s, 1);
    expect([path(s, 0).cwnd, path(s, 1).cwnd]).toEqual([4404 + PMDCS, 4404]);
    ack(s, 5);
    // the first is not fully used any more
    expect([path(s, 0).cwnd, path(s, 1).cwnd]).toEqual([4404 + PMDCS, 4404 + PMDCS]);
  });
});

describe("RFC 9260 s6.1 rule B and rule D", () => {
  test("the last packet may pass cwnd, by less than one PMDCS", () => {
    const s = opened();
    // 4404 / 1468 = 3.0: three chunks are below, the fourth does not begin
    expect(send(s, 10)).toBe(3);
    expect(path(s).flightSize).toBe(4404);
    const t = opened();
    for (let i = 0; i < 10; i++) t.endpoint.send(t.now, t.id, new Uint8Array(1400));
    expect(t.take()).toHaveLength(4);
    expect(path(t).flightSize).toBe(4 * 1416);
  });

  test("Max.Burst: four packets in one go by default, more with the next SACK or after a while", () => {
    const s = opened({ maxBurst: 4 });
    send(s, 50);
    for (let n = 1; n <= 12; n++) ack(s, n);
    expect(path(s).cwnd).toBe(15 * PMDCS);
    s.receive([chunk.sack(s.tsn + 20, { aRwnd: 10_000_000 })]);
    expect(s.take()).toHaveLength(4);
    // bit by bit is no burst
    s.advance(2);
    s.endpoint.send(s.now, s.id, new Uint8Array(10));
    expect(s.take()).toHaveLength(4);
  });
});

describe("RFC 9260 s7.2.2: congestion avoidance", () => {
  /** cwnd = ssthresh = 4 PMDCS after a fast retransmission; all acknowledged up to `n`. */
  const avoiding = (): { s: Script; n: number } => {
    const s = opened();
    send(s, 100);
    ack(s, 0, [[2, 2]]);
    ack(s, 0, [[2, 3]]);
    ack(s, 0, [[2, 4]]);
    expect(path(s)).toMatchObject({ cwnd: 4 * PMDCS, ssthresh: 4 * PMDCS });
    const flight = path(s).flightSize / PMDCS;
    const n = 4 + flight - 1;
    ack(s, n); // out of Fast Recovery
    // one PMDCS of slow start: cwnd <= ssthresh
    while (path(s).cwnd <= path(s).ssthresh) ack(s, n + 1);
    return { s, n: n + 1 };
  };

  test("one PMDCS for each window that is acknowledged", () => {
    const { s, n } = avoiding();
    const cwnd = path(s).cwnd;
    expect(cwnd).toBe(5 * PMDCS);
    for (let i = 1; i <= 4; i++) {
      ack(s, n + i);
      expect(path(s).cwnd).toBe(cwnd);
    }
    ack(s, n + 5);
    expect(path(s).cwnd).toBe(cwnd + PMDCS);
  });
});

describe("RFC 9260 s7.2.3, s7.2.4: fast retransmit and fast recovery", () => {
  test("the third miss indication retransmits, halves the window, and only once", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    const cwnd = path(s).cwnd;
    expect(cwnd).toBe(4404 + 10 * PMDCS);
    ack(s, 10, [[2, 2]]);
    ack(s, 10, [[2, 3]]);
    expect(path(s).cwnd).toBeGreaterThanOrEqual(cwnd);
    const before = path(s).cwnd;
    s.receive([chunk.sack(s.tsn + 9, { aRwnd: 10_000_000, gaps: [[2, 4]] })]);
    // cwnd grows by the SACK first (note at the end of s7.2.4), then is halved
    const halved = Math.floor((before + PMDCS) / 2);
    expect(path(s)).toMatchObject({ cwnd: halved, ssthresh: halved });
    // the one packet leaves although flightSize is above the new cwnd (rule 3)
    expect(path(s).flightSize).toBeGreaterThan(halved);
    expect(s.relativeLines()).toEqual([expect.stringMatching(/^DATA tsn=\+10 /)]);
    // further losses in Fast Recovery do not reduce it again
    for (const end of [6, 7, 8])
      ack(s, 10, [
        [2, 4],
        [6, end],
      ]);
    expect(path(s)).toMatchObject({ cwnd: halved, ssthresh: halved });
    expect(s.endpoint.counters.fastRetransmits).toBe(2);
  });

  test("the window does not grow in Fast Recovery, nor by the SACK that ends it", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    for (const end of [2, 3, 4]) ack(s, 10, [[2, end]]);
    const cwnd = path(s).cwnd;
    const exit = 10 + 4 + (path(s).flightSize / PMDCS - 1);
    ack(s, 14);
    expect(path(s).cwnd).toBe(cwnd);
    ack(s, exit);
    expect(path(s).cwnd).toBe(cwnd);
  });

  test("miss indications count only before the highest newly acknowledged TSN (HTNA)", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    // the same SACK again and again acknowledges nothing new
    for (let i = 0; i < 6; i++) ack(s, 10, [[2, 4]]);
    expect(s.endpoint.counters.fastRetransmits).toBe(0);
    // newly acknowledged below a missing one says nothing of that
    ack(s, 10, [
      [2, 4],
      [8, 8],
    ]);
    ack(s, 10, [
      [2, 5],
      [8, 8],
    ]);
    ack(s, 10, [
      [2, 6],
      [8, 8],
    ]);
    expect(s.endpoint.counters.fastRetransmits).toBe(1);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("in Fast Recovery a SACK that advances the Cumulative TSN Ack counts for all that is missing", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    for (const end of [2, 3, 4])
      ack(s, 10, [
        [2, end],
        [8, 8],
      ]);
    expect(s.endpoint.counters.fastRetransmits).toBe(1);
    // 15, 16 and 17 were missed once; now nothing above them is newly acknowledged
    ack(s, 14, [[4, 4]]);
    expect(s.endpoint.counters.fastRetransmits).toBe(1);
    ack(s, 15, [[3, 3]]);
    expect(s.endpoint.counters.fastRetransmits).toBe(3);
  });

  test("a chunk is fast retransmitted once; then T3-rtx decides (rule 5)", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    for (const end of [2, 3, 4, 5, 6, 7, 8]) ack(s, 10, [[2, end]]);
    expect(s.endpoint.counters.fastRetransmits).toBe(1);
    s.advance(1000);
    expect(s.relativeLines()[0]).toMatch(/^DATA tsn=\+10 /);
    expect(s.endpoint.counters.t3Expirations).toBe(1);
  });

  test("T3-rtx is not restarted by a fast retransmission of another than the earliest (rule 4)", () => {
    const s = opened();
    send(s, 4);
    s.advance(300);
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[3, 3]] })]);
    expect(s.take()).toHaveLength(1); // the fourth
    s.advance(700);
    expect(s.endpoint.counters.t3Expirations).toBe(1);
  });
});

describe("RFC 9260 s7.2.3: T3-rtx", () => {
  test("one packet in flight until something is acknowledged, then slow start", () => {
    const s = opened();
    send(s, 40);
    for (let n = 1; n <= 10; n++) ack(s, n);
    const { cwnd } = path(s);
    s.advance(1000);
    expect(path(s)).toMatchObject({
      cwnd: PMDCS,
      ssthresh: Math.floor(cwnd / 2),
      flightSize: PMDCS,
    });
    expect(s.take()).toHaveLength(1);
    expect(ack(s, 10, [])).toBe(0);
    expect(ack(s, 11)).toBe(2);
    expect(path(s).cwnd).toBe(2 * PMDCS);
    expect(ack(s, 12)).toBe(2);
    expect(path(s).cwnd).toBe(3 * PMDCS);
  });
});

describe("RFC 9260 s7.2.1: an idle path", () => {
  test("cwnd halves once per RTO, not below 4 PMDCS; ssthresh keeps what it was", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 60; n++) ack(s, n);
    const { cwnd } = path(s);
    expect(cwnd).toBeGreaterThan(30 * PMDCS);
    s.advance(2500); // RTO is 1 s
    send(s, 1);
    expect(path(s)).toMatchObject({ cwnd: Math.floor(Math.floor(cwnd / 2) / 2), ssthresh: cwnd });
    ack(s, 61);
    s.advance(60_000);
    send(s, 1);
    expect(path(s).cwnd).toBe(4 * PMDCS);
  });
});

describe("Duplicate TSNs: needless retransmissions", () => {
  test("a spurious T3 is taken back when the repair is reported as received twice", () => {
    const s = opened();
    send(s, 40);
    for (let n = 1; n <= 10; n++) ack(s, n);
    const { cwnd, ssthresh } = path(s);
    s.advance(1000);
    expect(path(s).cwnd).toBe(PMDCS);
    ack(s, 23); // the originals had only been late
    ack(s, 23, [], [11]);
    expect(path(s).cwnd).toBeGreaterThanOrEqual(cwnd);
    expect(path(s).ssthresh).toBe(ssthresh);
    expect(s.endpoint.counters.spuriousRetransmissions).toBe(1);
  });

  test("a spurious Fast Retransmit is taken back", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    ack(s, 10, [[2, 2]]);
    ack(s, 10, [[2, 3]]);
    const { cwnd, ssthresh } = path(s);
    ack(s, 10, [[2, 4]]);
    expect(path(s).cwnd).toBeLessThan(cwnd);
    ack(s, 14, [], [11]);
    expect(path(s).cwnd).toBeGreaterThanOrEqual(cwnd);
    expect(path(s).ssthresh).toBe(ssthresh);
  });

  test("not while one repair of the same episode was needed", () => {
    const s = opened();
    send(s, 60);
    for (let n = 1; n <= 10; n++) ack(s, n);
    // 11 and 13 are missing
    let end = 4;
    const sent: string[] = [];
    while (!sent.some((l) => l.includes("tsn=+12 "))) {
      s.receive([
        chunk.sack(s.tsn + 9, {
          aRwnd: 10_000_000,
          gaps: [
            [2, 2],
            [4, end++],
          ],
        }),
      ]);
      sent.push(...s.relativeLines());
    }
    expect(s.endpoint.counters.fastRetransmits).toBe(2);
    const { cwnd } = path(s);
    ack(s, 10 + end - 1);
    ack(s, 10 + end - 1, [], [11]);
    expect(path(s).cwnd).toBeLessThanOrEqual(cwnd + PMDCS);
    ack(s, 10 + end - 1, [], [13]);
    expect(path(s).cwnd).toBeGreaterThan(cwnd + PMDCS);
    expect(s.endpoint.counters.spuriousRetransmissions).toBe(2);
  });

  test("not after a second timeout in a row", () => {
    const s = opened();
    send(s, 40);
    for (let n = 1; n <= 10; n++) ack(s, n);
    s.advance(3000);
    ack(s, 23, [], [11, 11]);
    expect(path(s).cwnd).toBeLessThanOrEqual(2 * PMDCS);
  });

  test("what was never sent twice, and what is reported again and again, changes nothing", () => {
    const s = opened();
    send(s, 40);
    for (let n = 1; n <= 10; n++) ack(s, n);
    s.advance(1000);
    ack(s, 23);
    const { cwnd } = path(s);
    ack(s, 23, [], [1, 2, 3, 15, 99]);
    expect(path(s).cwnd).toBe(cwnd);
    expect(s.endpoint.counters.spuriousRetransmissions).toBe(0);
    for (let i = 0; i < 5; i++) ack(s, 23, [], [11, 11, 11]);
    expect(s.endpoint.counters.spuriousRetransmissions).toBe(1);
  });
});

describe("RFC 9260 s6.1: the send window", () => {
  test("no more than 65,535 TSNs are outstanding", () => {
    const s = opened({ sendBufferBytes: 1 << 24, mtu: 9000 });
    s.receive([chunk.sack(s.tsn - 1, { aRwnd: 0xffff_ffff })]);
    let acked = 0;
    let sent = 0;
    // a gap at the beginning keeps everything outstanding while the window grows
    for (let round = 0; round < 400 && sent < 70_000; round++) {
      for (let i = 0; i < 500; i++) s.endpoint.send(s.now, s.id, Uint8Array.of(1));
      for (const p of s.take()) sent += p.line.split("DATA").length - 1;
      acked = sent;
      if (acked > 1)
        s.receive([
          chunk.sack(s.tsn - 1, { aRwnd: 0xffff_ffff, gaps: [[2, Math.min(acked, 65_535)]] }),
        ]);
    }
    expect(sent).toBeLessThanOrEqual(65_600);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });
});
