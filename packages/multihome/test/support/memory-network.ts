import { HostCore } from "@multihome/association";
import {
  EPOCH,
  type Instant,
  IpAddress,
  instantAdd,
  type Micros,
  millis,
  PacketRef,
  SeededRandom,
} from "@multihome/base";
import type { DriverListener, HostDriver, PortBinding } from "@multihome/driver-node";
import type { HostInterface } from "@multihome/paths";

interface InFlight {
  readonly at: Instant;
  readonly bytes: Uint8Array;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly localPort: number;
  readonly remotePort: number;
}

const LATENCY: Micros = millis(5);
// One turn of the event loop lets every promise that is settled run its continuations.
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Hosts that reach each other in memory, in virtual time: each packet takes 5 ms. */
export class MemoryNetwork {
  now: Instant = EPOCH;
  /** Addresses whose packets vanish, in both directions. */
  readonly cut: Set<string> = new Set();
  readonly #drivers: MemoryDriver[] = [];
  #inFlight: InFlight[] = [];

  /** A host with these addresses, each on an interface of its own. */
  host(addresses: readonly string[]): MemoryDriver {
    const driver = new MemoryDriver(this, addresses, this.#drivers.length + 1);
    this.#drivers.push(driver);
    return driver;
  }

  /** Sends a copy of the packet on its way. */
  carry(p: PacketRef): void {
    this.#inFlight.push({
      at: instantAdd(this.now, LATENCY),
      bytes: p.bytes.slice(p.start, p.end),
      local: p.remote,
      remote: p.local,
      localPort: p.remotePort,
      remotePort: p.localPort,
    });
  }

  /** Runs until it is true; throws when that takes more than the limit of virtual time. */
  async until(isTrue: () => boolean, limitMs = 600_000): Promise<void> {
    const limit = instantAdd(this.now, millis(limitMs));
    for (;;) {
      for (const driver of this.#drivers) driver.drain();
      await turn();
      if (isTrue()) return;
      if (this.#drivers.some((d) => d.awake)) continue;
      const next = this.#nextAt();
      if (next > limit) throw new Error(`not reached within ${limitMs} ms`);
      if (next > this.now) this.now = next;
      this.#deliver();
    }
  }

  /** Runs for so long. */
  async run(ms: number): Promise<void> {
    const end = instantAdd(this.now, millis(ms));
    for (;;) {
      for (const driver of this.#drivers) driver.drain();
      await turn();
      if (this.#drivers.some((d) => d.awake)) continue;
      const next = this.#nextAt();
      if (next > end) break;
      if (next > this.now) this.now = next;
      this.#deliver();
    }
    this.now = end;
  }

  /** The value of a promise that settles in virtual time. */
  async result<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    await this.until(() => settled, limitMs);
    return promise;
  }

  #nextAt(): Instant {
    let least = this.#inFlight[0]?.at ?? (Number.POSITIVE_INFINITY as Instant);
    for (const d of this.#drivers) {
      const at = d.core.pollTimeout();
      if (at < least) least = at;
    }
    return least;
  }

  #deliver(): void {
    const due = this.#inFlight.filter((p) => p.at <= this.now);
    this.#inFlight = this.#inFlight.filter((p) => p.at > this.now);
    for (const p of due) {
      if (this.cut.has(p.local.toString()) || this.cut.has(p.remote.toString())) continue;
      this.#drivers.find((d) => d.has(p.local))?.receive(p);
    }
    for (const d of this.#drivers) {
      if (d.core.pollTimeout() > this.now) continue;
      d.core.handleTimeout(this.now);
      d.wake();
    }
  }
}

/** A host without sockets, in a {@link MemoryNetwork}. */
export class MemoryDriver implements HostDriver {
  readonly core: HostCore;
  readonly counters = {};
  interfaces: readonly HostInterface[];
  awake = false;
  alive = false;
  closed = false;
  readonly #network: MemoryNetwork;
  readonly #out: PacketRef;
  readonly #ports: Set<number> = new Set();
  #listener: DriverListener | undefined;
  #nextPort = 40_000;

  constructor(network: MemoryNetwork, addresses: readonly string[], seed: number) {
    this.#network = network;
    const bytes = new Uint8Array(65_536);
    this.#out = new PacketRef(bytes, new DataView(bytes.buffer));
    this.interfaces = addresses.map((text, i) => ({
      name: `mem${i}`,
      kind: "other",
      addresses: [IpAddress.parse(text)],
      up: true,
      mtu: 1500,
      metered: false,
      cost: 0,
      allowed: true,
    }));
    this.core = new HostCore({
      random: new SeededRandom(seed),
      interfaces: this.interfaces,
    });
  }

  now(): Instant {
    return this.#network.now;
  }

  wake(): void {
    this.awake = true;
  }

  listen(listener: DriverListener): void {
    this.#listener = listener;
  }

  bind(port: number, addresses?: readonly IpAddress[]): Promise<PortBinding> {
    const number = port === 0 ? this.#nextPort++ : port;
    this.#ports.add(number);
    return Promise.resolve({
      port: number,
      addresses: addresses ?? this.interfaces.flatMap((i) => i.addresses),
      release: () => this.#ports.delete(number),
    });
  }

  setInterfaceRules(): void {
    this.#listener?.interfacesChanged(this.interfaces);
  }

  keepAlive(on: boolean): void {
    this.alive = on;
  }

  close(): void {
    this.closed = true;
  }

  /** UDP ports that are bound. */
  get ports(): readonly number[] {
    return [...this.#ports];
  }

  has(address: IpAddress): boolean {
    return this.interfaces.some((i) =>
      i.addresses.some((a) => a.toString() === address.toString()),
    );
  }

  receive(p: InFlight): void {
    if (this.closed || !this.#ports.has(p.localPort)) return;
    const packet = new PacketRef(p.bytes, new DataView(p.bytes.buffer));
    packet.end = p.bytes.length;
    packet.local = p.local;
    packet.remote = p.remote;
    packet.localPort = p.localPort;
    packet.remotePort = p.remotePort;
    this.core.handle(this.now(), { kind: "packet", packet });
    this.wake();
  }

  drain(): void {
    while (this.awake) {
      this.awake = false;
      for (;;) {
        this.#out.start = 0;
        this.#out.end = this.#out.bytes.length;
        if (!this.core.pollTransmit(this.now(), this.#out)) break;
        this.#network.carry(this.#out);
      }
      for (let e = this.core.pollEvent(); e !== undefined; e = this.core.pollEvent()) {
        this.#listener?.event(e);
      }
    }
  }
}
