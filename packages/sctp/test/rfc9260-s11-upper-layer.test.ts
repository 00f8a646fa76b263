import { describe, expect, test } from "@jest/globals";
import { primaryFirst } from "@multihome/paths";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

const opened = (sctp: SctpOptions = {}, peer: { aRwnd?: number } = {}): Script => {
  const s = new Script({ sctp });
  s.openFromPeer(peer);
  return s;
};

const send = (s: Script, n: number, o: object = {}) =>
  s.endpoint.send(s.now, s.id, new Uint8Array(n), o);

/** Outcomes of messages since the last call, `id kind`. */
const outcomes = (s: Script): string[] => {
  s.drain();
  return s.events
    .splice(0)
    .flatMap((e) => (e.kind === "message" ? [`${e.messageId} ${e.outcome.kind}`] : []));
};

describe("RFC 9260 s11.1.5: SEND", () => {
  test("what cannot be sent is refused with the reason, and nothing of it leaves", () => {
    const s = opened({ maxMessageBytes: 5000 });
    expect(send(s, 0)).toEqual({ ok: false, code: "emptyMessage" });
    expect(send(s, 5001)).toEqual({ ok: false, code: "messageTooLong", maxBytes: 5000 });
    for (const stream of [10, -1, 1.5, Number.NaN]) {
      expect(send(s, 1, { stream })).toEqual({ ok: false, code: "noSuchStream", streams: 10 });
    }
    expect(s.endpoint.send(s.now, 99 as never, new Uint8Array(1))).toEqual({
      ok: false,
      code: "notOpen",
    });
    expect(s.lines()).toEqual([]);
  });

  test("each message accepted has its id, and exactly one outcome", () => {
    const s = opened();
    const ids = [1, 2, 3].map(() => {
      const r = send(s, 10);
      return r.ok ? r.messageId : 0;
    });
    expect(new Set(ids).size).toBe(3);
    s.take();
    s.receive([chunk.sack(s.tsn)]);
    expect(outcomes(s)).toEqual([`${ids[0]} delivered`]);
    s.receive([chunk.sack(s.tsn)]);
    s.receive([chunk.sack(s.tsn + 1)]);
    s.receive([chunk.abort()]);
    expect(outcomes(s)).toEqual([`${ids[1]} delivered`, `${ids[2]} failed`]);
  });

  test("a fragmented message is delivered with its last fragment", () => {
    const s = opened();
    send(s, 3000);
    s.take();
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(outcomes(s)).toEqual([]);
    s.receive([chunk.sack(s.tsn + 2)]);
    expect(outcomes(s)).toHaveLength(1);
  });

  test("a full buffer: wouldBlock, and writable when the message fits", () => {
    const s = opened({ sendBufferBytes: 3000 });
    for (let i = 0; i < 3; i++) expect(send(s, 1000).ok).toBe(true);
    expect(send(s, 1500)).toEqual({ ok: false, code: "wouldBlock", freeBytes: 0 });
    s.take();
    s.receive([chunk.sack(s.tsn)]);
    expect(s.takeEvents()).toEqual(["message"]);
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(s.takeEvents()).toEqual(["message", "writable"]);
    expect(send(s, 1500).ok).toBe(true);
    s.take();
    s.receive([chunk.sack(s.tsn + 4)]); // the last one took two chunks
    expect(s.takeEvents()).toEqual(["message", "message"]);
  });

  test("a message larger than the buffer is taken when nothing is buffered", () => {
    const s = opened({ sendBufferBytes: 1000 });
    expect(send(s, 4000).ok).toBe(true);
    expect(send(s, 1)).toEqual({ ok: false, code: "wouldBlock", freeBytes: 0 });
    s.take();
    s.receive([chunk.sack(s.tsn + 2)]);
    expect(s.takeEvents()).toEqual(["message", "writable"]);
  });

  test("life time: what could not begin in time is given up, with its data, and room is told", () => {
    const s = opened({ sendBufferBytes: 3000 }, { aRwnd: 1500 });
    send(s, 1400);
    send(s, 1000, { lifetimeMs: 100 });
    expect(send(s, 2000).ok).toBe(false);
    s.take();
    s.advance(99);
    expect(s.takeEvents()).toEqual([]);
    s.advance(1);
    s.drain();
    expect(s.events.map((e) => (e.kind === "message" ? e.outcome : e.kind))).toEqual([
      { kind: "abandoned", data: new Uint8Array(1000) },
    ]);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.takeEvents()).toContain("writable");
    // it took no stream sequence number and no TSN
    send(s, 4);
    expect(s.relativeLines()).toEqual(["DATA tsn=+1 sid=0 ssn=1 len=4 BE"]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("life time: what has begun is sent to the end", () => {
    const s = opened();
    send(s, 20_000, { lifetimeMs: 50 });
    expect(s.take()).toHaveLength(3);
    s.advance(60);
    s.receive([chunk.sack(s.tsn + 2)]);
    expect(s.take().length).toBeGreaterThan(0);
    expect(outcomes(s)).toEqual([]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("life time: an expired message in the middle of the queue gives way to those behind it", () => {
    const s = opened({}, { aRwnd: 1500 });
    send(s, 1400);
    send(s, 1000);
    send(s, 1000, { lifetimeMs: 10 });
    send(s, 1000, { lifetimeMs: 5000 });
    s.take();
    s.advance(10);
    expect(outcomes(s)).toEqual([expect.stringContaining("abandoned")]);
    s.receive([chunk.sack(s.tsn, { aRwnd: 100_000 })]);
    expect(s.relativeLines()).toHaveLength(2);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("a shutdown waits for messages whose life may still end", () => {
    const s = opened({}, { aRwnd: 1500 });
    send(s, 1400);
    send(s, 1000, { lifetimeMs: 100 });
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
    expect(s.lines()).toEqual([]);
    s.advance(100);
    expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN - 1}`]);
  });
});

describe("RFC 9260 s11.1.7, s11.2.1: RECEIVE", () => {
  test("readable is told once, until everything was read", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.takeEvents()).toEqual(["readable"]);
    s.endpoint.receive(s.id);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    expect(s.takeEvents()).toEqual([]);
    s.endpoint.receive(s.id);
    s.endpoint.receive(s.id);
    expect(s.endpoint.receive(s.id)).toBeUndefined();
    s.receive([chunk.data(PEER_TSN + 3, { ssn: 3 })]);
    expect(s.takeEvents()).toEqual(["readable"]);
  });

  test("the bytes are the caller's: later packets do not change them", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN, { bytes: Uint8Array.of(1, 1, 1, 1) })]);
    const first = s.endpoint.receive(s.id);
    for (let i = 1; i < 50; i++) {
      s.receive([chunk.data(PEER_TSN + i, { ssn: i, bytes: new Uint8Array(1400).fill(9) })]);
      s.endpoint.receive(s.id);
    }
    expect(first?.data).toEqual(Uint8Array.of(1, 1, 1, 1));
  });

  test("nobody's association has nothing to read", () => {
    const s = opened();
    expect(s.endpoint.receive(77 as never)).toBeUndefined();
  });
});

describe("RFC 9260 s11.1.8: STATUS", () => {
  test("state, what is buffered, outstanding and unread, windows and streams", () => {
    const s = opened({}, { aRwnd: 50_000 });
    send(s, 1000);
    s.endpoint.send(s.now, s.id, new Uint8Array(20_000));
    s.drain();
    s.receive([chunk.data(PEER_TSN, { bytes: new Uint8Array(300) })]);
    expect(s.endpoint.status(s.id)).toEqual({
      state: "established",
      peerPort: 7000,
      bufferedBytes: 21_000,
      outstandingBytes: 1000 + 2 * 1452 + 1452,
      unreadBytes: 300,
      sendBufferBytes: 4 << 20,
      receiveBufferBytes: 4 << 20,
      peerRwnd: 50_000 - 1000 - 3 * 1452,
      outboundStreams: 10,
      inboundStreams: 10,
      errorCount: 0,
    });
  });
});

describe("RFC 9260 s11.2: notifications", () => {
  test("COMMUNICATION UP: who opened, how many streams", () => {
    for (const [open, incoming] of [
      ["openFromPeer", true],
      ["openToPeer", false],
    ] as const) {
      const s = new Script();
      const seen: object[] = [];
      s.onEvent = (e) => {
        if (e.kind === "up") seen.push(e);
      };
      s[open]({ streams: 7 });
      expect(seen).toEqual([
        { kind: "up", at: s.now, id: 1, incoming, outboundStreams: 7, inboundStreams: 7 },
      ]);
    }
  });

  test("the end is told once, last, after every message and every path", () => {
    const s = new Script({ local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] });
    s.openFromPeer();
    send(s, 10);
    send(s, 10);
    s.take();
    s.takeEvents();
    s.receive([chunk.abort()]);
    s.receive([chunk.abort()]);
    s.advance(600_000);
    const kinds = s.takeEvents();
    expect(kinds.slice(0, 2)).toEqual(["message", "message"]);
    expect(kinds.slice(2, -1).every((k) => k === "path:removed")).toBe(true);
    expect(kinds.filter((k) => k === "ended")).toHaveLength(1);
    expect(kinds.at(-1)).toBe("ended");
  });

  test("COMMUNICATION ERROR: each cause of the peer's ERROR", () => {
    const s = opened();
    s.receive([chunk.error(chunk.cause(1, new Uint8Array(4)))]);
    expect(s.events.map((e) => e.kind === "peerError" && e.causeCode)).toEqual([1]);
  });

  test("an ERROR while the association is set up is of no association yet", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    if (init !== undefined) s.readNumbers(init);
    s.takeEvents();
    s.receive([chunk.error(chunk.cause(1, new Uint8Array(4)))]);
    s.receive([s.peerInitAck()]);
    s.receive([chunk.error(chunk.cause(1, new Uint8Array(4)))]);
    expect(s.takeEvents()).toEqual([]);
  });

  test("NETWORK STATUS CHANGE: added, confirmed, removed, with both addresses", () => {
    const s = new Script();
    const seen: string[] = [];
    s.onEvent = (e) => {
      if (e.kind === "path") {
        const { event } = e;
        if (event.kind !== "switched")
          seen.push(`${event.kind} ${event.path.local}>${event.path.remote}`);
      }
    };
    s.openToPeer();
    s.endpoint.shutdown(s.now, s.id);
    s.drain();
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    expect(seen).toEqual(
      ["added", "confirmed", "removed"].map((kind) => `${kind} 10.1.0.1>10.1.0.2`),
    );
  });
});

describe("a policy of the application", () => {
  const local = ["10.1.0.1", "10.2.0.1"];
  const peer = ["10.1.0.2", "10.2.0.2"];

  test("chooses the path for new data", () => {
    const last = { name: "last", select: (usable: readonly never[]) => usable.at(-1) as never };
    const s = new Script({ local, peer, sctp: { policy: last, maxPaths: 2 } });
    s.openFromPeer();
    s.advanceAnswering(5000);
    send(s, 4);
    expect(s.take().map((p) => p.route)).toEqual(["10.2.0.1>10.2.0.2"]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no idea");
      },
    ],
    ["names a path that is not on offer", () => ({}) as never],
  ])("one that %s is replaced, told once, and loses nothing", (_, select) => {
    const s = new Script({
      local,
      peer,
      sctp: { policy: { name: "broken", select }, maxPaths: 2 },
    });
    const failures: string[] = [];
    s.onEvent = (e) => {
      if (e.kind === "policyFailed") failures.push(e.detail);
    };
    s.openFromPeer();
    s.advanceAnswering(5000);
    send(s, 4);
    expect(s.take().map((p) => p.route)).toEqual(["10.1.0.1>10.1.0.2"]);
    expect(failures).toEqual([expect.stringMatching(/^policy broken: /)]);
    expect(s.endpoint.counters.policyFailures).toBe(1);
  });

  test("may be told apart by its name", () => {
    expect(primaryFirst.name).toBe("primaryFirst");
  });
});
