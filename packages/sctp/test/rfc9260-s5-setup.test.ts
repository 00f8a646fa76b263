import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { ChunkType, ParameterType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import {
  aRwndOf,
  chunksOf,
  cookieOf,
  PEER_PORT,
  PEER_TAG,
  PORT,
  Script,
  type ScriptOptions,
  type SentPacket,
} from "./support/scripted-peer.js";

const one = (packets: readonly SentPacket[]): SentPacket => {
  const [packet, ...others] = packets;
  if (packet === undefined || others.length > 0) {
    throw new Error(`expected one packet, got ${packets.map((p) => p.line).join(" / ") || "none"}`);
  }
  return packet;
};

const listening = (o: ScriptOptions = {}): Script => {
  const s = new Script(o);
  s.endpoint.listening = true;
  return s;
};

/** The listening endpoint's INIT ACK to this INIT. */
const initAckTo = (s: Script, init: Uint8Array, from?: string): SentPacket => {
  s.receive([init], { vtag: 0, ...(from === undefined ? {} : { from }) });
  const packet = one(s.take());
  s.readNumbers(packet);
  return packet;
};

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

describe("RFC 9260 s5.1.2: addresses", () => {
  test("rule A: none listed, the source is the only one", () => {
    const s = listening({ peer: ["10.1.0.2"] });
    s.openFromPeer();
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active"]);
  });

  test("rule C: the listed ones and the source", () => {
    const s = listening({ local: ["10.1.0.1"] });
    const initAck = initAckTo(s, chunk.init({ addresses: ["10.2.0.2", "10.3.0.2"] }));
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths()).toEqual([
      "*10.1.0.1>10.1.0.2 active",
      "10.1.0.1>10.2.0.2 unconfirmed",
      "10.1.0.1>10.3.0.2 unconfirmed",
    ]);
  });

  test("addresses that nobody can have are not used", () => {
    const s = listening();
    const initAck = initAckTo(
      s,
      chunk.init({
        addresses: ["224.0.0.1", "255.255.255.255", "0.0.0.0", "127.0.0.1", "ff02::1"],
      }),
    );
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active"]);
  });

  test("no more addresses are looked at than allowed", () => {
    const s = listening({ sctp: { maxPeerAddresses: 3 } });
    const addresses = Array.from({ length: 60 }, (_, i) => `10.3.0.${i + 1}`);
    const initAck = initAckTo(s, chunk.init({ addresses }));
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths()).toHaveLength(4);
  });

  test("a packet from an address that was never listed is not a path of the association", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], { from: "10.66.0.6" });
    expect(s.lines()).toEqual([]);
    expect(s.paths()).toHaveLength(1);
    expect(s.endpoint.counters.unverifiedSource).toBe(1);
  });

  const hostName = chunk.param(ParameterType.hostNameAddress, Uint8Array.of(122, 0, 0, 0));

  test("rule B: an INIT with a host name is answered with ABORT, Unresolvable Address", () => {
    const s = listening();
    s.receive([chunk.init({ tag: 77, parameters: [hostName] })], { vtag: 0 });
    const abort = one(s.take());
    expect(abort.vtag).toBe(77);
    expect([...abort.bytes.slice(SCTP_HEADER_LENGTH)]).toEqual([
      6, 0, 0, 16, 0, 5, 0, 12, 0, 11, 0, 8, 122, 0, 0, 0,
    ]);
  });

  test("rule B: an INIT ACK with a host name is answered with ABORT, and the attempt ends", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([chunk.init({ tag: 77, cookie: Uint8Array.of(1), parameters: [hostName] })]);
    const abort = one(s.take());
    expect(abort.line).toMatch(/^ABORT unresolvableAddress/);
    expect(abort.vtag).toBe(77);
    expect(s.ended()?.kind).toBe("setupFailed");
  });

  test("rule D: an INIT that lists an address of an association belongs to it", () => {
    const s = new Script({ peer: ["10.1.0.2", "10.2.0.2"] });
    s.openFromPeer();
    s.receive([chunk.init({ tag: 9, addresses: ["10.2.0.2"] })], { vtag: 0, from: "10.9.0.9" });
    // It adds an address: refused (s5.2.2). A new association would be welcome.
    expect(s.lines()).toEqual(["ABORT restartWithNewAddresses(10.9.0.9)"]);
  });

  test("our addresses are listed when there are several, and those that the peer can reach", () => {
    const s = listening({ local: ["10.1.0.1", "10.2.0.1", "2001:db8::1", "127.0.0.1", "fe80::1"] });
    expect(initAckTo(s, s.peerInit()).line).toMatch(
      / 10\.1\.0\.1 10\.2\.0\.1 2001:db8::1 stateCookie/,
    );
    const single = listening({ local: ["10.1.0.1", "127.0.0.1"] });
    expect(initAckTo(single, single.peerInit()).line).not.toContain("10.1.0.1");
  });

  test("no addresses are listed where that is switched off (RFC 6951 s5.7)", () => {
    const s = listening({ local: ["10.1.0.1", "10.2.0.1"], sctp: { advertiseAddresses: false } });
    expect(initAckTo(s, s.peerInit()).line).not.toContain("10.2.0.1");
    s.connect();
    expect(one(s.take()).line).not.toContain("10.2.0.1");
  });

  test("a peer that supports IPv4 only is told IPv4 addresses only; what it uses counts as supported", () => {
    const types = (...t: readonly number[]): Uint8Array =>
      chunk.param(ParameterType.supportedAddressTypes, Uint8Array.from(t.flatMap((x) => [0, x])));
    const local = ["10.1.0.1", "10.2.0.1", "2001:db8::1"];
    const v4 = listening({ local });
    expect(initAckTo(v4, chunk.init({ parameters: [types(5)] })).line).not.toContain("2001:db8");
    const v6 = listening({ local });
    expect(initAckTo(v6, chunk.init({ parameters: [types(6)] })).line).toMatch(
      /10\.2\.0\.1 2001:db8::1/,
    );
    const listed = listening({ local });
    const init = chunk.init({ parameters: [types(5)], addresses: ["2001:db8::2"] });
    expect(initAckTo(listed, init).line).toContain("2001:db8::1");
  });

  test("our INIT says that we take both families", () => {
    const s = new Script();
    s.connect();
    expect(one(s.take()).line).toMatch(/supportedAddressTypes/);
  });

  // RFC 9260 s5.1.2 rule C wants only listed addresses to be used. Those that the application gave stay,
  // unconfirmed: an answer with their nonce proves that the same peer is there, also behind a NAT that
  // keeps it from listing them.
  test("a given address that the peer does not list stays, and carries nothing until it is verified", () => {
    const s = new Script({ local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] });
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([chunk.init({ cookie: Uint8Array.of(1, 2, 3, 4) })]);
    s.take();
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.paths()).toContain("10.2.0.1>10.2.0.2 unconfirmed");
    s.advanceAnswering(10_000);
    expect(s.paths()).toContain("10.2.0.1>10.2.0.2 active");
  });
});

describe("RFC 9260 s5.1.5: the State Cookie", () => {
  const withCookie = (): { s: Script; cookie: Uint8Array } => {
    const s = listening();
    return { s, cookie: cookieOf(initAckTo(s, s.peerInit())) };
  };

  test("steps 1, 2: a cookie with any byte changed is discarded in silence, with its DATA", () => {
    const { s, cookie } = withCookie();
    for (let i = 0; i < cookie.length; i++) {
      const changed = cookie.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      s.receive([chunk.cookieEcho(changed), chunk.data(1000)]);
    }
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
    expect(s.endpoint.counters.cookieForged).toBe(cookie.length);
  });

  test("a cookie of another endpoint, and one too short to be any, are discarded", () => {
    const { cookie } = withCookie();
    const other = listening({ seed: 8 });
    initAckTo(other, other.peerInit());
    other.receive([chunk.cookieEcho(cookie)]);
    other.receive([chunk.cookieEcho(new Uint8Array(0))]);
    expect(other.lines()).toEqual([]);
    expect(other.endpoint.counters.cookieForged).toBe(2);
  });

  test("step 3: another tag or port than in the cookie is discarded in silence", () => {
    const { s, cookie } = withCookie();
    s.receive([chunk.cookieEcho(cookie)], { vtag: s.tag ^ 1 });
    s.receive([chunk.cookieEcho(cookie)], { sourcePort: PEER_PORT + 1 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
    expect(s.endpoint.counters.cookieMismatch).toBe(2);
  });

  test("step 4: after its life it is answered with ERROR, Stale Cookie, to the peer's tag", () => {
    const { s, cookie } = withCookie();
    s.advance(60_000.25);
    s.receive([chunk.cookieEcho(cookie), chunk.data(1000)]);
    const error = one(s.take());
    expect(error.line).toBe("ERROR staleCookie(250us)");
    expect(error.vtag).toBe(PEER_TAG);
    expect(s.endpoint.associationCount).toBe(0);
  });

  test("just within its life it is good", () => {
    const { s, cookie } = withCookie();
    s.advance(60_000);
    s.receive([chunk.cookieEcho(cookie)]);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("a Cookie Preservative makes it last longer, at most twice as long (s3.3.2.1.3)", () => {
    const preserve = (ms: number): Uint8Array => {
      const value = new Uint8Array(4);
      new DataView(value.buffer).setUint32(0, ms);
      return chunk.param(ParameterType.cookiePreservative, value);
    };
    for (const [asked, life] of [
      [500, 60_500],
      [0xffff_ffff, 120_000],
    ] as const) {
      const s = listening();
      const cookie = cookieOf(initAckTo(s, chunk.init({ parameters: [preserve(asked)] })));
      s.advance(life + 1);
      s.receive([chunk.cookieEcho(cookie)]);
      expect(s.lines()).toEqual(["ERROR staleCookie(1000us)"]);
    }
  });

  test("the association is made over the pair that the INIT took, whatever the COOKIE ECHO takes", () => {
    const s = listening({ local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] });
    const cookie = cookieOf(initAckTo(s, s.peerInit()));
    s.receive([chunk.cookieEcho(cookie)], { from: "10.2.0.2", to: "10.2.0.1" });
    // s5.4: the COOKIE ACK to an unconfirmed address takes a HEARTBEAT along
    expect(s.routes()).toContain("10.2.0.1>10.2.0.2 COOKIE ACK | HEARTBEAT info=24");
    expect(s.paths()).toEqual(
      expect.arrayContaining(["*10.1.0.1>10.1.0.2 active", "10.2.0.1>10.2.0.2 unconfirmed"]),
    );
  });

  test("a cookie sent again is answered with COOKIE ACK and makes no second association (s5.2.4 D)", () => {
    const { s, cookie } = withCookie();
    s.receive([chunk.cookieEcho(cookie)]);
    s.take();
    s.advance(120_000);
    s.take();
    s.receive([chunk.cookieEcho(cookie)]);
    expect(s.lines()).toEqual(["COOKIE ACK"]);
    expect(s.endpoint.associationCount).toBe(1);
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

describe("RFC 9260 s3.2.1, s3.2.2: parameters that we do not know", () => {
  const after = chunk.param(0x8005);
  const addresses = ["10.1.0.2", "10.2.0.2"];
  const list = (type: number): Uint8Array[] => [
    chunk.param(type),
    chunk.param(ParameterType.ipv4Address, Uint8Array.of(10, 3, 0, 2)),
  ];

  // In all four cases an INIT ACK is sent.
  test.each([
    ["00: what follows is not read", 0x3ffe, false, false],
    ["01: what follows is not read, it is reported", 0x7ffe, false, true],
    ["10: skipped", 0xbffe, true, false],
    ["11: skipped and reported", 0xfffe, true, true],
  ])("in an INIT, %s", (_, type, goesOn, reported) => {
    const s = listening();
    const initAck = initAckTo(s, chunk.init({ addresses, parameters: list(type) }));
    expect(initAck.line.includes("unrecognizedParameter")).toBe(reported);
    if (reported) {
      // the parameter complete with its header, in an Unrecognized Parameter at the end
      expect([...initAck.bytes.slice(-12)]).toEqual([
        0,
        8,
        0,
        12,
        type >> 8,
        type & 255,
        0,
        8,
        1,
        2,
        3,
        4,
      ]);
    }
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    const paths = s.paths().map((p) => p.replace(/^.*>| .*$/g, ""));
    expect(paths.includes("10.3.0.2")).toBe(goesOn);
    expect(paths).toContain("10.2.0.2");
  });

  test.each([
    ["00", 0x3ffe, false],
    ["01", 0x7ffe, true],
    ["10", 0xbffe, false],
    ["11", 0xfffe, true],
  ])(
    "in an INIT ACK, %s: the COOKIE ECHO is sent, with an ERROR behind it where it is to be reported",
    (_, type, reported) => {
      const s = new Script();
      s.connect();
      s.readNumbers(one(s.take()));
      s.receive([
        chunk.init({ cookie: Uint8Array.of(1, 2, 3, 4), parameters: [chunk.param(type), after] }),
      ]);
      const echo = one(s.take());
      expect(chunksOf(echo).map((c) => c.type)).toEqual(
        reported ? [ChunkType.cookieEcho, ChunkType.error] : [ChunkType.cookieEcho],
      );
      if (reported) {
        expect([...echo.bytes.slice(-16)]).toEqual([
          9,
          0,
          0,
          16,
          0,
          8,
          0,
          12,
          type >> 8,
          type & 255,
          0,
          8,
          1,
          2,
          3,
          4,
        ]);
      }
      // It is not reported a second time.
      s.advance(1000);
      expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
    },
  );

  test("an ERROR that does not fit beside the COOKIE ECHO is left out", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([
      chunk.init({
        cookie: new Uint8Array(1000),
        parameters: [chunk.param(0xfffe, new Uint8Array(600))],
      }),
    ]);
    expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
  });

  test("many are reported only as far as the INIT ACK fits into a packet (s12.4)", () => {
    const s = listening({ sctp: { mtu: 576 } });
    const parameters = Array.from({ length: 60 }, () => chunk.param(0xfffe, new Uint8Array(12)));
    const initAck = initAckTo(s, chunk.init({ parameters }));
    expect(initAck.bytes.length).toBeLessThanOrEqual(556);
    expect(initAck.line).toContain("unrecognizedParameter");
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("an INIT whose parameters do not fit is dropped", () => {
    const s = listening();
    const init = chunk.init({ parameters: [Uint8Array.of(0xff, 0xfe, 0, 99)] });
    s.receive([init], { vtag: 0 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.badChunk).toBe(1);
  });
});

describe("RFC 9260 s4, s5.1.4: T1-init and T1-cookie", () => {
  const quiet = { local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] };

  /** Times in ms since the first packet, and the pairs, of what is sent until the attempt ends. */
  const attempts = (s: Script): string[] => {
    const start = s.nowUs / 1000;
    s.advance(3_600_000);
    return s.take().map((p) => `${p.atMs - start} ${p.route}`);
  };

  test("T1-init: the same INIT again after 1, 2, 4 ... 60 s, Max.Init.Retransmits times", () => {
    const s = new Script();
    s.connect();
    const first = one(s.take());
    const start = s.nowUs / 1000;
    s.advance(3_600_000);
    const again = s.take();
    expect(again.map((p) => p.atMs - start)).toEqual([
      1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000,
    ]);
    for (const p of again) expect(p.bytes).toEqual(first.bytes);
    expect(s.ended()).toEqual({ kind: "unreachable", tried: [IpAddress.parse("10.1.0.2")] });
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe((start + 243_000) * 1000);
  });

  test("T1-init goes over all given addresses, each with its own RTO", () => {
    const s = new Script({ ...quiet, sctp: { maxInitRetransmits: 5 } });
    s.connect();
    s.take();
    expect(attempts(s)).toEqual([
      "1000 10.2.0.1>10.2.0.2",
      "2000 10.1.0.1>10.1.0.2",
      "4000 10.2.0.1>10.2.0.2",
      "6000 10.1.0.1>10.1.0.2",
      "10000 10.2.0.1>10.2.0.2",
    ]);
    expect(s.ended()?.kind).toBe("unreachable");
  });

  test("T1-cookie: the same COOKIE ECHO again, Max.Init.Retransmits times", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.advance(400);
    s.receive([s.peerInitAck()]);
    const first = one(s.take());
    const start = s.nowUs / 1000;
    s.advance(3_600_000);
    const again = s.take();
    expect(again.map((p) => p.atMs - start)).toEqual([
      1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000,
    ]);
    for (const p of again) expect(p.bytes).toEqual(first.bytes);
    expect(s.ended()?.kind).toBe("unreachable");
    expect(s.endpoint.associationCount).toBe(0);
  });

  test("T1-cookie begins where the INIT ACK came from and goes over all given addresses", () => {
    const s = new Script({ ...quiet, sctp: { maxInitRetransmits: 3 } });
    s.connect();
    s.readNumbers(one(s.take()));
    s.advance(1000);
    s.take();
    s.receive([s.peerInitAck()], { from: "10.2.0.2", to: "10.2.0.1" });
    expect(s.take().map((p) => p.route)).toEqual(["10.2.0.1>10.2.0.2"]);
    // 10.1.0.2 has timed out once already
    expect(attempts(s)).toEqual([
      "1000 10.1.0.1>10.1.0.2",
      "3000 10.2.0.1>10.2.0.2",
      "5000 10.1.0.1>10.1.0.2",
    ]);
  });

  test("the RTT of an unrepeated COOKIE ECHO is the first measurement (s6.3.1)", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([s.peerInitAck()]);
    s.advance(600);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.endpoint.paths(s.id)[0]?.srtt).toBe(600_000);
    const t = new Script();
    t.connect();
    t.readNumbers(one(t.take()));
    t.receive([t.peerInitAck()]);
    t.advance(1600);
    t.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(t.endpoint.paths(t.id)[0]?.srtt).toBe(0); // rule C5
  });

  test("fast timing: a dead first address costs one short delay; a round over all counts as one attempt", () => {
    const s = new Script({ ...quiet, sctp: { timing: "fast", maxInitRetransmits: 2 } });
    s.connect();
    s.take();
    expect(attempts(s)).toEqual([
      "200 10.2.0.1>10.2.0.2",
      "700 10.1.0.1>10.1.0.2",
      "900 10.2.0.1>10.2.0.2",
      "1900 10.1.0.1>10.1.0.2",
      "2100 10.2.0.1>10.2.0.2",
    ]);
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe(1_000_000 + 4_100_000);
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
});
