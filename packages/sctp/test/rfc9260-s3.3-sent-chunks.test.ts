import { describe, expect, test } from "@jest/globals";
import {
  ChunkType,
  nextParameter,
  ParameterType,
  parameterType,
  SCTP_HEADER_LENGTH,
} from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import {
  chunksOf,
  cookieOf,
  PEER_TAG,
  PEER_TSN,
  Script,
  type SentPacket,
} from "./support/scripted-peer.js";
import { answerTo, inCookieWait, listening, NEW_TAG, one } from "./support/setup.js";

// What we send, byte for byte: RFC 9260 s3.1 to s3.3, fields in network byte order, padding of zeros
// that no length counts.

const be = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

/** The packet's bytes behind the common header. */
const body = (p: SentPacket): number[] => [...p.bytes.slice(SCTP_HEADER_LENGTH)];

/** The first chunk of a type in the packets, with its padding. */
const chunkBytes = (packets: readonly SentPacket[], type: number): number[] => {
  for (const p of packets) {
    const c = chunksOf(p).find((x) => x.type === type);
    if (c !== undefined) return [...p.bytes.slice(c.at, c.at + ((c.length + 3) & ~3))];
  }
  throw new Error(`no chunk of type ${type} in ${packets.map((p) => p.line).join(" / ")}`);
};

const opened = (): Script => {
  const s = new Script();
  s.openFromPeer();
  return s;
};

describe("RFC 9260 s3.1: common header", () => {
  test("ports and the peer's tag, in network byte order", () => {
    const s = opened();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect([...one(s.take()).bytes.slice(0, 8)]).toEqual([
      ...[5000 >> 8, 5000 & 255, 7000 >> 8, 7000 & 255],
      ...be(PEER_TAG),
    ]);
  });

  test("the tag is the same in every packet from the COOKIE ECHO to the SHUTDOWN COMPLETE", () => {
    const { s } = inCookieWait();
    s.receive([s.peerInitAck()]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.receive([chunk.data(PEER_TSN), chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))]);
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[0]?.id ?? -1);
    s.drain();
    s.receive([chunk.sack(s.tsn)]);
    s.endpoint.shutdown(s.now, s.id);
    s.drain();
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    const sent = s.take();
    const types = new Set(sent.flatMap((p) => chunksOf(p).map((c) => c.type)));
    expect([...types].sort((x, y) => x - y)).toEqual([
      ChunkType.data,
      ChunkType.sack,
      ChunkType.heartbeat,
      ChunkType.heartbeatAck,
      ChunkType.shutdown,
      ChunkType.cookieEcho,
      ChunkType.shutdownComplete,
    ]);
    expect(new Set(sent.map((p) => p.vtag))).toEqual(new Set([PEER_TAG]));
  });
});

describe("RFC 9260 s3.2, s3.3.1: DATA", () => {
  test.each([1, 2, 3, 4, 5])("%i bytes of user data", (n) => {
    const s = opened();
    const user = Uint8Array.from({ length: n }, (_, i) => 0xa0 + i);
    s.endpoint.send(s.now, s.id, user, { stream: 3, ppid: 0x0102_0304 });
    expect(body(one(s.take()))).toEqual([
      ...[0, 3, 0, 16 + n],
      ...be(s.tsn),
      ...[0, 3, 0, 0],
      ...[1, 2, 3, 4],
      ...user,
      ...Array.from({ length: (4 - (n % 4)) % 4 }, () => 0),
    ]);
  });

  /** Type, flags, TSN from ours, stream, SSN and payload protocol identifier of each DATA chunk. */
  const headers = (s: Script): number[][] =>
    s.take().flatMap((p) =>
      chunksOf(p).map((c) => {
        const v = (at: number): number => p.view.getUint32(c.at + at);
        const stream = p.view.getUint16(c.at + 8);
        return [c.type, c.flags, (v(4) - s.tsn) >>> 0, stream, p.view.getUint16(c.at + 10), v(12)];
      }),
    );

  test("fragments: B, none, E; the same SSN and payload protocol identifier, TSNs in sequence", () => {
    const s = new Script({ sctp: { mtu: 576 } });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 2 });
    s.take();
    s.receive([chunk.sack(s.tsn)]);
    s.endpoint.send(s.now, s.id, new Uint8Array(1200), { stream: 2, ppid: 51 });
    expect(headers(s)).toEqual([
      [0, 2, 1, 2, 1, 51],
      [0, 0, 2, 2, 1, 51],
      [0, 1, 3, 2, 1, 51],
    ]);
  });

  test("fragments of an unordered message all have the U bit; no number of the stream is used", () => {
    const s = new Script({ sctp: { mtu: 576 } });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, new Uint8Array(1200), { stream: 2, ppid: 51, unordered: true });
    expect(headers(s).map((h) => [h[1], h[2], h[5]])).toEqual([
      [6, 0, 51],
      [4, 1, 51],
      [5, 2, 51],
    ]);
    s.receive([chunk.sack(s.tsn + 2)]);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 2 });
    expect(headers(s)).toEqual([[0, 3, 3, 2, 0, 0]]);
  });
});

describe("RFC 9260 s1.6: numbers that wrap", () => {
  test("after TSN 2^32 - 1 comes TSN 0, and a SACK across the wrap acknowledges", () => {
    const s = new Script({ draws: [0x1111_1111, 0xffff_fffe] });
    s.openFromPeer();
    expect(s.tsn).toBe(0xffff_fffe);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.endpoint.send(s.now, s.id, Uint8Array.of(2));
    s.endpoint.send(s.now, s.id, Uint8Array.of(3));
    s.endpoint.send(s.now, s.id, Uint8Array.of(4));
    const tsns = s.lines().flatMap((l) => [...l.matchAll(/tsn=(\d+)/g)].map((m) => Number(m[1])));
    expect(tsns).toEqual([0xffff_fffe, 0xffff_ffff, 0, 1]);
    s.receive([chunk.sack(0, { gaps: [] })]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(1);
    // One from before the wrap is old by now.
    s.receive([chunk.sack(0xffff_ffff)]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(1);
    s.receive([chunk.sack(1)]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(0);
    expect(s.ended()).toBeUndefined();
  });

  test("a gap across the wrap is missing, and sent again", () => {
    const s = new Script({ draws: [0x1111_1111, 0xffff_ffff] });
    s.openFromPeer();
    for (let i = 0; i < 4; i++) s.endpoint.send(s.now, s.id, new Uint8Array(1000));
    s.take();
    for (let end = 2; end <= 4; end++) s.receive([chunk.sack(0xffff_fffe, { gaps: [[2, end]] })]);
    expect(s.relativeLines()[0]).toMatch(/^DATA tsn=\+0 /);
  });

  test("after stream sequence number 65,535 comes 0", () => {
    const s = opened();
    const one = Uint8Array.of(1);
    let acknowledged = 0;
    let last = "";
    for (let n = 0; n < 65_537; n++) {
      s.endpoint.send(s.now, s.id, one, { stream: 1 });
      if (n % 50 !== 49 && n < 65_535) continue;
      acknowledged = n;
      last += s.lines().join(" | ");
      if (n < 65_500) last = "";
      s.receive([chunk.sack((s.tsn + acknowledged) >>> 0)]);
    }
    const ssns = [...last.matchAll(/ssn=(\d+)/g)].map((m) => Number(m[1]));
    expect(ssns.slice(-3)).toEqual([65_534, 65_535, 0]);
  });
});

describe("RFC 9260 s3.3.2, s3.3.3: INIT and INIT ACK", () => {
  const local = ["10.1.0.1", "2001:db8::1"];
  const addresses = [
    ...[0, 5, 0, 8, 10, 1, 0, 1],
    ...[0, 6, 0, 20, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ];
  const fixed = (s: Script, os = 64): number[] => [
    ...be(s.tag),
    ...be(4 << 20),
    ...[0, os, 2048 >> 8, 0],
    ...be(s.tsn),
  ];

  /** The chunk without its padding parameter (RFC 4820 s4), which must be of zeros. */
  const withoutPadding = (p: SentPacket): number[] => {
    const [c, ...others] = chunksOf(p);
    if (c === undefined || others.length > 0) throw new Error("not alone");
    expect(c.at + c.length).toBe(p.bytes.length);
    const out = body(p).slice(0, 20);
    for (let at = c.at + 20; at < p.bytes.length; at = nextParameter(p.view, at)) {
      const parameter = [...p.bytes.slice(at, nextParameter(p.view, at))];
      if (parameterType(p.view, at) !== ParameterType.padding) out.push(...parameter);
      else expect(Math.max(...parameter.slice(4))).toBe(0);
    }
    return [out[0] ?? -1, out[1] ?? -1, ...out.slice(4)];
  };

  test("INIT with one address: no address parameter, and both families supported", () => {
    const { s, init } = inCookieWait();
    expect(withoutPadding(init)).toEqual([1, 0, ...fixed(s), 0, 12, 0, 8, 0, 5, 0, 6]);
  });

  test("INIT with two addresses: each in a parameter of its own, once", () => {
    const { s, init } = inCookieWait({ local });
    const rest = [...addresses, 0, 12, 0, 8, 0, 5, 0, 6];
    expect(withoutPadding(init)).toEqual([1, 0, ...fixed(s), ...rest]);
  });

  test("INIT ACK: the addresses and the cookie, each once, no host name", () => {
    const s = listening({ local });
    const sent = answerTo(s, s.peerInit());
    s.readNumbers(sent);
    const cookie = cookieOf(sent);
    const rest = [...addresses, 0, 7, 0, 4 + cookie.length, ...cookie];
    expect(withoutPadding(sent)).toEqual([2, 0, ...fixed(s, 10), ...rest]);
  });

  test("the cookie holds little more than it has to (s5.1.3): at most 64 bytes for one address", () => {
    const s = listening();
    const sent = answerTo(s, s.peerInit());
    const cookie = cookieOf(sent);
    expect(cookie.length).toBeLessThanOrEqual(64);
    // and the INIT ACK little more than the cookie (s12.4)
    expect(sent.bytes).toHaveLength(SCTP_HEADER_LENGTH + 20 + 4 + cookie.length);
  });

  test("an IPv4-mapped IPv6 address of ours is told as an IPv4 address (s3.3.2.1.2)", () => {
    const { init } = inCookieWait({ local: ["10.1.0.1", "::ffff:10.2.0.1"] });
    expect(body(init).slice(20, 36)).toEqual([
      ...[0, 5, 0, 8, 10, 1, 0, 1],
      ...[0, 5, 0, 8, 10, 2, 0, 1],
    ]);
  });
});

describe("RFC 9260 s3.3.4: SACK", () => {
  test("the example: 10 to 12, 14, 15 and 17 received", () => {
    const s = new Script();
    s.openFromPeer({ tsn: 10 });
    for (const t of [10, 11, 12, 14, 15]) s.receive([chunk.data(t, { ssn: t - 10 })]);
    s.take();
    s.receive([chunk.data(17, { ssn: 7 })]);
    expect(body(one(s.take()))).toEqual([
      ...[3, 0, 0, 24],
      ...be(12),
      ...be((4 << 20) - 6 * 4),
      ...[0, 2, 0, 0],
      ...[0, 2, 0, 3],
      ...[0, 5, 0, 5],
    ]);
  });

  test("blocks are isolated: what joins two makes one of them", () => {
    const s = new Script();
    s.openFromPeer({ tsn: 10 });
    for (const t of [10, 12, 14]) s.receive([chunk.data(t, { ssn: t - 10 })]);
    expect(s.lines().at(-1)).toContain("gaps=2-2,4-4");
    s.receive([chunk.data(13, { ssn: 3 })]);
    expect(s.lines()).toEqual(["SACK cum=10 rwnd=4194288 gaps=2-4"]);
    s.receive([chunk.data(11, { ssn: 1 })]);
    expect(s.lines()).toEqual(["SACK cum=14 rwnd=4194284"]);
  });

  test("before the first TSN came, the one before the peer's Initial TSN is acknowledged", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN - 1} rwnd=4194300 gaps=2-2`]);
  });

  test("duplicates follow the blocks", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    s.take();
    s.receive([chunk.data(PEER_TSN)]);
    expect(body(one(s.take()))).toEqual([
      ...[3, 0, 0, 24],
      ...be(PEER_TSN),
      ...be((4 << 20) - 8),
      ...[0, 1, 0, 1],
      ...[0, 2, 0, 2],
      ...be(PEER_TSN),
    ]);
  });
});

describe("RFC 9260 s3.3.5 to s3.3.13: other control chunks", () => {
  test("HEARTBEAT: one Heartbeat Info parameter", () => {
    const s = opened();
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[0]?.id ?? -1);
    const sent = body(one(s.take()));
    expect(sent.slice(0, 8)).toEqual([4, 0, 0, 32, 0, 1, 0, 28]);
    expect(sent).toHaveLength(32);
  });

  test("HEARTBEAT ACK: the Heartbeat Info parameter as it came", () => {
    const s = opened();
    s.receive([chunk.around(ChunkType.heartbeat, 0, Uint8Array.of(0, 1, 0, 9, 1, 2, 3, 4, 5))]);
    expect(body(one(s.take()))).toEqual([5, 0, 0, 13, 0, 1, 0, 9, 1, 2, 3, 4, 5, 0, 0, 0]);
  });

  test("COOKIE ECHO: the cookie of the INIT ACK, and no parameter around it", () => {
    const { s } = inCookieWait();
    s.receive([chunk.init({ cookie: Uint8Array.of(1, 2, 3, 4, 5) })]);
    expect(body(one(s.take()))).toEqual([10, 0, 0, 9, 1, 2, 3, 4, 5, 0, 0, 0]);
  });

  test("COOKIE ACK, SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE", () => {
    const s = new Script();
    s.acceptFromPeer();
    expect(chunkBytes(s.take(), ChunkType.cookieAck)).toEqual([11, 0, 0, 4]);
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.endpoint.shutdown(s.now, s.id);
    expect(body(one(s.take()))).toEqual([7, 0, 0, 8, ...be(PEER_TSN)]);
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    expect(body(one(s.take()))).toEqual([14, 0, 0, 4]);
    const t = opened();
    t.receive([chunk.shutdown(t.tsn - 1)]);
    expect(body(one(t.take()))).toEqual([8, 0, 0, 4]);
  });

  test("ABORT with the reason of the application; the length does not count the padding", () => {
    const s = opened();
    s.endpoint.abort(s.now, s.id, Uint8Array.of(7));
    expect(body(one(s.take()))).toEqual([6, 0, 0, 9, 0, 12, 0, 5, 7, 0, 0, 0]);
  });
});

describe("RFC 9260 s3.3.10: error causes", () => {
  test("1, Invalid Stream Identifier", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN, { stream: 0x1234 })]);
    expect(chunkBytes(s.take(), ChunkType.error)).toEqual([
      9, 0, 0, 12, 0, 1, 0, 8, 0x12, 0x34, 0, 0,
    ]);
  });

  test("2, Missing Mandatory Parameter: one, the State Cookie", () => {
    const { s } = inCookieWait();
    s.receive([chunk.init({ ack: true })]);
    expect(body(one(s.take()))).toEqual([6, 0, 0, 14, 0, 2, 0, 10, 0, 0, 0, 1, 0, 7, 0, 0]);
  });

  test("3, Stale Cookie: for how long, in microseconds", () => {
    const s = listening();
    const sent = answerTo(s, s.peerInit());
    s.readNumbers(sent);
    s.advance(60_000.25);
    s.receive([chunk.cookieEcho(cookieOf(sent))]);
    expect(body(one(s.take()))).toEqual([9, 0, 0, 12, 0, 3, 0, 8, 0, 0, 0, 250]);
  });

  test("4, Out of Resource", () => {
    const s = listening({ sctp: { maxAssociations: 1 } });
    s.openFromPeer();
    expect(body(answerTo(s, chunk.init({ tag: 9 }), "10.7.0.7"))).toEqual([6, 0, 0, 8, 0, 4, 0, 4]);
  });

  test("9, No User Data: which TSN", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN, { bytes: new Uint8Array(0) })]);
    expect(body(one(s.take()))).toEqual([6, 0, 0, 12, 0, 9, 0, 8, ...be(PEER_TSN)]);
  });

  test("10, Cookie Received While Shutting Down", () => {
    const s = opened();
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG }));
    const vtag = initAck.view.getUint32(SCTP_HEADER_LENGTH + 4);
    s.receive([chunk.shutdown(s.tsn - 1)]);
    s.receive([chunk.cookieEcho(cookieOf(initAck))], { vtag });
    expect(chunkBytes(s.take(), ChunkType.error)).toEqual([9, 0, 0, 8, 0, 10, 0, 4]);
  });

  test("11, Restart of an Association with New Addresses: the parameters that are new", () => {
    const s = opened();
    const init = chunk.init({ tag: NEW_TAG, addresses: ["10.1.0.2", "10.7.0.7"] });
    expect(body(answerTo(s, init))).toEqual([
      ...[6, 0, 0, 16, 0, 11, 0, 12],
      ...[0, 5, 0, 8, 10, 7, 0, 7],
    ]);
  });

  test("13, Protocol Violation: with a text for people", () => {
    const s = opened();
    s.receive([chunk.sack((s.tsn + 5) >>> 0)]);
    const sent = body(one(s.take()));
    const length = sent[3] ?? 0;
    expect(sent.slice(0, 7)).toEqual([6, 0, 0, length, 0, 13, 0]);
    expect(sent[7]).toBe(length - 4);
    expect(String.fromCharCode(...sent.slice(8, length))).toMatch(/^[ -~]{10,}$/);
  });
});
