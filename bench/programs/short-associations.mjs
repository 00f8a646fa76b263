// Short associations over UDP on 127.0.0.1, in real time: each is set up, carries one message, and is closed.
//   node --expose-gc programs/short-associations.mjs [count=10000] [parallel=50]
import { Host } from "multihome";
import { numberArgument } from "./arguments.mjs";

const COUNT = numberArgument("count", 10_000);
const PARALLEL = numberArgument("parallel", 50);

function bytesInUse() {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const options = { addresses: ["127.0.0.1"] };
const [a, z] = [await Host.open(options), await Host.open(options)];
const server = await z.listen({ port: 0 });
let delivered = 0;
server.associations$.subscribe((association) => {
  association.messages$.subscribe(() => {
    delivered++;
  });
});
const payload = new Uint8Array(100);

/** Runs `count` of them, so many at a time. */
async function churn(count) {
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      begun++;
      const association = await a.connect(server.addresses[0]);
      await association.send(payload);
      await association.close();
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

await churn(Math.ceil(COUNT / 5)); // code is compiled, tables have a size
const before = bytesInUse();
delivered = 0;
const at = performance.now();
const cpu = process.cpuUsage();
await churn(COUNT);
const seconds = (performance.now() - at) / 1000;
const used = process.cpuUsage(cpu);
await new Promise((resolve) => setTimeout(resolve, 1000)); // the last SHUTDOWN COMPLETEs arrive
console.log(
  JSON.stringify({
    count: COUNT,
    delivered,
    seconds: Number(seconds.toFixed(1)),
    perMinute: Math.round((COUNT / seconds) * 60),
    cpuMicrosEach: Math.round((used.user + used.system) / COUNT),
    left: a.associations.length + z.associations.length,
    grownBytes: bytesInUse() - before,
  }),
);
process.exit(0);
