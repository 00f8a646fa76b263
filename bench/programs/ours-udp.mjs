// multihome: two hosts in this process, one association, one way, over UDP on loopback.
//   node programs/ours-udp.mjs size=1200 [crc32c=native|plain] [warm=S] [time=S]
import { Host } from "multihome";
import { argument, numberArgument } from "./arguments.mjs";
import { countDatagrams } from "./loopback-sockets.mjs";
import { Meter } from "./meter.mjs";

const size = numberArgument("size", 1200);
const meter = new Meter({ peer: "ours" });
countDatagrams(meter);

const options = {
  addresses: ["127.0.0.1"],
  mtu: 1500,
  nativeCrc32c: argument("crc32c", "native") === "native",
};
const [a, z] = [await Host.open(options), await Host.open(options)];
const server = await z.listen({ port: 0 });
server.associations$.subscribe((association) => {
  association.messages$.subscribe((message) => meter.delivered(message.data.length));
});

const association = await a.connect([server.addresses[0]]);
const payload = new Uint8Array(size).fill(0x5a);
while (!meter.done) {
  // As much as there is room for at once, then one that waits for room.
  while (association.trySend(payload).ok);
  await association.send(payload);
}
await meter.finished;
process.exit(0);
