// multihome: one end of an association over UDP on 127.0.0.1; see two-processes.mjs.
//   node programs/ours-udp-end.mjs role=receive|send port=N peerport=N size=1200 [crc32c=native|plain] [warm=S] [time=S]
// It goes on until it is killed, so that the other end, too, can measure to the end of its time.
import { Host } from "multihome";
import { argument, numberArgument } from "./arguments.mjs";
import { Meter } from "./meter.mjs";

const sends = argument("role", "receive") === "send";
const port = numberArgument("port", 0);
const host = await Host.open({
  addresses: ["127.0.0.1"],
  mtu: 1500,
  nativeCrc32c: argument("crc32c", "native") === "native",
});
const count = () => {
  const { datagramsSent, datagramsReceived } = host.counters();
  return {
    packets: datagramsSent + datagramsReceived,
    data: sends ? datagramsSent : datagramsReceived,
  };
};
const meter = new Meter({ peer: "ours" }, count);

if (sends) {
  const association = await host.connect(`127.0.0.1:${numberArgument("peerport", 0)}`, {
    localUdpPort: port,
  });
  const payload = new Uint8Array(numberArgument("size", 1200)).fill(0x5a);
  for (;;) {
    while (association.trySend(payload).ok) meter.delivered(payload.length);
    await association.send(payload);
    meter.delivered(payload.length);
  }
} else {
  const server = await host.listen({ port });
  server.associations$.subscribe((association) => {
    association.messages$.subscribe((message) => meter.delivered(message.data.length));
  });
  console.log("ready");
}
