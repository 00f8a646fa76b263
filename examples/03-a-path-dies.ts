// A path is cut silently while messages flow: the association tells what it does, and nothing is lost.
import { Host, Impairment } from "multihome";

const MESSAGES = 100;

const peer = await Host.open({ addresses: ["127.0.0.1", "127.0.0.2"] });
const server = await peer.listen({ port: 0 });
let received = 0;
server.associations$.subscribe((a) => {
  a.messages$.subscribe(() => {
    received++;
  });
});

const impair = new Impairment();
impair.set({}, { delayMs: 10 });
const host = await Host.open({ addresses: ["127.0.0.3", "127.0.0.4"], impair });
const a = await host.connect([...server.addresses]);
a.paths$.subscribe((e) => {
  if (e.kind === "switched") {
    console.log(
      `${e.from.local} -> ${e.to.local}: ${e.cause}, ${e.stallMs.toFixed(0)} ms without progress`,
    );
  }
});
for (let i = 0; i < MESSAGES; i++) {
  if (i === MESSAGES / 2) impair.cut({ local: "127.0.0.3" });
  await a.send(new Uint8Array(1200));
  await new Promise((resolve) => setTimeout(resolve, 10));
}
await a.close(); // everything given to send is delivered first
console.log(`${received} of ${MESSAGES} messages arrived`);
await host.close();
await peer.close();
process.exitCode = received === MESSAGES ? 0 : 1;
