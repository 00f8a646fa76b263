import {
  type Instant,
  IpAddress,
  instantAdd,
  millis,
  NEVER,
  PacketRef,
  type RandomSource,
  Slab,
} from "@multihome/base";
import { type AssociationEvent, HostCore, type SctpOptions } from "../../src/index.js";

/** What a packet waits for on the wire. */
interface Flying {
  readonly to: HostCore;
  readonly at: number;
  readonly slot: number;
  readonly end: number;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

const LATENCY = millis(1);
const HEADROOM = 64;

/** A host core on addresses of its own. */
export function hostOn(
  addresses: readonly string[],
  random: RandomSource,
  sctp: SctpOptions = {},
): HostCore {
  return new HostCore({
    random,
    sctp,
    interfaces: addresses.map((address, i) => ({
      name: `eth${i}`,
      kind: "ethernet",
      addresses: [IpAddress.parse(address)],
      up: true,
      mtu: 1500,
      metered: false,
      cost: 0,
      allowed: true,
    })),
  });
}

/**
 * Two host cores in simulated time. Cheap: for many associations and long times. Packets take 1 ms in slots of one
 * slab, unless their path is cut.
 */
export class HostPair {
  readonly a: HostCore;
  readonly z: HostCore;
  /** All the wire's slots; none is in use when nothing is under way. */
  readonly slab: Slab;
  now: Instant;
  /** Packets sent, and calls of handleTimeout, on both sides. */
  packets: number;
  timeouts: number;
  /** Addresses of `z` that nothing reaches, and nothing comes from. */
  readonly cut: Set<string>;
  /** Takes what both tell. */
  onEvent: (host: HostCore, event: AssociationEvent) => void;
  readonly #packet: PacketRef;
  #flying: Flying[];
  #landed: number;

  constructor(now: Instant, a: HostCore, z: HostCore) {
    this.a = a;
    this.z = z;
    this.slab = new Slab(16_384, 2048);
    this.now = now;
    this.packets = 0;
    this.timeouts = 0;
    this.cut = new Set();
    this.onEvent = () => {};
    this.#packet = PacketRef.over(this.slab);
    this.#flying = [];
    this.#landed = 0;
  }

  /** Runs for so many milliseconds. */
  run(ms: number): void {
    const until = instantAdd(this.now, millis(ms));
    const { a, z } = this;
    for (;;) {
      this.#drain(a, z);
      this.#drain(z, a);
      const arrival = this.#flying[this.#landed]?.at ?? NEVER;
      const next = Math.min(a.pollTimeout(), z.pollTimeout(), arrival);
      if (next > until) break;
      if (next > this.now) this.now = instantAdd(this.now, millis((next - this.now) / 1000));
      this.#deliver();
      this.#runTimers(a);
      this.#runTimers(z);
    }
    this.now = until;
  }

  #drain(from: HostCore, to: HostCore): void {
    for (;;) {
      const p = this.#packet;
      const slot = this.slab.alloc();
      if (slot < 0) throw new Error("the wire is full");
      p.place(this.slab, slot, HEADROOM);
      if (!from.pollTransmit(this.now, p)) {
        this.slab.free(slot);
        break;
      }
      this.packets++;
      const remote = from === this.a ? p.remote : p.local;
      if (this.cut.has(remote.toString())) {
        this.slab.free(slot);
        continue;
      }
      const at = instantAdd(this.now, LATENCY);
      this.#flying.push({ to, at, slot, end: p.end, local: p.remote, remote: p.local });
    }
    for (let e = from.pollEvent(); e !== undefined; e = from.pollEvent()) this.onEvent(from, e);
  }

  #deliver(): void {
    for (;;) {
      const f = this.#flying[this.#landed];
      if (f === undefined || f.at > this.now) break;
      this.#landed++;
      const p = this.#packet;
      p.place(this.slab, f.slot, HEADROOM);
      p.end = f.end;
      p.local = f.local;
      p.remote = f.remote;
      f.to.handle(this.now, { kind: "packet", packet: p });
      this.slab.free(f.slot);
    }
    if (this.#landed === this.#flying.length || this.#landed > 4096) {
      this.#flying = this.#flying.slice(this.#landed);
      this.#landed = 0;
    }
  }

  #runTimers(host: HostCore): void {
    if (host.pollTimeout() > this.now) return;
    this.timeouts++;
    host.handleTimeout(this.now);
  }
}
