import { fc, test } from "@fast-check/jest";
import { expect } from "@jest/globals";
import type { Fault } from "../src/fault.js";
import type { Link } from "../src/link.js";
import type { LinkOptions } from "../src/link-params.js";
import { type TwoHosts, twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, type Sending } from "./probe-node.js";

const path = fc.nat({ max: 1 });
const direction = fc.constantFrom("both", "aToZ", "zToA");
const side = fc.constantFrom("a", "z");

const params: fc.Arbitrary<LinkOptions> = fc.record(
  {
    rateBps: fc.constantFrom(null, 100_000, 3_000_000, 1_000_000_000),
    delayMs: fc.nat({ max: 50 }),
    jitter: fc.constantFrom(
      { kind: "none" },
      { kind: "uniform", ms: 9 },
      { kind: "normal", sigmaMs: 3 },
    ),
    jitterReorders: fc.boolean(),
    loss: fc.constantFrom(0, 0.2, 1),
    burstLoss: fc.constantFrom(null, { p: 0.2, r: 0.3 }),
    reorder: fc.constantFrom(null, { probability: 0.3, extraMs: 12 }),
    duplicate: fc.constantFrom(0, 0.3),
    corrupt: fc.constantFrom(null, { probability: 0.3, bits: 3 }),
    mtu: fc.constantFrom(null, 600, 1500),
    icmpTooBig: fc.boolean(),
    queueBytes: fc.constantFrom(0, 2000, 100_000),
    ecnMarkBytes: fc.constantFrom(null, 0),
  },
  { requiredKeys: [] },
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom("cut", "heal", "icmpUnreachable"), path, direction, side }),
  fc.record({ kind: fc.constantFrom("linkDown", "linkUp"), path, side }),
  fc.record({ kind: fc.constant("setLink"), path, direction, side, params }),
  fc.record({ kind: fc.constant("natRebind"), path }),
  fc.record({ kind: fc.constantFrom("addressRemoved", "addressAdded"), path, side }),
);

const sending: fc.Arbitrary<Sending> = fc
  .record({
    ms: fc.nat({ max: 200 }),
    i: path,
    j: path,
    bytes: fc.integer({ min: 0, max: 1472 }),
    ecn: fc.constantFrom(0, 2),
    udp: fc.boolean(),
  })
  .map(({ ms, i, j, bytes, ecn, udp }) => ({
    at: at(ms * 1000),
    from: `10.${i}.0.2`,
    to: `10.${j}.1.2`,
    bytes,
    ecn,
    ports: udp ? ([9899, 9899] as const) : ([0, 0] as const),
  }));

const scenario = fc.record({
  seed: fc.nat(),
  mesh: fc.boolean(),
  nat: fc.boolean(),
  links: fc.tuple(params, params),
  sendings: fc.array(sending, { maxLength: 60 }),
  faults: fc.array(fc.record({ atMs: fc.nat({ max: 250 }), fault }), { maxLength: 12 }),
});

interface Outcome {
  readonly net: TwoHosts;
  readonly arrivals: unknown;
}

function play(given: typeof scenario extends fc.Arbitrary<infer T> ? T : never): Outcome {
  const { seed, mesh, nat, links, sendings, faults } = given;
  const net = twoHosts({ seed, mesh, paths: [{ ...links[0], nat }, links[1]] });
  const a = new ProbeNode([...sendings].sort((x, y) => x.at - y.at));
  const z = new ProbeNode();
  z.echo = true;
  net.a.attach(a);
  net.z.attach(z);
  net.schedule(faults);
  expect(net.sim.runUntilIdle({ maxSteps: 20_000 }).idle).toBe(true);
  return { net, arrivals: [a.arrivals, a.icmp.map(({ notice }) => notice), z.arrivals] };
}

function linksOf(net: TwoHosts): Set<Link> {
  const duplex = net.paths.flatMap((p) => [p.link, p.zLink, p.aWire, p.zWire]);
  return new Set(duplex.flatMap((link) => link.links()));
}

test.prop([scenario])("whatever happens, no packet vanishes and no slot leaks", (given) => {
  const { net } = play(given);
  expect(net.sim.slotsInUse).toBe(0);
  for (const link of linksOf(net)) {
    const dropped = Object.values(link.dropped).reduce((sum, n) => sum + n, 0);
    const { entered, duplicated, delivered } = link.counters;
    expect(entered + duplicated).toBe(delivered + dropped);
    expect([link.queue.bytes, link.queue.packets, link.inFlight]).toEqual([0, 0, 0]);
  }
});

test.prop([scenario])("the same scenario, even through JSON, is the same run", (given) => {
  const first = play(given);
  const sendings = given.sendings;
  const again = play({ ...JSON.parse(JSON.stringify(given)), sendings });
  expect(again.net.sim.digest).toBe(first.net.sim.digest);
  expect(again.arrivals).toEqual(first.arrivals);
});

test.prop([scenario])(
  "after all faults are repaired, perfect links deliver everything",
  (given) => {
    const { net } = play({ ...given, nat: false });
    net.repairAll();
    const perfect: LinkOptions = {
      rateBps: null,
      jitter: { kind: "none" },
      loss: 0,
      burstLoss: null,
      reorder: null,
      duplicate: 0,
      corrupt: null,
      queueBytes: null,
      mtu: null,
    };
    for (const p of net.paths) for (const link of [p.link, p.zLink]) link.set(perfect);
    const z = new ProbeNode();
    net.z.attach(z);
    const from = net.sim.now;
    net.a.attach(
      new ProbeNode(
        [0, 1].map((i) => ({ at: from, from: `10.${i}.0.2`, to: `10.${i}.1.2`, bytes: 1400 })),
      ),
    );
    expect(net.sim.runUntilIdle().idle).toBe(true);
    expect(z.arrivals.map((arrival) => arrival.from).sort()).toEqual(["10.0.0.2", "10.1.0.2"]);
  },
);
