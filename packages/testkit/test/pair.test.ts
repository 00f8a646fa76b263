import { describe, expect, test } from "@jest/globals";
import { Pair, type Topology } from "../src/index.js";

describe("a pair", () => {
  const topologies: Readonly<Record<string, Topology>> = {
    "IPv4, two paths": { delaysMs: [10, 25] },
    "IPv4, three paths": { delaysMs: [10, 25, 40] },
    "one path": { delaysMs: [10] },
    IPv6: { delaysMs: [10, 25], family: "ipv6" },
    "both families on each path": { delaysMs: [10, 25], family: "dual" },
    "a path of each family": { delaysMs: [10, 25], family: "mixed" },
    "a mesh": { delaysMs: [10, 25], mesh: true },
    "UDP encapsulation": { delaysMs: [10, 25], udp: true },
    "a NAT on the first path": { delaysMs: [10, 25], udp: true, nat: true },
    "2 Mbit/s": { delaysMs: [10, 25], rateKbps: 2000 },
    "timing of the RFC": { delaysMs: [10, 25], timing: "rfc" },
    "8 KiB of receive buffer": { delaysMs: [10, 25], receiveBufferBytes: 8192 },
  };
  for (const [name, topology] of Object.entries(topologies)) {
    test(`carries data both ways and comes to rest: ${name}`, () => {
      const pair = new Pair({ seed: 11, topology });
      expect(pair.connect()).toBe(true);
      pair.send("a", { bytes: 20_000, count: 3 });
      pair.send("z", { bytes: 100, count: 3, unordered: true });
      expect(pair.runUntilIdle().idle).toBe(true);
      expect(pair.z.received.map((d) => [d.index, d.bytes, d.intact])).toEqual([
        [0, 20_000, true],
        [1, 20_000, true],
        [2, 20_000, true],
      ]);
      expect(pair.a.received.map((d) => d.unordered)).toEqual([true, true, true]);
      expect([pair.a.ended, pair.z.ended]).toEqual([{ kind: "shutdown" }, { kind: "shutdown" }]);
      expect(pair.net.sim.slotsInUse).toBe(0);
    });
  }

  test("runs the same with the same seed, and differently with another", () => {
    const digest = (seed: number): string => {
      const pair = new Pair({ seed });
      pair.connect();
      pair.send("a", { bytes: 3000 });
      pair.runUntilIdle();
      return pair.digest;
    };
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });

  test("is bounded in events and in time", () => {
    const pair = new Pair();
    for (const path of [0, 1]) pair.apply({ op: "cut", path });
    pair.startConnect();
    expect(pair.runUntilIdle({ maxSteps: 3 })).toMatchObject({ idle: false, steps: 3 });
    const before = pair.now;
    expect(pair.runUntilIdle({ maxMs: 1000 }).idle).toBe(false);
    expect(pair.now - before).toBeLessThanOrEqual(1_000_000);
  });

  test("connect is false when the attempt ends", () => {
    const pair = new Pair();
    for (const path of [0, 1]) pair.apply({ op: "cut", path });
    expect(pair.connect()).toBe(false);
    expect(pair.a.ended?.kind).toBe("unreachable");
  });

  test("has nothing to connect with while every interface is down", () => {
    const pair = new Pair();
    for (const path of [0, 1]) pair.apply({ op: "linkDown", path });
    expect(pair.startConnect()).toBe(false);
    expect(pair.send("a", { bytes: 1 })).toBe(false);
  });

  test("closes from the side that is asked for, or from both", () => {
    for (const side of ["a", "z", "both"] as const) {
      const pair = new Pair();
      pair.connect();
      expect(pair.runUntilIdle({}, side).idle).toBe(true);
      expect([pair.a.ended?.kind, pair.z.ended?.kind]).toEqual(["shutdown", "shutdown"]);
    }
  });
});

describe("operations", () => {
  const connected = (topology: Topology = { delaysMs: [10, 25] }): Pair => {
    const pair = new Pair({ topology });
    pair.connect();
    pair.advance(200);
    return pair;
  };

  test("pauseReading, slowReading, resumeReading: the application takes nothing, little, all", () => {
    const pair = connected();
    pair.apply({ op: "pauseReading", side: "z" });
    pair.apply({ op: "send", side: "a", bytes: 10, count: 6 });
    pair.apply({ op: "advance", ms: 100 });
    expect(pair.z.received).toHaveLength(0);
    pair.apply({ op: "slowReading", side: "z", everyMs: 50 });
    pair.apply({ op: "advance", ms: 120 });
    expect(pair.z.received).toHaveLength(3);
    pair.apply({ op: "resumeReading", side: "z" });
    expect(pair.z.received).toHaveLength(6);
  });

  test("cut, in one direction or both, and heal", () => {
    const pair = connected();
    pair.apply({ op: "cut", path: 0, direction: "aToZ" });
    const link = pair.net.paths[0]?.link;
    expect([link?.aToZ.mode, link?.zToA.mode]).toEqual(["cut", "open"]);
    pair.apply({ op: "icmpUnreachable", path: 0 });
    expect([link?.aToZ.mode, link?.zToA.mode]).toEqual(["unreachable", "unreachable"]);
    pair.apply({ op: "heal", path: 0 });
    expect([link?.aToZ.mode, link?.zToA.mode]).toEqual(["open", "open"]);
  });

  test("parameters of a link, which repairAll gives back", () => {
    const pair = connected();
    const link = pair.net.paths[1]?.link.aToZ;
    const before = link?.params;
    const on = { path: 1 } as const;
    pair.apply({ op: "loss", ...on, percent: 10 });
    pair.apply({ op: "burstLoss", ...on, percent: 50, length: 4 });
    pair.apply({ op: "duplicate", ...on, percent: 5 });
    pair.apply({ op: "corrupt", ...on, percent: 20 });
    pair.apply({ op: "reorder", ...on, percent: 30, extraMs: 7 });
    pair.apply({ op: "delay", ...on, ms: 80 });
    pair.apply({ op: "jitter", ...on, ms: 9 });
    pair.apply({ op: "rate", ...on, kbps: 500 });
    pair.apply({ op: "mtu", ...on, bytes: 1300, icmp: false });
    expect(link?.params).toMatchObject({
      loss: 0.1,
      burstLoss: { p: 0.25, r: 0.25 },
      duplicate: 0.05,
      corrupt: { probability: 0.2 },
      reorder: { probability: 0.3, extraMs: 7 },
      delayMs: 80,
      jitter: { kind: "uniform", ms: 9 },
      jitterReorders: true,
      rateBps: 500_000,
      mtu: 1300,
      icmpTooBig: false,
    });
    pair.repairAll();
    expect(link?.params).toEqual(before);
  });

  test("linkDown, linkUp, removeAddress, addAddress: hosts are told", () => {
    const pair = connected();
    pair.apply({ op: "linkDown", path: 0, side: "a" });
    expect(pair.net.a.interfaces[0]?.up).toBe(false);
    pair.apply({ op: "linkUp", path: 0, side: "a" });
    expect(pair.net.a.interfaces[0]?.up).toBe(true);
    pair.apply({ op: "removeAddress", path: 1, side: "z" });
    expect(pair.net.z.interfaces[1]?.addresses).toEqual([]);
    pair.apply({ op: "addAddress", path: 1, side: "z" });
    expect(pair.net.z.interfaces[1]?.addresses.map(String)).toEqual(["10.1.1.2"]);
  });

  test("natRebind: the association lives on", () => {
    const pair = connected({ delaysMs: [10, 25], udp: true, nat: true });
    pair.apply({ op: "natRebind", path: 0 });
    pair.send("a", { bytes: 100, count: 5 });
    expect(pair.runUntilIdle().idle).toBe(true);
    expect(pair.z.received).toHaveLength(5);
  });

  test("setPrimary moves data to the path that is asked for", () => {
    const pair = connected();
    const current = (): number | undefined =>
      pair.a.id === undefined ? undefined : pair.a.node.core.currentPath(pair.a.id)?.id;
    expect(current()).toBe(1);
    pair.apply({ op: "setPrimary", side: "a", index: 1 });
    expect(current()).toBe(2);
  });

  test("restart of a: the association begins anew at z, and what is sent then arrives", () => {
    const pair = connected();
    pair.apply({ op: "restart", side: "a" });
    pair.apply({ op: "send", side: "a", bytes: 5 });
    expect(pair.runUntilIdle().idle).toBe(true);
    expect(pair.z.restarts).toBe(1);
    expect(pair.z.received).toHaveLength(1);
  });

  test("restart of z ends the association of a", () => {
    const pair = connected();
    pair.apply({ op: "restart", side: "z" });
    pair.apply({ op: "send", side: "a", bytes: 5 });
    pair.advance(1000);
    expect(pair.a.ended?.kind).toBe("abortedByPeer");
    expect(pair.runUntilIdle().idle).toBe(true);
  });

  test("shutdown and abort end it", () => {
    for (const op of ["shutdown", "abort"] as const) {
      const pair = connected();
      pair.apply({ op, side: "z" });
      pair.advance(200);
      expect(pair.z.ended?.kind).toBe(op === "abort" ? "aborted" : "shutdown");
      expect(pair.a.ended?.kind).toBe(op === "abort" ? "abortedByPeer" : "shutdown");
    }
  });

  test("what makes no sense now does nothing", () => {
    const pair = new Pair();
    const { digest } = pair;
    pair.apply({ op: "send", side: "a", bytes: 1 });
    pair.apply({ op: "shutdown", side: "a" });
    pair.apply({ op: "abort", side: "z" });
    pair.apply({ op: "setPrimary", side: "a", index: 0 });
    pair.apply({ op: "user", name: "nobody knows" });
    expect(pair.digest).toBe(digest);
    pair.apply({ op: "natRebind", path: 0 });
    pair.apply({ op: "cut", path: 7 });
    expect(pair.connect()).toBe(true);
  });

  test("any fault of the simulator, and operations of one's own", () => {
    const told: unknown[] = [];
    const pair = new Pair({ userOps: { note: (_pair, op) => told.push(op.value) } });
    pair.apply({
      op: "fault",
      fault: { kind: "ramp", path: 0, param: "loss", to: 1, overMs: 100 },
    });
    pair.apply({ op: "user", name: "note", value: { any: ["json"] } });
    pair.advance(200);
    expect(pair.net.paths[0]?.link.aToZ.params.loss).toBe(1);
    expect(told).toEqual([{ any: ["json"] }]);
  });
});
