import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, PEER_TSN, Script, type SentPacket } from "./support/scripted-peer.js";

// What `timing: 'fast'`, the default, does differently from `timing: 'rfc'`, which is RFC 9260: each difference
// as the same script with both. Suspicion and probing are in failover-fast.test.ts.

const TIMINGS = ["rfc", "fast"] as const;
type Timing = (typeof TIMINGS)[number];

const opened = (timing: Timing, o: SctpOptions = {}): Script => {
  const s = new Script({ sctp: { timing, ...o } });
  s.openFromPeer({ aRwnd: 10_000_000 });
  s.advanceAnswering(5000);
  return s;
};

const send = (s: Script, count = 1, size = 1000): void => {
  for (let i = 0; i < count; i++) s.endpoint.send(s.now, s.id, new Uint8Array(size));
  s.drain();
};

const has = (p: SentPacket, type: number): boolean => chunksOf(p).some((c) => c.type === type);

describe("RFC 9260 s16 and the failover budget of 200 ms", () => {
  test.each([
    ["rfc", [1000, 3000, 7000, 15_000, 31_000]],
    ["fast", [500, 1500, 3500, 5500, 7500]],
  ] as const)("%s: RTO.Initial and RTO.Max, by T1-init", (timing, want) => {
    const s = new Script({ sctp: { timing } });
    const start = s.nowUs / 1000;
    s.connect();
    s.take();
    s.advance(want[4]);
    expect(s.take().map((p) => p.atMs - start)).toEqual(want);
  });

  test.each([
    ["rfc", [1000, 3000, 7000, 15_000]],
    ["fast", [200, 600, 1400, 3000, 5000, 7000]],
  ] as const)("%s: RTO.Min and RTO.Max, by T3-rtx on one path", (timing, want) => {
    const s = opened(timing, { hbIntervalMs: 3_600_000 });
    const start = s.nowUs / 1000;
    send(s);
    s.take();
    s.advance(want.at(-1) ?? 0);
    const again = s.take().filter((p) => has(p, ChunkType.data));
    expect(again.map((p) => p.atMs - start)).toEqual(want);
  });

  test.each([
    ["rfc", 31_000, 500],
    ["fast", 1200, 100],
  ] as const)("%s: HB.interval, on top of the RTO, +- 50%% of it", (timing, ms, jitter) => {
    const s = opened(timing);
    let last = -1;
    for (let i = 0; i < 10; i++) {
      s.advanceToNextPacket();
      const packets = s.take();
      expect(packets.every((p) => has(p, ChunkType.heartbeat))).toBe(true);
      const at = packets[0]?.atMs ?? 0;
      if (last >= 0) expect(Math.abs(at - last - ms)).toBeLessThanOrEqual(jitter);
      last = at;
      s.answerHeartbeats(packets);
    }
  });

  test.each([
    // T3 after 1, 2, 4 ... 60 s: the eleventh error is above Association.Max.Retrans
    ["rfc", 1 + 2 + 4 + 8 + 16 + 32 + 5 * 60],
    // the eleventh error comes after 17 s; the peer has to be silent for 120 s
    ["fast", 121],
  ] as const)("%s: when a silent peer is given up", (timing, seconds) => {
    const s = opened(timing, { hbIntervalMs: 3_600_000 });
    s.receive([chunk.heartbeat(Uint8Array.of(1))]); // the last that is heard
    const start = s.nowUs;
    send(s);
    s.advance(3_600_000);
    const end = s.events.find((e) => e.kind === "ended");
    expect(s.ended()?.kind).toBe("unreachable");
    expect(Math.round(((end?.at ?? 0) - start) / 1e6)).toBe(seconds);
  });
});

describe("RFC 9260 s9.2: a shutdown that nobody answers", () => {
  test.each([
    // T2-shutdown after 1, 2, 4 ... 60 s would end it after 363 s: T5-shutdown-guard, 5 times RTO.Max, is sooner
    ["rfc", [1, 3, 7, 15, 31, 63, 123, 183, 243], 300, "protocolViolation"],
    ["fast", [0.2, 0.6, 1.4, 3, 5, 7, 9, 11, 13], 121, "unreachable"],
  ] as const)("%s: when it is sent again, and when it ends", (timing, times, seconds, end) => {
    const s = opened(timing, { hbIntervalMs: 3_600_000 });
    s.receive([chunk.heartbeat(Uint8Array.of(1))]); // the last that is heard
    s.take();
    const start = s.nowUs / 1000;
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.advance(3_600_000);
    const sent = s.take().filter((p) => has(p, ChunkType.shutdown));
    expect(sent.slice(0, times.length).map((p) => (p.atMs - start) / 1000)).toEqual(times);
    expect(s.ended()?.kind).toBe(end);
    const ended = s.events.find((e) => e.kind === "ended");
    expect(Math.round((ended?.at ?? 0) / 1e6 - start / 1000)).toBe(seconds);
  });

  test.each(TIMINGS)("%s: a peer that stays alive has five minutes", (timing) => {
    const s = opened(timing);
    const start = s.nowUs;
    s.endpoint.shutdown(s.now, s.id);
    while (s.ended() === undefined) {
      s.receive([chunk.heartbeat(Uint8Array.of(1))]);
      s.take();
      s.advance(100);
    }
    expect(s.lines()).toEqual([expect.stringMatching(/^ABORT/)]);
    expect((s.events.find((e) => e.kind === "ended")?.at ?? 0) - start).toBe(300_000_000);
  });
});

describe("RFC 9260 s6.2: SACK.Delay, and the I bit (RFC 7053)", () => {
  test.each([
    ["rfc", 200],
    ["fast", 20],
  ] as const)("%s: SACK.Delay", (timing, ms) => {
    const s = opened(timing);
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.advanceToNextPacket()).toBe(ms);
  });

  test.each([
    ["rfc", ["BE", "BE"]],
    ["fast", ["BE", "IBE"]],
  ] as const)("%s: the last of what is queued asks for its SACK", (timing, flags) => {
    const s = opened(timing);
    send(s, 2, 1400);
    expect(s.lines().map((l) => l.split(" ").at(-1))).toEqual(flags);
  });
});

describe("RFC 9260 s7.2: the congestion window", () => {
  test.each([
    ["rfc", 4404, 4],
    // RFC 6928: ten segments, at most 14,600 bytes
    ["fast", 14_600, 11],
  ] as const)("%s: the initial window", (timing, cwnd, packets) => {
    const s = opened(timing);
    expect(s.endpoint.paths(s.id)[0]?.cwnd).toBe(cwnd);
    send(s, 30, 1400);
    expect(s.take()).toHaveLength(packets);
  });

  test.each([
    ["rfc", 4],
    ["fast", 16],
  ] as const)("%s: Max.Burst", (timing, packets) => {
    const s = opened(timing, { hbIntervalMs: 3_600_000 });
    send(s, 200, 1452);
    let sent = s.take().length;
    for (let n = 0; n < 30; n++) {
      s.receive([chunk.sack(s.tsn + n, { aRwnd: 10_000_000 })]);
      sent += s.take().length;
    }
    // one SACK for all that is out opens a window of many packets
    s.receive([chunk.sack(s.tsn + sent - 1, { aRwnd: 10_000_000 })]);
    expect(s.endpoint.paths(s.id)[0]?.cwnd).toBeGreaterThan(20 * 1468);
    expect(s.take()).toHaveLength(packets);
  });
});

describe("RFC 9260 s7.2.4 and RFC 8985: what is taken for lost", () => {
  /** After a round trip of 100 ms four chunks leave; SACKs report that later ones came, one after the other. */
  const misses = (timing: Timing, until: number): Script => {
    const s = opened(timing, { hbIntervalMs: 3_600_000 });
    send(s);
    s.advance(100);
    s.receive([chunk.sack(s.tsn)]);
    for (let i = 0; i < 4; i++) {
      send(s);
      s.advance(1);
    }
    s.take();
    s.advance(96);
    for (let end = 2; end <= until; end++) s.receive([chunk.sack(s.tsn, { gaps: [[2, end]] })]);
    return s;
  };
  const again = (timing: Timing): string =>
    `DATA tsn=+1 sid=0 ssn=1 len=1000 ${timing === "fast" ? "IBE" : "BE"}`;

  test.each(TIMINGS)("%s: three reports that later ones came retransmit at once", (timing) => {
    const s = misses(timing, 4);
    expect(s.relativeLines()).toEqual([again(timing)]);
    expect(s.endpoint.counters.fastRetransmits).toBe(1);
  });

  test.each([
    ["rfc", 900, 900], // T3-rtx; it was started with the first of the four, 100 ms ago
    ["fast", 15, 25], // a part of the round trip
  ] as const)("%s: two reports, and how long the chunk is waited for", (timing, least, most) => {
    const s = misses(timing, 3);
    expect(s.lines()).toEqual([]);
    const ms = s.advanceToNextPacket();
    expect(ms).toBeGreaterThanOrEqual(least);
    expect(ms).toBeLessThanOrEqual(most);
    expect(s.relativeLines()).toContain(again(timing));
    expect(s.endpoint.counters.t3Expirations).toBe(timing === "rfc" ? 1 : 0);
  });

  test.each(TIMINGS)("%s: nothing is sent again when it comes in time", (timing) => {
    const s = misses(timing, 3);
    s.advance(20);
    s.receive([chunk.sack(s.tsn + 4)]);
    s.advance(10_000);
    expect(s.lines().filter((l) => l.includes("DATA"))).toEqual([]);
  });
});

describe("RFC 9260 s5.4: path verification", () => {
  test.each([
    ["rfc", 1], // HB.Max.Burst
    ["fast", 3],
  ] as const)("%s: how many paths are asked at once", (timing, paths) => {
    const s = new Script({
      local: ["10.1.0.1", "10.2.0.1", "10.3.0.1", "10.4.0.1"],
      peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2", "10.4.0.2"],
      sctp: { timing, maxPaths: 4 },
    });
    s.acceptFromPeer();
    const asked = new Set(
      s
        .take()
        .filter((p) => has(p, ChunkType.heartbeat))
        .map((p) => p.route),
    );
    asked.delete("10.1.0.1>10.1.0.2");
    expect(asked.size).toBe(paths);
  });
});

describe("RFC 7829 s3.2 rule 7: back from potentially failed", () => {
  test.each([
    ["rfc", 1],
    ["fast", 3], // while another path serves
  ] as const)("%s: after how many HEARTBEAT ACKs", (timing, answers) => {
    const s = new Script({
      local: ["10.1.0.1", "10.2.0.1"],
      peer: ["10.1.0.2", "10.2.0.2"],
      sctp: { timing, maxPaths: 2, hbIntervalMs: 3_600_000 },
    });
    s.openFromPeer();
    s.advanceAnswering(10_000);
    send(s);
    s.drain();
    // P1 is silent, P2 answers
    const toP1: SentPacket[] = [];
    for (let i = 0; i < 200 && s.paths()[0]?.includes("active"); i++) {
      s.advance(10);
      const packets = s.take();
      toP1.push(...packets.filter((p) => p.route.startsWith("10.1")));
      s.answerHeartbeats(packets.filter((p) => p.route.startsWith("10.2")));
    }
    expect(s.paths()[0]).toContain("potentiallyFailed");
    s.receive([chunk.sack(s.tsn)]);
    s.take();
    let count = 0;
    while (!s.paths()[0]?.includes(" active") && count < 10) {
      s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[0]?.id ?? -1);
      const asked = s.take().filter((p) => p.route.startsWith("10.1"));
      if (asked.length === 0) {
        s.advance(10);
        continue;
      }
      s.advance(1);
      s.answerHeartbeats(asked);
      count++;
    }
    expect(count).toBe(answers);
  });
});
