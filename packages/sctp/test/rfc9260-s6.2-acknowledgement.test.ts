import { describe, expect, test } from "@jest/globals";
import { DataFlag } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// RFC 9260 s6.2, s6.7: what is acknowledged when, and what the receive window says.

const opened = (o: SctpOptions = {}): Script => {
  const s = new Script({ sctp: { hbIntervalMs: 3_600_000, ...o } });
  s.openFromPeer();
  return s;
};

/** The n-th DATA of the peer, a whole message of this size. */
const data = (n: number, size = 4, flags = 0): Uint8Array =>
  chunk.data(PEER_TSN + n, {
    ssn: n,
    bytes: new Uint8Array(size).fill(7),
    flags: DataFlag.begin | DataFlag.end | flags,
  });

const sackLines = (s: Script): string[] => s.lines().map((l) => l.replace(/ rwnd=\d+/, ""));

describe("RFC 9260 s6.2: figure 7, delayed acknowledgement", () => {
  test("step by step, from the side of endpoint Z", () => {
    const s = opened();
    s.receive([data(0)]); // so that the first DATA of the association is behind us
    s.take();
    s.receive([data(1)]);
    expect(s.lines()).toEqual([]); // delayed
    s.receive([data(2)]);
    expect(sackLines(s)).toEqual([`SACK cum=${PEER_TSN + 2}`]); // the second packet
    s.advance(50);
    s.receive([data(3)]);
    s.advance(100);
    expect(s.lines()).toEqual([]);
    s.endpoint.send(s.now, s.id, new Uint8Array(4), { stream: 1 });
    expect(s.relativeLines()).toEqual([
      `SACK cum=${PEER_TSN + 3} rwnd=4194288 | DATA tsn=+0 sid=1 ssn=0 len=4 BE`,
    ]);
    s.receive([chunk.sack(s.tsn)]);
    s.advance(60_000);
    expect(s.lines()).toEqual([]); // the timers of the SACK and of the DATA are off
  });

  test("figure 9: a gap is reported at once; the rest of the story is the sender's", () => {
    const s = opened();
    s.receive([data(0)]);
    s.take();
    s.receive([data(2)]);
    expect(sackLines(s)).toEqual([`SACK cum=${PEER_TSN} gaps=2-2`]);
  });
});

describe("RFC 9260 s6.2: when", () => {
  test("only the first DATA is acknowledged as the first (s5.1), also when it asked for that itself", () => {
    const s = opened();
    s.receive([data(0, 4, DataFlag.immediate)]);
    expect(sackLines(s)).toEqual([`SACK cum=${PEER_TSN}`]);
    s.receive([data(1)]);
    expect(s.lines()).toEqual([]);
  });

  test("within SACK.Delay of the first that is not acknowledged, not of the last", () => {
    const s = opened();
    s.receive([data(0)]);
    s.take();
    s.receive([data(1)]);
    s.advance(150);
    s.receive([chunk.heartbeat(Uint8Array.of(1))]); // a packet without DATA is none
    expect(s.lines()).toEqual([
      expect.stringMatching(/^HEARTBEAT ACK info=1( \| SACK cum=1001 .*)?$/),
    ]);
    const t = opened();
    t.receive([data(0)]);
    t.take();
    t.receive([data(1)]);
    expect(t.advanceToNextPacket()).toBe(200);
  });

  test.each([
    ["strict timing 200 ms", { timing: "rfc" }, 200],
    ["fast timing a tenth of the budget", { timing: "fast" }, 20],
    ["at most 500 ms", { sackDelayMs: 500 }, 500],
  ] as const)("SACK.Delay, %s", (_, o, ms) => {
    const s = opened(o);
    s.advanceAnswering(5000);
    s.receive([data(0)]);
    s.take();
    s.receive([data(1)]);
    expect(s.advanceToNextPacket()).toBe(ms);
    expect(sackLines(s)).toEqual([`SACK cum=${PEER_TSN + 1}`]);
  });

  test("never more than one SACK for a packet, whatever comes", () => {
    const s = opened();
    const kinds: (() => Uint8Array[])[] = [
      () => [data(n)],
      () => [data(n), data(n + 1), data(n + 3)],
      () => [data(n), data(n)],
      () => [data(n - 1), data(n + 2, 4, DataFlag.immediate)],
      () => [chunk.heartbeat(Uint8Array.of(1)), data(n), chunk.around(0xfe, 0, new Uint8Array(4))],
      () => [chunk.data(PEER_TSN + n, { stream: 999 })],
      () => [chunk.data(PEER_TSN + n, { stream: 999 }), data(n + 1), data(n + 1)],
    ];
    let n = 0;
    for (let i = 0; i < 200; i++) {
      s.receive(kinds[(i * 5) % kinds.length]?.() ?? []);
      const sacks = s
        .lines()
        .join(" | ")
        .split(" | ")
        .filter((l) => l.startsWith("SACK"));
      expect(sacks.length).toBeLessThanOrEqual(1);
      n = i;
    }
  });

  test("in SHUTDOWN-PENDING as before", () => {
    const s = opened();
    s.endpoint.send(s.now, s.id, new Uint8Array(4));
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([data(0)]);
    s.receive([data(1)]);
    s.receive([data(2)]);
    expect(sackLines(s)).toEqual([`SACK cum=${PEER_TSN}`, `SACK cum=${PEER_TSN + 2}`]);
  });
});

describe("RFC 9260 s6.2 rules A to D: the window that is told", () => {
  test("less what is buffered, more what was delivered", () => {
    const s = opened({ receiveBufferBytes: 40_000 });
    s.receive([data(0, 1000)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=39000`]);
    s.receive([data(1, 500)]);
    s.receive([data(2, 500)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 2} rwnd=38000`]);
    s.endpoint.receive(s.id);
    s.receive([data(3, 100)]);
    s.receive([data(4, 100)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 4} rwnd=38800`]);
  });

  test("what waits for an earlier one, or for the rest of its message, stays in the buffer", () => {
    const s = opened({ receiveBufferBytes: 40_000 });
    s.receive([data(1, 1000)]); // out of order
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN - 1} rwnd=39000 gaps=2-2`]);
    s.receive([chunk.data(PEER_TSN, { flags: DataFlag.begin, bytes: new Uint8Array(700) })]);
    expect(s.endpoint.receive(s.id)).toBeUndefined();
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=38300`]);
  });

  test("duplicates and what belongs to an invalid stream take no room", () => {
    const s = opened({ receiveBufferBytes: 40_000 });
    s.receive([data(0, 1000), data(0, 1000), chunk.data(PEER_TSN + 1, { stream: 999 })]);
    expect(s.lines()[0]).toContain(`SACK cum=${PEER_TSN + 1} rwnd=39000 dups=${PEER_TSN}`);
  });

  test("departure: told as 0 for being small, it still takes a chunk that was under way", () => {
    const s = opened({ receiveBufferBytes: 4096 });
    s.receive([data(0, 1400), data(1, 1300)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=0`]); // 1396 are left
    s.receive([data(2, 1300)]);
    expect(s.lines()).toEqual([]); // delayed as any other
    s.receive([data(3, 1400)]); // 96 are left: the last chunk may pass the edge
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 3} rwnd=0`]);
    s.receive([data(4, 4)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 3} rwnd=0`]);
    expect(s.endpoint.counters.dataNoWindow).toBe(1);
  });

  test("departure: with a full buffer what fills a gap is taken, and nothing else is given up for it", () => {
    const s = opened({ receiveBufferBytes: 4096 });
    for (const n of [1, 2, 3]) s.receive([data(n, 1400)]);
    expect(sackLines(s).at(-1)).toBe(`SACK cum=${PEER_TSN - 1} gaps=2-4`);
    s.receive([data(4, 1400)]);
    // what is above all is dropped, and not in the SACK
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN - 1} rwnd=0 gaps=2-4`]);
    s.receive([data(0, 1400)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 3} rwnd=0`]);
    const read = [0, 1, 2, 3].map(() => s.endpoint.receive(s.id)?.data.length);
    expect(read).toEqual([1400, 1400, 1400, 1400]);
  });
});

describe("RFC 9260 s6.2: window updates", () => {
  test("one, as soon as there is room for a packet, when it was closed", () => {
    const s = opened({ receiveBufferBytes: 8192 });
    for (let n = 0; n < 6; n++) s.receive([data(n, 1400)]);
    s.advance(200);
    expect(s.lines().at(-1)).toBe(`SACK cum=${PEER_TSN + 5} rwnd=0`);
    s.endpoint.receive(s.id); // 1192 free: too small to tell
    expect(s.lines()).toEqual([]);
    s.endpoint.receive(s.id);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 5} rwnd=2592`]);
    s.endpoint.receive(s.id);
    expect(s.lines()).toEqual([]); // 1400 more are less than a quarter of the buffer
    s.endpoint.receive(s.id);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 5} rwnd=5392`]);
  });

  test("none while the application takes nothing", () => {
    const s = opened({ receiveBufferBytes: 4096 });
    for (let n = 0; n < 3; n++) s.receive([data(n, 1400)]);
    s.take();
    s.advance(600_000);
    expect(s.lines()).toEqual([]);
  });
});
