import { expect, test } from "@jest/globals";
import { NEVER } from "@multihome/base";
import type { LinkOptions } from "../src/link-params.js";
import { type TwoHosts, twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, type Sending, stream } from "./probe-node.js";

interface Run {
  readonly net: TwoHosts;
  readonly a: ProbeNode;
  readonly z: ProbeNode;
}

/** Sends over one link and runs until all is quiet. */
function run(options: LinkOptions, sendings: readonly Sending[], seed = 1): Run {
  const net = twoHosts({ seed, paths: [options] });
  const a = new ProbeNode(sendings);
  const z = new ProbeNode();
  net.a.attach(a);
  net.z.attach(z);
  expect(net.sim.runUntilIdle({ maxSteps: 1_000_000 }).idle).toBe(true);
  expect(net.sim.slotsInUse).toBe(0);
  checkBalance(net);
  return { net, a, z };
}

/** What went in must be delivered or dropped: nothing vanishes. */
function checkBalance(net: TwoHosts): void {
  for (const path of net.paths) {
    for (const link of path.link.links()) {
      const dropped = Object.values(link.dropped).reduce((sum, n) => sum + n, 0);
      const { entered, duplicated, delivered } = link.counters;
      expect(entered + duplicated).toBe(delivered + dropped + link.queue.packets + link.inFlight);
    }
  }
}

const times = (run: Run): number[] => run.z.arrivals.map((arrival) => arrival.at);
const numbers = (run: Run): number[] => run.z.arrivals.map((arrival) => arrival.number);

test("a packet arrives after the delay, unchanged", () => {
  const { z } = run({ delayMs: 12.345 }, stream(1, 100, 0));
  expect(z.arrivals).toHaveLength(1);
  expect(z.arrivals[0]).toMatchObject({
    at: 12_345,
    number: 0,
    from: "10.0.0.2",
    to: "10.0.1.2",
    ports: [9899, 9899],
  });
  const expected = Uint8Array.from({ length: 100 }, (_, i) => (i < 4 ? 0 : i));
  expect(z.arrivals[0]?.payload).toEqual(expected);
});

test("transmission takes the time of the whole IP packet at the rate", () => {
  // 972 + 8 + 20 bytes = 8000 bits at 1 Mbit/s = 8 ms.
  const { net, z } = run({ rateBps: 1_000_000, delayMs: 5 }, stream(1, 972, 0));
  expect(z.arrivals[0]?.at).toBe(13_000);
  expect(net.paths[0]?.link.aToZ.counters.enteredBytes).toBe(1000);
});

test("without ports there is no UDP header", () => {
  const bare = stream(1, 980, 0).map((sending) => ({ ...sending, ports: [0, 0] as const }));
  const { z } = run({ rateBps: 1_000_000 }, bare);
  expect(z.arrivals[0]?.at).toBe(8000);
});

test("packets queue behind each other, each exactly as long as those before it need", () => {
  const burst = stream(5, 972, 0);
  const result = run({ rateBps: 1_000_000, delayMs: 5 }, burst);
  expect(times(result)).toEqual([13_000, 21_000, 29_000, 37_000, 45_000]);
  const queue = result.net.paths[0]?.link.aToZ.queue;
  expect(queue?.maxBytes).toBe(4000);
  expect(queue?.maxWaitMicros).toBe(32_000);
  // 4 packets for 8 ms, 3 for 8 ms, 2, 1; then none until the last arrives at 45 ms.
  expect(queue?.meanBytes(result.net.sim.now)).toBeCloseTo(
    ((4 + 3 + 2 + 1) * 8000 * 1000) / 45_000,
  );
  expect(queue?.bytes).toBe(0);
});

test("fractions of a microsecond are carried from packet to packet", () => {
  // 1000 bytes at 3 Mbit/s take 2666 2/3 us.
  const result = run({ rateBps: 3_000_000 }, stream(6, 972, 0));
  expect(times(result)).toEqual([2666, 5333, 8000, 10_666, 13_333, 16_000]);
});

test("a packet that comes as the transmitter gets free does not wait", () => {
  const result = run({ rateBps: 1_000_000 }, stream(3, 972, 8000));
  expect(times(result)).toEqual([8000, 16_000, 24_000]);
  expect(result.net.paths[0]?.link.aToZ.queue.maxBytes).toBe(0);
});

test("what does not fit the queue is dropped at its tail", () => {
  const result = run({ rateBps: 1_000_000, queueBytes: 2500 }, stream(5, 972, 0));
  expect(numbers(result)).toEqual([0, 1, 2]);
  expect(result.net.paths[0]?.link.aToZ.dropped.queueFull).toBe(2);
});

test("a queue of zero bytes lets pass only what the free transmitter takes", () => {
  const result = run({ rateBps: 1_000_000, queueBytes: 0 }, stream(4, 972, 4000));
  expect(numbers(result)).toEqual([0, 2]);
});

test("ECN-capable packets are marked once the queue is long enough, others are not", () => {
  const sendings = stream(6, 972, 0).map((s, i) => ({ ...s, ecn: i === 4 ? 0 : 2 }));
  const { net, z } = run({ rateBps: 1_000_000, ecnMarkBytes: 2000 }, sendings);
  // Packet 0 is sent at once; 1 and 2 wait behind fewer than 2000 bytes; 3 and 5 are marked.
  expect(z.arrivals.map((arrival) => arrival.ecn)).toEqual([2, 2, 2, 3, 0, 3]);
  expect(net.paths[0]?.link.aToZ.counters.ecnMarked).toBe(2);
});

test("loss hits the share of packets that it says", () => {
  const { net, z } = run({ loss: 0.1 }, stream(20_000, 40, 10));
  const lost = net.paths[0]?.link.aToZ.dropped.loss ?? 0;
  expect(z.arrivals).toHaveLength(20_000 - lost);
  // Four standard deviations: sqrt(20000 * 0.1 * 0.9) = 42.4.
  expect(Math.abs(lost - 2000)).toBeLessThan(170);
});

test("loss 0 loses nothing and loss 1 everything", () => {
  expect(run({ loss: 0 }, stream(1000, 40, 10)).z.arrivals).toHaveLength(1000);
  expect(run({ loss: 1 }, stream(1000, 40, 10)).z.arrivals).toHaveLength(0);
});

test("Gilbert-Elliott loss comes in bursts of the length that r says", () => {
  const result = run({ burstLoss: { p: 0.01, r: 0.2 } }, stream(50_000, 40, 10));
  const arrived = new Set(numbers(result));
  let bursts = 0;
  let lost = 0;
  for (let n = 0; n < 50_000; n++) {
    if (arrived.has(n)) continue;
    lost++;
    if (n === 0 || arrived.has(n - 1)) bursts++;
  }
  expect(lost / 50_000).toBeGreaterThan(0.04);
  expect(lost / 50_000).toBeLessThan(0.056); // p / (p + r) = 0.0476
  expect(lost / bursts).toBeGreaterThan(4.3);
  expect(lost / bursts).toBeLessThan(5.7); // 1 / r = 5
});

test("the good and the bad state have loss probabilities of their own", () => {
  const always = { p: 1, r: 0, lossGood: 0, lossBad: 0.5 };
  const { z } = run({ burstLoss: always }, stream(10_000, 40, 10));
  expect(Math.abs(z.arrivals.length - 5000)).toBeLessThan(200);
  const never = { p: 0, r: 1, lossGood: 0.5, lossBad: 1 };
  const other = run({ burstLoss: never }, stream(10_000, 40, 10));
  expect(Math.abs(other.z.arrivals.length - 5000)).toBeLessThan(200);
});

test("uniform jitter spreads arrivals evenly around the delay", () => {
  const result = run(
    { delayMs: 50, jitter: { kind: "uniform", ms: 10 }, jitterReorders: true },
    stream(10_000, 40, 1000),
  );
  const delays = result.z.arrivals.map((arrival) => arrival.at - arrival.number * 1000);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(40_000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(60_000);
  const mean = delays.reduce((sum, d) => sum + d, 0) / delays.length;
  expect(Math.abs(mean - 50_000)).toBeLessThan(250);
  const lowQuarter = delays.filter((d) => d < 45_000).length;
  expect(Math.abs(lowQuarter - 2500)).toBeLessThan(200);
});

test("normal jitter has the deviation that it says and ends at three of them", () => {
  const result = run(
    { delayMs: 50, jitter: { kind: "normal", sigmaMs: 4 }, jitterReorders: true },
    stream(10_000, 40, 1000),
  );
  const delays = result.z.arrivals.map((arrival) => arrival.at - arrival.number * 1000);
  const mean = delays.reduce((sum, d) => sum + d, 0) / delays.length;
  const variance = delays.reduce((sum, d) => sum + (d - mean) ** 2, 0) / delays.length;
  expect(Math.abs(mean - 50_000)).toBeLessThan(200);
  expect(Math.sqrt(variance)).toBeGreaterThan(3800);
  expect(Math.sqrt(variance)).toBeLessThan(4100);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(38_000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(62_000);
  const within = delays.filter((d) => Math.abs(d - 50_000) < 4000).length;
  expect(within / 10_000).toBeGreaterThan(0.66);
  expect(within / 10_000).toBeLessThan(0.71);
});

test("jitter never makes the delay negative", () => {
  const result = run({ delayMs: 1, jitter: { kind: "uniform", ms: 20 } }, stream(1000, 40, 50_000));
  for (const { at: when, number } of result.z.arrivals) {
    expect(when).toBeGreaterThanOrEqual(number * 50_000);
  }
});

test("jitter keeps the order unless it may reorder", () => {
  const jitter = { kind: "uniform", ms: 10 } as const;
  const inOrder = run({ delayMs: 20, jitter }, stream(500, 40, 1000));
  expect(numbers(inOrder)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  const mixed = run({ delayMs: 20, jitter, jitterReorders: true }, stream(500, 40, 1000));
  expect(numbers(mixed)).not.toEqual(numbers(inOrder));
  expect([...numbers(mixed)].sort((x, y) => x - y)).toEqual(numbers(inOrder));
  const sorted = [...times(mixed)].sort((x, y) => x - y);
  expect(times(mixed)).toEqual(sorted);
});

test("a reordered packet is held back alone, and the others overtake it", () => {
  const all = run({ delayMs: 1, reorder: { probability: 1, extraMs: 7 } }, stream(3, 40, 1000));
  expect(times(all)).toEqual([8000, 9000, 10_000]);
  const some = run(
    { delayMs: 1, reorder: { probability: 0.1, extraMs: 7.5 } },
    stream(5000, 40, 1000),
  );
  const late = some.z.arrivals.filter(({ at: when, number }) => when - number * 1000 === 8500);
  const onTime = some.z.arrivals.filter(({ at: when, number }) => when - number * 1000 === 1000);
  expect(late.length + onTime.length).toBe(5000);
  expect(late.length).toBe(some.net.paths[0]?.link.aToZ.counters.reordered);
  expect(Math.abs(late.length - 500)).toBeLessThan(90);
});

test("a duplicate arrives at the same time, right after its original", () => {
  const result = run({ duplicate: 1, delayMs: 3 }, stream(2, 40, 1000));
  expect(numbers(result)).toEqual([0, 0, 1, 1]);
  expect(times(result)).toEqual([3000, 3000, 4000, 4000]);
  expect(result.z.arrivals[1]?.payload).toEqual(result.z.arrivals[0]?.payload);
  const some = run({ duplicate: 0.2 }, stream(5000, 40, 10));
  expect(Math.abs(some.z.arrivals.length - 6000)).toBeLessThan(120);
});

test("corruption flips just as many bits as it says", () => {
  const original = run({}, stream(1, 200, 0)).z.arrivals[0]?.payload ?? new Uint8Array();
  const flipped = (bits: number, seed: number): number => {
    const { z } = run({ corrupt: { probability: 1, bits } }, stream(1, 200, 0), seed);
    let count = 0;
    z.arrivals[0]?.payload.forEach((byte, i) => {
      for (let x = byte ^ (original[i] ?? 0); x !== 0; x >>= 1) count += x & 1;
    });
    return count;
  };
  for (let seed = 0; seed < 20; seed++) {
    expect(flipped(1, seed)).toBe(1);
    expect(flipped(5, seed)).toBeGreaterThanOrEqual(1);
    expect(flipped(5, seed)).toBeLessThanOrEqual(5);
  }
  const some = run({ corrupt: { probability: 0.25 } }, stream(4000, 40, 10));
  const corrupted = some.net.paths[0]?.link.aToZ.counters.corrupted ?? 0;
  expect(Math.abs(corrupted - 1000)).toBeLessThan(110);
});

test("a packet of the MTU passes; one byte more comes back as an ICMP error after the way back", () => {
  const sendings = [
    { at: at(0), from: "10.0.0.2", to: "10.0.1.2", bytes: 1372 },
    { at: at(1000), from: "10.0.0.2", to: "10.0.1.2", bytes: 1373, ports: [7, 8] as const },
  ];
  const { net, a, z } = run({ mtu: 1400, delayMs: 30 }, sendings);
  expect(z.arrivals.map((arrival) => arrival.payload.length)).toEqual([1372]);
  expect(a.icmp).toHaveLength(1);
  expect(a.icmp[0]).toMatchObject({
    at: 31_000,
    notice: { kind: "packetTooBig", type: 3, code: 4, mtu: 1400 },
    quoted: { from: "10.0.1.2", to: "10.0.0.2", ports: [7, 8], number: 1 },
  });
  // RFC 1812 s4.3.2.3: 576 bytes in all, less two IP headers, ICMP and UDP headers.
  expect(a.icmp[0]?.quoted.payload).toHaveLength(576 - 20 - 8 - 20 - 8);
  expect(net.paths[0]?.link.aToZ.dropped.tooBig).toBe(1);
  expect(net.paths[0]?.link.aToZ.counters.icmpErrors).toBe(1);
});

test("ICMPv6 errors have their own types and quote up to 1280 bytes in all", () => {
  const net = twoHosts({ family: "ipv6", paths: [{ mtu: 1300 }] });
  const a = new ProbeNode([{ at: at(0), from: "fd00:0::2", to: "fd00:0:1::2", bytes: 1400 }]);
  net.a.attach(a);
  net.z.attach(new ProbeNode());
  net.sim.runUntilIdle();
  expect(a.icmp[0]?.notice).toMatchObject({ kind: "packetTooBig", type: 2, code: 0, mtu: 1300 });
  expect(a.icmp[0]?.quoted.payload).toHaveLength(1280 - 40 - 8 - 40 - 8);
});

test("the quote can be limited to the eight bytes that old routers send", () => {
  const { a } = run({ mtu: 1000, icmpQuoteBytes: 8 }, stream(1, 1200, 0));
  expect(a.icmp[0]?.quoted).toMatchObject({ ports: [9899, 9899], number: -1 });
  expect(a.icmp[0]?.quoted.payload).toHaveLength(0);
});

test("an MTU black hole says nothing", () => {
  const { net, a, z } = run({ mtu: 1000, icmpTooBig: false }, stream(1, 1200, 0));
  expect(z.arrivals).toHaveLength(0);
  expect(a.icmp).toHaveLength(0);
  expect(net.paths[0]?.link.aToZ.dropped.tooBig).toBe(1);
});

test("packets larger than a small slot pass a link without MTU", () => {
  const { z } = run({ mtu: null }, stream(3, 60_000, 10));
  expect(z.arrivals.map((arrival) => arrival.payload.length)).toEqual([60_000, 60_000, 60_000]);
  expect(z.arrivals[2]?.payload[59_999]).toBe(59_999 & 0xff);
});

test("a new rate counts for packets that wait, not for the one being sent", () => {
  const net = twoHosts({ paths: [{ rateBps: 1_000_000 }] });
  const z = new ProbeNode();
  net.a.attach(new ProbeNode(stream(3, 972, 0)));
  net.z.attach(z);
  net.sim.runUntil(at(2000));
  net.paths[0]?.link.set({ rateBps: 2_000_000 });
  net.sim.runUntilIdle();
  expect(z.arrivals.map((arrival) => arrival.at)).toEqual([8000, 12_000, 16_000]);
});

test("removing the rate lets the queue out at once", () => {
  const net = twoHosts({ paths: [{ rateBps: 1_000_000 }] });
  const z = new ProbeNode();
  net.a.attach(new ProbeNode(stream(4, 972, 0)));
  net.z.attach(z);
  net.sim.runUntil(at(2000));
  net.paths[0]?.link.set({ rateBps: null });
  net.sim.runUntilIdle();
  expect(z.arrivals.map((arrival) => arrival.at)).toEqual([8000, 8000, 8000, 8000]);
  expect(z.arrivals.map((arrival) => arrival.number)).toEqual([0, 1, 2, 3]);
});

test("a shorter delay does not let packets overtake, unless they may", () => {
  const arrivals = (jitterReorders: boolean): number[][] => {
    const net = twoHosts({ paths: [{ delayMs: 100, jitterReorders }] });
    const z = new ProbeNode();
    net.a.attach(new ProbeNode(stream(2, 40, 10_000)));
    net.z.attach(z);
    net.sim.runUntil(at(5000));
    net.paths[0]?.link.set({ delayMs: 1 });
    net.sim.runUntilIdle();
    return z.arrivals.map((arrival) => [arrival.number, arrival.at]);
  };
  expect(arrivals(false)).toEqual([
    [0, 100_000],
    [1, 100_000],
  ]);
  expect(arrivals(true)).toEqual([
    [1, 11_000],
    [0, 100_000],
  ]);
});

test("both directions have parameters of their own", () => {
  const net = twoHosts({ paths: [{ delayMs: 10, zToA: { delayMs: 70 } }] });
  const a = new ProbeNode(stream(1, 40, 0));
  const z = new ProbeNode();
  z.echo = true;
  net.a.attach(a);
  net.z.attach(z);
  net.sim.runUntilIdle();
  expect(a.arrivals.map((arrival) => arrival.at)).toEqual([80_000]);
});

test.each<[string, LinkOptions]>([
  ["rateBps", { rateBps: 0 }],
  ["rateBps", { rateBps: 1.5 }],
  ["delayMs", { delayMs: -1 }],
  ["loss", { loss: 1.1 }],
  ["duplicate", { duplicate: Number.NaN }],
  ["burstLoss.p", { burstLoss: { p: 2, r: 0 } }],
  ["reorder.probability", { reorder: { probability: -0.1, extraMs: 1 } }],
  ["corrupt.bits", { corrupt: { probability: 1, bits: 0 } }],
  ["mtu", { mtu: 67 }],
  ["icmpQuoteBytes", { icmpQuoteBytes: 7 }],
  ["queueBytes", { queueBytes: -1 }],
])("refuses a bad %s", (name, options) => {
  expect(() => twoHosts({ paths: [options] })).toThrow(
    expect.objectContaining({ code: "invalidOption", message: expect.stringContaining(name) }),
  );
});

test("refuses a parameter that does not exist", () => {
  const misspelt: object = { delay: 5 };
  expect(() => twoHosts({ paths: [misspelt] })).toThrow(/"delay".*delayMs/);
});

test("a bad change leaves the parameters as they were", () => {
  const link = twoHosts({ paths: [{ delayMs: 5 }] }).paths[0]?.link.aToZ;
  expect(() => link?.set({ delayMs: 9, loss: 2 })).toThrow();
  expect(link?.params.delayMs).toBe(5);
});

test("parameters survive JSON, where Infinity becomes null", () => {
  const params: LinkOptions = { rateBps: Number.POSITIVE_INFINITY, mtu: Number.POSITIVE_INFINITY };
  const { z } = run(JSON.parse(JSON.stringify(params)), stream(1, 5000, 0));
  expect(z.arrivals).toHaveLength(1);
  expect(NEVER).toBe(Number.POSITIVE_INFINITY);
});

test("what waits as a link becomes unreachable is answered when its turn comes", () => {
  const net = twoHosts({ paths: [{ rateBps: 1_000_000, delayMs: 1 }] });
  const a = new ProbeNode(stream(3, 972, 0));
  net.a.attach(a);
  net.z.attach(new ProbeNode());
  net.schedule([{ atMs: 4, fault: { kind: "icmpUnreachable", path: 0, direction: "aToZ" } }]);
  net.sim.runUntilIdle();
  // Packet 0 was being sent; 1 and 2 have their turn at 8 and 16 ms, and the way back takes 1 ms.
  expect(a.icmp.map(({ at: when, quoted }) => [when, quoted.number])).toEqual([
    [9000, 1],
    [17_000, 2],
  ]);
  expect(net.paths[0]?.link.aToZ.dropped).toMatchObject({ cut: 1, unreachable: 2 });
});

test("a measurement of the queue can start anew", () => {
  const net = twoHosts({ paths: [{ rateBps: 1_000_000 }] });
  net.a.attach(new ProbeNode(stream(5, 972, 0)));
  net.sim.runUntil(at(20_000));
  const queue = net.paths[0]?.link.aToZ.queue;
  expect([queue?.maxBytes, queue?.bytes, queue?.packets]).toEqual([4000, 2000, 2]);
  queue?.reset(net.sim.now);
  expect(queue?.meanBytes(net.sim.now)).toBe(2000);
  net.sim.runUntil(at(40_000));
  // 2000 bytes for 4 ms, 1000 for 8 ms, then none.
  expect([queue?.maxBytes, queue?.maxWaitMicros]).toEqual([2000, 32_000]);
  expect(queue?.meanBytes(net.sim.now)).toBeCloseTo((2000 * 4 + 1000 * 8) / 20);
});
