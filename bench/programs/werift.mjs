// The npm package werift-sctp: both endpoints in this process, one association, one way.
//   node programs/werift.mjs transport=memory|udp size=1200 [warm=S] [time=S]
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { argument, numberArgument } from "./arguments.mjs";
import { countDatagrams, loopbackSocket } from "./loopback-sockets.mjs";
import { Meter } from "./meter.mjs";

const require = createRequire(import.meta.url);
// Its main file exports neither the class nor the UDP transport; these are what it is made of.
const root = join(dirname(require.resolve("werift-sctp")), "../../..");
const { SCTP, createUdpTransport } = require(join(root, "lib/sctp/src/index.js"));

const size = numberArgument("size", 1200);
const transport = argument("transport", "memory");
const meter = new Meter({
  peer: "werift-sctp",
  version: require(join(root, "package.json")).version,
});

let queue = [];
function deliver() {
  const now = queue;
  queue = [];
  for (const [to, packet] of now) to.onData?.(packet);
}

/** Hands packets to the other end at the next turn of the loop, all of them together. */
class MemoryWire {
  other;
  onData;
  send = async (packet) => {
    meter.packet();
    if (queue.push([this.other, packet]) === 1) setImmediate(deliver);
  };
  close() {}
}

async function wires() {
  if (transport === "udp") {
    countDatagrams(meter);
    const [a, z] = [await loopbackSocket(), await loopbackSocket()];
    return [
      createUdpTransport(a, { port: z.address().port, address: "127.0.0.1" }),
      createUdpTransport(z),
    ];
  }
  const [a, z] = [new MemoryWire(), new MemoryWire()];
  a.other = z;
  z.other = a;
  return [a, z];
}

const [a, z] = await wires();
const client = SCTP.client(a);
const server = SCTP.server(z);
await Promise.all([client.start(5000), server.start(5000)]);
await Promise.all([
  client.stateChanged.connected.asPromise(),
  server.stateChanged.connected.asPromise(),
]);

// Whatever is handed over and not yet transmitted wakes at each flush, so its cost grows with the
// square of what waits. It is fastest with 8 KiB outstanding for small messages, and with each send
// awaited for big ones: it gets what suits it.
const OUTSTANDING = 8192;
const payload = Buffer.alloc(size, 0x5a);
let sent = 0;
function pump() {
  while (!meter.done && sent - meter.bytes < OUTSTANDING) {
    sent += size;
    client.send(0, 53, payload, { ordered: true });
  }
}
const awaits = size > OUTSTANDING;
server.onReceive.subscribe((_stream, _ppid, data) => {
  meter.delivered(data.length);
  if (!awaits) pump();
});
if (awaits) while (!meter.done) await client.send(0, 53, payload, { ordered: true });
else pump();
await meter.finished;
process.exit(0);
