import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, Script, type SentPacket } from "./support/scripted-peer.js";

const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";

/** Strict timing: PFMR is 0. */
const opened = (o: SctpOptions = {}, paths = 2): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1", "10.3.0.1"].slice(0, paths),
    peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2"].slice(0, paths),
    sctp: { maxPaths: paths, ...o },
  });
  s.openFromPeer();
  s.advanceAnswering(10_000);
  return s;
};

const send = (s: Script, n = 4): void => {
  s.endpoint.send(s.now, s.id, new Uint8Array(n));
  s.drain();
};

const has = (p: SentPacket, type: number): boolean => chunksOf(p).some((c) => c.type === type);
const data = (packets: readonly SentPacket[]): string[] =>
  packets.filter((p) => has(p, ChunkType.data)).map((p) => p.route);
const pathEvents = (s: Script): string[] =>
  s.events.splice(0).flatMap((e) => (e.kind === "path" ? [e.event.kind] : []));

describe("RFC 7829 s3.2: the potentially-failed state", () => {
  test("rules 1, 2: above PFMR (0) the path is potentially failed, by T3-rtx", () => {
    const s = opened();
    send(s);
    s.advance(1000);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`]);
    expect(pathEvents(s)).toEqual(["potentiallyFailed", "switched"]);
  });

  test("or by a HEARTBEAT that is not answered in an RTO", () => {
    const s = opened();
    const waits = s.advanceToNextPacket();
    expect(waits).toBeGreaterThan(0);
    const [heartbeat] = s.take();
    s.advance(1000);
    expect(s.paths().find((p) => p.includes(heartbeat?.route ?? "?"))).toContain(
      "potentiallyFailed 1",
    );
  });

  test("PFMR of 2: with the third error", () => {
    const s = opened({ potentiallyFailedMaxRetrans: 2, hbIntervalMs: 3_600_000 }, 1);
    send(s);
    s.advance(3000);
    expect(s.paths()).toEqual([`*${P1} active 2`]);
    s.advance(4000);
    expect(s.paths()).toEqual([`*${P1} potentiallyFailed 3`]);
  });

  test("PFMR of PMR or more: the path is inactive before it could be", () => {
    const s = opened({ potentiallyFailedMaxRetrans: 5, hbIntervalMs: 3_600_000 }, 1);
    send(s);
    s.advance(63_000);
    expect(pathEvents(s)).toEqual(["inactive"]);
  });

  test("rule 3: data goes to an active path, what timed out as well", () => {
    const s = opened();
    send(s);
    s.take();
    s.advance(1000);
    send(s);
    expect(data(s.take())).toEqual([P2, P2]);
  });

  test("rule 4: with all paths potentially failed, data goes to the one with the fewest errors", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000); // P1: 1 error; the chunk goes over P2
    s.take();
    s.advance(1000); // P2: 1 error, P1's HEARTBEAT is about to time out
    expect(s.paths().map((p) => p.replace("*", ""))).toEqual([
      expect.stringContaining("potentiallyFailed"),
      expect.stringContaining("potentiallyFailed"),
    ]);
    // Whichever has fewer errors at each moment carries the next one.
    for (let i = 0; i < 6; i++) {
      s.advanceToNextPacket();
      for (const p of s.take()) {
        if (!has(p, ChunkType.data)) continue;
        const view = s.endpoint.paths(s.id);
        const used = view.find((v) => `${v.local}>${v.remote}` === p.route);
        expect(used?.errorCount).toBe(Math.min(...view.map((v) => v.errorCount)));
      }
    }
  });

  test("rules 5, 6: HEARTBEATs at once, then one per RTO, which doubles, whatever HB.interval", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000);
    const start = s.nowUs / 1000;
    const packets = s.take();
    s.receive([chunk.sack(s.tsn)]); // the copy over P2
    s.advance(31_000);
    packets.push(...s.take());
    const times = packets
      .filter((p) => has(p, ChunkType.heartbeat))
      .map((p) => [p.route, p.atMs - start]);
    // P1 timed out once: its RTO is 2 s now
    expect(times).toEqual([0, 2000, 6000, 14_000, 30_000].map((t) => [P1, t]));
    expect(s.paths()[0]).toBe(`${P1} potentiallyFailed 5`);
  });

  test("rule 5: none when HEARTBEATs are switched off for the path", () => {
    const s = opened();
    s.endpoint.setHeartbeat(s.id, s.endpoint.paths(s.id)[0]?.id ?? -1, false);
    send(s);
    s.take();
    s.advance(1000);
    s.receive([chunk.sack(s.tsn)]);
    s.advance(20_000);
    expect(s.paths()[0]).toBe(`${P1} potentiallyFailed 1`);
    expect(s.take().filter((p) => p.route === P1)).toEqual([]);
  });

  test("rule 6: a HEARTBEAT that times out while data decides on the path does not count", () => {
    const s = opened({ hbIntervalMs: 3_600_000 }, 1);
    send(s);
    s.advance(3000);
    // T3 at 1 s and at 3 s; the HEARTBEAT sent at 1 s timed out as well at 3 s
    expect(s.paths()).toEqual([`*${P1} potentiallyFailed 2`]);
  });

  test("rule 7: a HEARTBEAT ACK makes it active, clears the counter, and is told", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000);
    const packets = s.take();
    s.receive([chunk.sack(s.tsn)]);
    pathEvents(s);
    s.answerHeartbeats(packets);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`]);
    expect(pathEvents(s)).toEqual(["recovered", "switched"]);
  });

  test("rule 7: data resumes with one packet in flight after a timeout (RFC 9260 s7.2.1)", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000);
    s.answerHeartbeats(s.take());
    expect(s.endpoint.paths(s.id)[0]?.cwnd).toBe(1468);
    for (let i = 0; i < 10; i++) send(s, 1400);
    expect(data(s.take()).filter((r) => r === P1)).toHaveLength(1);
  });

  test("rule 8: PMR - PFMR more timeouts make it inactive, with HEARTBEATs at their interval", () => {
    const s = opened({ pathMaxRetrans: 2, hbIntervalMs: 30_000 });
    send(s);
    s.take();
    s.advance(1000);
    s.receive([chunk.sack(s.tsn)]);
    s.take();
    pathEvents(s);
    s.advance(2000 + 4000);
    expect(s.paths()[0]).toBe(`${P1} inactive 3`);
    expect(pathEvents(s)).toEqual(["inactive"]);
    s.take();
    let ms = 0;
    let asked: SentPacket | undefined;
    while (asked === undefined) {
      ms += s.advanceToNextPacket();
      const packets = s.take();
      asked = packets.find((p) => p.route === P1);
      s.answerHeartbeats(packets.filter((p) => p.route !== P1));
    }
    // RTO 8 s +- 50%, and HB.interval
    expect(ms).toBeGreaterThanOrEqual(34_000);
    expect(ms).toBeLessThanOrEqual(42_000);
  });

  test("rule 9: an acknowledgement of what went over two paths changes nothing of either", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`]);
  });

  test("rule 10: one of what went over one path only makes it active: T3-rtx was spurious", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    for (let i = 0; i < 12; i++) send(s, 1400);
    for (let n = 0; n < 4; n++) s.receive([chunk.sack(s.tsn + n)]);
    expect(s.endpoint.paths(s.id)[0]?.flightSize).toBe(8 * 1416);
    s.take();
    s.advance(1000);
    // the window of P2 takes four of the eight; the others wait and had arrived
    expect(data(s.take())).toEqual([P2, P2, P2, P2]);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`]);
    s.receive([chunk.sack(s.tsn + 3, { gaps: [[5, 8]] })]);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`]);
    // new data over the potentially failed path, the only one left
    const t = opened({ hbIntervalMs: 3_600_000 }, 1);
    send(t);
    t.advance(1000);
    expect(t.paths()).toEqual([`*${P1} potentiallyFailed 1`]);
    t.receive([chunk.sack(t.tsn)]);
    expect(t.paths()).toEqual([`*${P1} active`]);
  });

  test("rule 12: the state can be seen and its changes are told", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.advance(1000);
    expect(s.endpoint.paths(s.id).map((p) => p.stateKind)).toEqual(["potentiallyFailed", "active"]);
    expect(s.events.flatMap((e) => (e.kind === "path" ? [e.event] : []))[0]).toMatchObject({
      kind: "potentiallyFailed",
      cause: "retransmissionTimeout",
    });
  });
});

describe("RFC 7829 s3.2: which path, with several to choose from", () => {
  test("rule 3: of several active paths the most divergent from the one that failed", () => {
    const s = new Script({
      local: ["10.1.0.1", "10.2.0.1"],
      peer: ["10.1.0.2", "10.2.0.2"],
      sctp: { maxPaths: 4, hbIntervalMs: 3_600_000 },
    });
    s.openFromPeer();
    s.advanceAnswering(10_000);
    expect(s.paths()).toHaveLength(4);
    send(s);
    s.take();
    s.advance(1000);
    expect(data(s.take())).toEqual([P2]);
    expect(s.paths().filter((p) => p.startsWith("*"))).toEqual([`*${P2} active`]);
  });

  test("rule 3: a choice of the application does not bring data to a potentially failed path", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000);
    s.take();
    expect(s.endpoint.setPrimary(s.now, s.id, s.endpoint.paths(s.id)[0]?.id ?? -1)).toBe(true);
    send(s);
    expect(data(s.take())).toEqual([P2]);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`]);
  });

  test("rules 3, 4: to be chosen changes neither state nor error counter", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(2000); // both potentially failed
    const before = s.paths().map((p) => p.replace("*", ""));
    expect(before).toEqual([`${P1} potentiallyFailed 1`, `${P2} potentiallyFailed 1`]);
    for (let i = 0; i < 5; i++) send(s);
    s.take();
    expect(s.paths().map((p) => p.replace("*", ""))).toEqual(before);
  });

  test("rule 4: a potentially failed path rather than an inactive one", () => {
    const s = opened({ hbIntervalMs: 3_600_000, pathMaxRetrans: 1 });
    send(s);
    s.take();
    s.advance(1000); // P1: 1 error, asked by HEARTBEAT; data over P2
    s.answerHeartbeats(s.take().filter((p) => p.route === P2));
    s.receive([chunk.sack(s.tsn)]);
    s.advance(2000); // the HEARTBEAT is not answered
    expect(s.paths()).toEqual([`${P1} inactive 2`, `*${P2} active`]);
    send(s);
    s.advance(1000);
    expect(s.paths()).toEqual([`${P1} inactive 2`, `*${P2} potentiallyFailed 1`]);
    // the chunk, and the chunk again
    expect(data(s.take())).toEqual([P2, P2]);
  });

  test("rule 9: nor does an acknowledgement of what went over two paths change an inactive one", () => {
    const s = opened({ hbIntervalMs: 3_600_000, pathMaxRetrans: 0 });
    send(s);
    s.take();
    s.advance(1000);
    expect(s.paths()).toEqual([`${P1} inactive 1`, `*${P2} active`]);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.paths()).toEqual([`${P1} inactive 1`, `*${P2} active`]);
  });

  test("rule 6: HEARTBEATs every RTO to each path that is potentially failed", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(2000); // both are
    s.take();
    s.receive([chunk.sack(s.tsn)]); // so that no data decides
    s.advance(8000);
    const times = new Map<string, number[]>();
    for (const p of s.take().filter((q) => has(q, ChunkType.heartbeat))) {
      times.set(p.route, [...(times.get(p.route) ?? []), p.atMs]);
    }
    for (const route of [P1, P2]) {
      const at = times.get(route) ?? [];
      const gaps = at.slice(1).map((t, i) => t - (at[i] ?? 0));
      expect(gaps.length).toBeGreaterThanOrEqual(1);
      for (const [i, gap] of gaps.entries()) if (i > 0) expect(gap).toBe(2 * (gaps[i - 1] ?? 0));
    }
  });
});
