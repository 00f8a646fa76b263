// One association over a simulated link, in virtual time: the rate in each round trip since the start.
//   node programs/wan.mjs [rate=1e9] [rtt=100] [rtts=30] [loss=0] [queue=1] [streams=1] [congestion=newreno] [seed=1]
// `queue` in bandwidth-delay products, `rtt` in milliseconds.
import { performance } from "node:perf_hooks";
import { loadCrc32c } from "@multihome/crc32c-native";
import { BulkTransfer } from "@multihome/testkit";
import { useCrc32c } from "@multihome/wire";
import { argument, numberArgument } from "./arguments.mjs";

const load = loadCrc32c();
if (load.ok) useCrc32c(load.native.crc32c);

const rateBps = numberArgument("rate", 1e9);
const rtt = numberArgument("rtt", 100);
const rtts = numberArgument("rtts", 30);
const streams = numberArgument("streams", 1);
const congestion = argument("congestion", "newreno");

const begin = performance.now();
const bulk = new BulkTransfer({
  seed: numberArgument("seed", 1),
  rateBps,
  delayMs: rtt / 2,
  queueBytes: Math.round((rateBps / 8000) * rtt * numberArgument("queue", 1)),
  loss: numberArgument("loss", 0),
  flows: [{ streams, messageBytes: streams > 1 ? 4000 : 16_384, sctp: { congestion } }],
});
bulk.runFor(rtt * rtts);
const seconds = (performance.now() - begin) / 1000;
const counters = bulk.flows[0].sender.core.counters();
const curve = Array.from({ length: rtts }, (_, i) => bulk.curve(0)[i] ?? 0);
const half = rtts >> 1;
console.log(
  JSON.stringify({
    curve: curve.map((share) => Number(share.toPrecision(3))),
    secondHalf: bulk.rateBps(0, half * rtt, rtts * rtt) / rateBps,
    timeouts: counters.t3Expirations,
    lost: bulk.link.dropped.queueFull + bulk.link.dropped.loss,
    simulatedPerSecond: Number(((rtt * rtts) / 1000 / seconds).toPrecision(3)),
  }),
);
