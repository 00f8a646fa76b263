import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, Script, type SentPacket } from "./support/scripted-peer.js";

// RFC 9260 s8.1 to s8.3 with several paths: which counter an error goes to, and what clears it.

const ROUTES = ["10.1.0.1>10.1.0.2", "10.2.0.1>10.2.0.2", "10.3.0.1>10.3.0.2"];
const [P1, P2, P3] = ROUTES as [string, string, string];

/** Several paths, all confirmed; P1 is the primary. The potentially-failed state is off. */
const opened = (o: SctpOptions = {}, paths = 3): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1", "10.3.0.1"].slice(0, paths),
    peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2"].slice(0, paths),
    sctp: { maxPaths: paths, potentiallyFailedMaxRetrans: 1000, ...o },
  });
  s.openFromPeer();
  s.advanceAnswering(10_000);
  return s;
};

const send = (s: Script): void => {
  s.endpoint.send(s.now, s.id, new Uint8Array(4));
  s.drain();
};

const heartbeats = (packets: readonly SentPacket[]): SentPacket[] =>
  packets.filter((p) => chunksOf(p).some((c) => c.type === ChunkType.heartbeat));

const errors = (s: Script): (number | undefined)[] => [
  s.endpoint.status(s.id)?.errorCount,
  ...s.endpoint.paths(s.id).map((p) => p.errorCount),
];

describe("RFC 9260 s8.3: idle paths", () => {
  test("each is asked in its own time, one HEARTBEAT at a time, also the one in use", () => {
    const s = opened();
    const at = new Map<string, number[]>(ROUTES.map((r) => [r, []]));
    let last = -1;
    for (let i = 0; i < 30; i++) {
      s.advanceToNextPacket();
      const packets = s.take();
      expect(packets).toHaveLength(1);
      const [p] = packets;
      expect(p && chunksOf(p).map((c) => c.type)).toEqual([ChunkType.heartbeat]);
      expect(p?.atMs).toBeGreaterThan(last);
      last = p?.atMs ?? 0;
      at.get(p?.route ?? "")?.push(last);
      s.answerHeartbeats(packets);
    }
    for (const times of at.values()) {
      expect(times.length).toBeGreaterThan(8);
      for (const [i, t] of times.entries()) {
        if (i === 0) continue;
        // RTO 1 s, HB.interval 30 s
        expect(Math.abs(t - (times[i - 1] ?? 0) - 31_000)).toBeLessThanOrEqual(500);
      }
    }
  });

  test("while data flows over one path, the others are asked and that one is not", () => {
    const s = opened();
    const asked = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      send(s);
      s.advance(1000);
      s.receive([chunk.sack(s.tsn + i)]);
      const packets = s.take();
      for (const p of heartbeats(packets)) asked.set(p.route, (asked.get(p.route) ?? 0) + 1);
      s.answerHeartbeats(packets);
    }
    expect(asked.get(P1)).toBeUndefined();
    expect(asked.get(P2)).toBeGreaterThanOrEqual(1);
    expect(asked.get(P3)).toBeGreaterThanOrEqual(1);
  });

  test("an inactive path is asked, too", () => {
    const s = opened({ pathMaxRetrans: 0, hbIntervalMs: 5000 });
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[2]?.id ?? -1);
    s.drain();
    s.take();
    s.advance(1000);
    expect(s.paths()[2]).toBe(`${P3} inactive 1`);
    const asked = heartbeats(s.take());
    for (let i = 0; i < 10; i++) {
      s.advanceToNextPacket();
      const packets = s.take();
      asked.push(...heartbeats(packets).filter((p) => p.route === P3));
      s.answerHeartbeats(packets.filter((p) => p.route !== P3));
    }
    expect(asked.filter((p) => p.route === P3).length).toBeGreaterThanOrEqual(2);
  });

  test("HB.interval is added to the RTO of the path, whatever the others have", () => {
    const s = opened({ hbIntervalMs: 10_000 }, 2);
    const id = s.endpoint.paths(s.id)[1]?.id ?? -1;
    // a round trip of 2 s on P2: SRTT and RTO become long
    for (let i = 0; i < 20; i++) {
      s.endpoint.requestHeartbeat(s.id, id);
      const packets = heartbeats(s.take());
      s.advance(2000);
      s.answerHeartbeats(packets);
    }
    const rto = (s.endpoint.paths(s.id)[1]?.rto ?? 0) / 1000;
    expect(rto).toBeGreaterThan(1900);
    s.take();
    const start = s.nowUs / 1000;
    let ms = 0;
    while (ms === 0) {
      s.advanceToNextPacket();
      const packets = s.take();
      s.answerHeartbeats(packets);
      if (packets.some((p) => p.route === P2)) ms = s.nowUs / 1000 - start;
    }
    expect(ms).toBeGreaterThanOrEqual(10_000 + rto / 2);
    expect(ms).toBeLessThanOrEqual(10_000 + 1.5 * rto);
  });
});

describe("RFC 9260 s8.1, s8.2: whose error it is", () => {
  test("T3-rtx: of the association and of the path that it ran out on", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.advance(1000);
    expect(errors(s)).toEqual([1, 1, 0, 0]);
    s.advance(1000); // the copy went over P2
    expect(errors(s)).toEqual([2, 1, 1, 0]);
  });

  test("a HEARTBEAT: of its path; of the association only on the path in use", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    for (const [i, want] of [
      [1, [0, 0, 1, 0]],
      [2, [0, 0, 1, 1]],
      [0, [1, 1, 1, 1]],
    ] as const) {
      s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[i]?.id ?? -1);
      s.drain();
      s.take();
      s.advance(1000);
      expect(errors(s)).toEqual(want);
    }
  });

  test("a HEARTBEAT ACK clears its path and the association; a SACK the association and the path", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.advance(2000);
    s.receive([chunk.sack(s.tsn)]); // it went over two paths: the association only
    expect(errors(s)).toEqual([0, 1, 1, 0]);
    s.take();
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[1]?.id ?? -1);
    s.answerHeartbeats(s.take());
    expect(errors(s)).toEqual([0, 1, 0, 0]);
    send(s);
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(errors(s)).toEqual([0, 0, 0, 0]);
  });

  test("the errors on all paths add up to the end of the association", () => {
    const s = opened({ hbIntervalMs: 3_600_000, associationMaxRetrans: 4 }, 2);
    send(s);
    const start = s.nowUs;
    s.take();
    s.advance(600_000);
    expect(s.ended()?.kind).toBe("unreachable");
    // T3 on P1, P2, P1, P2, P1 after 1, 1, 2, 2, 4 s: the fifth is above 4
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe(start + 10_000_000);
    expect(s.take().map((p) => p.route)).toEqual([P2, P1, P2, P1]);
  });
});

describe("RFC 9260 s8.3, s11.1.9: HEARTBEATs that are switched off", () => {
  test.each(["rfc", "fast"] as const)("stay off with %s timing, whatever happens", (timing) => {
    const s = new Script({
      local: ["10.1.0.1", "10.2.0.1"],
      peer: ["10.1.0.2", "10.2.0.2"],
      sctp: { timing, maxPaths: 2 },
    });
    s.openFromPeer();
    s.advanceAnswering(10_000);
    for (const p of s.endpoint.paths(s.id)) s.endpoint.setHeartbeat(s.id, p.id, false);
    s.advance(60_000);
    s.take();
    for (let i = 0; i < 5; i++) send(s);
    s.advance(5000); // no answers: timeouts, suspicion, potentially failed
    expect(heartbeats(s.take())).toEqual([]);
  });

  test("at once, although the answer to one that was under way is still to come", () => {
    const s = new Script({ sctp: { timing: "fast" } });
    s.acceptFromPeer();
    const id = s.endpoint.paths(s.id)[0]?.id ?? -1;
    expect(s.endpoint.setHeartbeat(s.id, id, false)).toBe(true);
    s.answerHeartbeats(s.take());
    s.advance(60_000);
    expect(heartbeats(s.take())).toEqual([]);
  });
});
