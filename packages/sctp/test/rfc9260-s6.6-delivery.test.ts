import { describe, expect, test } from "@jest/globals";
import { DataFlag } from "@multihome/wire";
import type { ReceivedMessage } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

const B = DataFlag.begin;
const E = DataFlag.end;
const U = DataFlag.unordered;

const opened = (sctp = {}): Script => {
  const s = new Script({ sctp });
  s.openFromPeer();
  return s;
};

/** Everything that can be read now. */
const read = (s: Script): ReceivedMessage[] => {
  const got: ReceivedMessage[] = [];
  for (let m = s.endpoint.receive(s.id); m !== undefined; m = s.endpoint.receive(s.id)) got.push(m);
  return got;
};

/** `stream/first byte` of everything that can be read now. */
const order = (s: Script): string[] => read(s).map((m) => `${m.stream}/${m.data[0]}`);

const part = (
  n: number,
  flags: number,
  o: { stream?: number; ssn?: number; size?: number; byte?: number; ppid?: number } = {},
): Uint8Array =>
  chunk.data(PEER_TSN + n, {
    flags,
    stream: o.stream ?? 0,
    ssn: o.ssn ?? 0,
    ppid: o.ppid ?? 0,
    bytes: new Uint8Array(o.size ?? 4).fill(o.byte ?? n),
  });

describe("RFC 9260 s6.6: ordered and unordered delivery", () => {
  test("within a stream by stream sequence number; other streams do not wait", () => {
    const s = opened();
    s.receive([part(2, B | E, { ssn: 2 })]);
    s.receive([part(1, B | E, { ssn: 1 })]);
    s.receive([part(4, B | E, { stream: 1, ssn: 0 })]);
    expect(order(s)).toEqual(["1/4"]);
    s.receive([part(0, B | E, { ssn: 0 })]);
    expect(order(s)).toEqual(["0/0", "0/1", "0/2"]);
  });

  test("unordered messages pass, whatever their SSN field says", () => {
    const s = opened();
    s.receive([part(1, B | E, { ssn: 1 })]);
    s.receive([part(2, U | B | E, { ssn: 7 })]);
    expect(order(s)).toEqual(["0/2"]);
    s.receive([part(0, B | E, { ssn: 0 })]);
    expect(order(s)).toEqual(["0/0", "0/1"]);
  });

  test("stream sequence numbers wrap from 65535 to 0", () => {
    const s = opened();
    let n = 0;
    while (n < 65_536) {
      s.receive(Array.from({ length: 64 }, () => part(n, B | E, { ssn: n++ })));
      read(s);
    }
    read(s);
    s.receive([part(n + 1, B | E, { ssn: 1, byte: 77 })]);
    expect(read(s)).toEqual([]);
    s.receive([part(n, B | E, { ssn: 0, byte: 76 })]);
    expect(read(s).map((m) => [m.ssn, m.data[0]])).toEqual([
      [0, 76],
      [1, 77],
    ]);
  });

  test("a message far ahead in its stream waits; it is not taken for an old one", () => {
    const s = opened();
    s.receive([part(1, B | E, { ssn: 40_000 })]);
    expect(read(s)).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("stream, SSN and payload protocol identifier are handed over", () => {
    const s = opened();
    s.receive([part(0, B | E, { stream: 3, ppid: 0xdead_beef })]);
    expect(read(s)).toEqual([
      {
        data: Uint8Array.of(0, 0, 0, 0),
        stream: 3,
        ssn: 0,
        ppid: 0xdead_beef,
        unordered: false,
        begin: true,
        end: true,
      },
    ]);
  });

  test("a stream sequence number that is used twice is a protocol violation", () => {
    const s = opened();
    s.receive([part(1, B | E, { ssn: 1 }), part(2, B | E, { ssn: 1 })]);
    expect(s.lines()).toEqual([expect.stringMatching(/^ABORT protocolViolation/)]);
    expect(s.ended()?.kind).toBe("protocolViolation");
  });

  test("what waits for an earlier message stays readable in order after the end, and no more", () => {
    const s = opened();
    s.receive([part(0, B | E), part(2, B | E, { ssn: 2 })]);
    s.receive([chunk.abort()]);
    expect(order(s)).toEqual(["0/0"]);
    expect(s.endpoint.unreadCount).toBe(0);
  });
});

describe("RFC 9260 s6.9: reassembly", () => {
  test("fragments in any order make the message", () => {
    const s = opened();
    s.receive([part(2, E, { size: 2 })]);
    s.receive([part(0, B, { size: 3 })]);
    expect(read(s)).toEqual([]);
    s.receive([part(1, 0, { size: 1 })]);
    expect(read(s).map((m) => [...m.data])).toEqual([[0, 0, 0, 1, 2, 2]]);
    expect(s.endpoint.status(s.id)?.unreadBytes).toBe(0);
  });

  test("unordered messages are put together, too", () => {
    const s = opened();
    s.receive([part(1, U | E), part(0, U | B)]);
    expect(read(s).map((m) => [m.unordered, m.data.length])).toEqual([[true, 8]]);
  });

  test("messages of several streams one after the other", () => {
    const s = opened();
    s.receive([part(0, B), part(1, E), part(2, B, { stream: 1 }), part(3, 0, { stream: 1 })]);
    s.receive([part(4, E, { stream: 1 }), part(5, B | E, { ssn: 1 })]);
    expect(read(s).map((m) => [m.stream, m.ssn, m.data.length])).toEqual([
      [0, 0, 8],
      [1, 0, 12],
      [0, 1, 4],
    ]);
  });

  test("TSNs wrap in the middle of a message", () => {
    const s = new Script();
    s.openFromPeer({ tsn: 0xffff_ffff });
    const fragment = (t: number, flags: number): Uint8Array => chunk.data(t, { flags });
    s.receive([fragment(0, 0)]);
    s.receive([fragment(1, E)]);
    s.receive([fragment(0xffff_ffff, B)]);
    expect(read(s).map((m) => m.data.length)).toEqual([12]);
    expect(s.lines().at(-1)).toContain("SACK cum=1 ");
  });

  test.each([
    ["a message begins inside another", [part(0, B), part(1, B | E, { ssn: 1 }), part(2, B)]],
    [
      "a fragment without a begin",
      [part(0, B | E), part(1, B), part(2, E), part(3, E, { ssn: 2 })],
    ],
    ["the fragments are of two streams", [part(0, B), part(1, E, { stream: 1 })]],
    ["the fragments have two SSNs", [part(0, B), part(1, E, { ssn: 1 })]],
    ["one fragment is unordered", [part(0, B), part(1, U | E)]],
    ["a middle fragment is followed by a begin", [part(1, 0), part(2, B)]],
    ["an end is followed by a middle", [part(1, E), part(2, 0)]],
  ])("protocol violation: %s", (name, chunks) => {
    const s = opened();
    for (const c of chunks) s.receive([c]);
    if (name === "a message begins inside another" || name === "a fragment without a begin") {
      // Where whole messages lie between, the fragments are never complete; that is all.
      expect(s.endpoint.status(s.id)?.state).toBe("established");
      return;
    }
    expect(s.lines().at(-1)).toMatch(/^ABORT protocolViolation/);
    expect(s.ended()?.kind).toBe("protocolViolation");
  });
});

describe("RFC 9260 s6.9: partial delivery", () => {
  const small = (): Script => opened({ receiveBufferBytes: 4096 });

  test("a message that fills the buffer is handed over in parts", () => {
    const s = small();
    s.receive([part(0, B, { size: 1300 })]);
    s.receive([part(1, 0, { size: 1300 })]);
    expect(s.takeEvents()).toEqual([]);
    s.receive([part(2, 0, { size: 1300 })]);
    expect(s.takeEvents()).toEqual(["readable"]);
    const first = read(s);
    expect(first.map((m) => [m.begin, m.end, m.data.length])).toEqual([[true, false, 3900]]);
    s.receive([part(3, 0, { size: 1000 })]);
    s.receive([part(4, E, { size: 10 })]);
    expect(read(s).map((m) => [m.begin, m.end, m.data.length])).toEqual([
      [false, false, 1000],
      [false, true, 10],
    ]);
    expect(s.endpoint.counters.partialDeliveries).toBe(1);
    expect(s.endpoint.status(s.id)?.unreadBytes).toBe(0);
  });

  test("the window opens with what is taken", () => {
    const s = small();
    for (let i = 0; i < 3; i++) s.receive([part(i, i === 0 ? B : 0, { size: 1300 })]);
    expect(s.lines().at(-1)).toContain("rwnd=0");
    read(s);
    expect(s.lines()).toEqual([expect.stringContaining("rwnd=4096")]);
  });

  test("the next message of the stream waits for the end, other streams do not", () => {
    const s = small();
    for (let i = 0; i < 3; i++) s.receive([part(i, i === 0 ? B : 0, { size: 1300 })]);
    read(s);
    s.receive([part(4, B | E, { ssn: 1 }), part(5, B | E, { stream: 1 }), part(6, U | B | E)]);
    expect(order(s)).toEqual(["1/5", "0/6"]);
    s.receive([part(3, E)]);
    expect(read(s).map((m) => [m.ssn, m.begin, m.end])).toEqual([
      [0, false, true],
      [1, true, true],
    ]);
  });

  test("a gap in the message holds what comes after it back", () => {
    const s = small();
    s.receive([part(0, B, { size: 1300 })]);
    s.receive([part(2, 0, { size: 1300 })]);
    s.receive([part(3, 0, { size: 1300 })]);
    expect(read(s).map((m) => m.data.length)).toEqual([1300]);
    s.receive([part(1, 0, { size: 1300 })]);
    expect(read(s).map((m) => m.data.length)).toEqual([3900]);
  });

  test("it begins when the application has taken what was complete, without another chunk", () => {
    const s = small();
    s.receive([part(0, B | E, { size: 1200 })]);
    s.receive([part(1, B, { ssn: 1, size: 1400 }), part(2, 0, { ssn: 1, size: 1400 })]);
    expect(s.endpoint.status(s.id)?.unreadBytes).toBe(4000);
    const got = read(s);
    expect(got.map((m) => [m.begin, m.end, m.data.length])).toEqual([
      [true, true, 1200],
      // reading the first opened the window only a little: not enough to tell the peer
      [true, false, 2800],
    ]);
  });

  test("a message of which an earlier one is missing is not begun", () => {
    const s = small();
    for (let i = 1; i < 4; i++) s.receive([part(i, i === 1 ? B : 0, { ssn: 1, size: 1300 })]);
    expect(read(s)).toEqual([]);
    s.receive([part(0, B | E)]);
    expect(read(s).map((m) => [m.ssn, m.begin, m.end])).toEqual([
      [0, true, true],
      [1, true, false],
    ]);
  });

  test("unordered messages are delivered in parts as well", () => {
    const s = small();
    for (let i = 0; i < 3; i++) s.receive([part(i, i === 0 ? U | B : U, { size: 1300 })]);
    expect(read(s).map((m) => [m.unordered, m.begin, m.end])).toEqual([[true, true, false]]);
  });
});

describe("RFC 9260 s6.2: the receive buffer", () => {
  test("beyond a closed window nothing new is taken; the SACK says so at once", () => {
    const s = opened({ receiveBufferBytes: 4096 });
    for (let i = 0; i < 3; i++) s.receive([part(i, B | E, { ssn: i, size: 1400 })]);
    s.take();
    s.receive([part(3, B | E, { ssn: 3, size: 1400 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 2} rwnd=0`]);
    expect(s.endpoint.counters.dataNoWindow).toBe(1);
    read(s);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 2} rwnd=4096`]);
    s.receive([part(3, B | E, { ssn: 3, size: 1400 })]);
    expect(read(s)).toHaveLength(1);
  });

  test("window updates come for a quarter of the buffer, not for each message", () => {
    const s = opened({ receiveBufferBytes: 40_000 });
    for (let i = 0; i < 20; i++) s.receive([part(i, B | E, { ssn: i, size: 1000 })]);
    s.take();
    const updates: string[] = [];
    for (let i = 0; i < 20; i++) {
      s.endpoint.receive(s.id);
      updates.push(...s.lines());
    }
    // 21,000 was told last; the next is due at 31,000, one more would be at 41,000
    expect(updates).toEqual([`SACK cum=${PEER_TSN + 19} rwnd=31000`]);
  });

  test("a window too small for a packet is told as 0 (silly window)", () => {
    const s = opened({ receiveBufferBytes: 4096 });
    s.receive([part(0, B | E, { size: 1400 }), part(1, B | E, { ssn: 1, size: 1300 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=0`]);
  });

  test("many tiny messages close the window before their bytes do", () => {
    const s = opened({ receiveBufferBytes: 65_536 });
    let closed = -1;
    for (let i = 0; i < 3000 && closed < 0; i++) {
      s.receive([part(i, B | E, { ssn: i, size: 1 })]);
      if (s.lines().some((l) => l.includes("rwnd=0"))) closed = i;
    }
    expect(closed).toBe(1024);
  });

  test("many gaps do not cost more than there is room for", () => {
    const s = opened({ receiveBufferBytes: 4 << 20 });
    for (let i = 0; i < 16_400; i++) s.receive([part(2 * i + 1, B | E, { ssn: i, size: 1 })]);
    s.take();
    expect(s.endpoint.counters.dataNoWindow).toBe(16);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("what fills a gap is bounded by twice the buffer", () => {
    const s = opened({ receiveBufferBytes: 8192 });
    s.receive([part(60_000, B | E, { ssn: 60_000 % 65_536 })]);
    for (let i = 1; i < 100; i++) s.receive([part(i, B | E, { ssn: i, size: 1000 })]);
    expect(s.endpoint.status(s.id)?.unreadBytes).toBeLessThanOrEqual(2 * 8192);
    expect(s.endpoint.counters.dataNoWindow).toBeGreaterThan(80);
  });
});

describe("RFC 9260 s6.5: streams", () => {
  test("an invalid stream is acknowledged, reported and discarded, each with its own cause", () => {
    const s = opened();
    s.receive([part(0, B | E, { stream: 10 }), part(1, B | E, { stream: 65_535 })]);
    expect(s.lines()).toEqual([
      `ERROR invalidStreamIdentifier(sid=10) | ERROR invalidStreamIdentifier(sid=65535) | SACK cum=${PEER_TSN + 1} rwnd=4194304`,
    ]);
    expect(read(s)).toEqual([]);
  });

  test("a flood of them is answered with one packet", () => {
    const s = opened();
    s.receive(Array.from({ length: 150 }, (_, i) => part(i, B | E, { stream: 99, size: 1 })));
    const packets = s.take();
    expect(packets.filter((p) => p.line.includes("ERROR"))).toHaveLength(1);
    expect(packets.some((p) => p.line.includes(`SACK cum=${PEER_TSN + 149}`))).toBe(true);
  });
});
