import { describe, expect, test } from "@jest/globals";
import { type Instant, IpAddress, NEVER, PacketRef, SeededRandom } from "@multihome/base";
import type { HostInterface } from "@multihome/paths";
import type { AssociationEvent } from "./association-event.js";
import { HostCore } from "./host-core.js";

const ip = (t: string): IpAddress => IpAddress.parse(t);
const UDP = 9899;

const wired = (name: string, ...addresses: string[]): HostInterface => ({
  name,
  kind: "ethernet",
  addresses: addresses.map(ip),
  up: true,
  mtu: 1500,
  metered: false,
  cost: 0,
  allowed: true,
});

/** Two hosts whose packets arrive at once, until nobody has anything to send. */
class Wire {
  now = 0 as Instant;
  readonly a: HostCore;
  readonly z: HostCore;
  readonly events = new Map<HostCore, AssociationEvent[]>();
  /** Local addresses of the packets sent. */
  readonly sentFrom: string[] = [];

  constructor(a: HostCore, z: HostCore) {
    this.a = a;
    this.z = z;
    this.events.set(a, []);
    this.events.set(z, []);
  }

  settle(): void {
    for (let n = 0; this.#pump(this.a, this.z) || this.#pump(this.z, this.a); n++) {
      if (n > 1000) throw new Error("the hosts do not stop talking");
    }
  }

  /** Runs timers until `ms` later. */
  advance(ms: number): void {
    const until = (this.now + ms * 1000) as Instant;
    for (;;) {
      const at = Math.min(this.a.pollTimeout(), this.z.pollTimeout());
      if (at > until) break;
      this.now = Math.max(this.now, at) as Instant;
      this.a.handleTimeout(this.now);
      this.z.handleTimeout(this.now);
      this.settle();
    }
    this.now = until;
  }

  kinds(of: HostCore): string[] {
    return (this.events.get(of) ?? []).map((e) => e.kind);
  }

  #pump(from: HostCore, to: HostCore): boolean {
    const bytes = new Uint8Array(4096);
    const packet = new PacketRef(bytes, new DataView(bytes.buffer));
    let any = false;
    for (;;) {
      packet.start = 0;
      packet.end = bytes.length;
      if (!from.pollTransmit(this.now, packet)) break;
      any = true;
      this.sentFrom.push(packet.local.toString());
      [packet.local, packet.remote] = [packet.remote, packet.local];
      [packet.localPort, packet.remotePort] = [packet.remotePort, packet.localPort];
      to.handle(this.now, { kind: "packet", packet });
    }
    for (let e = from.pollEvent(); e !== undefined; e = from.pollEvent()) {
      this.events.get(from)?.push(e);
    }
    return any;
  }
}

const pair = (): Wire =>
  new Wire(
    new HostCore({ random: new SeededRandom(1), interfaces: [wired("eth0", "10.0.0.1")] }),
    new HostCore({ random: new SeededRandom(2), interfaces: [wired("eth0", "10.0.0.2")] }),
  );

const connect = (w: Wire, port = 5000) =>
  w.a.connect(w.now, { remotes: [ip("10.0.0.2")], port, peerUdpPort: UDP, udpPort: UDP });

describe("HostCore", () => {
  test("gives packets to the endpoint of their port", () => {
    const w = pair();
    w.z.listen(w.now, { port: 5000, udpPort: UDP });
    w.z.listen(w.now, { port: 5001, udpPort: UDP });
    const first = connect(w, 5000);
    const second = connect(w, 5001);
    w.settle();
    expect(w.kinds(w.a).filter((k) => k === "up")).toHaveLength(2);
    expect(first).not.toBe(second);
    expect(w.a.associationCount).toBe(2);
    expect(w.z.associationCount).toBe(2);
  });

  test("a port that nobody opened refuses at once (RFC 9260 s5.1)", () => {
    const w = pair();
    connect(w, 4711);
    w.settle();
    expect(w.kinds(w.a)).toContain("ended");
    expect(w.z.counters()["packetsForClosedPorts"]).toBe(1);
    expect(w.z.pollTimeout()).toBe(NEVER);
  });

  test("a port opened over another UDP port is as good as closed", () => {
    const w = pair();
    w.z.listen(w.now, { port: 5000, udpPort: UDP + 1 });
    connect(w);
    w.settle();
    expect(w.kinds(w.z)).not.toContain("up");
  });

  test("nothing is left of associations that ended, however many there were", () => {
    const w = pair();
    w.z.listen(w.now, { port: 5000, udpPort: UDP });
    for (let i = 0; i < 50; i++) {
      const id = connect(w);
      w.settle();
      w.a.send(w.now, id, Uint8Array.of(1));
      w.a.shutdown(w.now, id);
      w.settle();
      w.advance(500);
      for (const e of w.events.get(w.z) ?? []) {
        if (e.kind === "readable") while (w.z.receive(e.id) !== undefined);
      }
      w.settle();
      expect(w.a.send(w.now, id, Uint8Array.of(1))).toEqual({ ok: false, code: "notOpen" });
    }
    expect(w.a.associationCount).toBe(0);
    expect(w.z.associationCount).toBe(0);
    expect(w.a.pollTimeout()).toBe(NEVER);
    expect(w.z.pollTimeout()).toBe(NEVER);
    expect(w.kinds(w.a).filter((k) => k === "ended")).toHaveLength(50);
  });

  test("an association that ended can be read to its end, then it is gone", () => {
    const w = pair();
    w.z.listen(w.now, { port: 5000, udpPort: UDP });
    const id = connect(w);
    w.settle();
    w.a.send(w.now, id, Uint8Array.of(1, 2, 3));
    w.settle();
    w.a.abort(w.now, id);
    w.settle();
    const up = w.events.get(w.z)?.find((e) => e.kind === "up");
    if (up === undefined) throw new Error("not up");
    expect(w.kinds(w.z)).toContain("ended");
    expect(w.z.receive(up.id)?.data).toEqual(Uint8Array.of(1, 2, 3));
    expect(w.z.receive(up.id)).toBeUndefined();
  });

  test("a port cannot be opened twice, and is free again when it is closed", () => {
    const w = pair();
    w.z.listen(w.now, { port: 5000, udpPort: UDP });
    expect(() => w.z.listen(w.now, { port: 5000, udpPort: UDP })).toThrow(
      expect.objectContaining({ code: "portInUse" }),
    );
    w.z.stopListening(5000);
    w.settle();
    w.z.listen(w.now, { port: 5000, udpPort: UDP });
    connect(w);
    w.settle();
    expect(w.kinds(w.z)).toContain("up");
  });

  test("bad arguments are refused before anything is sent", () => {
    const w = pair();
    expect(() => connect(w, 0)).toThrow(expect.objectContaining({ code: "invalidPort" }));
    expect(() => w.z.listen(w.now, { port: 70_000, udpPort: 0 })).toThrow(
      expect.objectContaining({ code: "invalidPort" }),
    );
    expect(() =>
      w.a.connect(w.now, { remotes: [ip("2001:db8::1")], port: 5000, peerUdpPort: 0, udpPort: 0 }),
    ).toThrow(expect.objectContaining({ code: "noUsableAddress" }));
    w.settle();
    expect(w.sentFrom).toEqual([]);
    expect(w.a.associationCount).toBe(0);
  });

  test("not one byte leaves by an interface that is not allowed", () => {
    const a = new HostCore({
      random: new SeededRandom(1),
      interfaces: [{ ...wired("wwan0", "10.9.0.1"), allowed: false }, wired("eth0", "10.0.0.1")],
    });
    const z = new HostCore({
      random: new SeededRandom(2),
      interfaces: [wired("eth0", "10.0.0.2")],
    });
    const w = new Wire(a, z);
    z.listen(w.now, { port: 5000, udpPort: UDP });
    const id = connect(w);
    w.settle();
    for (let i = 0; i < 20; i++) a.send(w.now, id, new Uint8Array(2000));
    w.settle();
    w.advance(5000);
    expect(w.kinds(a)).toContain("up");
    expect(w.sentFrom.filter((s) => s === "10.9.0.1")).toEqual([]);
    // Forbidden while in use: it falls silent at once.
    a.handle(w.now, {
      kind: "interfaces",
      interfaces: [{ ...wired("eth0", "10.0.0.1"), allowed: false }],
    });
    w.sentFrom.length = 0;
    a.send(w.now, id, new Uint8Array(100));
    w.settle();
    w.advance(5000);
    expect(w.sentFrom.filter((s) => s === "10.0.0.1")).toEqual([]);
  });
});
