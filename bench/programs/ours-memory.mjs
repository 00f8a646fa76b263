// @multihome/sctp: two endpoints in this process, one association, one way, packets handed over in
// memory.
//   node programs/ours-memory.mjs size=1200 [crc32c=native|plain] [warm=S] [time=S]
import { performance } from "node:perf_hooks";
import { IpAddress, PacketRef, SeededRandom, Slab } from "@multihome/base";
import { loadCrc32c } from "@multihome/crc32c-native";
import { SctpEndpoint, sctpConfig } from "@multihome/sctp";
import { useCrc32c } from "@multihome/wire";
import { argument, numberArgument } from "./arguments.mjs";
import { Meter } from "./meter.mjs";

const crc = argument("crc32c", "native");
if (crc === "native") {
  const load = loadCrc32c();
  if (load.ok) useCrc32c(load.native.crc32c);
  else console.error(`CRC32c in TypeScript only: ${load.reason}`);
}
const size = numberArgument("size", 1200);
const meter = new Meter({ peer: "ours" });

const BATCH = 64;
const HEADROOM = 64;
const PORT = 5000;
const ID = 1;
/** Handed over and not yet delivered, at most. */
const OUTSTANDING = 1 << 20;

const now = () => Math.round(performance.now() * 1000);
let lastId = ID;
const nextId = () => ++lastId;

function endpoint(address, seed) {
  const local = {
    address: IpAddress.parse(address),
    interfaceName: "memory",
    metered: false,
    cost: 0,
    allowed: true,
  };
  const env = { random: new SeededRandom(seed) };
  return new SctpEndpoint(now(), sctpConfig({ mtu: 1500 }), env, PORT, 0, [local], nextId);
}
const a = endpoint("192.0.2.1", 1);
const z = endpoint("192.0.2.2", 2);
z.listening = true;

/** Carries what `from` has to send, a batch at a time, to `to`, in slots of one slab. */
class Wire {
  #slab = new Slab(BATCH, 2048);
  #packets = Array.from({ length: BATCH }, (_, slot) => {
    const packet = PacketRef.over(this.#slab);
    packet.place(this.#slab, slot, HEADROOM);
    return packet;
  });
  #input = { kind: "packet", packet: this.#packets[0] };
  #from;
  #to;

  constructor(from, to) {
    this.#from = from;
    this.#to = to;
  }

  /** How many packets went over. */
  carry(at) {
    let count = 0;
    while (count < BATCH) {
      const packet = this.#packets[count];
      packet.place(this.#slab, count, HEADROOM);
      if (!this.#from.pollTransmit(at, packet)) break;
      count++;
      meter.packet();
    }
    for (let i = 0; i < count; i++) {
      const packet = this.#packets[i];
      const source = packet.local;
      packet.local = packet.remote;
      packet.remote = source;
      this.#input.packet = packet;
      this.#to.handle(at, this.#input);
    }
    return count;
  }
}
const wires = [new Wire(a, z), new Wire(z, a)];

const payload = new Uint8Array(size).fill(0x5a);
let sent = 0;
function pump(at) {
  while (!meter.done && sent - meter.bytes < OUTSTANDING) {
    if (!a.send(at, ID, payload).ok) return;
    sent += size;
  }
}

function take(id) {
  for (let m = z.receive(id); m !== undefined; m = z.receive(id)) meter.delivered(m.data.length);
}

function drain(core) {
  for (let event = core.pollEvent(); event !== undefined; event = core.pollEvent()) {
    if (event.kind === "readable" && core === z) take(event.id);
    if (event.kind === "ended") throw new Error(`ended: ${JSON.stringify(event.cause)}`);
  }
}

function turn() {
  // As long as something moves, a few batches; then the event loop has its turn.
  for (let batch = 0; batch < 8; batch++) {
    const at = now();
    pump(at);
    if (a.pollTimeout() <= at) a.handleTimeout(at);
    if (z.pollTimeout() <= at) z.handleTimeout(at);
    const moved = wires[0].carry(at) + wires[1].carry(at);
    drain(a);
    drain(z);
    if (moved === 0) break;
  }
  if (!meter.done) setImmediate(turn);
}

a.connect(now(), {
  id: ID,
  peerPort: PORT,
  pairs: [{ local: IpAddress.parse("192.0.2.1"), remote: IpAddress.parse("192.0.2.2") }],
  peerUdpPort: 0,
});
turn();
await meter.finished;
process.exit(0);
