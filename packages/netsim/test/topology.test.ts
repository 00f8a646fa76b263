import { expect, test } from "@jest/globals";
import { Simulation } from "../src/simulation.js";
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
  z.echo = true;
  net.a.attach(a);
  net.z.attach(z);
  return { net, a, z };
}

const numbers = (node: ProbeNode): number[] => node.arrivals.map((arrival) => arrival.number);

test("paths are links of their own between the interfaces of the same number", () => {
  const sendings = [0, 1, 2].map((i) => ({
    at: at(0),
    from: `10.${i}.0.2`,
    to: `10.${i}.1.2`,
    bytes: 40,
  }));
  const { net, a, z } = make(
    { paths: [{ delayMs: 30 }, { delayMs: 10 }, { delayMs: 20 }] },
    sendings,
  );
  expect(net.sim.runUntilIdle().idle).toBe(true);
  expect(z.arrivals.map(({ at: when, to }) => [when, to])).toEqual([
    [10_000, "10.1.1.2"],
    [20_000, "10.2.1.2"],
    [30_000, "10.0.1.2"],
  ]);
  expect(a.arrivals).toHaveLength(3);
});

test("a packet to another interface's address takes the path of its source", () => {
  const { net, z } = make({ paths: [{ delayMs: 30 }, { delayMs: 10 }] }, [
    { at: at(0), from: "10.1.0.2", to: "10.0.1.2", bytes: 40 },
  ]);
  net.sim.runUntil(at(15_000));
  expect(z.arrivals.map((arrival) => arrival.at)).toEqual([10_000]);
});

test.each([
  ["ipv4", ["10.11.0.2"], ["10.11.1.2"]],
  ["ipv6", ["fd00:b::2"], ["fd00:b:1::2"]],
  ["dual", ["10.11.0.2", "fd00:b::2"], ["10.11.1.2", "fd00:b:1::2"]],
] as const)("addresses of path 11 for %s", (family, ofA, ofZ) => {
  const net = twoHosts({ family, paths: Array.from({ length: 12 }, () => ({})) });
  expect(net.paths[11]?.a.addresses.map(String)).toEqual(ofA);
  expect(net.paths[11]?.z.addresses.map(String)).toEqual(ofZ);
});

test("interfaces tell kind, name and an MTU that is at least 1500", () => {
  const net = twoHosts({
    paths: [
      { name: "wlan0", kind: "wifi", mtu: 1280 },
      { name: "wwan0", kind: "cellular", metered: true, mtu: null },
      { interfaceMtu: 1400 },
    ],
  });
  expect(
    net.a.interfaces.map(({ name, kind, metered, mtu, up }) => [name, kind, metered, mtu, up]),
  ).toEqual([
    ["wlan0", "wifi", false, 1500, true],
    ["wwan0", "cellular", true, 65_535, true],
    ["if2", "other", false, 1400, true],
  ]);
});

test("in a mesh each address reaches each address, over the path of the source and back", () => {
  const sendings = [0, 1].flatMap((i) =>
    [0, 1, 2].map((j) => ({ at: at(0), from: `10.${i}.0.2`, to: `10.${j}.1.2`, bytes: 40 })),
  );
  const { net, a, z } = make(
    {
      mesh: true,
      paths: [{ delayMs: 10 }, { delayMs: 40 }],
      zLinks: [{}, { delayMs: 1 }, { delayMs: 2 }],
    },
    sendings,
  );
  expect(net.sim.runUntilIdle().idle).toBe(true);
  expect(z.arrivals.map(({ at: when, number }) => [number, when])).toEqual([
    [0, 10_000],
    [1, 11_000],
    [2, 12_000],
    [3, 40_000],
    [4, 41_000],
    [5, 42_000],
  ]);
  expect(a.arrivals.map((arrival) => arrival.at)).toEqual([
    20_000, 22_000, 24_000, 80_000, 82_000, 84_000,
  ]);
  expect(net.sim.slotsInUse).toBe(0);
});

test("a mesh works for IPv6 too", () => {
  const sendings = [0, 1].map((i) => ({
    at: at(0),
    from: `fd00:${i}::2`,
    to: `fd00:${1 - i}:1::2`,
    bytes: 40,
  }));
  const { net, a } = make({ mesh: true, family: "ipv6", paths: [{}, {}] }, sendings);
  net.sim.runUntilIdle();
  expect(numbers(a)).toEqual([0, 1]);
});

test("in a mesh a cut of path 0 leaves its target reachable over path 1", () => {
  const sendings = [0, 1].map((i) => ({
    at: at(10_000),
    from: `10.${i}.0.2`,
    to: "10.0.1.2",
    bytes: 40,
  }));
  const { net, z } = make({ mesh: true, paths: [{}, {}] }, sendings);
  net.schedule([{ atMs: 5, fault: { kind: "cut", path: 0 } }]);
  net.sim.runUntilIdle();
  expect(z.arrivals.map((arrival) => arrival.from)).toEqual(["10.1.0.2"]);
});

test("in a mesh a cut on z's side makes one of its addresses unreachable over all paths", () => {
  const sendings = [0, 1].flatMap((i) =>
    [0, 1].map((j) => ({ at: at(10_000), from: `10.${i}.0.2`, to: `10.${j}.1.2`, bytes: 40 })),
  );
  const { net, z } = make({ mesh: true, paths: [{}, {}] }, sendings);
  net.schedule([{ atMs: 5, fault: { kind: "cut", path: 0, side: "z" } }]);
  net.sim.runUntilIdle();
  expect(z.arrivals.map((arrival) => arrival.to)).toEqual(["10.1.1.2", "10.1.1.2"]);
});

test("in a mesh a down wire is told to the host on it and to nobody else", () => {
  const { net, a, z } = make({ mesh: true, paths: [{}, {}] });
  net.applyFault({ kind: "linkDown", path: 1 });
  expect(a.changes.map((c) => [c.kind, c.on.index])).toEqual([["down", 1]]);
  expect(z.changes).toHaveLength(0);
  net.applyFault({ kind: "linkDown", path: 0, side: "z" });
  expect(z.changes.map((c) => [c.kind, c.on.index])).toEqual([["down", 0]]);
});

test("cross traffic takes its share of a path's link", () => {
  const options: TwoHostsOptions = { mesh: true, paths: [{ rateBps: 10_000_000 }, {}] };
  const quiet = make(
    options,
    stream(1, 972, 0).map((s) => ({ ...s, at: at(500_000) })),
  );
  quiet.net.sim.runUntilIdle();
  const busy = make(
    options,
    stream(1, 972, 0).map((s) => ({ ...s, at: at(500_000) })),
  );
  const { sender, receiver } = busy.net.addCrossTraffic(0, "z", {
    rateBps: 12_000_000,
    packetBytes: 1500,
    untilMs: 1000,
  });
  const back = busy.net.addCrossTraffic(0, "a", { rateBps: 1_000_000, untilMs: 1000 });
  expect(busy.net.sim.runUntilIdle().idle).toBe(true);
  expect(sender.sent).toBe(1000);
  const link = busy.net.paths[0]?.link.aToZ;
  expect(link?.dropped.queueFull).toBe(sender.sent - receiver.received);
  // Half a second of 2 Mbit/s too much is 125,000 bytes in the queue: 100 ms at 10 Mbit/s.
  const delay = (busy.z.arrivals[0]?.at ?? 0) - (quiet.z.arrivals[0]?.at ?? 0);
  expect(delay).toBeGreaterThan(95_000);
  expect(delay).toBeLessThan(105_000);
  expect(back.receiver.received).toBe(back.sender.sent);
  expect(busy.net.sim.slotsInUse).toBe(0);
});

test("cross traffic needs a mesh", () => {
  expect(() => twoHosts({ paths: [{}] }).addCrossTraffic(0, "z", { rateBps: 1 })).toThrow(
    expect.objectContaining({ code: "invalidOption" }),
  );
});

test("no paths and too many are refused", () => {
  for (const count of [0, 201]) {
    expect(() => twoHosts({ paths: Array.from({ length: count }, () => ({})) })).toThrow(
      expect.objectContaining({ code: "invalidOption" }),
    );
  }
});

test.each([
  ["10.1.0.0/16", [0], [1, 2]],
  ["10.0.0.0/8", [0], []],
] as const)(
  "a second route for %s helps when the first is down only if it is as long",
  (prefix, first, second) => {
    const sim = new Simulation();
    const router = sim.addRouter("r");
    const a = sim.addHost("a");
    const node = new ProbeNode(
      [0, 10, 20].map((ms) => ({
        at: at(ms * 1000),
        from: "192.0.2.1",
        to: "10.1.2.3",
        bytes: 40,
      })),
    );
    const home = router.addPort();
    router.addRoute("192.0.2.0/24", home);
    sim.connect(a.addInterface({ addresses: ["192.0.2.1"] }), home);
    const sinks = ["10.1.0.0/16", prefix].map((route) => {
      const host = sim.addHost("sink");
      const port = router.addPort();
      router.addRoute(route, port);
      const link = sim.connect(host.addInterface({ addresses: ["10.1.2.3"] }), port);
      const sink = new ProbeNode();
      host.attach(sink);
      return { sink, link };
    });
    a.attach(node);
    sim.schedule(at(5000), () => sinks[0]?.link.setUp(false));
    sim.runUntilIdle();
    const numbersOf = (i: number): number[] => numbers(sinks[i]?.sink ?? node);
    expect(numbersOf(0)).toEqual(first);
    expect(numbersOf(1)).toEqual(second);
    expect(node.icmp.map(({ notice }) => notice.kind)).toEqual(
      second.length === 0 ? ["unreachable", "unreachable"] : [],
    );
  },
);

test("in a mesh a host whose wire is down is unreachable, not chased in circles", () => {
  const { net, z } = make({ mesh: true, paths: [{ duplicate: 0.3 }, {}] });
  net.applyFault({ kind: "linkDown", path: 0 });
  net.applyFault({ kind: "linkDown", path: 1, side: "z" });
  z.send({ at: at(0), from: "10.0.1.2", to: "10.0.0.2", bytes: 40 });
  net.z.drain();
  net.a.attach(new ProbeNode([{ at: at(0), from: "10.1.0.2", to: "10.1.1.2", bytes: 40 }]));
  expect(net.sim.runUntilIdle({ maxSteps: 50 }).idle).toBe(true);
  expect(z.icmp.map(({ notice }) => notice.kind)).toEqual(
    Array.from({ length: z.icmp.length }, () => "unreachable"),
  );
  expect(z.icmp.length).toBeGreaterThan(0);
  expect(net.core?.counters.droppedNoRoute).toBe(1);
});

test.each([
  ["10.9.0.0/16", "10.9.255.255", true],
  ["10.9.0.0/16", "10.10.0.0", false],
  ["0.0.0.0/0", "255.1.2.3", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["192.0.2.7/32", "192.0.2.7", true],
  ["192.0.2.7/32", "192.0.2.6", false],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["2001:db8:0:1::/64", "2001:db8:0:1:ffff::1", true],
  ["2001:db8:0:1::/64", "2001:db8:0:2::1", false],
  ["2001:db8::1/128", "2001:db8::1", true],
  ["2001:db8::1/128", "2001:db8::2", false],
  ["::/0", "2001:db8::1", true],
])("prefix %s and address %s match: %s", (prefix, to, matches) => {
  const sim = new Simulation();
  const router = sim.addRouter("r");
  const from = to.includes(":") ? "fd00::1" : "172.16.0.1";
  const a = sim.addHost("a");
  const b = sim.addHost("b");
  const [in_, out] = [router.addPort(), router.addPort()];
  sim.connect(a.addInterface({ addresses: [from] }), in_);
  sim.connect(b.addInterface({ addresses: [to] }), out);
  router.addRoute(prefix, out);
  router.addRoute(`${from}/${from.includes(":") ? 128 : 32}`, in_);
  const node = new ProbeNode([{ at: at(0), from, to, bytes: 40 }]);
  const sink = new ProbeNode();
  b.attach(sink);
  a.attach(node);
  sim.runUntilIdle();
  expect(sink.arrivals).toHaveLength(matches ? 1 : 0);
  expect(router.counters.forwarded).toBe(matches ? 1 : 0);
  expect(router.counters.droppedNoRoute).toBe(matches ? 0 : 1);
  expect(node.icmp.map(({ notice }) => notice.kind)).toEqual(matches ? [] : ["unreachable"]);
});

test("routers that send in a circle stop at the hop limit, and say so", () => {
  const sim = new Simulation();
  const [r, s] = [sim.addRouter("r", { addresses: ["192.0.2.254"] }), sim.addRouter("s")];
  const a = sim.addHost("a");
  const node = new ProbeNode([{ at: at(0), from: "192.0.2.1", to: "10.0.0.1", bytes: 40 }]);
  const home = r.addPort();
  sim.connect(a.addInterface({ addresses: ["192.0.2.1"] }), home);
  const [there, back] = [r.addPort(), s.addPort()];
  const circle = sim.connect(there, back, { delayMs: 1 });
  r.addRoute("192.0.2.1/32", home);
  r.addRoute("0.0.0.0/0", there);
  s.addRoute("0.0.0.0/0", back);
  a.attach(node);
  expect(sim.runUntilIdle({ maxSteps: 1000 }).idle).toBe(true);
  expect(r.counters.droppedHopLimit + s.counters.droppedHopLimit).toBe(1);
  expect(circle.aToZ.counters.entered).toBe(32);
  expect(node.icmp).toHaveLength(1);
  expect(node.icmp[0]?.notice).toMatchObject({ kind: "timeExceeded", type: 11, code: 0 });
  expect(sim.slotsInUse).toBe(0);
});

test("an end takes one link only", () => {
  const sim = new Simulation();
  const router = sim.addRouter("r");
  const port = router.addPort();
  sim.connect(port, router.addPort());
  expect(() => sim.connect(port, router.addPort())).toThrow(
    expect.objectContaining({ code: "alreadyConnected" }),
  );
});

test.each(["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x"])(
  "refuses the prefix %s",
  (prefix) => {
    const router = new Simulation().addRouter("r");
    expect(() => router.addRoute(prefix, router.addPort())).toThrow(
      expect.objectContaining({ code: "invalidOption" }),
    );
  },
);

test("a router that knows no way back to the sender keeps silent, and keeps nothing", () => {
  const sim = new Simulation();
  const router = sim.addRouter("r");
  const a = sim.addHost("a");
  const node = new ProbeNode([{ at: at(0), from: "192.0.2.1", to: "10.0.0.1", bytes: 40 }]);
  sim.connect(a.addInterface({ addresses: ["192.0.2.1"] }), router.addPort());
  a.attach(node);
  expect(sim.runUntilIdle().idle).toBe(true);
  expect(router.counters).toMatchObject({ droppedNoRoute: 1, icmpErrors: 0 });
  expect(node.icmp).toHaveLength(0);
  expect(sim.slotsInUse).toBe(0);
});

test("constant traffic sends at its rate to the packet", () => {
  const net = twoHosts({ mesh: true, paths: [{}] });
  const { sender, receiver } = net.addCrossTraffic(0, "a", {
    rateBps: 7_000_000,
    packetBytes: 1000,
    fromMs: 100,
    untilMs: 1100,
  });
  net.sim.runUntil(at(99_999));
  expect(sender.sent).toBe(0);
  net.sim.runUntilIdle();
  expect(sender.sent).toBe(875);
  expect(receiver.received).toBe(875);
  expect(receiver.receivedBytes).toBe(875 * (1000 - 28));
});
