import { describe, expect, test } from "@jest/globals";
import { IpAddress, SeededRandom } from "@multihome/base";
import {
  type AssociationId,
  BufferBudget,
  SctpEndpoint,
  type SctpOptions,
  type SctpStatus,
  sctpConfig,
} from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

const MIB = 1 << 20;
const message = new Uint8Array(1000);

const status = (s: Script): SctpStatus => {
  const found = s.endpoint.status(s.id);
  if (found === undefined) throw new Error("no such association");
  return found;
};

const opened = (sctp: SctpOptions = {}): Script => {
  const s = new Script({
    sctp: { receiveBufferBytes: 8192, sendBufferBytes: 8192, maxBurst: 1000, ...sctp },
  });
  s.openFromPeer({ aRwnd: 100 * MIB });
  return s;
};

/** The peer sends 40 messages of 1000 bytes every 100 ms; the application takes them, or does not. */
function receive(s: Script, rounds: number, from = 0, reads = true): number {
  let n = from;
  for (let r = 0; r < rounds; r++) {
    for (let i = 0; i < 40; i++, n++) {
      s.receive([chunk.data(PEER_TSN + n, { ssn: n & 0xffff, bytes: message })]);
      while (reads && s.endpoint.receive(s.id) !== undefined) {
        // all of it
      }
    }
    s.advance(100);
    s.take();
  }
  return n;
}

describe("the receive buffer", () => {
  test("grows to 1.75 times what the application takes in a round trip", () => {
    const s = opened({ maxReceiveBufferBytes: MIB });
    expect(status(s).receiveBufferBytes).toBe(8192);
    // Nothing told the round trip here, so a second is taken for it: 400 messages.
    receive(s, 40);
    expect(status(s).receiveBufferBytes / 1.75 / 400_000).toBeCloseTo(1, 0);
    s.receive([chunk.data(PEER_TSN + 1600, { bytes: message })]);
    s.advance(1000);
    expect(s.lines().join()).toMatch(/SACK cum=2600 rwnd=[67]\d{5}/);
  });

  test("ends where its bound is", () => {
    const s = opened({ maxReceiveBufferBytes: 100_000 });
    receive(s, 40);
    expect(status(s).receiveBufferBytes).toBe(100_000);
  });

  test("keeps its size when it was given one and no bound", () => {
    const s = opened();
    receive(s, 40);
    expect(status(s).receiveBufferBytes).toBe(8192);
  });

  test("does not grow for an application that takes nothing", () => {
    const s = opened({ maxReceiveBufferBytes: MIB });
    receive(s, 40, 0, false);
    expect(status(s).receiveBufferBytes).toBe(8192);
    expect(status(s).unreadBytes).toBeLessThanOrEqual(8192 + 1000);
    expect(s.endpoint.counters.dataNoWindow).toBeGreaterThan(0);
  });

  test("goes back to its first size, and gives the rest to others, after ten seconds of silence", () => {
    const s = opened({ maxReceiveBufferBytes: MIB, hbIntervalMs: 3_600_000 });
    receive(s, 40);
    expect(s.endpoint.buffers.used).toBe(status(s).receiveBufferBytes - 8192);
    s.advance(20_000);
    expect(status(s).receiveBufferBytes).toBe(8192);
    expect(s.endpoint.buffers.used).toBe(0);
  });
});

describe("the send buffer", () => {
  /** Fills it; how many bytes were taken. */
  const fill = (s: Script): number => {
    const before = status(s).bufferedBytes;
    while (s.endpoint.send(s.now, s.id, message).ok) {
      // until it is full
    }
    s.take();
    return status(s).bufferedBytes - before;
  };

  test("grows to twice the congestion window, and `wouldBlock` and `writable` go by that", () => {
    const s = opened({ maxSendBufferBytes: MIB });
    expect(fill(s)).toBe(8000); // twice the first window, 4404 bytes, is 8808
    let acked = s.tsn - 1;
    for (let i = 0; i < 6; i++) {
      const out = status(s).outstandingBytes / 1000;
      for (let k = 0; k < out; k++) s.receive([chunk.sack(++acked, { aRwnd: 100 * MIB })]);
      expect(s.takeEvents().some((e) => e.startsWith("writable"))).toBe(true);
      fill(s);
    }
    const cwnd = s.endpoint.paths(s.id)[0]?.cwnd ?? 0;
    expect(cwnd).toBeGreaterThan(40_000);
    expect(status(s).sendBufferBytes).toBe(2 * cwnd);
    expect(status(s).bufferedBytes).toBeGreaterThan(2 * cwnd - 1000);
    expect(status(s).bufferedBytes).toBeLessThanOrEqual(2 * cwnd);
  });

  test("keeps its size when it was given one and no bound", () => {
    const s = opened();
    for (let i = 0; i < 20; i++) {
      fill(s);
      s.receive([chunk.sack(s.tsn + i, { aRwnd: 100 * MIB })]);
    }
    expect(status(s).sendBufferBytes).toBe(8192);
  });
});

describe("what the associations of a host share", () => {
  test("growth ends when it is used up, and goes on when another association gave back", () => {
    const budget = new BufferBudget(100_000);
    expect(budget.take(60_000)).toBe(60_000);
    expect(budget.take(60_000)).toBe(40_000);
    expect(budget.take(1)).toBe(0);
    budget.giveBack(50_000);
    expect(budget.used).toBe(50_000);
    expect(budget.take(1)).toBe(1);
  });

  test("an association takes from it and gives back at its end", () => {
    const s = opened({ maxReceiveBufferBytes: MIB, sharedBufferBytes: 50_000 });
    receive(s, 40);
    expect(status(s).receiveBufferBytes).toBe(58_192);
    expect(s.endpoint.buffers.used).toBe(50_000);
    s.endpoint.abort(s.now, s.id);
    s.take();
    expect(s.endpoint.buffers.used).toBe(0);
  });

  test("two endpoints may have one", () => {
    const buffers = new BufferBudget(5);
    const make = (port: number): SctpEndpoint =>
      new SctpEndpoint(
        0 as never,
        sctpConfig(),
        { random: new SeededRandom(port), buffers },
        port,
        0,
        [
          {
            address: IpAddress.parse("10.0.0.1"),
            interfaceName: "eth0",
            metered: false,
            cost: 0,
            allowed: true,
          },
        ],
        () => 1 as AssociationId,
      );
    expect(make(1).buffers).toBe(make(2).buffers);
  });
});
