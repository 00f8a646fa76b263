import { expect, test } from "@jest/globals";
import { EPOCH, IpAddress, type RandomSource, SeededRandom } from "@multihome/base";
import { bytesInUse } from "./support/heap.js";
import { HostPair, hostOn } from "./support/host-pair.js";

const PORT = 5000;
const A = ["192.0.2.1", "198.51.100.1"] as const;
const Z = ["192.0.2.2", "198.51.100.2"] as const;
const HOURS = 24;
/** 86,400 s of these: more messages than a stream has sequence numbers. */
const MESSAGES_PER_MINUTE = 50;

/** While `high`, every draw is near 2^32: the TSNs that begin then wrap within the first 65,536 messages. */
class WrappingRandom implements RandomSource {
  high = false;
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  nextU32(): number {
    const drawn = this.#random.nextU32();
    return this.high ? (drawn | 0xffff8000) >>> 0 : drawn;
  }

  fill(into: Uint8Array): void {
    this.#random.fill(into);
  }
}

test("an association lives for 24 hours: paths fail and come back, numbers wrap, memory stays as it was", () => {
  const random = [new WrappingRandom(1), new WrappingRandom(2)] as const;
  const sctp = { hbIntervalMs: 5000 };
  const [a, z] = [hostOn(A, random[0], sctp), hostOn(Z, random[1], sctp)];
  const pair = new HostPair(EPOCH, a, z);
  z.listen(EPOCH, { port: PORT, udpPort: 0 });
  const payload = new Uint8Array(64);
  const view = new DataView(payload.buffer);
  let [sent, received, failures, recoveries] = [0, 0, 0, 0];
  pair.onEvent = (host, e) => {
    if (e.kind === "readable") {
      for (let m = host.receive(e.id); m !== undefined; m = host.receive(e.id)) {
        // Whole, in order, once.
        expect(new DataView(m.data.buffer, m.data.byteOffset).getUint32(0)).toBe(received);
        received++;
      }
    } else if (e.kind === "path" && e.event.kind === "potentiallyFailed") failures++;
    else if (e.kind === "path" && e.event.kind === "recovered") recoveries++;
    expect(e.kind).not.toBe("ended");
  };
  for (const r of random) r.high = true;
  const id = a.connect(EPOCH, {
    remotes: Z.map((text) => IpAddress.parse(text)),
    port: PORT,
    peerUdpPort: 0,
    udpPort: 0,
  });
  pair.run(100);
  for (const r of random) r.high = false;

  const hour = (n: number): void => {
    for (let minute = 0; minute < 60; minute++) {
      // Once an hour the path in use goes for three minutes, in turn.
      const path = Z[n % 2] as string;
      if (minute === 20) pair.cut.add(path);
      if (minute === 23) pair.cut.delete(path);
      for (let i = 0; i < MESSAGES_PER_MINUTE; i++) {
        view.setUint32(0, sent);
        expect(a.send(pair.now, id, payload.slice())).toMatchObject({ ok: true });
        sent++;
        pair.run(60_000 / MESSAGES_PER_MINUTE);
      }
    }
  };
  for (let n = 0; n < 4; n++) hour(n);
  const before = bytesInUse();
  for (let n = 4; n < HOURS; n++) hour(n);
  // What is compiled late takes 250 kB; the least object kept of each message would take 1 MB.
  expect(bytesInUse() - before).toBeLessThan(500_000);
  expect(received).toBe(sent);
  expect(sent).toBeGreaterThan(65_536);
  expect(failures).toBeGreaterThanOrEqual(HOURS / 2);
  expect(recoveries).toBe(failures);
  expect(a.audit(id)).toBeUndefined();
  expect(pair.slab.used).toBeLessThan(8); // a HEARTBEAT may be under way
  a.shutdown(pair.now, id);
  pair.onEvent = () => {};
  pair.run(2000);
  expect([a.associationCount, z.associationCount, a.openPortCount]).toEqual([0, 0, 0]);
  expect(pair.slab.used).toBe(0);
});
