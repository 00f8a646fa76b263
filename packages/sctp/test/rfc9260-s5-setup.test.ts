import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { ChunkType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import {
  aRwndOf,
  chunksOf,
  cookieOf,
  initNumbers,
  PEER_PORT,
  PEER_TAG,
  PEER_TSN,
  PORT,
  Script,
} from "./support/scripted-peer.js";
import { inCookieWait, initAckTo, listening, one } from "./support/setup.js";

describe("RFC 9260 s5.1: normal establishment", () => {
  test("an INIT is answered with one INIT ACK, with the peer's tag, and nothing is kept", () => {
    const s = listening();
    const sent = initAckTo(s, s.peerInit());
    expect(chunksOf(sent).map((c) => c.type)).toEqual([ChunkType.initAck]);
    expect(sent.vtag).toBe(PEER_TAG);
    expect(sent.remote).toBe("10.1.0.2");
    expect(aRwndOf(sent)).toBe(4 << 20);
    expect(s.endpoint.associationCount).toBe(0);
    expect(s.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  test("the INIT ACK goes to the source of the INIT, whatever the INIT lists", () => {
    const s = listening({ peer: ["10.1.0.2", "10.2.0.2"] });
    expect(initAckTo(s, s.peerInit(), "10.9.0.9").route).toBe("10.1.0.1>10.9.0.9");
  });

  test("a valid COOKIE ECHO makes the association; COOKIE ACK comes first, then the SACK for bundled DATA", () => {
    const s = listening();
    const initAck = initAckTo(s, s.peerInit());
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.data(1000)]);
    // The SACK at once although it is the first packet: s5.1.5 step 7.
    expect(s.lines()).toEqual(["COOKIE ACK | SACK cum=1000 rwnd=4194300"]);
    expect(s.takeEvents()).toEqual(["path:added", "up", "path:confirmed", "readable"]);
  });

  test("we open: INIT with tag 0, COOKIE ECHO with the peer's tag, up at the COOKIE ACK", () => {
    const s = new Script();
    s.connect();
    const init = one(s.take());
    expect(init.vtag).toBe(0);
    expect(chunksOf(init).map((c) => c.type)).toEqual([ChunkType.init]);
    s.readNumbers(init);
    expect(s.tag).not.toBe(0);
    s.receive([s.peerInitAck()]);
    const echo = one(s.take());
    expect(echo.vtag).toBe(PEER_TAG);
    expect([...echo.bytes.slice(SCTP_HEADER_LENGTH)]).toEqual([10, 0, 0, 8, 1, 2, 3, 4]);
    expect(s.takeEvents()).not.toContain("up");
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.takeEvents()).toContain("up");
    s.advance(900);
    expect(s.lines()).toEqual([]);
  });

  test("until the COOKIE ACK comes no DATA leaves (step C); then it does", () => {
    const s = new Script();
    s.connect();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.readNumbers(one(s.take()));
    s.receive([s.peerInitAck()]);
    expect(s.lines()).toEqual([expect.stringMatching(/^COOKIE ECHO/)]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1 BE"]);
  });

  test("DATA and SACK in COOKIE-WAIT and COOKIE-ECHOED are discarded (s6)", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([chunk.data(1000), chunk.sack(5)]);
    s.receive([s.peerInitAck()]);
    s.take();
    s.receive([chunk.data(1000), chunk.sack(5)]);
    s.advance(500);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieEchoed");
    expect(s.endpoint.counters.unexpectedChunk).toBe(4);
  });
});

describe("RFC 9260 s5.1: numbers that begin", () => {
  test("the first DATA of the peer is acknowledged at once, whoever opened; the second is not", () => {
    for (const open of ["openFromPeer", "openToPeer"] as const) {
      const s = new Script();
      s[open]();
      s.receive([chunk.data(PEER_TSN)]);
      expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300`]);
      s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
      expect(s.lines()).toEqual([]);
    }
  });

  test("the Cumulative TSN Ack Point begins one before our Initial TSN", () => {
    const s = new Script();
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.take();
    // One that acknowledges nothing yet is in order, one below it is old; with either the chunk stays.
    s.receive([chunk.sack((s.tsn - 1) >>> 0, { aRwnd: 50_000 })]);
    expect(s.endpoint.status(s.id)).toMatchObject({ outstandingBytes: 1, peerRwnd: 49_999 });
    s.receive([chunk.sack((s.tsn - 2) >>> 0, { aRwnd: 1 })]);
    expect(s.endpoint.status(s.id)).toMatchObject({ outstandingBytes: 1, peerRwnd: 49_999 });
  });

  test("a new attempt has a new tag and a new Initial TSN (s5.3.1)", () => {
    const s = new Script();
    s.connect();
    const first = initNumbers(one(s.take()));
    s.endpoint.abort(s.now, s.id);
    s.take();
    s.connect();
    const second = initNumbers(one(s.take()));
    expect(second.tag).not.toBe(first.tag);
    expect(second.tsn).not.toBe(first.tsn);
  });

  test("a tag of 0 is not taken from the random numbers", () => {
    const s = new Script({ draws: [0, 0, 77] });
    s.connect();
    expect(initNumbers(one(s.take())).tag).toBe(77);
  });

  test("the cookie of a large INIT ACK, beyond one packet, is echoed as it is (s3.3.3)", () => {
    const { s } = inCookieWait();
    const addresses = Array.from({ length: 250 }, (_, i) => `10.3.0.${i + 1}`);
    const cookie = Uint8Array.from({ length: 400 }, (_, i) => i);
    const initAck = chunk.init({ tag: PEER_TAG, addresses, cookie });
    expect(initAck.length).toBeGreaterThan(2000);
    s.receive([initAck]);
    const echo = one(s.take());
    expect([...echo.bytes.slice(SCTP_HEADER_LENGTH + 4)]).toEqual([...cookie]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.takeEvents()).toContain("up");
  });
});

describe("RFC 9260 s5.1: who is refused", () => {
  test("nobody listens: ABORT with the Initiate Tag, T bit not set", () => {
    const s = new Script();
    s.receive([s.peerInit()], { vtag: 0 });
    const abort = one(s.take());
    expect(abort.line).toBe("ABORT");
    expect(abort.vtag).toBe(PEER_TAG);
    expect(chunksOf(abort)[0]?.flags).toBe(0);
  });

  test("no room for more associations: ABORT with Out of Resource", () => {
    const s = listening({ sctp: { maxAssociations: 1 } });
    s.openFromPeer();
    s.receive([chunk.init({ tag: 9 })], { vtag: 0, from: "10.7.0.7" });
    expect(s.lines()).toEqual(["ABORT outOfResource"]);
  });

  test("no room any more when the COOKIE ECHO comes: ABORT with Out of Resource", () => {
    const s = listening({ sctp: { maxAssociations: 1 } });
    const late = initAckTo(s, chunk.init({ tag: 9 }), "10.7.0.7");
    const lateTag = s.tag;
    s.openFromPeer();
    s.receive([chunk.cookieEcho(cookieOf(late))], { vtag: lateTag, from: "10.7.0.7" });
    const abort = one(s.take());
    expect(abort.line).toBe("ABORT outOfResource");
    expect(abort.vtag).toBe(9);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test.each([
    ["an a_rwnd below 1500", { aRwnd: 1499 }],
    ["no outbound streams", { os: 0 }],
    ["no inbound streams", { mis: 0 }],
  ])("INIT with %s: ABORT with Invalid Mandatory Parameter (s3.3.2)", (_, fault) => {
    const s = listening();
    s.receive([chunk.init({ tag: 77, ...fault })], { vtag: 0 });
    const abort = one(s.take());
    expect(abort.line).toBe("ABORT invalidMandatoryParameter");
    expect(abort.vtag).toBe(77);
    expect([...abort.bytes.slice(SCTP_HEADER_LENGTH)]).toEqual([6, 0, 0, 8, 0, 7, 0, 4]);
    expect(s.endpoint.associationCount).toBe(0);
  });

  test("such an INIT changes nothing of an association that there is", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.init({ tag: 77, os: 0 })], { vtag: 0 });
    expect(s.lines()).toEqual(["ABORT invalidMandatoryParameter"]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("INIT with Initiate Tag 0 is discarded in silence (s3.3.2)", () => {
    const s = listening();
    s.receive([chunk.init({ tag: 0 })], { vtag: 0 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.initInvalid).toBe(1);
  });

  test("INIT bundled with another chunk is discarded in silence", () => {
    const s = listening();
    s.receive([s.peerInit(), chunk.data(1000)], { vtag: 0 });
    s.receive([chunk.data(1000), s.peerInit()], { vtag: 0 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.initBundled).toBe(2);
  });

  test("INIT with a verification tag is discarded in silence (s12.3)", () => {
    const s = listening();
    s.receive([s.peerInit()], { vtag: 5 });
    expect(s.lines()).toEqual([]);
    s.openFromPeer();
    s.receive([s.peerInit()]);
    s.receive([chunk.heartbeat(Uint8Array.of(1)), s.peerInit(), chunk.data(1000)]);
    s.advance(500);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=1"]);
  });
});

describe("RFC 9260 s5.1.1: streams", () => {
  test("we take as many outbound streams as the peer allows", () => {
    const s = new Script({ sctp: { outboundStreams: 20, maxInboundStreams: 30 } });
    s.openFromPeer({ streams: 10 });
    expect(s.endpoint.status(s.id)).toMatchObject({ outboundStreams: 10, inboundStreams: 10 });
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 9 }).ok).toBe(true);
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 10 })).toEqual({
      ok: false,
      code: "noSuchStream",
      streams: 10,
    });
  });

  test("we take as many as we want when the peer allows more, on both sides of the handshake", () => {
    for (const open of ["openFromPeer", "openToPeer"] as const) {
      const s = new Script({ sctp: { outboundStreams: 4, maxInboundStreams: 5 } });
      s[open]({ streams: 100 });
      expect(s.endpoint.status(s.id)).toMatchObject({ outboundStreams: 4, inboundStreams: 5 });
    }
  });

  test("the INIT ACK asks for no more outbound streams than the INIT allows (s3.3.3)", () => {
    const s = listening({ sctp: { outboundStreams: 20, maxInboundStreams: 30 } });
    expect(initAckTo(s, chunk.init({ os: 100, mis: 7 })).line).toContain("os=7 mis=30");
  });
});

describe("RFC 9260 s5.1: INIT ACK that is refused", () => {
  const waiting = (): Script => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    return s;
  };

  test("without a cookie: ABORT with Missing Mandatory Parameter", () => {
    const s = waiting();
    s.receive([chunk.init({ tag: 77, ack: true })]);
    const abort = one(s.take());
    expect(abort.vtag).toBe(77);
    expect(abort.line).toBe("ABORT missingMandatoryParameter(stateCookie)");
    expect(s.ended()).toEqual({ kind: "setupFailed", detail: expect.stringContaining("Cookie") });
  });

  test.each([
    ["no outbound streams", { os: 0 }],
    ["no inbound streams", { mis: 0 }],
  ])("with %s: ABORT, and the attempt ends (s3.3.3)", (_, fault) => {
    const s = waiting();
    s.receive([chunk.init({ tag: 77, cookie: Uint8Array.of(1), ...fault })]);
    expect(s.lines()).toEqual(["ABORT invalidMandatoryParameter"]);
    expect(s.ended()?.kind).toBe("setupFailed");
    expect(s.endpoint.associationCount).toBe(0);
  });

  test("with an a_rwnd below 1500: ABORT, but the attempt goes on (s3.3.3)", () => {
    const s = waiting();
    s.receive([chunk.init({ tag: 77, cookie: Uint8Array.of(1), aRwnd: 1499 })]);
    const abort = one(s.take());
    expect([abort.line, abort.vtag]).toEqual(["ABORT invalidMandatoryParameter", 77]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
    s.receive([s.peerInitAck()]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieEchoed");
  });

  test("with Initiate Tag 0: the attempt ends, the ABORT reflects our tag (s3.3.3)", () => {
    const s = waiting();
    s.receive([chunk.init({ tag: 0, cookie: Uint8Array.of(1) })]);
    const abort = one(s.take());
    expect(abort.vtag).toBe(s.tag);
    expect(chunksOf(abort)).toEqual([expect.objectContaining({ type: ChunkType.abort, flags: 1 })]);
    expect(s.ended()?.kind).toBe("setupFailed");
  });

  test("bundled with another chunk it is discarded", () => {
    const s = waiting();
    s.receive([s.peerInitAck(), chunk.data(1000)]);
    s.receive([chunk.bare(ChunkType.cookieAck), s.peerInitAck()]);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
  });

  test("with another tag it is discarded", () => {
    const s = waiting();
    s.receive([s.peerInitAck()], { vtag: s.tag ^ 1 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
  });

  test("an ABORT in COOKIE-WAIT and in COOKIE-ECHOED ends the attempt", () => {
    const s = waiting();
    s.receive([chunk.abort(false, chunk.cause(4))]);
    expect(s.ended()).toEqual({ kind: "setupFailed", detail: expect.stringContaining("cause 4") });
    const t = waiting();
    t.receive([t.peerInitAck()]);
    t.receive([chunk.abort()]);
    expect(t.ended()?.kind).toBe("setupFailed");
    expect(t.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the application while the association is set up", () => {
  test("ABORT in COOKIE-WAIT sends nothing, there is no tag; in COOKIE-ECHOED it does", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.endpoint.abort(s.now, s.id, Uint8Array.of(7));
    expect(s.lines()).toEqual([]);
    expect(s.ended()).toEqual({ kind: "aborted" });
    const t = new Script();
    t.connect();
    t.readNumbers(one(t.take()));
    t.receive([t.peerInitAck()]);
    t.take();
    t.endpoint.abort(t.now, t.id, Uint8Array.of(7));
    const abort = one(t.take());
    expect(abort.line).toMatch(/^ABORT userInitiatedAbort/);
    expect(abort.vtag).toBe(PEER_TAG);
  });

  test("connecting to port 0 or to nowhere is misuse", () => {
    const s = new Script();
    const pairs = [{ local: IpAddress.parse("10.1.0.1"), remote: IpAddress.parse("10.1.0.2") }];
    const o = { id: s.id, peerPort: 0, pairs, peerUdpPort: 0 };
    expect(() => s.endpoint.connect(s.now, o)).toThrow(
      expect.objectContaining({ code: "invalidPort" }),
    );
    expect(() => s.endpoint.connect(s.now, { ...o, peerPort: PORT, pairs: [] })).toThrow(
      expect.objectContaining({ code: "noUsableAddress" }),
    );
  });

  test("connecting to a peer that there is an association with already is misuse (s1.3)", () => {
    const s = new Script({ local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] });
    s.openFromPeer();
    expect(() => s.connect()).toThrow(expect.objectContaining({ code: "associationExists" }));
    const pairs = [{ local: IpAddress.parse("10.1.0.1"), remote: IpAddress.parse("10.2.0.2") }];
    const o = { id: s.id, peerPort: PEER_PORT, pairs, peerUdpPort: 0 };
    expect(() => s.endpoint.connect(s.now, o)).toThrow(
      expect.objectContaining({ code: "associationExists" }),
    );
    expect(s.endpoint.associationCount).toBe(1);
    s.receive([chunk.abort()]);
    s.take();
    s.connect();
    expect(one(s.take()).line).toMatch(/^INIT /);
  });

  test("messages that the application sends wait until the association is up", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.advance(500);
    expect(s.lines()).toEqual([]);
    s.receive([s.peerInitAck()]);
    expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.chunkTypes()).toEqual([[ChunkType.data]]);
  });
});
