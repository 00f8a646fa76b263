import { expect, test } from "@jest/globals";
import type { Fault } from "../src/fault.js";
import { parseFault } from "../src/parse-fault.js";
import { type TwoHosts, type TwoHostsOptions, twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, type Sending, stream } from "./probe-node.js";

interface Net {
  readonly net: TwoHosts;
  readonly a: ProbeNode;
  readonly z: ProbeNode;
}

function make(options: TwoHostsOptions, sendings: readonly Sending[] = []): Net {
  const net = twoHosts(options);
  const a = new ProbeNode(sendings);
  const z = new ProbeNode();
  net.a.attach(a);
  net.z.attach(z);
  return { net, a, z };
}

const numbers = (node: ProbeNode): number[] => node.arrivals.map((arrival) => arrival.number);

test("a cut loses what is under way and what is sent, silently, until it is healed", () => {
  const { net, a, z } = make({ paths: [{ delayMs: 15 }] }, stream(10, 40, 10_000));
  net.schedule([
    { atMs: 32, fault: { kind: "cut", path: 0 } },
    { atMs: 65, fault: { kind: "heal", path: 0 } },
  ]);
  expect(net.sim.runUntilIdle().idle).toBe(true);
  // 2 (sent at 20) and 3 (at 30) are under way at 32; 4, 5, 6 are sent during the cut.
  expect(numbers(z)).toEqual([0, 1, 7, 8, 9]);
  expect(a.changes).toHaveLength(0);
  expect(a.icmp).toHaveLength(0);
  expect(net.paths[0]?.link.aToZ.dropped.cut).toBe(5);
  expect(net.sim.slotsInUse).toBe(0);
});

test("a cut of one direction leaves the other", () => {
  const { net, a, z } = make({ paths: [{}] }, stream(3, 40, 10_000));
  z.echo = true;
  net.schedule([{ atMs: 5, fault: { kind: "cut", path: 0, direction: "zToA" } }]);
  net.sim.runUntilIdle();
  expect(numbers(z)).toEqual([0, 1, 2]);
  expect(numbers(a)).toEqual([0]);
});

test("what waits during a cut is sent at the rate and lost; what still waits when it heals arrives", () => {
  const { net, z } = make({ paths: [{ rateBps: 1_000_000 }] }, stream(6, 972, 0));
  net.schedule([
    { atMs: 12, fault: { kind: "cut", path: 0 } },
    { atMs: 28, fault: { kind: "heal", path: 0 } },
  ]);
  net.sim.runUntilIdle();
  // Sent from 0, 8, 16, 24, 32, 40 ms on: 1 is under way at 12, 2 and 3 begin during the cut.
  expect(numbers(z)).toEqual([0, 4, 5]);
});

test("a link that goes down loses queue and pipe and tells both hosts", () => {
  const { net, a, z } = make({ paths: [{ rateBps: 1_000_000, delayMs: 10 }] }, stream(6, 972, 0));
  net.schedule([
    { atMs: 20, fault: { kind: "linkDown", path: 0 } },
    { atMs: 50, fault: { kind: "linkUp", path: 0 } },
  ]);
  net.sim.runUntilIdle();
  expect(numbers(z)).toEqual([0]);
  expect(net.paths[0]?.link.aToZ.dropped.linkDown).toBe(5);
  for (const node of [a, z]) expect(node.changes.map((c) => c.kind)).toEqual(["down", "up"]);
  expect(net.sim.slotsInUse).toBe(0);
});

test("packets of a host whose interface is down are dropped there and counted", () => {
  const { net, z } = make({ paths: [{}] }, stream(4, 40, 10_000));
  net.schedule([{ atMs: 15, fault: { kind: "linkDown", path: 0 } }]);
  net.sim.runUntilIdle();
  expect(numbers(z)).toEqual([0, 1]);
  expect(net.a.counters.droppedInterfaceDown).toBe(2);
  expect(net.paths[0]?.link.aToZ.counters.entered).toBe(2);
});

test("icmpUnreachable answers each packet with an error after the way back", () => {
  const { net, a, z } = make({ paths: [{ delayMs: 20 }] }, stream(3, 40, 100_000));
  net.schedule([
    { atMs: 50, fault: { kind: "icmpUnreachable", path: 0 } },
    { atMs: 150, fault: { kind: "heal", path: 0 } },
  ]);
  net.sim.runUntilIdle();
  expect(numbers(z)).toEqual([0, 2]);
  expect(a.icmp).toHaveLength(1);
  expect(a.icmp[0]).toMatchObject({
    at: 120_000,
    notice: { kind: "unreachable", type: 3, code: 1, mtu: 0 },
    quoted: { number: 1, to: "10.0.0.2", from: "10.0.1.2" },
  });
});

test("setLink changes what it names and keeps the rest, per direction", () => {
  const { net } = make({ paths: [{ delayMs: 5, loss: 0.5 }] });
  net.applyFault({ kind: "setLink", path: 0, direction: "zToA", params: { delayMs: 50 } });
  expect(net.paths[0]?.link.aToZ.params).toMatchObject({ delayMs: 5, loss: 0.5 });
  expect(net.paths[0]?.link.zToA.params).toMatchObject({ delayMs: 50, loss: 0.5 });
});

test("a ramp moves a parameter evenly to its end", () => {
  const { net } = make({ paths: [{ rateBps: 10_000_000 }] });
  net.applyFault({ kind: "ramp", path: 0, param: "rateBps", to: 2_000_000, overMs: 40, steps: 4 });
  const seen: (number | null | undefined)[] = [];
  for (let ms = 5; ms <= 45; ms += 10) {
    net.sim.runUntil(at(ms * 1000));
    seen.push(net.paths[0]?.link.aToZ.params.rateBps);
  }
  expect(seen).toEqual([10_000_000, 8_000_000, 6_000_000, 4_000_000, 2_000_000]);
  expect(net.paths[0]?.link.zToA.params.rateBps).toBe(2_000_000);
  expect(net.sim.idle).toBe(true);
});

test("an address that goes is told, and its packets are dropped both ways; it can come back", () => {
  const { net, a, z } = make({ paths: [{}] }, stream(3, 40, 10_000));
  z.send({ at: at(12_000), from: "10.0.1.2", to: "10.0.0.2", bytes: 40 });
  net.z.drain();
  net.schedule([
    { atMs: 5, fault: { kind: "addressRemoved", path: 0 } },
    { atMs: 15, fault: { kind: "addressAdded", path: 0 } },
  ]);
  net.sim.runUntilIdle();
  expect(numbers(z)).toEqual([0, 2]);
  expect(net.a.counters.droppedNoAddress).toBe(1);
  expect(net.a.counters.droppedNotForUs).toBe(1);
  expect(a.changes.map((c) => [c.kind, "address" in c ? c.address.toString() : ""])).toEqual([
    ["addressRemoved", "10.0.0.2"],
    ["addressAdded", "10.0.0.2"],
  ]);
});

test("a host can gain a new address and is reached at it", () => {
  const { net, a } = make({ paths: [{}] });
  expect(net.applyFault({ kind: "addressAdded", path: 0, address: "10.0.0.77" })).toBe(true);
  const sendings = [{ at: at(1000), from: "10.0.1.2", to: "10.0.0.77", bytes: 40 }];
  net.z.attach(new ProbeNode(sendings));
  net.sim.runUntilIdle();
  expect(a.arrivals.map((arrival) => arrival.to)).toEqual(["10.0.0.77"]);
});

test.each<Fault>([
  { kind: "heal", path: 0 },
  { kind: "linkUp", path: 0 },
  { kind: "natRebind", path: 0 },
  { kind: "addressAdded", path: 0 },
  { kind: "addressRemoved", path: 0, address: "192.0.2.99" },
  { kind: "cut", path: 7 },
])("a fault that makes no sense does nothing: %j", (fault) => {
  const { net, a, z } = make({ paths: [{}] }, stream(3, 40, 10));
  expect(net.applyFault(fault)).toBe(false);
  net.sim.runUntilIdle();
  expect(numbers(z)).toEqual([0, 1, 2]);
  expect(a.changes).toHaveLength(0);
});

test("a fault done twice is done once", () => {
  const { net, a } = make({ paths: [{}] });
  expect(net.applyFault({ kind: "linkDown", path: 0 })).toBe(true);
  expect(net.applyFault({ kind: "linkDown", path: 0 })).toBe(false);
  expect(net.applyFault({ kind: "cut", path: 0, direction: "aToZ" })).toBe(true);
  expect(net.applyFault({ kind: "cut", path: 0 })).toBe(true);
  expect(net.applyFault({ kind: "cut", path: 0 })).toBe(false);
  expect(a.changes).toHaveLength(1);
});

test("repairAll ends every cut and outage and gives addresses back", () => {
  const { net, z } = make({ paths: [{}, {}], mesh: true });
  const faults: Fault[] = [
    { kind: "cut", path: 0 },
    { kind: "icmpUnreachable", path: 1, direction: "aToZ" },
    { kind: "cut", path: 1, side: "z" },
    { kind: "linkDown", path: 0 },
    { kind: "linkDown", path: 1, side: "z" },
    { kind: "addressRemoved", path: 0 },
    { kind: "addressRemoved", path: 1, side: "z" },
  ];
  for (const fault of faults) expect(net.applyFault(fault)).toBe(true);
  net.repairAll();
  const sendings = [0, 1].flatMap((i) =>
    [0, 1].map((j) => ({ at: at(0), from: `10.${i}.0.2`, to: `10.${j}.1.2`, bytes: 40 })),
  );
  net.a.attach(new ProbeNode(sendings));
  net.sim.runUntilIdle();
  expect(numbers(z).sort()).toEqual([0, 1, 2, 3]);
});

test("faults that come from a file are checked", () => {
  const good: Fault[] = [
    { kind: "cut", path: 1, direction: "aToZ", side: "z" },
    { kind: "linkDown", path: 0, side: "z" },
    { kind: "setLink", path: 0, params: { rateBps: null } },
    { kind: "ramp", path: 0, param: "loss", to: 0.5, overMs: 100 },
    { kind: "natRebind", path: 0, address: "198.51.100.9" },
    { kind: "addressAdded", path: 0, address: "10.0.0.9" },
  ];
  for (const fault of good) expect(parseFault(JSON.parse(JSON.stringify(fault)))).toEqual(fault);
});

test.each<[unknown, string]>([
  [null, "an object"],
  [[], "an object"],
  [{}, "kind: got undefined, expected one of cut"],
  [{ kind: "toString", path: 0 }, "kind"],
  [{ kind: "cut" }, "path"],
  [{ kind: "cut", path: -1 }, "path"],
  [{ kind: "cut", path: 0, direction: "up" }, "direction"],
  [{ kind: "linkDown", path: 0, direction: "both" }, "direction"],
  [{ kind: "cut", path: 0, side: "x" }, "side"],
  [{ kind: "setLink", path: 0 }, "params"],
  [{ kind: "ramp", path: 0, param: "mtu", to: 1, overMs: 1 }, "param"],
  [{ kind: "ramp", path: 0, param: "loss", to: "1", overMs: 1 }, "to"],
  [{ kind: "natRebind", path: 0, address: 5 }, "address"],
  [{ kind: "cut", path: 0, valueOf: 1 }, "valueOf"],
])("refuses %j", (value, message) => {
  expect(() => parseFault(value)).toThrow(
    expect.objectContaining({ code: "invalidFault", message: expect.stringContaining(message) }),
  );
});
