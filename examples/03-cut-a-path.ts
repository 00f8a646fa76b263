// A message every 20 ms over two paths. The one in use is cut below the transport, so that nobody is told;
// the association finds out, moves, and comes back when the path does. Every message arrives once.
import { Host, Impairment } from "multihome";

const wifi = { local: "127.0.0.1", remote: "127.0.1.1" };
const cellular = { local: "127.0.0.2", remote: "127.0.1.2" };

const serverHost = await Host.open({ addresses: [wifi.remote, cellular.remote] });
const server = await serverHost.listen({ port: 0 });
let arrived = 0;
server.associations$.subscribe((a) => a.messages$.subscribe(() => arrived++));

// Worse paths on purpose, each with a delay of its own.
const impair = new Impairment();
impair.set(wifi, { delayMs: 10 });
impair.set(cellular, { delayMs: 25 });

const host = await Host.open({ addresses: [wifi.local, cellular.local], impair });
const association = await host.connect(server.addresses);

const recovered = new Promise<void>((resolve) => {
  association.paths$.subscribe((event) => {
    if (event.kind !== "switched") return;
    const { from, to, cause, stallMs } = event;
    console.log(`${from.local} -> ${to.local}: ${cause}, stalled for ${stallMs.toFixed(0)} ms`);
    if (cause === "switchback") resolve();
  });
});

let sent = 0;
const sending = setInterval(() => {
  sent++;
  void association.send(new Uint8Array(1000));
}, 20);

const current = association.paths().find((path) => path.current);
const cut = { local: current?.local ?? wifi.local };
setTimeout(() => impair.cut(cut), 300);
setTimeout(() => impair.heal(cut), 1300);
await recovered;

clearInterval(sending);
await association.close(); // delivers what is under way first
console.log(`${sent} messages sent, ${arrived} arrived`);
await host.close();
await serverHost.close();
