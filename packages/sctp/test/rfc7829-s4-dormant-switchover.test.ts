import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import { type SctpOptions, sctpConfig } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, Script, type SentPacket } from "./support/scripted-peer.js";

const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";
const P3 = "10.3.0.1>10.3.0.2";

// RFC 7829 s4 and s5: when every path is inactive, and which path is the primary afterwards.

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

describe("RFC 7829 s4.1: the dormant state", () => {
  /** Both paths inactive. */
  const dormant = (): Script => {
    const s = opened({ pathMaxRetrans: 1, associationMaxRetrans: 1000, hbIntervalMs: 3_600_000 });
    send(s);
    for (let i = 0; i < 100 && s.paths().some((p) => !p.includes("inactive")); i++) {
      s.advanceToNextPacket();
      s.take();
    }
    expect(s.paths().map((p) => p.replace(/ \d+$|\*/g, ""))).toEqual([
      `${P1} inactive`,
      `${P2} inactive`,
    ]);
    return s;
  };

  test("rules 1 to 3: data goes on over the path with the fewest errors, whose state stays", () => {
    const s = dormant();
    const used = new Set<string>();
    for (let i = 0; i < 12; i++) {
      s.advanceToNextPacket();
      for (const p of s.take()) {
        if (!has(p, ChunkType.data)) continue;
        used.add(p.route);
        const view = s.endpoint.paths(s.id);
        const now = view.find((v) => `${v.local}>${v.remote}` === p.route);
        expect(now?.errorCount).toBe(Math.min(...view.map((v) => v.errorCount)));
        expect(now?.stateKind).toBe("inactive");
      }
    }
    // the counters go on above PMR + 1, so both are tried
    expect(used).toEqual(new Set([P1, P2]));
    expect(Math.max(...s.endpoint.paths(s.id).map((p) => p.errorCount))).toBeGreaterThan(2);
  });

  test("whatever PFMR is, also with the potentially-failed state off (s4)", () => {
    const s = opened({
      pathMaxRetrans: 0,
      potentiallyFailedMaxRetrans: 1000,
      associationMaxRetrans: 1000,
      hbIntervalMs: 3_600_000,
    });
    send(s);
    s.advance(2000);
    expect(s.paths().map((p) => p.replace("*", ""))).toEqual([
      `${P1} inactive 1`,
      `${P2} inactive 1`,
    ]);
    s.take();
    const used = new Set<string>();
    for (let i = 0; i < 10; i++) {
      s.advanceToNextPacket();
      for (const route of data(s.take())) used.add(route);
    }
    expect(used).toEqual(new Set([P1, P2]));
  });

  test("rule 3: of paths with as many errors the primary first (another strategy, as it allows)", () => {
    const s = new Script({
      local: ["10.1.0.1", "10.2.0.1"],
      peer: ["10.1.0.2", "10.2.0.2"],
      sctp: { maxPaths: 4, pathMaxRetrans: 0, associationMaxRetrans: 100, hbIntervalMs: 3_600_000 },
    });
    s.openFromPeer();
    s.advanceAnswering(10_000);
    send(s);
    const used = data(s.take());
    while (used.length < 5) {
      s.advanceToNextPacket();
      used.push(...data(s.take()));
    }
    // each once, the most divergent while it is active; then all have one error
    expect(used).toEqual([P1, P2, "10.2.0.1>10.1.0.2", "10.1.0.1>10.2.0.2", P1]);
    expect(s.paths().filter((p) => p.includes("inactive 1"))).toHaveLength(4);
  });

  test("an answer ends it", () => {
    const s = dormant();
    s.advanceToNextPacket();
    s.take();
    s.receive([chunk.sack(s.tsn)]);
    // what was acknowledged went over both; a HEARTBEAT tells
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[1]?.id ?? -1);
    s.answerHeartbeats(s.take());
    expect(s.paths()[1]).toBe(`*${P2} active`);
  });
});

describe("RFC 7829 s5: primary path switchover", () => {
  test("default: the primary stays the primary, data comes back to it", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.take();
    s.advance(1000);
    s.answerHeartbeats(s.take());
    expect(s.paths()[0]).toBe(`*${P1} active`);
  });

  test("rules 2 to 4, PSMR = PFMR: the path that takes over is the primary from then on", () => {
    const s = opened({ hbIntervalMs: 3_600_000, primarySwitchoverMaxRetrans: 0 });
    send(s);
    s.take();
    s.advance(1000);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`]);
    s.answerHeartbeats(s.take());
    expect(s.paths()).toEqual([`${P1} active`, `*${P2} active`]);
    send(s);
    expect(data(s.take()).at(-1)).toBe(P2);
  });

  test("rule 3: the new primary is the path that data goes to then, and may itself be left like any other", () => {
    const s = opened({ hbIntervalMs: 3_600_000, primarySwitchoverMaxRetrans: 0 }, 3);
    send(s);
    s.take();
    s.advance(1000);
    const first = s.take();
    expect(s.paths()[1]).toBe(`*${P2} active`);
    s.receive([chunk.sack(s.tsn)]);
    s.answerHeartbeats(first); // P1 is back
    send(s);
    s.take();
    s.advance(1000); // P2 fails
    const used = data(s.take());
    expect(used).toHaveLength(1);
    const current = s.paths().find((p) => p.startsWith("*"));
    expect(current).toBe(`*${used[0]} active`);
    s.receive([chunk.sack(s.tsn + 1)]);
    send(s);
    expect(data(s.take())).toEqual(used);
  });

  test("without the potentially-failed state, PSMR = PMR: when the primary is inactive", () => {
    const s = opened({
      hbIntervalMs: 3_600_000,
      pathMaxRetrans: 1,
      potentiallyFailedMaxRetrans: 1,
      primarySwitchoverMaxRetrans: 1,
    });
    send(s);
    s.advance(1000);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.paths()).toEqual([`*${P1} active 1`, `${P2} active`]);
    send(s);
    s.advance(2000);
    expect(s.paths()).toEqual([`${P1} inactive 2`, `*${P2} active`]);
    s.take();
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[0]?.id ?? -1);
    s.answerHeartbeats(s.take());
    expect(s.paths()).toEqual([`${P1} active`, `*${P2} active`]);
  });

  test("PSMR above PFMR: only when the counter passes it, though the state has not changed since", () => {
    const s = opened({ hbIntervalMs: 3_600_000, primarySwitchoverMaxRetrans: 2 }, 3);
    send(s);
    s.take();
    s.advance(1000);
    const first = s.take();
    s.receive([chunk.sack(s.tsn)]);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`, `${P3} active`]);
    s.advance(2000 + 4000); // two HEARTBEATs unanswered: three errors
    const later = s.take();
    expect(s.paths()[0]).toBe(`${P1} potentiallyFailed 3`);
    expect(first.length + later.length).toBeGreaterThan(3);
    s.answerHeartbeats(later.filter((p) => p.route === P1).slice(-1));
    expect(s.paths()).toEqual([`${P1} active`, `*${P2} active`, `${P3} active`]);
  });

  test("rule 1: a PSMR below PFMR is refused", () => {
    expect(() =>
      sctpConfig({ timing: "rfc", potentiallyFailedMaxRetrans: 3, primarySwitchoverMaxRetrans: 2 }),
    ).toThrow(expect.objectContaining({ code: "invalidOption" }));
    // without the state it is PMR that counts
    expect(() =>
      sctpConfig({ timing: "rfc", potentiallyFailedMaxRetrans: 9, primarySwitchoverMaxRetrans: 4 }),
    ).toThrow(expect.objectContaining({ code: "invalidOption" }));
    expect(
      sctpConfig({ timing: "rfc", potentiallyFailedMaxRetrans: 9, primarySwitchoverMaxRetrans: 5 })
        .primarySwitchoverMaxRetrans,
    ).toBe(5);
  });
});
