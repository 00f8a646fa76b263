import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, PEER_TAG, PEER_TSN, Script } from "./support/scripted-peer.js";

// RFC 9260 s8.4 and s8.5: whom a packet belongs to, and what is answered to one that belongs to nobody.

const HB = Uint8Array.of(1, 2, 3, 4);

const opened = (): Script => {
  const s = new Script({ sctp: { hbIntervalMs: 3_600_000 } });
  s.openFromPeer();
  return s;
};

describe("RFC 9260 s8.4: out of the blue", () => {
  const stranger = { vtag: 0x0bad_cafe, from: "10.9.0.9" };

  const one = (
    parts: readonly Uint8Array[],
    o: object = {},
  ): { line: string; vtag: number; flags: number } | undefined => {
    const s = new Script();
    s.receive(parts, { ...stranger, ...o });
    const [p, ...more] = s.take();
    expect(more).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
    return p === undefined
      ? undefined
      : { line: p.line, vtag: p.vtag, flags: chunksOf(p)[0]?.flags ?? -1 };
  };

  test("rule 1: to or from an address that is not unicast: silence", () => {
    expect(one([chunk.data(1)], { from: "224.0.0.1" })).toBeUndefined();
    expect(one([chunk.data(1)], { to: "255.255.255.255" })).toBeUndefined();
    expect(one([chunk.data(1)], { from: "ff02::1", to: "2001:db8::1" })).toBeUndefined();
    expect(one([chunk.data(1)], { from: "::", to: "2001:db8::1" })).toBeUndefined();
  });

  test("rule 1: an INIT and a COOKIE ECHO, too", () => {
    const s = new Script();
    s.endpoint.listening = true;
    for (const o of [{ from: "224.0.0.1" }, { to: "255.255.255.255" }, { from: "0.0.0.0" }]) {
      s.receive([chunk.init({})], { vtag: 0, ...o });
      expect(s.lines()).toEqual([]);
    }
    s.receive([chunk.init({})], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))], { from: "224.0.0.1" });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
    expect(s.endpoint.counters.outOfTheBlue).toBe(4);
  });

  test("rule 2: before rule 4, also with a good cookie", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([chunk.init({})], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.abort()]);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("rule 4: not behind another chunk: rule 8", () => {
    expect(one([chunk.data(1), chunk.cookieEcho(new Uint8Array(100))])?.line).toMatch(/^ABORT/);
  });

  test("rules in their order: SHUTDOWN ACK before SHUTDOWN COMPLETE and COOKIE ACK", () => {
    for (const other of [ChunkType.shutdownComplete, ChunkType.cookieAck]) {
      expect(one([chunk.bare(other), chunk.bare(ChunkType.shutdownAck)])?.line).toMatch(
        /^SHUTDOWN COMPLETE/,
      );
    }
    expect(one([chunk.data(1), chunk.bare(ChunkType.cookieAck)])).toBeUndefined();
  });

  test("rule 8: the answer goes back the way that the packet came, and nothing is kept", () => {
    const s = new Script();
    s.receive([chunk.data(1)], { ...stranger, to: "10.1.0.9", sourcePort: 77 });
    const [p] = s.take();
    expect([p?.route, p?.view.getUint16(0), p?.view.getUint16(2)]).toEqual([
      "10.1.0.9>10.9.0.9",
      5000,
      77,
    ]);
    s.advance(3_600_000);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  test("rule 2: an ABORT anywhere in it: silence", () => {
    expect(one([chunk.abort()])).toBeUndefined();
    expect(one([chunk.data(1), chunk.abort(true)])).toBeUndefined();
    expect(one([chunk.bare(ChunkType.shutdownAck), chunk.abort()])).toBeUndefined();
  });

  test("rule 3: an INIT with tag 0 is answered as at set-up, without the T bit", () => {
    expect(one([chunk.init({ tag: 55 })], { vtag: 0 })).toEqual({
      line: "ABORT",
      vtag: 55,
      flags: 0,
    });
  });

  test("rule 4: a COOKIE ECHO in front is judged by its cookie", () => {
    expect(one([chunk.cookieEcho(new Uint8Array(100))])).toBeUndefined();
  });

  test("rule 5: a SHUTDOWN ACK is answered with SHUTDOWN COMPLETE, tag reflected, T bit set", () => {
    const want = { line: "SHUTDOWN COMPLETE reflectedTag", vtag: stranger.vtag, flags: 1 };
    const got = one([chunk.bare(ChunkType.shutdownAck)]);
    expect(got).toMatchObject({ vtag: want.vtag, flags: 1 });
    expect(got?.line).toMatch(/^SHUTDOWN COMPLETE/);
    expect(one([chunk.data(1), chunk.bare(ChunkType.shutdownAck)])?.line).toMatch(
      /^SHUTDOWN COMPLETE/,
    );
  });

  test("rule 6: SHUTDOWN COMPLETE: silence", () => {
    expect(one([chunk.bare(ChunkType.shutdownComplete)])).toBeUndefined();
    expect(one([chunk.bare(ChunkType.shutdownComplete, 1)])).toBeUndefined();
  });

  test("rule 7: COOKIE ACK, or ERROR with Stale Cookie: silence", () => {
    expect(one([chunk.bare(ChunkType.cookieAck)])).toBeUndefined();
    expect(one([chunk.error(chunk.cause(3, new Uint8Array(4)))])).toBeUndefined();
    expect(one([chunk.error(chunk.cause(6), chunk.cause(3, new Uint8Array(4)))])).toBeUndefined();
  });

  test.each([
    ["DATA", chunk.data(1)],
    ["SACK", chunk.sack(1)],
    ["HEARTBEAT", chunk.heartbeat(HB)],
    ["HEARTBEAT ACK", chunk.around(ChunkType.heartbeatAck, 0, new Uint8Array(8))],
    ["SHUTDOWN", chunk.shutdown(1)],
    ["ERROR of another cause", chunk.error(chunk.cause(6))],
    ["INIT ACK", chunk.init({ ack: true })],
    ["an unknown chunk", chunk.around(0xbe, 0, new Uint8Array(4))],
  ])("rule 8: %s is answered with ABORT, tag reflected, T bit set", (_, part) => {
    const got = one([part]);
    expect(got).toMatchObject({ vtag: stranger.vtag, flags: 1 });
    expect(got?.line).toMatch(/^ABORT/);
  });

  test("a wrong checksum is no packet at all", () => {
    expect(one([chunk.data(1)], { badChecksum: true })).toBeUndefined();
  });

  test("answers wait in a bounded queue", () => {
    const s = new Script();
    s.hold(() => {
      for (let i = 0; i < 2000; i++) s.receive([chunk.data(1)], stranger);
    });
    expect(s.take()).toHaveLength(1024);
    expect(s.endpoint.counters.repliesDropped).toBe(976);
  });
});

describe("RFC 9260 s8.5: verification tags", () => {
  test("a packet with another tag than ours is discarded in silence", () => {
    const s = opened();
    for (const part of [
      chunk.data(PEER_TSN),
      chunk.sack(s.tsn),
      chunk.heartbeat(HB),
      chunk.shutdown(0),
      chunk.bare(ChunkType.shutdownAck),
      chunk.bare(ChunkType.cookieAck),
      chunk.abort(),
      chunk.error(chunk.cause(6)),
    ]) {
      s.receive([part], { vtag: s.tag ^ 1 });
    }
    s.advance(500);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.counters.badVtag).toBe(8);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("rule A: tag 0 without an INIT is discarded", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)], { vtag: 0 });
    s.receive([chunk.abort()], { vtag: 0 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
    expect(s.endpoint.counters.initBundled).toBe(2);
  });

  test("rule A: an INIT with tag 0 that is not alone is discarded in silence, with all of the packet", () => {
    const s = opened();
    s.receive([chunk.init({}), chunk.data(PEER_TSN)], { vtag: 0 });
    s.receive([chunk.heartbeat(HB), chunk.init({})], { vtag: 0 });
    s.advance(500);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.initBundled).toBe(2);
  });

  test("every packet of ours carries the peer's tag, the INIT 0", () => {
    const s = new Script({ sctp: { hbIntervalMs: 1000 } });
    s.connect();
    const [init] = s.take();
    expect(init?.vtag).toBe(0);
    if (init !== undefined) s.readNumbers(init);
    s.receive([s.peerInitAck()]);
    const cookieEcho = s.take();
    expect(cookieEcho.map((p) => [chunksOf(p)[0]?.type, p.vtag])).toEqual([
      [ChunkType.cookieEcho, PEER_TAG],
    ]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    s.receive([chunk.data(PEER_TSN), chunk.heartbeat(HB), chunk.around(0xfe, 0, HB)]);
    s.endpoint.send(s.now, s.id, new Uint8Array(4));
    s.advance(10_000);
    s.receive([chunk.sack(s.tsn)]);
    s.endpoint.shutdown(s.now, s.id);
    const sent = s.take();
    expect(sent.length).toBeGreaterThan(5);
    expect(new Set(sent.map((p) => p.vtag))).toEqual(new Set([PEER_TAG]));
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    expect(s.take().map((p) => p.vtag)).toEqual([PEER_TAG]);
  });

  test.each([
    ["our tag, T bit clear", "mine", false, true],
    ["our tag, T bit set", "mine", true, false],
    ["the peer's tag, T bit set", "peer", true, true],
    ["the peer's tag, T bit clear", "peer", false, false],
    ["another tag, T bit set", "other", true, false],
  ] as const)("rule B: ABORT with %s", (_, whose, reflected, accepted) => {
    const s = opened();
    const vtag = whose === "mine" ? s.tag : whose === "peer" ? PEER_TAG : s.tag ^ 5;
    s.receive([chunk.abort(reflected)], { vtag });
    expect(s.ended()).toEqual(
      accepted ? { kind: "abortedByPeer", causeCodes: [], reason: undefined } : undefined,
    );
    expect(s.lines()).toEqual([]);
  });

  test.each([
    ["our tag, T bit set", chunk.abort(true)],
    ["a format error (s3.3.7)", chunk.around(ChunkType.abort, 0, Uint8Array.of(0, 12, 0, 99))],
    ["our tag in a SHUTDOWN COMPLETE, T bit set", chunk.bare(ChunkType.shutdownComplete, 1)],
  ])("rules B, C: %s: the whole packet is discarded in silence", (_, part) => {
    const s = opened();
    s.receive([chunk.heartbeat(HB), chunk.data(PEER_TSN), part, chunk.data(PEER_TSN + 1)]);
    expect(s.lines()).toEqual([]);
    s.advance(500);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.receive(s.id)).toBeUndefined();
    expect(s.endpoint.counters.badVtag + s.endpoint.counters.abortIgnored).toBe(1);
    // the association is not hurt
    s.receive([chunk.data(PEER_TSN)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300`]);
  });

  test("rule B: one that is accepted ends the association, whatever stands in front, and is not answered", () => {
    const s = opened();
    s.receive([chunk.heartbeat(HB), chunk.abort(true)], { vtag: PEER_TAG });
    expect(s.ended()?.kind).toBe("abortedByPeer");
    expect(s.lines()).toEqual([]);
    const t = opened();
    t.receive([chunk.heartbeat(HB), chunk.data(PEER_TSN), chunk.abort()]);
    expect(t.ended()?.kind).toBe("abortedByPeer");
    t.advance(500);
    expect(t.lines()).toEqual([]);
  });

  test("rule B: beside a COOKIE ECHO of an association that there is only the ABORT counts", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    const cookie = chunk.cookieEcho(cookieOf(initAck));
    s.receive([cookie]);
    s.settle();
    s.receive([cookie, chunk.abort()]);
    expect(s.lines()).toEqual([]);
    expect(s.ended()?.kind).toBe("abortedByPeer");
  });

  test("rule B: an ABORT of ours carries the peer's tag, T bit clear", () => {
    const s = opened();
    s.endpoint.abort(s.now, s.id);
    const [p] = s.take();
    expect(p?.vtag).toBe(PEER_TAG);
    expect(p && chunksOf(p)[0]?.flags).toBe(0);
  });

  test.each([
    ["our tag, T bit clear", "mine", 0, true],
    ["our tag, T bit set", "mine", 1, false],
    ["the peer's tag, T bit set", "peer", 1, true],
    ["the peer's tag, T bit clear", "peer", 0, false],
  ] as const)(
    "rule C: SHUTDOWN COMPLETE with %s, in SHUTDOWN-ACK-SENT",
    (_, whose, flags, accepted) => {
      const s = opened();
      s.receive([chunk.shutdown(s.tsn - 1)]);
      s.take();
      s.receive([chunk.bare(ChunkType.shutdownComplete, flags)], {
        vtag: whose === "mine" ? s.tag : PEER_TAG,
      });
      expect(s.ended()).toEqual(accepted ? { kind: "shutdown" } : undefined);
    },
  );

  test("rule C: in any other state it is ignored, and of a reflected packet nothing else is taken", () => {
    const s = opened();
    s.receive([chunk.bare(ChunkType.shutdownComplete)]);
    s.receive([chunk.bare(ChunkType.shutdownComplete, 1), chunk.data(PEER_TSN)], {
      vtag: PEER_TAG,
    });
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("rule E: SHUTDOWN ACK in COOKIE-WAIT and COOKIE-ECHOED is out of the blue", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    if (init !== undefined) s.readNumbers(init);
    for (const state of ["cookieWait", "cookieEchoed"] as const) {
      for (const vtag of [s.tag, 0x0bad_cafe]) {
        s.receive([chunk.bare(ChunkType.shutdownAck)], { vtag });
        const [p] = s.take();
        expect(p?.line).toMatch(/^SHUTDOWN COMPLETE/);
        expect(p?.vtag).toBe(vtag);
        expect(p && chunksOf(p)[0]?.flags).toBe(1);
        expect(s.endpoint.status(s.id)?.state).toBe(state);
      }
      s.receive([s.peerInitAck()]);
      s.take();
    }
    // the timer goes on
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
  });
});
