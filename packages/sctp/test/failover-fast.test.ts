import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { contents, LivePeer } from "./support/live-peer.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// Failover before T3-rtx, which no RFC has: docs/failover.md says what, these tests say when. Two paths, a
// round trip of 50 ms each, a message every 10 ms. Times in ms after the path died.

const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";

interface Run {
  readonly s: Script;
  readonly peer: LivePeer;
  /** When the run began to count, in ms. */
  zero: number;
  /** Path events since, `time kind`. */
  readonly events: string[];
}

/** A second of traffic over P1; then zero. */
function running(o: SctpOptions = {}, rtt = 50): Run {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1"],
    peer: ["10.1.0.2", "10.2.0.2"],
    sctp: { timing: "fast", maxPaths: 2, ...o },
  });
  s.acceptFromPeer({ aRwnd: 1_000_000 });
  const peer = new LivePeer(s, { [P1]: rtt, [P2]: rtt });
  const run: Run = { s, peer, zero: 0, events: [] };
  s.onEvent = (e) => {
    if (e.kind === "path") run.events.push(`${e.at / 1000 - run.zero} ${e.event.kind}`);
  };
  peer.run(1000);
  peer.run(2000, 10, () => message(run));
  run.zero = s.nowUs / 1000;
  run.events.length = 0;
  peer.sent.length = 0;
  expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`]);
  return run;
}

const message = ({ s }: Run): void => {
  s.endpoint.send(s.now, s.id, new Uint8Array(100));
};

/** Packets sent since zero: `time route contents`. */
const timeline = (run: Run, filter: (line: string) => boolean = () => true): string[] =>
  run.peer.sent
    .map((p) => `${p.atMs - run.zero} ${p.route === P1 ? "P1" : "P2"} ${contents(run.s, p)}`)
    .filter(filter);

describe("a path dies silently under traffic", () => {
  test("suspected when the answer is overdue, probed five times, left after the verdict", () => {
    const run = running();
    run.peer.kill(P1);
    run.peer.run(300, 10, () => message(run));
    // What left at -50 would be answered at 0, and is not. srtt 50 ms and the margin of 30 ms: 30.
    const suspected = timeline(run, (l) => l.includes("HEARTBEAT") && l.includes("P1"))[0];
    expect(suspected).toBe("30 P1 HEARTBEAT");
    expect(timeline(run, (l) => l.endsWith("HEARTBEAT") && l.includes("P1")).slice(0, 5)).toEqual([
      "30 P1 HEARTBEAT",
      "42.5 P1 HEARTBEAT",
      "55 P1 HEARTBEAT",
      "67.5 P1 HEARTBEAT",
      "80 P1 HEARTBEAT",
    ]);
    // Copies go over P2 at once, and all that is new from then on.
    const first = timeline(run, (l) => l.startsWith("30 P2 DATA"))[0];
    expect(first).toBe("30 P2 DATA+195,196,197,198,199,200,201,202");
    expect(timeline(run, (l) => /^(4|5|6)\d(\.5)? P1 DATA/.test(l))).toEqual([]);
    // The verdict comes 80 ms after the last probe.
    expect(run.events).toEqual(["160 potentiallyFailed", "160 switched"]);
    expect(run.s.paths()).toEqual([
      expect.stringMatching(/^10\.1.* potentiallyFailed/),
      `*${P2} active`,
    ]);
    // Nothing was lost, and nothing waits.
    run.peer.run(200);
    expect(run.s.endpoint.status(run.s.id)).toMatchObject({
      bufferedBytes: 0,
      outstandingBytes: 0,
    });
  });

  test("the switch tells how long nothing had moved", () => {
    const run = running();
    const stalls: number[] = [];
    run.s.onEvent = (e) => {
      if (e.kind === "path" && e.event.kind === "switched") stalls.push(e.event.stall / 1000);
    };
    run.peer.kill(P1);
    run.peer.run(300, 10, () => message(run));
    // Last acknowledged at -10; the copies left at 30 and were acknowledged at 80.
    expect(stalls).toEqual([90]);
  });

  test("with the verdict the last SACK goes over the other path, in case it was lost", () => {
    const run = running();
    run.s.receive([chunk.data(PEER_TSN, { flags: 7 })], { from: "10.1.0.2", to: "10.1.0.1" });
    run.peer.kill(P1);
    run.peer.run(300, 10, () => message(run));
    expect(timeline(run, (l) => l.includes("SACK"))).toEqual([
      `0 P1 SACK cum=${PEER_TSN} rwnd=4194300`,
      `160 P2 SACK cum=${PEER_TSN} rwnd=4194300`,
    ]);
  });

  test("T3-rtx does not run out before, and costs nothing after", () => {
    const run = running();
    run.peer.kill(P1);
    run.peer.run(1000, 10, () => message(run));
    expect(run.s.endpoint.counters.t3Expirations).toBe(0);
    expect(run.s.endpoint.counters.pathSwitches).toBe(1);
  });
});

describe("a path that is only slow, or loses a packet", () => {
  test("an answer during the probes ends the suspicion; the application hears nothing", () => {
    const run = running();
    run.peer.setRtt(P1, 110);
    run.peer.run(400, 10, () => message(run));
    expect(run.s.endpoint.counters.pathsSuspected).toBeGreaterThan(0);
    expect(run.events).toEqual([]);
    expect(run.s.paths()).toEqual([`*${P1} active`, `${P2} active`]);
  });

  test("a window probe that the peer has no room for says nothing of the path", () => {
    const run = running();
    run.peer.run(200);
    run.peer.full = true;
    const closed = chunk.sack(run.s.tsn + run.peer.delivered - 1, { aRwnd: 0 });
    run.s.receive([closed], { from: "10.1.0.2", to: "10.1.0.1" });
    run.peer.run(20_000, 1000, () => message(run));
    const { counters } = run.s.endpoint;
    expect(counters.zeroWindowProbes).toBeGreaterThan(0);
    expect([counters.pathsSuspected, counters.probesSent]).toEqual([0, 0]);
    run.peer.full = false;
    run.peer.run(5000);
    expect(run.s.endpoint.status(run.s.id)).toMatchObject({ bufferedBytes: 0 });
    expect(run.events).toEqual([]);
  });

  test("one lost packet is not even suspicious: what follows is answered", () => {
    const run = running();
    message(run);
    run.peer.kill(P1);
    run.peer.run(1);
    run.peer.revive(P1);
    run.peer.run(400, 10, () => message(run));
    expect(run.s.endpoint.counters.pathsSuspected).toBe(0);
    expect(run.events).toEqual([]);
    expect(run.s.endpoint.counters.chunksRetransmitted).toBe(1);
  });
});

describe("no other path answers", () => {
  test("both dead: no verdict, no switch by probes; the timeouts of RFC 9260 decide", () => {
    const run = running();
    run.peer.kill(P1, P2);
    run.peer.run(150, 10, () => message(run));
    expect(run.events).toEqual([]);
    expect(run.s.endpoint.counters.pathsSuspected).toBeGreaterThan(0);
    run.peer.run(20_000);
    expect(run.events.map((e) => e.split(" ")[1])).toContain("potentiallyFailed");
    expect(run.s.endpoint.counters.t3Expirations).toBeGreaterThan(2);
    // not given up: the peer has been silent for less than two minutes
    expect(run.s.endpoint.status(run.s.id)?.state).toBe("established");
    run.peer.revive(P1, P2);
    run.peer.run(10_000);
    expect(run.s.endpoint.status(run.s.id)?.bufferedBytes).toBe(0);
  });

  test("after two minutes of silence it is", () => {
    const run = running();
    run.peer.kill(P1, P2);
    message(run);
    run.peer.run(130_000);
    expect(run.s.ended()?.kind).toBe("unreachable");
  });

  test("a single path is never suspected: there is nothing to compare with", () => {
    const s = new Script({ sctp: { timing: "fast" } });
    s.acceptFromPeer();
    const peer = new LivePeer(s, { [P1]: 50 });
    peer.run(500, 10, () => s.endpoint.send(s.now, s.id, new Uint8Array(100)));
    peer.kill(P1);
    peer.run(100, 10, () => s.endpoint.send(s.now, s.id, new Uint8Array(100)));
    expect(s.endpoint.counters.pathsSuspected).toBe(0);
    // RTO.Min is 200 ms
    peer.run(300);
    expect(s.endpoint.counters.t3Expirations).toBe(1);
  });
});

describe("an idle path dies", () => {
  test("the HEARTBEAT that is not answered brings the probes about", () => {
    const run = running();
    run.peer.run(100);
    run.peer.kill(P2);
    run.peer.run(6000);
    const probes = timeline(run, (l) => l.endsWith("P2 HEARTBEAT")).map((l) =>
      Number(l.split(" ")[0]),
    );
    const [asked = 0, ...rest] = probes.filter((t) => t > 100);
    // overdue after the round trip and its variation, of which an idle path has fewer samples; then a
    // quarter of the round trip apart
    const { srtt, rttvar } = run.s.endpoint.paths(run.s.id)[1] ?? { srtt: 0, rttvar: 0 };
    expect(srtt).toBe(50_000);
    const overdue = 50 + Math.max(30, (4 * rttvar) / 1000);
    for (const [i, t] of rest.slice(0, 5).entries()) {
      expect(t - asked).toBeCloseTo(overdue + 12.5 * i, 2);
    }
    const [failed, gone] = run.events;
    expect(failed).toMatch(/ potentiallyFailed$/);
    expect(Number(failed?.split(" ")[0])).toBeCloseTo(asked + overdue + 50 + overdue, 2);
    expect(gone).toMatch(/ inactive$/);
    expect(run.s.paths()[0]).toBe(`*${P1} active`);
  });
});

describe("the path comes back", () => {
  test("used again after three answers in a row, and the primary takes data back", () => {
    const run = running();
    run.peer.kill(P1);
    run.peer.run(300, 10, () => message(run));
    run.peer.revive(P1);
    run.peer.run(3000, 10, () => message(run));
    expect(run.events.map((e) => e.split(" ")[1])).toEqual([
      "potentiallyFailed",
      "switched",
      "recovered",
      "switched",
    ]);
    expect(run.s.paths()).toEqual([`*${P1} active`, `${P2} active`]);
    const lost = run.s.endpoint.status(run.s.id);
    run.peer.run(200);
    expect(lost?.state).toBe("established");
    expect(run.s.endpoint.status(run.s.id)?.bufferedBytes).toBe(0);
  });
});

describe("signals that need no probes", () => {
  const addresses = (...which: string[]) =>
    which.map((a) => ({
      address: IpAddress.parse(a),
      interfaceName: a,
      metered: false,
      cost: 0,
      allowed: true,
    }));

  test("the address is gone: data moves at once, cause linkDown", () => {
    const run = running();
    run.s.endpoint.handle(run.s.now, { kind: "addresses", addresses: addresses("10.2.0.1") });
    run.s.drain();
    expect(run.events).toEqual(["0 potentiallyFailed", "0 switched"]);
    run.peer.run(300, 10, () => message(run));
    expect(timeline(run, (l) => l.includes("P1"))).toEqual([]);
    // and back with the address
    run.s.endpoint.handle(run.s.now, {
      kind: "addresses",
      addresses: addresses("10.1.0.1", "10.2.0.1"),
    });
    run.peer.run(3000, 10, () => message(run));
    expect(run.s.paths()).toEqual([`*${P1} active`, `${P2} active`]);
  });

  test("ICMP: the destination is unreachable", () => {
    const run = running();
    message(run);
    run.s.drain();
    const [p] = run.s.take();
    if (p === undefined) throw new Error("no packet");
    run.s.icmp(p, "unreachable");
    expect(run.events).toEqual(["0 potentiallyFailed", "0 switched"]);
    expect(run.s.take().some((q) => q.route === P2 && contents(run.s, q).startsWith("DATA"))).toBe(
      true,
    );
  });

  test("switched off with strict timing: the first timeout decides (RFC 7829)", () => {
    const run = running({ timing: "rfc" });
    run.peer.kill(P1);
    run.peer.run(950, 10, () => message(run));
    expect(run.s.endpoint.counters.pathsSuspected).toBe(0);
    expect(run.events).toEqual([]);
    run.peer.run(200);
    expect(run.events.map((e) => e.split(" ")[1])).toEqual(["potentiallyFailed", "switched"]);
  });
});

describe("the budget", () => {
  test.each([
    [50, 50],
    [200, 50],
    [1000, 50],
    [200, 20],
    [200, 150],
  ])("%d ms: after a round trip (%d ms) and the margin the copies leave", (budgetMs, rtt) => {
    const run = running({ failover: { budgetMs } }, rtt);
    run.peer.kill(P1);
    run.peer.run(2000, 10, () => message(run));
    const margin = Math.max(0.15 * budgetMs, 4);
    const copies = timeline(run, (l) => l.includes("P2 DATA")).map((l) =>
      Number(l.split(" ")[0]),
    )[0];
    // the first that is not answered left up to 10 ms after the last that was
    expect(copies).toBeGreaterThanOrEqual(margin - 1);
    expect(copies).toBeLessThanOrEqual(margin + 11);
    expect(run.s.endpoint.counters.pathSwitches).toBe(1);
  });
});
