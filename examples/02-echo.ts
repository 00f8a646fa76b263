// An echo server and a client in one process, each with two addresses of this machine. Runs without
// privileges: SCTP goes over UDP. (macOS has one IPv4 loopback address: `sudo ifconfig lo0 alias 127.0.0.2`.)
import { Host } from "multihome";

const ADDRESSES = ["127.0.0.1", "127.0.0.2"];

const serverHost = await Host.open({ addresses: ADDRESSES });
const server = await serverHost.listen({ port: 0 }); // 0: a free one
server.associations$.subscribe((association) => {
  association.messages$.subscribe((m) => association.send(m.data, { stream: m.stream }));
});

const host = await Host.open({ addresses: ADDRESSES });
const association = await host.connect(server.addresses);
for (const word of ["one", "two", "three"]) {
  await association.send(new TextEncoder().encode(word), { stream: 1 });
}

let answers = 0;
for await (const message of association) {
  console.log(`stream ${message.stream}: ${new TextDecoder().decode(message.data)}`);
  answers++;
  if (answers === 3) break;
}
for (const path of association.paths()) {
  console.log(`${path.local} -> ${path.remote}: ${path.state}, ${path.bytesSent} bytes sent`);
}

await host.close();
await serverHost.close();
