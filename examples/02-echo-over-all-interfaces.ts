// One association over every pair of addresses. 127.0.0.x stands for your real interfaces: leave
// `addresses` out and a host uses all of them.
import { Host } from "multihome";

const peer = await Host.open({ addresses: ["127.0.0.1", "127.0.0.2"] });
const server = await peer.listen({ port: 0 });
server.associations$.subscribe((a) => {
  a.messages$.subscribe((m) => void a.send(m.data, { stream: m.stream }));
});

const host = await Host.open({ addresses: ["127.0.0.3", "127.0.0.4"] });
const a = await host.connect([...server.addresses]);
for (const text of ["hello", "again"]) {
  await a.send(new TextEncoder().encode(text), { stream: 3 });
}
let answers = 0;
for await (const m of a) {
  console.log(`stream ${m.stream}: ${new TextDecoder().decode(m.data)}`);
  answers++;
  if (answers === 2) break;
}
for (const p of a.paths()) console.log(`${p.local} -> ${p.remote}: ${p.state}`);
console.log(`ended: ${(await a.close()).kind}`);
await host.close();
await peer.close();
