import { describe, expect, test } from "@jest/globals";
import { EPOCH, IpAddress, SeededRandom } from "@multihome/base";
import type { HostCore } from "../src/index.js";
import { bytesInUse } from "./support/heap.js";
import { HostPair, hostOn } from "./support/host-pair.js";

const PORT = 5000;
const SERVER = "192.0.2.1";
const BYTES = Uint8Array.of(1, 2, 3);

function server(): HostCore {
  const z = hostOn([SERVER], new SeededRandom(1));
  z.listen(EPOCH, { port: PORT, udpPort: 0 });
  return z;
}

function connect(pair: HostPair): number {
  return pair.a.connect(pair.now, {
    remotes: [IpAddress.parse(SERVER)],
    port: PORT,
    peerUdpPort: 0,
    udpPort: 0,
  });
}

/** Opens so many from an address of their own, over 2 s. */
function open(pair: HostPair, count: number): void {
  for (let i = 0; i < count; i++) {
    connect(pair);
    if (i % 100 === 99) pair.run(2000 / (count / 100));
  }
  pair.run(3000);
}

describe("idle associations", () => {
  test("each takes at most 4 KiB of a server", () => {
    const z = server();
    // Code is compiled, tables have a size.
    open(new HostPair(EPOCH, hostOn(["192.0.2.9"], new SeededRandom(9)), z), 300);
    const before = bytesInUse();
    const clients: { pair: HostPair | undefined } = {
      pair: new HostPair(EPOCH, hostOn(["192.0.2.2"], new SeededRandom(2)), z),
    };
    if (clients.pair !== undefined) open(clients.pair, 2000);
    clients.pair = undefined;
    expect(z.associationCount).toBe(2300);
    expect((bytesInUse() - before) / 2000).toBeLessThanOrEqual(4096);
  });

  test("they wake their host one by one, as often as HEARTBEATs need", () => {
    const pair = new HostPair(EPOCH, hostOn(["192.0.2.2"], new SeededRandom(2)), server());
    open(pair, 500);
    pair.packets = 0;
    pair.timeouts = 0;
    let busiest = 0;
    for (let i = 0; i < 1000; i++) {
      const before = pair.packets;
      pair.run(10);
      busiest = Math.max(busiest, pair.packets - before);
    }
    // HB.interval is 1 s, the RTO on top of it 200 ms at least, and each side asks: at most 4 packets per 1.1 s.
    expect(pair.packets).toBeLessThan((500 * 4 * 10) / 1.1);
    expect(pair.timeouts).toBeLessThan((500 * 2 * 10) / 1.1);
    // On average 0.9 % of a second's packets leave in 10 ms.
    expect(busiest).toBeLessThan(500 * 4 * 0.04);
  });
});

describe("10,000 associations a minute: set up, one message, shut down", () => {
  /** Lets `count` of them come and go at that rate; each end is a shutdown, each message arrives. */
  function churn(pair: HostPair, count: number): { delivered: number; shutdowns: number } {
    const seen = { delivered: 0, shutdowns: 0 };
    pair.onEvent = (host, e) => {
      if (e.kind === "readable") {
        while (host.receive(e.id) !== undefined) seen.delivered++;
      } else if (e.kind === "up" && host === pair.a) {
        host.send(pair.now, e.id, BYTES);
        host.shutdown(pair.now, e.id);
      } else if (e.kind === "ended" && e.cause.kind === "shutdown") seen.shutdowns++;
    };
    for (let i = 0; i < count; i++) {
      connect(pair);
      pair.run(6);
    }
    pair.run(1000);
    return seen;
  }

  test("nothing is left of them, and memory stays as it was", () => {
    const pair = new HostPair(EPOCH, hostOn(["192.0.2.2"], new SeededRandom(2)), server());
    churn(pair, 2000);
    const before = bytesInUse();
    expect(churn(pair, 3000)).toEqual({ delivered: 3000, shutdowns: 6000 });
    expect(pair.a.associationCount).toBe(0);
    expect(pair.z.associationCount).toBe(0);
    expect(pair.a.openPortCount).toBe(0);
    expect(pair.z.openPortCount).toBe(1);
    expect(pair.slab.used).toBe(0);
    // Tables breathe; but an object for each, 100 bytes or more, would be there 3,000 times.
    expect(bytesInUse() - before).toBeLessThan(300_000);
  });
});
