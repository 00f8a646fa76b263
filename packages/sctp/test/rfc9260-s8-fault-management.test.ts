import { describe, expect, test } from "@jest/globals";
import { ChunkType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, Script, type SentPacket } from "./support/scripted-peer.js";

const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";
const HB = Uint8Array.of(1, 2, 3, 4);

/** The potentially-failed state is off: only RFC 9260. */
const opened = (o: SctpOptions = {}, paths = 1): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1"].slice(0, paths),
    peer: ["10.1.0.2", "10.2.0.2"].slice(0, paths),
    sctp: { maxPaths: paths, potentiallyFailedMaxRetrans: 1000, ...o },
  });
  s.openFromPeer();
  if (paths > 1) s.advanceAnswering(10_000);
  return s;
};

const send = (s: Script, n = 4): void => {
  s.endpoint.send(s.now, s.id, new Uint8Array(n));
  s.drain();
};

const isHeartbeat = (p: SentPacket): boolean =>
  chunksOf(p).some((c) => c.type === ChunkType.heartbeat);

/** Lets time pass until a HEARTBEAT leaves on this path; others are answered. How many ms that took. */
const nextHeartbeat = (s: Script, route = P1): { ms: number; packet: SentPacket } => {
  let ms = 0;
  for (let i = 0; i < 100; i++) {
    ms += s.advanceToNextPacket();
    const packets = s.take();
    const packet = packets.find((p) => isHeartbeat(p) && p.route === route);
    s.answerHeartbeats(packets.filter((p) => p.route !== route));
    if (packet !== undefined) return { ms, packet };
  }
  throw new Error("no HEARTBEAT");
};

describe("RFC 9260 s8.1: endpoint failure", () => {
  const quiet = { pathMaxRetrans: 1000, hbIntervalMs: 3_600_000 };

  test("past Association.Max.Retrans the association ends, and hands back what was not delivered", () => {
    const s = opened({ ...quiet, associationMaxRetrans: 3 });
    send(s, 10);
    send(s, 20);
    s.receive([chunk.sack(s.tsn - 1, { aRwnd: 100 })]);
    s.endpoint.send(s.now, s.id, new Uint8Array(5000));
    s.take();
    const start = s.nowUs;
    s.advance(3_600_000);
    const end = s.events.find((e) => e.kind === "ended");
    // T3 after 1, 2, 4, 8 s: the fourth error is above 3
    expect(end?.at).toBe(start + 15_000_000);
    expect(s.ended()).toEqual({ kind: "unreachable", tried: [expect.anything()] });
    const outcomes = s.events.flatMap((e) => (e.kind === "message" ? [e.outcome] : []));
    expect(outcomes.map((o) => o.kind === "failed" && [o.data.length, o.sent])).toEqual([
      [10, true],
      [20, true],
      [5000, false],
    ]);
    // nothing is sent on the way out, and nothing is kept
    expect(s.endpoint.associationCount).toBe(0);
    expect(s.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
    expect(s.events.map((e) => e.kind).slice(-2)).toEqual(["path", "ended"]);
  });

  test("an acknowledgement of DATA resets the counter", () => {
    const s = opened({ ...quiet, associationMaxRetrans: 3 });
    send(s);
    s.advance(7000);
    expect(s.endpoint.status(s.id)?.errorCount).toBe(3);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
  });

  test("a SACK that acknowledges nothing new does not", () => {
    const s = opened({ ...quiet, associationMaxRetrans: 3 });
    send(s);
    s.advance(7000);
    s.receive([chunk.sack(s.tsn - 1)]);
    expect(s.endpoint.status(s.id)?.errorCount).toBe(3);
  });

  test("a HEARTBEAT ACK resets it", () => {
    const s = opened({ ...quiet, associationMaxRetrans: 3 });
    send(s);
    s.advance(3000);
    s.take();
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[0]?.id ?? -1);
    s.answerHeartbeats(s.take());
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
  });

  test("unanswered HEARTBEATs count on the path in use, not on others", () => {
    const s = opened({ hbIntervalMs: 1000, pathMaxRetrans: 1000, associationMaxRetrans: 1000 }, 2);
    for (let i = 0; i < 40; i++) {
      s.advanceToNextPacket();
      s.answerHeartbeats(s.take().filter((p) => p.route === P1));
      expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
    }
    expect(s.endpoint.paths(s.id)[1]?.errorCount).toBeGreaterThan(3);
    const t = opened({ hbIntervalMs: 1000, pathMaxRetrans: 1000, associationMaxRetrans: 3 });
    t.advance(600_000);
    expect(t.ended()?.kind).toBe("unreachable");
  });

  test("with giveUpAfter the peer must have been silent for that long (not with strict timing)", () => {
    const s = opened({ ...quiet, associationMaxRetrans: 3, giveUpAfterMs: 100_000 });
    send(s);
    s.take();
    const start = s.nowUs;
    s.advance(3_600_000);
    const end = s.events.find((e) => e.kind === "ended");
    expect((end?.at ?? 0) - start).toBeGreaterThanOrEqual(100_000_000);
  });
});

describe("RFC 9260 s8.2: path failure", () => {
  test("T3-rtx and unanswered HEARTBEATs count; above Path.Max.Retrans the path is inactive, and that is told", () => {
    const s = opened({ pathMaxRetrans: 2, hbIntervalMs: 5000, associationMaxRetrans: 1000 }, 2);
    const states: string[] = [];
    for (let i = 0; i < 60 && states.at(-1) !== `${P2} inactive 3`; i++) {
      s.advanceToNextPacket();
      s.answerHeartbeats(s.take().filter((p) => p.route === P1));
      const state = s.paths()[1];
      if (state !== undefined && state !== states.at(-1)) states.push(state);
    }
    expect(states).toEqual([
      `${P2} active`,
      `${P2} active 1`,
      `${P2} active 2`,
      `${P2} inactive 3`,
    ]);
    expect(s.events.flatMap((e) => (e.kind === "path" ? [e.event] : []))).toEqual([
      expect.objectContaining({ kind: "inactive", cause: "heartbeatTimeout" }),
    ]);
  });

  test("an acknowledgement of DATA sent on it clears the counter", () => {
    const s = opened({ hbIntervalMs: 3_600_000 });
    send(s);
    s.advance(3000);
    expect(s.paths()).toEqual([`*${P1} active 2`]);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.paths()).toEqual([`*${P1} active`]);
  });

  test("an acknowledgement of what went over two paths clears none", () => {
    const s = opened({ hbIntervalMs: 3_600_000 }, 2);
    send(s);
    s.advance(1000);
    expect(s.paths()).toEqual([`*${P1} active 1`, `${P2} active`]);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.paths()).toEqual([`*${P1} active 1`, `${P2} active`]);
  });

  test("an inactive path that answers is active again, and that is told", () => {
    const s = opened({ pathMaxRetrans: 0, hbIntervalMs: 5000 }, 2);
    nextHeartbeat(s, P2);
    s.advance(1000);
    expect(s.paths()[1]).toBe(`${P2} inactive 1`);
    s.takeEvents();
    const { packet } = nextHeartbeat(s, P2);
    s.answerHeartbeats([packet]);
    expect(s.paths()[1]).toBe(`${P2} active`);
    expect(s.takeEvents()).toContain("path:recovered");
  });

  test("all paths inactive: data goes on over one of them", () => {
    const s = opened(
      { pathMaxRetrans: 0, associationMaxRetrans: 1000, hbIntervalMs: 3_600_000 },
      2,
    );
    send(s);
    s.advance(30_000);
    expect(s.paths().map((p) => p.replace(/ \d+$/, ""))).toEqual(
      expect.arrayContaining([expect.stringContaining("inactive")]),
    );
    s.take();
    s.advance(120_000);
    expect(s.take().some((p) => p.line.includes("DATA"))).toBe(true);
  });
});

describe("RFC 9260 s8.3: HEARTBEATs", () => {
  test("on an idle path one per RTO + HB.interval, +- 50% of the RTO", () => {
    const s = opened();
    const gaps: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { ms, packet } = nextHeartbeat(s);
      gaps.push(ms);
      s.answerHeartbeats([packet]);
    }
    for (const ms of gaps) {
      expect(ms).toBeGreaterThanOrEqual(30_500);
      expect(ms).toBeLessThanOrEqual(31_500);
    }
    expect(new Set(gaps).size).toBeGreaterThan(30);
    expect(Math.min(...gaps)).toBeLessThan(30_700);
    expect(Math.max(...gaps)).toBeGreaterThan(31_300);
  });

  test("the RTO backs off while they are unanswered", () => {
    const s = opened({ pathMaxRetrans: 100, associationMaxRetrans: 100 });
    const gaps: number[] = [];
    for (let i = 0; i < 6; i++) gaps.push(nextHeartbeat(s).ms);
    // timeout after the RTO, then RTO (doubled) +- 50% and 30 s
    for (const [i, ms] of gaps.entries()) {
      if (i === 0) continue;
      const rto = 1000 * 2 ** (i - 1);
      expect(ms).toBeGreaterThanOrEqual(rto + 30_000 + rto);
      expect(ms).toBeLessThanOrEqual(rto + 30_000 + 3 * rto);
    }
    expect(s.paths()).toEqual([`*${P1} active 5`]);
  });

  test("past Path.Max.Retrans they go on", () => {
    const s = opened({ pathMaxRetrans: 1, associationMaxRetrans: 1000 });
    for (let i = 0; i < 5; i++) nextHeartbeat(s);
    expect(s.paths()[0]).toMatch(/inactive/);
    nextHeartbeat(s);
  });

  test("a path with new DATA in the period is not idle", () => {
    const s = opened();
    s.advance(25_000);
    send(s);
    s.receive([chunk.sack(s.tsn)]);
    s.take();
    // the period ends after about 31 s, the next one 31 s later
    s.advance(30_000);
    expect(s.lines()).toEqual([]);
    const { ms } = nextHeartbeat(s);
    expect(ms).toBeGreaterThan(0);
    expect(55_000 + ms).toBeGreaterThan(61_000);
    expect(55_000 + ms).toBeLessThan(63_000);
  });

  test("the answer measures the RTT", () => {
    const s = opened();
    const { packet } = nextHeartbeat(s);
    s.advance(300);
    s.answerHeartbeats([packet]);
    expect(s.endpoint.paths(s.id)[0]?.srtt).toBe(300_000);
  });

  test("the information has the time and the path", () => {
    const s = opened({}, 2);
    const { packet } = nextHeartbeat(s, P2);
    const at = SCTP_HEADER_LENGTH + 8;
    expect(packet.view.getUint32(at)).toBe(s.endpoint.paths(s.id)[1]?.id);
    expect(packet.view.getUint32(at + 12) * 2 ** 32 + packet.view.getUint32(at + 16)).toBe(s.nowUs);
  });

  test("they can be switched off and on, and asked for at any time (s11.1.9, s11.1.10)", () => {
    const s = opened();
    const id = s.endpoint.paths(s.id)[0]?.id ?? -1;
    expect(s.endpoint.setHeartbeat(s.id, id, false)).toBe(true);
    s.advance(600_000);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.requestHeartbeat(s.id, id)).toBe(true);
    expect(s.lines()).toEqual(["HEARTBEAT info=24"]);
    s.advance(600_000);
    s.take();
    expect(s.endpoint.setHeartbeat(s.id, id, true)).toBe(true);
    expect(s.lines()).toEqual(["HEARTBEAT info=24"]);
    expect(s.endpoint.setHeartbeat(s.id, 99, true)).toBe(false);
    expect(s.endpoint.requestHeartbeat(s.id, 99)).toBe(false);
  });

  test("none before the association is up, none after SHUTDOWN or SHUTDOWN ACK", () => {
    const s = opened({ associationMaxRetrans: 1000 });
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.advance(100_000);
    expect(s.take().filter(isHeartbeat)).toEqual([]);
    const t = opened({ associationMaxRetrans: 1000 });
    t.receive([chunk.shutdown(t.tsn - 1)]);
    t.take();
    t.advance(100_000);
    expect(t.take().filter(isHeartbeat)).toEqual([]);
  });
});

describe("RFC 9260 s8.3: answers to HEARTBEATs", () => {
  test("the contents come back unchanged, other parameters and padding included", () => {
    const s = opened();
    const odd = chunk.around(
      ChunkType.heartbeat,
      0,
      Uint8Array.of(0, 1, 0, 7, 9, 8, 7, 0, 0xc0, 0x77, 0, 5, 66),
    );
    s.receive([odd]);
    const [ack] = s.take();
    const want = odd.slice();
    want[0] = ChunkType.heartbeatAck;
    expect([...(ack?.bytes.slice(SCTP_HEADER_LENGTH) ?? [])]).toEqual([...want]);
  });

  test("a long one is answered in full", () => {
    const s = opened();
    s.receive([chunk.heartbeat(new Uint8Array(1440))]);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=1440"]);
  });

  test("one that outgrows the packet buffer is not, and nothing breaks", () => {
    const s = opened();
    s.receive([chunk.heartbeat(new Uint8Array(5000))]);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.repliesDropped).toBe(1);
    s.receive([chunk.heartbeat(HB)]);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=4"]);
  });

  test("not in COOKIE-WAIT; from COOKIE-ECHOED on", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    if (init !== undefined) s.readNumbers(init);
    s.receive([chunk.heartbeat(HB)]);
    expect(s.lines()).toEqual([]);
    s.receive([s.peerInitAck()]);
    s.take();
    s.receive([chunk.heartbeat(HB)]);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=4"]);
  });

  test("in SHUTDOWN-PENDING and SHUTDOWN-RECEIVED; later it is not asked for and done all the same", () => {
    for (const how of ["pending", "sent", "received", "ackSent"] as const) {
      const s = opened();
      if (how === "pending" || how === "received") send(s);
      if (how === "pending" || how === "sent") s.endpoint.shutdown(s.now, s.id);
      else s.receive([chunk.shutdown(s.tsn - 1)]);
      s.take();
      s.receive([chunk.heartbeat(HB)]);
      expect(s.lines().join()).toContain("HEARTBEAT ACK info=4");
    }
  });

  test("a flood of them is bounded", () => {
    const s = opened();
    s.receive(Array.from({ length: 300 }, () => chunk.heartbeat(HB)));
    expect(s.take()).toHaveLength(1);
    expect(s.endpoint.counters.repliesDropped).toBeGreaterThan(100);
  });
});
