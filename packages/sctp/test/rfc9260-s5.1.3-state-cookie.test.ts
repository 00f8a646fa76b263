import { describe, expect, test } from "@jest/globals";
import { ChunkType, ParameterType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { cookieOf, PEER_PORT, PEER_TAG, type Script } from "./support/scripted-peer.js";
import { initAckTo, listening, one } from "./support/setup.js";

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

  test("DATA beside a cookie that is too old is not taken (step 4)", () => {
    const { s, cookie } = withCookie();
    s.advance(60_001);
    s.receive([chunk.cookieEcho(cookie), chunk.data(1000)]);
    expect(s.chunkTypes()).toEqual([[ChunkType.error]]);
    expect(s.takeEvents()).toEqual([]);
  });

  test("a cookie whose key is gone is discarded in silence, not told to be stale (step 1)", () => {
    const HOUR = 3_600_000;
    const { s, cookie } = withCookie();
    // Keys change when a cookie is made in a later hour; the one before is still good.
    const { tag } = s;
    s.advance(HOUR + 1);
    initAckTo(s, s.peerInit());
    s.receive([chunk.cookieEcho(cookie)], { vtag: tag });
    expect(s.chunkTypes()).toEqual([[ChunkType.error]]);
    s.advance(HOUR + 1);
    initAckTo(s, s.peerInit());
    s.receive([chunk.cookieEcho(cookie)], { vtag: tag });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.cookieForged).toBe(1);
  });

  test("two cookies for one INIT differ: each has its own tag, Initial TSN and time", () => {
    const { s, cookie } = withCookie();
    s.advance(10);
    expect(cookieOf(initAckTo(s, s.peerInit()))).not.toEqual(cookie);
  });

  test("everything that the association needs is in the cookie: nothing of the INIT is kept", () => {
    const addresses = ["10.2.0.2"];
    const init = chunk.init({ tag: PEER_TAG, aRwnd: 5000, os: 3, mis: 4, tsn: 99, addresses });
    const { s } = withCookie();
    const cookie = cookieOf(initAckTo(s, init));
    const { tag, tsn } = s;
    // many others in between
    for (let i = 0; i < 50; i++) initAckTo(s, chunk.init({ tag: i + 1 }), `10.7.0.${i + 1}`);
    s.tag = tag;
    s.receive([chunk.cookieEcho(cookie)]);
    s.settle();
    expect(s.endpoint.status(s.id)).toMatchObject({
      peerPort: PEER_PORT,
      outboundStreams: 4,
      inboundStreams: 3,
      peerRwnd: 5000,
    });
    expect(s.paths().join()).toContain("10.2.0.2");
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    const data = one(s.take());
    expect([data.vtag, data.line]).toEqual([PEER_TAG, `DATA tsn=${tsn} sid=0 ssn=0 len=1 BE`]);
    s.receive([chunk.data(99)]);
    expect(s.lines()).toEqual(["SACK cum=99 rwnd=4194300"]);
  });
});
