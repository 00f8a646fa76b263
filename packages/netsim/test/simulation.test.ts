import { describe, expect, test } from "@jest/globals";
import {
  type Instant,
  jsonLines,
  millis,
  NEVER,
  type PacketRef,
  type TraceEvent,
} from "@multihome/base";
import type { SimNode } from "../src/sim-node.js";
import { Simulation } from "../src/simulation.js";
import { type TwoHostsOptions, twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, stream } from "./probe-node.js";

class Ticker implements SimNode {
  ticks = 0;
  readonly #every: number;
  readonly #keepAlive: boolean;
  #due: Instant;

  constructor(everyUs: number, keepAlive: boolean) {
    this.#every = everyUs;
    this.#keepAlive = keepAlive;
    this.#due = at(everyUs);
  }
  handlePacket(): void {}
  handleTimeout(now: Instant): void {
    this.ticks++;
    this.#due = at(now + this.#every);
  }
  pollTransmit(_now: Instant, _out: PacketRef): boolean {
    return false;
  }
  pollTimeout(): Instant {
    return this.#due;
  }
  isIdle(): boolean {
    return this.#keepAlive;
  }
}

describe("time", () => {
  test("moves from event to event, and to the end of a run", () => {
    const sim = new Simulation();
    const seen: number[] = [];
    for (const us of [30, 10, 20]) sim.schedule(at(us), () => seen.push(sim.now));
    expect(sim.nextEventAt).toBe(10);
    expect(sim.step()).toBe(true);
    expect(sim.now).toBe(10);
    expect(sim.runUntil(at(25))).toBe(1);
    expect(sim.now).toBe(25);
    sim.runFor(millis(1));
    expect(sim.now).toBe(1025);
    expect(seen).toEqual([10, 20, 30]);
    expect(sim.step()).toBe(false);
    expect(sim.nextEventAt).toBe(NEVER);
  });

  test("events of one instant happen in the order they were scheduled, also those added meanwhile", () => {
    const sim = new Simulation();
    const seen: string[] = [];
    sim.schedule(at(10), () => {
      seen.push("first");
      sim.schedule(at(5), () => seen.push("late, so now"));
    });
    sim.schedule(at(10), () => seen.push("second"));
    sim.runUntil(at(10));
    expect(seen).toEqual(["first", "second", "late, so now"]);
  });

  test("a cancelled action does not happen", () => {
    const sim = new Simulation();
    let done = false;
    const action = sim.schedule(at(10), () => {
      done = true;
    });
    expect(action.pending).toBe(true);
    expect(sim.idle).toBe(false);
    action.cancel();
    action.cancel();
    expect(sim.runUntilIdle().idle).toBe(true);
    expect(done).toBe(false);
    expect(action.pending).toBe(false);
  });
});

describe("bounded runs", () => {
  test("a run that ends early says that it did not go idle", () => {
    const make = (): Simulation => {
      const net = twoHosts({ paths: [{ delayMs: 10 }] });
      net.a.attach(new ProbeNode(stream(10, 40, 1000)));
      net.z.attach(new ProbeNode());
      return net.sim;
    };
    expect(make().runUntilIdle({ maxSteps: 5 })).toEqual({
      idle: false,
      steps: 5,
      now: 5000,
    });
    expect(make().runUntilIdle({ until: at(10_500) })).toMatchObject({
      idle: false,
      now: 10_000,
    });
    const sim = make();
    // Nine timeouts (the first packet is sent as the node is attached) and ten arrivals.
    expect(sim.runUntilIdle()).toEqual({ idle: true, steps: 19, now: 19_000 });
    expect(sim.runUntilIdle()).toEqual({ idle: true, steps: 0, now: 19_000 });
  });

  test("timers keep a simulation from being idle, keep-alives do not", () => {
    const run = (keepAlive: boolean): boolean => {
      const sim = new Simulation();
      sim.addHost("h").attach(new Ticker(1000, keepAlive));
      return sim.runUntilIdle({ maxSteps: 100 }).idle;
    };
    expect(run(false)).toBe(false);
    expect(run(true)).toBe(true);
  });

  test("a run can wait for a condition", () => {
    const sim = new Simulation();
    const node = new Ticker(1000, false);
    sim.addHost("h").attach(node);
    expect(sim.runUntilTrue(() => node.ticks === 7)).toEqual({
      idle: true,
      steps: 7,
      now: 7000,
    });
    expect(sim.runUntilTrue(() => false, { until: at(9500) })).toMatchObject({
      idle: false,
    });
    expect(new Simulation().runUntilTrue(() => false)).toMatchObject({
      idle: false,
      steps: 0,
    });
  });

  test("time that does not move on is an error, not an endless run", () => {
    const sim = new Simulation({ maxStepsPerInstant: 1000 });
    sim.addHost("h").attach(new Ticker(0, false));
    expect(() => sim.runUntil(at(1))).toThrow(expect.objectContaining({ code: "simulationStuck" }));
  });

  test("a network that fills up without end is an error", () => {
    const net = twoHosts({ maxPackets: 50, paths: [{ delayMs: 1000 }] });
    net.a.attach(new ProbeNode(stream(100, 40, 10)));
    expect(() => net.sim.runUntilIdle()).toThrow(
      expect.objectContaining({ code: "tooManyPackets" }),
    );
  });
});

const rough: TwoHostsOptions = {
  seed: 42,
  paths: [
    {
      rateBps: 3_000_000,
      delayMs: 20,
      jitter: { kind: "normal", sigmaMs: 3 },
      loss: 0.05,
      burstLoss: { p: 0.01, r: 0.3 },
      reorder: { probability: 0.05, extraMs: 4 },
      duplicate: 0.05,
      corrupt: { probability: 0.05 },
    },
  ],
};

function digestOf(options: TwoHostsOptions): string {
  const net = twoHosts(options);
  const z = new ProbeNode();
  z.echo = true;
  net.a.attach(new ProbeNode(stream(500, 500, 1000)));
  net.z.attach(z);
  net.schedule([
    { atMs: 100, fault: { kind: "cut", path: 0, direction: "zToA" } },
    { atMs: 200, fault: { kind: "heal", path: 0 } },
  ]);
  expect(net.sim.runUntilIdle().idle).toBe(true);
  expect(net.sim.slotsInUse).toBe(0);
  return net.sim.digest;
}

describe("trace", () => {
  test("the same seed gives the same digest, another seed another", () => {
    const digest = digestOf(rough);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(digestOf(rough)).toBe(digest);
    expect(digestOf({ ...rough, seed: 43 })).not.toBe(digest);
  });

  test("a run is the same on every platform: who changes this digest changes every recorded seed", () => {
    expect(digestOf(rough)).toMatchInlineSnapshot(`"e9208e221e127a84"`);
  });

  test("a sink does not change the run", () => {
    expect(digestOf({ ...rough, trace: () => undefined, poison: false })).toBe(digestOf(rough));
  });

  test("one different bit of one payload changes the digest", () => {
    const digest = (byte: number, digestPayload: "head" | "all" | "none"): string => {
      const net = twoHosts({ paths: [{}], digestPayload });
      class Changed extends ProbeNode {
        override pollTransmit(now: Instant, out: PacketRef): boolean {
          if (!super.pollTransmit(now, out)) return false;
          out.view.setUint8(out.start + byte, out.view.getUint8(out.start + byte) ^ 1);
          return true;
        }
      }
      net.a.attach(new Changed(stream(1, 203, 0)));
      net.z.attach(new ProbeNode());
      net.sim.runUntilIdle();
      return net.sim.digest;
    };
    const digests = (payload: "head" | "all" | "none"): number =>
      new Set([0, 63, 64, 202].map((byte) => digest(byte, payload))).size;
    expect(digests("all")).toBe(4);
    expect(digests("head")).toBe(3);
    expect(digests("none")).toBe(1);
  });

  test("the sink gets one plain event for each thing that happens", () => {
    const lines: string[] = [];
    const net = twoHosts({
      trace: jsonLines((line) => lines.push(line)),
      paths: [{ delayMs: 1 }],
    });
    net.a.attach(new ProbeNode(stream(2, 40, 500)));
    net.z.attach(new ProbeNode());
    net.schedule([{ atMs: 1.2, fault: { kind: "cut", path: 0 } }]);
    net.sim.runUntilIdle();
    const events: TraceEvent[] = lines.slice(4).map((line) => JSON.parse(line));
    const packet = { from: "10.0.0.2|9899", to: "10.0.1.2|9899", bytes: 68 };
    expect(events).toEqual([
      { at: 0, kind: "enter", on: "path0>", packet: 1, ...packet },
      { at: 500, kind: "timeout", on: "a" },
      { at: 500, kind: "enter", on: "path0>", packet: 2, ...packet },
      { at: 1000, kind: "deliver", on: "path0>", packet: 1, ...packet },
      { at: 1200, kind: "fault", fault: '{"kind":"cut","path":0}' },
      {
        at: 1200,
        kind: "drop",
        on: "path0>",
        packet: 2,
        ...packet,
        cause: "cut",
      },
    ]);
    expect(net.sim.traceEvents).toBe(lines.length);
  });
});

test("randomness of parts is independent of each other and of the order of draws", () => {
  const draw = (): number[] => {
    const sim = new Simulation({ seed: 5 });
    const [first, second] = [sim.forkRandom(), sim.forkRandom()];
    return [first.nextU32(), second.nextU32()];
  };
  expect(draw()).toEqual(draw());
  expect(draw()[0]).not.toBe(draw()[1]);
});

test.each([{ seed: -1 }, { seed: 1.5 }, { maxPackets: 0 }, { maxStepsPerInstant: 0 }])(
  "refuses %j",
  (options) => {
    expect(() => new Simulation(options)).toThrow(
      expect.objectContaining({ code: "invalidOption" }),
    );
  },
);
