// The npm package sctp (node-sctp): both endpoints in this process, one association, one way.
//   node programs/node-sctp.mjs transport=memory|udp size=1200 [warm=S] [time=S]
import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { argument, numberArgument } from "./arguments.mjs";
import { countDatagrams, loopbackSocket } from "./loopback-sockets.mjs";
import { Meter } from "./meter.mjs";

const require = createRequire(import.meta.url);
const sctp = require("sctp");

const HIGH_WATER_MARK = 1 << 20;
const size = numberArgument("size", 1200);
const transport = argument("transport", "memory");
const meter = new Meter({ peer: "sctp", version: require("sctp/package.json").version });

let queue = [];
function deliver() {
  const now = queue;
  queue = [];
  for (const [to, packet] of now) to.emit("message", packet, { address: "127.0.0.1", port: 1 });
}

/** Has the shape of a dgram socket; hands packets over at the next turn of the loop, all together. */
class MemorySocket extends EventEmitter {
  other;
  send(packet, ...rest) {
    meter.packet();
    if (queue.push([this.other, Buffer.from(packet)]) === 1) setImmediate(deliver);
    const sent = rest.at(-1);
    // Called at once, it stalls after two messages.
    if (typeof sent === "function") process.nextTick(sent, null, packet.length);
  }
  close() {}
}

async function sockets() {
  if (transport === "udp") {
    countDatagrams(meter);
    const [a, z] = [await loopbackSocket(), await loopbackSocket()];
    a.connect(z.address().port, "127.0.0.1");
    z.connect(a.address().port, "127.0.0.1");
    await Promise.all([once(a, "connect"), once(z, "connect")]);
    return [a, z];
  }
  const [a, z] = [new MemorySocket(), new MemorySocket()];
  a.other = z;
  z.other = a;
  return [a, z];
}

const [a, z] = await sockets();
const udpPeer = { host: "127.0.0.1", port: 1 };
const common = { udpPeer, highWaterMark: HIGH_WATER_MARK };
const receiver = sctp.connect({
  ...common,
  passive: true,
  localPort: 5002,
  port: 5001,
  udpTransport: z,
  readableHighWaterMark: HIGH_WATER_MARK,
});
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
receiver.on("error", fail);
receiver.on("data", (data) => meter.delivered(data.length));
receiver.on("stream", (stream) => stream.on("data", (data) => meter.delivered(data.length)));
const sender = sctp.connect({ ...common, localPort: 5001, port: 5002, udpTransport: a });
sender.on("error", fail);
sender.on("connect", () => {
  const payload = Buffer.alloc(size, 0x5a);
  const pump = () => {
    while (!meter.done) {
      if (!sender.write(payload)) {
        sender.once("drain", pump);
        return;
      }
    }
  };
  pump();
});
await meter.finished;
process.exit(0);
