import { expect, test } from "@jest/globals";
import type { NatOptions } from "../src/nat.js";
import { type TwoHosts, type TwoHostsOptions, twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, type Sending, stream } from "./probe-node.js";

interface Net {
  readonly net: TwoHosts;
  readonly a: ProbeNode;
  readonly z: ProbeNode;
}

function make(
  nat: Partial<NatOptions>,
  sendings: readonly Sending[],
  more: Partial<TwoHostsOptions> = {},
): Net {
  const net = twoHosts({ paths: [{ delayMs: 10, nat }], ...more });
  const a = new ProbeNode(sendings);
  const z = new ProbeNode();
  z.echo = true;
  net.a.attach(a);
  net.z.attach(z);
  return { net, a, z };
}

const fromZ = (us: number, port: number, from = "10.0.1.2", local = 9899): Sending => ({
  at: at(us),
  from,
  to: "198.51.100.1",
  bytes: 40,
  ports: [local, port],
});

test("z sees the NAT's address and port, and answers reach a at its own", () => {
  const { net, a, z } = make({}, stream(2, 40, 1000));
  expect(net.sim.runUntilIdle().idle).toBe(true);
  expect(z.arrivals.map(({ from, ports }) => [from, ports])).toEqual([
    ["198.51.100.1", [9899, 40_000]],
    ["198.51.100.1", [9899, 40_000]],
  ]);
  expect(a.arrivals.map(({ at: when, from, to, ports }) => [when, from, to, ports])).toEqual([
    [20_000, "10.0.1.2", "10.0.0.2", [9899, 9899]],
    [21_000, "10.0.1.2", "10.0.0.2", [9899, 9899]],
  ]);
  expect(net.paths[0]?.nat?.counters).toMatchObject({ outbound: 2, inbound: 2, mappingsMade: 1 });
  expect(net.sim.slotsInUse).toBe(0);
});

test("each inside port has a port of its own", () => {
  const sendings = [5000, 6000, 5000].map((port, i) => ({
    at: at(i),
    from: "10.0.0.2",
    to: "10.0.1.2",
    bytes: 40,
    ports: [port, 9899] as const,
  }));
  const { net, a, z } = make({}, sendings);
  net.sim.runUntilIdle();
  expect(z.arrivals.map(({ ports }) => ports[1])).toEqual([40_000, 40_001, 40_000]);
  expect(a.arrivals.map(({ ports }) => ports[0])).toEqual([5000, 6000, 5000]);
});

test("after a rebind packets come from a new port, and the old one is dead", () => {
  const { net, a, z } = make({}, stream(2, 40, 50_000));
  net.schedule([{ atMs: 40, fault: { kind: "natRebind", path: 0 } }]);
  z.send(fromZ(45_000, 40_000));
  net.sim.runUntilIdle();
  expect(z.arrivals.map(({ ports }) => ports[1])).toEqual([40_000, 40_001]);
  expect(a.arrivals).toHaveLength(2);
  expect(net.paths[0]?.nat?.counters.droppedNoMapping).toBe(1);
});

test("a rebind can bring a new address", () => {
  const { net, a, z } = make({}, stream(2, 40, 50_000));
  net.schedule([{ atMs: 40, fault: { kind: "natRebind", path: 0, address: "203.0.113.5" } }]);
  net.sim.runUntilIdle();
  expect(z.arrivals.map(({ from }) => from)).toEqual(["198.51.100.1", "203.0.113.5"]);
  expect(a.arrivals).toHaveLength(2);
});

test("an idle mapping expires; traffic keeps it alive", () => {
  const sendings = [0, 900, 1800, 2900].map((ms) => ({
    at: at(ms * 1000),
    from: "10.0.0.2",
    to: "10.0.1.2",
    bytes: 40,
  }));
  const { net, z } = make({ mappingTimeoutMs: 1000 }, sendings);
  net.sim.runUntilIdle();
  expect(z.arrivals.map(({ ports }) => ports[1])).toEqual([40_000, 40_000, 40_000, 40_001]);
  expect(net.paths[0]?.nat?.counters).toMatchObject({ mappingsMade: 2, mappingsExpired: 1 });
});

test("packets from outside refresh a mapping only if they may", () => {
  const delivered = (inboundRefresh: boolean): number => {
    const { net, a, z } = make({ mappingTimeoutMs: 1000, inboundRefresh }, stream(1, 40, 0));
    for (const ms of [900, 1800, 2700]) z.send(fromZ(ms * 1000, 40_000));
    net.sim.runUntilIdle();
    return a.arrivals.length;
  };
  expect(delivered(true)).toBe(4);
  expect(delivered(false)).toBe(2);
});

test.each([
  ["endpointIndependent", 3],
  ["addressDependent", 2],
  ["addressAndPortDependent", 1],
] as const)("filter %s lets %d of three senders in", (filter, expected) => {
  const { net, a, z } = make({ filter }, stream(1, 40, 0));
  z.echo = false;
  net.applyFault({ kind: "addressAdded", path: 0, side: "z", address: "10.0.1.3" });
  z.send(fromZ(20_000, 40_000));
  z.send(fromZ(20_000, 40_000, "10.0.1.2", 4444));
  z.send(fromZ(20_000, 40_000, "10.0.1.3"));
  net.z.drain();
  net.sim.runUntilIdle();
  expect(a.arrivals).toHaveLength(expected);
  expect(net.paths[0]?.nat?.counters.droppedFiltered).toBe(3 - expected);
});

test("what comes unasked, or without ports, does not pass", () => {
  const bare = stream(1, 40, 0).map((s) => ({ ...s, ports: [0, 0] as const }));
  const { net, a, z } = make({}, bare);
  z.send(fromZ(1000, 40_000));
  z.send({ at: at(1000), from: "10.0.1.2", to: "10.0.0.2", bytes: 40 });
  net.z.drain();
  net.sim.runUntilIdle();
  expect(z.arrivals).toHaveLength(0);
  expect(a.arrivals).toHaveLength(0);
  expect(net.paths[0]?.nat?.counters).toMatchObject({ droppedNotUdp: 1, droppedNoMapping: 2 });
  expect(net.sim.slotsInUse).toBe(0);
});

test("ICMP errors come back through the NAT about the packet that a sent", () => {
  const { net, a } = make({}, stream(1, 1400, 0), { paths: [{ mtu: 1400, nat: true }] });
  net.sim.runUntilIdle();
  expect(a.icmp).toHaveLength(1);
  expect(a.icmp[0]).toMatchObject({
    notice: { kind: "packetTooBig", mtu: 1400 },
    quoted: { to: "10.0.0.2", from: "10.0.1.2", ports: [9899, 9899], number: 0 },
  });
});

test("mappings are bounded; expired ones make room", () => {
  const ports = [1000, 1001, 1002];
  const sendings = [0, 2000].flatMap((ms) =>
    ports.map((port) => ({
      at: at(ms * 1000),
      from: "10.0.0.2",
      to: "10.0.1.2",
      bytes: 40,
      ports: [port, 9899] as const,
    })),
  );
  const { net, z } = make({ maxMappings: 2, mappingTimeoutMs: 1000 }, sendings);
  net.sim.runUntilIdle();
  expect(z.arrivals).toHaveLength(4);
  expect(net.paths[0]?.nat?.mappings).toBe(2);
  expect(net.paths[0]?.nat?.counters.droppedFull).toBe(2);
});

test("a NAT takes a free port when its range wraps round", () => {
  const sendings = Array.from({ length: 3 }, (_, i) => ({
    at: at(i * 2_000_000),
    from: "10.0.0.2",
    to: "10.0.1.2",
    bytes: 40,
    ports: [1000 + i, 9899] as const,
  }));
  const { net, z } = make({ firstPort: 65_534, mappingTimeoutMs: 1000 }, sendings);
  net.sim.runUntilIdle();
  expect(z.arrivals.map(({ ports }) => ports[1])).toEqual([65_534, 65_535, 65_534]);
});

test("a family without an outside address is routed unchanged", () => {
  const sendings = [{ at: at(0), from: "fd00:0::2", to: "fd00:0:1::2", bytes: 40 }];
  const { net, a, z } = make({}, sendings, { family: "dual" });
  net.sim.runUntilIdle();
  expect(z.arrivals[0]).toMatchObject({ from: "fd00::2", ports: [9899, 9899] });
  expect(a.arrivals).toHaveLength(1);
});

test("a NAT works in a mesh", () => {
  const net = twoHosts({ mesh: true, paths: [{ nat: true }, {}] });
  const a = new ProbeNode([
    { at: at(0), from: "10.0.0.2", to: "10.1.1.2", bytes: 40 },
    { at: at(0), from: "10.1.0.2", to: "10.1.1.2", bytes: 40 },
  ]);
  const z = new ProbeNode();
  z.echo = true;
  net.a.attach(a);
  net.z.attach(z);
  net.sim.runUntilIdle();
  expect(z.arrivals.map(({ from }) => from).sort()).toEqual(["10.1.0.2", "198.51.100.1"]);
  expect(a.arrivals).toHaveLength(2);
});

test("two addresses of one family are refused", () => {
  const nat = { addresses: ["198.51.100.1", "198.51.100.2"] };
  expect(() => twoHosts({ paths: [{ nat }] })).toThrow(
    expect.objectContaining({ code: "invalidOption" }),
  );
});

test("with all ports taken nothing new goes out", () => {
  const sendings = [1000, 1001].map((port) => ({
    at: at(0),
    from: "10.0.0.2",
    to: "10.0.1.2",
    bytes: 40,
    ports: [port, 9899] as const,
  }));
  const { net, z } = make({ firstPort: 65_535 }, sendings);
  net.sim.runUntilIdle();
  expect(z.arrivals).toHaveLength(1);
  expect(net.paths[0]?.nat?.counters.droppedFull).toBe(1);
});

test("an ICMP error from inside goes out as from the NAT, about the mapped port", () => {
  const { net, a, z } = make({}, stream(1, 40, 0));
  net.sim.runUntilIdle();
  expect(a.arrivals).toHaveLength(1);
  net.paths[0]?.aWire.set({ mtu: 600 }, "zToA");
  z.send({ ...fromZ(net.sim.now, 40_000), bytes: 900 });
  net.z.drain();
  net.sim.runUntilIdle();
  expect(z.icmp).toHaveLength(1);
  expect(z.icmp[0]).toMatchObject({
    notice: { kind: "packetTooBig", mtu: 600 },
    quoted: { to: "10.0.1.2", from: "198.51.100.1", ports: [9899, 40_000] },
  });
  expect(z.icmp[0]?.notice.from.toString()).toBe("198.51.100.1");
  expect(net.sim.slotsInUse).toBe(0);
});

test("an ICMP error from inside about a forgotten mapping stays inside", () => {
  const { net, z } = make({}, stream(1, 40, 0));
  net.sim.runUntilIdle();
  net.paths[0]?.aWire.set({ mtu: 600, delayMs: 5 });
  z.send({ ...fromZ(net.sim.now, 40_000), bytes: 900 });
  net.z.drain();
  // The packet reaches the NAT after 10 ms, its error 5 ms later.
  net.sim.schedule(at(net.sim.now + 12_000), () => net.paths[0]?.nat?.rebind());
  net.sim.runUntilIdle();
  expect(z.icmp).toHaveLength(0);
  expect(net.paths[0]?.nat?.counters.droppedNoMapping).toBe(1);
  expect(net.sim.slotsInUse).toBe(0);
});

test("a NAT whose way out is down drops and counts", () => {
  const { net } = make(
    {},
    stream(1, 40, 10_000).map((s) => ({ ...s, at: at(10_000) })),
  );
  net.applyFault({ kind: "linkDown", path: 0, side: "z" });
  net.sim.runUntilIdle();
  expect(net.paths[0]?.nat?.counters.droppedLinkDown).toBe(1);
});
