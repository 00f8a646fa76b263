import { expect, test } from "@jest/globals";
import { type Instant, IpAddress, NEVER, type PacketRef } from "@multihome/base";
import type { SimNode } from "../src/sim-node.js";
import { Simulation } from "../src/simulation.js";
import { twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, stream } from "./probe-node.js";

/** A node of which each test overrides what it is about. */
class QuietNode implements SimNode {
  readonly log: string[] = [];
  handlePacket(now: Instant, packet: PacketRef): void {
    this.log.push(`packet ${now} ${packet.length}`);
  }
  handleTimeout(now: Instant): void {
    this.log.push(`timeout ${now}`);
  }
  pollTransmit(now: Instant, _out: PacketRef): boolean {
    this.log.push(`transmit ${now}`);
    return false;
  }
  pollTimeout(): Instant {
    this.log.push("deadline");
    return NEVER;
  }
}

test("after each input the node is drained once and then asked for its deadline", () => {
  const net = twoHosts({ paths: [{}] });
  const node = new QuietNode();
  net.z.attach(node);
  expect(node.log.splice(0)).toEqual(["transmit 0", "deadline"]);
  net.a.attach(new ProbeNode(stream(2, 40, 0)));
  net.sim.runUntilIdle();
  const once = ["packet 0 40", "transmit 0", "deadline"];
  expect(node.log).toEqual([...once, ...once]);
});

test("events are drained between transmits, again and again while they bring new input", () => {
  const net = twoHosts({ paths: [{}] });
  class Eventful extends QuietNode {
    rounds = 2;
    drainEvents(now: Instant): boolean {
      this.log.push(`events ${now}`);
      return this.rounds-- > 0;
    }
  }
  const node = new Eventful();
  net.a.attach(node);
  expect(node.log).toEqual([
    "transmit 0",
    "events 0",
    "transmit 0",
    "events 0",
    "transmit 0",
    "events 0",
    "deadline",
  ]);
});

test("a drain asked for inside an input comes after it, not within", () => {
  const net = twoHosts({ paths: [{}] });
  class Impatient extends QuietNode {
    override handlePacket(now: Instant, packet: PacketRef): void {
      net.z.drain();
      super.handlePacket(now, packet);
    }
  }
  const node = new Impatient();
  net.z.attach(node);
  node.log.length = 0;
  net.a.attach(new ProbeNode(stream(1, 40, 0)));
  net.sim.runUntilIdle();
  expect(node.log).toEqual(["packet 0 40", "transmit 0", "deadline"]);
});

test("a deadline in the past is due now, and the node is called at the instant it told", () => {
  const sim = new Simulation();
  const host = sim.addHost("h");
  class Timer extends QuietNode {
    due: Instant[] = [at(50), at(20), NEVER];
    override pollTimeout(): Instant {
      return this.due[0] ?? NEVER;
    }
    override handleTimeout(now: Instant): void {
      super.handleTimeout(now);
      this.due.shift();
    }
  }
  const node = new Timer();
  host.attach(node);
  expect(sim.runUntilIdle()).toMatchObject({ idle: true, steps: 2, now: 50 });
  expect(node.log.filter((line) => line.startsWith("timeout"))).toEqual([
    "timeout 50",
    "timeout 50",
  ]);
  expect(host.counters.timeouts).toBe(2);
});

test("delivered bytes are overwritten after the call, so that who keeps them notices", () => {
  const kept = (poison: boolean): number | undefined => {
    const net = twoHosts({ poison, paths: [{}] });
    let view: Uint8Array | undefined;
    class Keeper extends QuietNode {
      override handlePacket(_now: Instant, packet: PacketRef): void {
        view = packet.bytes.subarray(packet.start, packet.end);
      }
    }
    net.z.attach(new Keeper());
    net.a.attach(new ProbeNode(stream(1, 40, 0)));
    net.sim.runUntilIdle();
    return view?.[10];
  };
  expect(kept(false)).toBe(10);
  expect(kept(true)).toBe(0xdb);
});

test("the node gets room for the largest packet of its interfaces", () => {
  const room = (mtu: number | null): number => {
    const net = twoHosts({ paths: [{ mtu: 1300 }, { mtu }] });
    let seen = 0;
    class Measurer extends QuietNode {
      override pollTransmit(_now: Instant, out: PacketRef): boolean {
        seen = out.length;
        return false;
      }
    }
    net.a.attach(new Measurer());
    return seen;
  };
  expect(room(1500)).toBeGreaterThanOrEqual(1500);
  expect(room(9000)).toBeGreaterThanOrEqual(9000);
  expect(room(null)).toBeGreaterThanOrEqual(65_535);
});

test("a packet above the interface's MTU is dropped at once, as a system call would refuse it", () => {
  const net = twoHosts({ paths: [{}] });
  net.a.attach(new ProbeNode([...stream(1, 1472, 0), ...stream(1, 1473, 0)]));
  net.sim.runUntilIdle();
  expect(net.a.counters).toMatchObject({ sent: 1, droppedTooBig: 1 });
});

test("packets between families, and from nowhere, are dropped and counted", () => {
  const net = twoHosts({ family: "dual", paths: [{}] });
  net.a.attach(
    new ProbeNode([
      { at: at(0), from: "10.0.0.2", to: "fd00:0:1::2", bytes: 4 },
      { at: at(0), from: "192.0.2.1", to: "10.0.1.2", bytes: 4 },
    ]),
  );
  net.sim.runUntilIdle();
  expect(net.a.counters).toMatchObject({ sent: 0, droppedFamily: 1, droppedNoAddress: 1 });
  expect(net.sim.slotsInUse).toBe(0);
});

test("a detached node hears and sends no more; another may take its place", () => {
  const net = twoHosts({ paths: [{}] });
  const z = new ProbeNode();
  net.z.attach(z);
  net.a.attach(new ProbeNode(stream(4, 40, 10_000)));
  net.sim.schedule(at(15_000), () => net.z.detach());
  const later = new ProbeNode();
  net.sim.schedule(at(25_000), () => net.z.attach(later));
  net.sim.runUntilIdle();
  expect(z.arrivals.map((arrival) => arrival.number)).toEqual([0, 1]);
  expect(later.arrivals.map((arrival) => arrival.number)).toEqual([3]);
  expect(net.z.counters.droppedNoNode).toBe(1);
});

test("a node that moves the start or overruns the end is told so", () => {
  for (const move of ["start", "end"] as const) {
    const net = twoHosts({ paths: [{}] });
    class Overrunner extends QuietNode {
      override pollTransmit(_now: Instant, out: PacketRef): boolean {
        out.local = IpAddress.parse("10.0.0.2");
        out.remote = IpAddress.parse("10.0.1.2");
        out[move]++;
        return true;
      }
    }
    expect(() => net.a.attach(new Overrunner())).toThrow(
      expect.objectContaining({ code: "badPacket" }),
    );
  }
});

test("a node that never stops sending is stopped", () => {
  const net = twoHosts({ paths: [{ loss: 1 }] });
  class Flood extends QuietNode {
    override pollTransmit(_now: Instant, out: PacketRef): boolean {
      out.local = IpAddress.v4(0x0a000002);
      out.remote = IpAddress.v4(0x0a000102);
      out.end = out.start;
      return true;
    }
  }
  expect(() => net.a.attach(new Flood())).toThrow(
    expect.objectContaining({ code: "simulationStuck" }),
  );
});
