// Two hosts, two paths, one association, in virtual time: the first path dies in mid-conversation.
import { Pair } from "@multihome/testkit";

const pair = new Pair({ seed: 7, topology: { delaysMs: [10, 25] } });
pair.connect();
pair.send("a", { bytes: 1000, count: 20 });
pair.advance(100);

pair.apply({ op: "cut", path: 0 }); // every packet vanishes; nobody is told
pair.send("a", { bytes: 1000, count: 20 });
pair.advance(1000);

for (const event of pair.a.node.log) {
  if (event.kind !== "path" || event.event.kind !== "switched") continue;
  const { at, from, to, cause, stall } = event.event;
  console.log(
    `at ${at / 1000} ms: ${from.local} -> ${to.local}, ${cause}, after ${stall / 1000} ms of silence`,
  );
}
console.log(`${pair.z.received.length} of 40 messages arrived`);

pair.repairAll();
console.log(`came to rest: ${pair.runUntilIdle().idle}`);
