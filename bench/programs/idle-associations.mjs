// Idle associations in simulated time: what each takes of memory, and how often it wakes its host. The server has
// them all on one port; each client has a port, and so an endpoint, of its own.
//   node --expose-gc programs/idle-associations.mjs [count=10000] [seconds=10] [hb=MS]
import { HostCore } from "@multihome/association";
import {
  EPOCH,
  IpAddress,
  instantAdd,
  millis,
  NEVER,
  PacketRef,
  SeededRandom,
  Slab,
} from "@multihome/base";
import { numberArgument } from "./arguments.mjs";

const COUNT = numberArgument("count", 10_000);
const SECONDS = numberArgument("seconds", 10);
const HB_MS = numberArgument("hb", 0);
const PORT = 5000;
const SERVER = "192.0.2.1";
const LATENCY = millis(1);

function host(address, seed) {
  const addresses = [IpAddress.parse(address)];
  const facts = { up: true, mtu: 1500, metered: false, cost: 0, allowed: true };
  return new HostCore({
    random: new SeededRandom(seed),
    interfaces: [{ name: "memory", kind: "other", addresses, ...facts }],
    ...(HB_MS > 0 ? { sctp: { hbIntervalMs: HB_MS } } : {}),
  });
}

/** Two hosts in simulated time; every packet takes 1 ms. */
class Pair {
  now = EPOCH;
  packets = 0;
  timeouts = 0;
  #slab = new Slab(1, 2048);
  #out = PacketRef.over(this.#slab);
  #wire = [];

  constructor(clients, server) {
    this.hosts = [clients, server];
  }

  run(ms) {
    const [a, z] = this.hosts;
    const until = instantAdd(this.now, millis(ms));
    for (;;) {
      this.#drain(a, z);
      this.#drain(z, a);
      const next = Math.min(a.pollTimeout(), z.pollTimeout(), this.#wire[0]?.at ?? NEVER);
      if (next > until) break;
      this.now = next;
      this.#deliver();
      for (const each of this.hosts) {
        if (each.pollTimeout() > next) continue;
        this.timeouts++;
        each.handleTimeout(next);
      }
    }
    this.now = until;
  }

  #drain(from, to) {
    const p = this.#out;
    for (p.place(this.#slab, 0, 64); from.pollTransmit(this.now, p); p.place(this.#slab, 0, 64)) {
      const bytes = p.bytes.slice(p.start, p.end);
      this.#wire.push({
        to,
        at: this.now + LATENCY,
        bytes,
        local: p.remote,
        remote: p.local,
      });
      this.packets++;
    }
    while (from.pollEvent() !== undefined);
  }

  #deliver() {
    let landed = 0;
    while (landed < this.#wire.length && this.#wire[landed].at <= this.now) {
      const { to, bytes, local, remote } = this.#wire[landed++];
      const packet = new PacketRef(bytes, new DataView(bytes.buffer));
      packet.end = bytes.length;
      packet.local = local;
      packet.remote = remote;
      to.handle(this.now, { kind: "packet", packet });
    }
    this.#wire.splice(0, landed);
  }
}

function bytesInUse() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function open(pair, count) {
  for (let i = 0; i < count; i++) {
    pair.hosts[0].connect(pair.now, {
      remotes: [IpAddress.parse(SERVER)],
      port: PORT,
      peerUdpPort: 0,
      udpPort: 0,
    });
    if (i % 100 === 99) pair.run(10);
  }
  pair.run(5000);
}

const server = host(SERVER, 1);
server.listen(EPOCH, { port: PORT, udpPort: 0 });
open(new Pair(host("192.0.2.9", 9), server), 300); // code is compiled, tables have a size
const before = bytesInUse();
let pair = new Pair(host("192.0.2.2", 2), server);
open(pair, COUNT);
pair.packets = 0;
pair.timeouts = 0;
const cpu = process.cpuUsage();
pair.run(SECONDS * 1000);
const used = process.cpuUsage(cpu);
const result = {
  count: COUNT,
  packetsPerSecond: Math.round(pair.packets / SECONDS),
  timeoutsPerSecond: Math.round(pair.timeouts / SECONDS),
  cpuMillisPerSecond: Math.round((used.user + used.system) / 1000 / SECONDS),
};
const both = bytesInUse();
pair = undefined;
const one = bytesInUse();
console.log(
  JSON.stringify({
    ...result,
    serverBytesEach: Math.round((one - before) / COUNT),
    clientBytesEach: Math.round((both - one) / COUNT),
  }),
);
