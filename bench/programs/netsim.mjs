// How fast the simulator runs: simulated seconds and packets in a second of this machine.
//   node programs/netsim.mjs [time=2.5]
import { performance } from "node:perf_hooks";
import { IpAddress, millis } from "@multihome/base";
import { loadCrc32c } from "@multihome/crc32c-native";
import { ConstantTraffic, twoHosts } from "@multihome/netsim";
import { BulkTransfer, Pair } from "@multihome/testkit";
import { useCrc32c } from "@multihome/wire";
import { numberArgument } from "./arguments.mjs";

const load = loadCrc32c();
if (load.ok) useCrc32c(load.native.crc32c);
const time = numberArgument("time", 2.5) * 1000;

/** Runs `step(ms)` until the time is over. */
function measure(name, stepMs, step, packets) {
  step(stepMs); // warm
  const before = packets();
  const begin = performance.now();
  let simulated = 0;
  let now = begin;
  for (; now - begin < time; now = performance.now()) {
    step(stepMs);
    simulated += stepMs;
  }
  const seconds = (now - begin) / 1000;
  return {
    name,
    simulatedPerSecond: Number((simulated / 1000 / seconds).toPrecision(3)),
    packetsPerSecond: Math.round((packets() - before) / seconds),
  };
}

function bareLink() {
  const net = twoHosts({ seed: 1, paths: [{ rateBps: 100e6, delayMs: 20 }] });
  const sender = new ConstantTraffic({
    local: IpAddress.parse("10.0.0.2"),
    remote: IpAddress.parse("10.0.1.2"),
    rateBps: 96e6,
  });
  const receiver = new ConstantTraffic();
  net.a.attach(sender);
  net.z.attach(receiver);
  const run = (ms) => net.sim.runFor(millis(ms));
  return measure("96 Mbit/s of UDP over one link", 100, run, () => receiver.received);
}

function association(rateBps) {
  const bulk = new BulkTransfer({ seed: 1, rateBps, delayMs: 20 });
  bulk.runFor(2000);
  const packets = () => bulk.link.counters.delivered + bulk.link.reverse.counters.delivered;
  return measure(
    `an association that fills ${rateBps / 1e6} Mbit/s, both ends`,
    100,
    (ms) => bulk.runFor(ms),
    packets,
  );
}

function idlePair() {
  const pair = new Pair({ seed: 1, topology: { delaysMs: [10, 25] } });
  pair.connect();
  const links = pair.net.paths.flatMap((path) => [path.link.aToZ, path.link.zToA]);
  const packets = () => links.reduce((sum, link) => sum + link.counters.delivered, 0);
  return measure("an idle association with two paths", 60_000, (ms) => pair.advance(ms), packets);
}

const rows = [bareLink(), association(10e6), association(100e6), idlePair()];
console.log(JSON.stringify({ rows }));
