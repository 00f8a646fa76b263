import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, initNumbers, PEER_TAG, Script } from "./support/scripted-peer.js";
import { answerTo, inCookieEchoed, inCookieWait, NEW_TAG, one } from "./support/setup.js";

const two = { local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] };

describe("RFC 9260 s5.2.1: INIT in COOKIE-WAIT", () => {
  test("answered with an INIT ACK of the numbers of our own INIT; the state and T1-init stay", () => {
    const { s, init } = inCookieWait();
    s.advance(400);
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG }));
    expect(initAck.vtag).toBe(NEW_TAG);
    expect(initNumbers(initAck).tag).toBe(initNumbers(init).tag);
    expect(initNumbers(initAck).tsn).toBe(initNumbers(init).tsn);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
    expect(s.advanceToNextPacket()).toBe(600);
    expect(s.chunkTypes()).toEqual([[ChunkType.init]]);
  });

  test("the cookie of that INIT ACK brings the association up (action B: peer's tag not known yet)", () => {
    const { s } = inCookieWait();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG, tsn: 500 }));
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.data(500)]);
    const packets = s.take();
    expect(packets[0]?.line).toMatch(/^COOKIE ACK/);
    expect(packets.map((p) => p.vtag)).toEqual(packets.map(() => NEW_TAG));
    expect(packets.map((p) => p.line).join()).toContain("DATA");
    expect(s.endpoint.receive(s.id)?.data).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(s.endpoint.associationCount).toBe(1);
    // T1-init is stopped: nothing but what an established association sends.
    s.advance(900);
    expect(s.chunkTypes().flat()).not.toContain(ChunkType.init);
  });

  test("rules 1, 2: the INIT ACK goes to a given address that the INIT names, not to an unknown source", () => {
    const { s } = inCookieWait();
    s.receive([chunk.init({ tag: NEW_TAG, addresses: ["10.1.0.2"] })], {
      vtag: 0,
      from: "10.9.0.9",
    });
    const initAck = one(s.take());
    expect(initAck.route).toBe("10.1.0.1>10.1.0.2");
    expect(initNumbers(initAck).tag).toBe(s.tag);
  });

  test("rule 3: where the source of the INIT is a given address, the INIT ACK goes there", () => {
    const { s } = inCookieWait(two);
    const init = chunk.init({ tag: NEW_TAG, addresses: ["10.1.0.2", "10.2.0.2"] });
    s.receive([init], { vtag: 0, from: "10.2.0.2", to: "10.2.0.1" });
    expect(one(s.take()).route).toBe("10.2.0.1>10.2.0.2");
  });

  test("an INIT of a stranger is no collision", () => {
    const { s } = inCookieWait();
    s.receive([chunk.init({ tag: NEW_TAG })], { vtag: 0, from: "10.9.0.9" });
    // We do not listen.
    expect(s.lines()).toEqual(["ABORT"]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
  });
});

describe("RFC 9260 s5.2.1: INIT in COOKIE-ECHOED", () => {
  test("answered with the numbers of our own INIT; the cookie of it brings the association up", () => {
    const s = inCookieEchoed();
    const initAck = answerTo(s, chunk.init({ tag: PEER_TAG }));
    expect(initNumbers(initAck).tag).toBe(s.tag);
    expect(initNumbers(initAck).tsn).toBe(s.tsn);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieEchoed");
    // action D: both tags match
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.lines()[0]).toMatch(/^COOKIE ACK/);
    expect(s.takeEvents()).toContain("up");
    // T1-cookie is stopped
    s.advance(900);
    expect(s.chunkTypes().flat()).not.toContain(ChunkType.cookieEcho);
  });

  test("a new tag of the peer is taken from the cookie (action B)", () => {
    const s = inCookieEchoed();
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG, tsn: 500 }));
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.data(500)]);
    expect(s.take().map((p) => p.vtag)).toEqual([NEW_TAG]);
    expect(s.endpoint.receive(s.id)).toBeDefined();
  });

  test("with a new address it is refused: ABORT with the INIT's tag; nothing changes", () => {
    const s = inCookieEchoed();
    const abort = answerTo(s, chunk.init({ tag: NEW_TAG, addresses: ["10.1.0.2", "10.8.0.8"] }));
    expect(abort.line).toBe("ABORT restartWithNewAddresses(10.8.0.8)");
    expect(abort.vtag).toBe(NEW_TAG);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieEchoed");
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.takeEvents()).toContain("up");
  });

  test("both sides open at once: one association, on whatever order the four packets take", () => {
    // the peer answers our INIT and its COOKIE ECHO and ours cross
    const s = inCookieEchoed();
    const initAck = answerTo(s, chunk.init({ tag: PEER_TAG }));
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.takeEvents()).toContain("up");
    s.take();
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.lines()).toEqual(["COOKIE ACK"]);
    expect(s.takeEvents()).not.toContain("up");
    expect(s.endpoint.associationCount).toBe(1);
  });
});

describe("RFC 9260 s5.2.2: INIT when the association is up", () => {
  test("answered with a new tag; the association stays as it is", () => {
    const s = new Script();
    s.openFromPeer();
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG }));
    expect(initAck.vtag).toBe(NEW_TAG);
    expect(initNumbers(initAck).tag).not.toBe(s.tag);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(one(s.take()).vtag).toBe(PEER_TAG);
    expect(s.takeEvents()).toEqual([]);
  });

  test("new addresses are refused and listed; the source counts (s5.1.2 rule C)", () => {
    const s = new Script(two);
    s.openFromPeer();
    const listed = answerTo(
      s,
      chunk.init({ tag: NEW_TAG, addresses: ["10.2.0.2", "10.7.0.7", "10.8.0.8"] }),
    );
    expect(listed.line).toBe("ABORT restartWithNewAddresses(10.7.0.7 10.8.0.8)");
    expect(listed.vtag).toBe(NEW_TAG);
    const source = answerTo(s, chunk.init({ tag: NEW_TAG, addresses: ["10.2.0.2"] }), "10.9.0.9");
    expect(source.line).toBe("ABORT restartWithNewAddresses(10.9.0.9)");
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test.each(["shutdownPending", "shutdownSent", "shutdownReceived"] as const)(
    "answered in state %s as well",
    (state) => {
      const s = new Script();
      s.openFromPeer();
      if (state !== "shutdownSent") s.endpoint.send(s.now, s.id, Uint8Array.of(1));
      if (state === "shutdownReceived") s.receive([chunk.shutdown(s.tsn - 1)]);
      else s.endpoint.shutdown(s.now, s.id);
      s.take();
      expect(s.endpoint.status(s.id)?.state).toBe(state);
      expect(answerTo(s, chunk.init({ tag: NEW_TAG })).line).toMatch(/^INIT ACK/);
      expect(s.endpoint.status(s.id)?.state).toBe(state);
    },
  );

  test("in SHUTDOWN-ACK-SENT it is discarded and the SHUTDOWN ACK repeated (s9.2)", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.shutdown(s.tsn - 1)]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    s.receive([chunk.init({ tag: NEW_TAG })], { vtag: 0 });
    const again = one(s.take());
    expect([again.line, again.vtag]).toEqual(["SHUTDOWN ACK", PEER_TAG]);
    // found by a listed address as well
    const t = new Script(two);
    t.openFromPeer();
    t.receive([chunk.shutdown(t.tsn - 1)]);
    t.take();
    t.receive([chunk.init({ tag: NEW_TAG, addresses: ["10.2.0.2"] })], {
      vtag: 0,
      from: "10.9.0.9",
    });
    expect(t.routes()).toEqual(["10.1.0.1>10.1.0.2 SHUTDOWN ACK"]);
  });
});

describe("RFC 9260 s5.2.2: what an unexpected INIT leaves as it is", () => {
  test("the INIT ACK says of us what the first one said, but for tag and Initial TSN", () => {
    const s = new Script({ ...two, sctp: { outboundStreams: 6, maxInboundStreams: 7 } });
    s.endpoint.listening = true;
    const first = answerTo(s, s.peerInit());
    s.openFromPeer();
    const again = answerTo(s, s.peerInit());
    const told = (line: string): string => line.replace(/(tag|tsn)=\S+|stateCookie\S*/g, "");
    expect(told(again.line)).toBe(told(first.line));
  });

  test("data in flight, timers and paths go on as if it had not come", () => {
    const run = (disturbed: boolean): string[] => {
      const s = new Script(two);
      s.openFromPeer();
      s.endpoint.send(s.now, s.id, new Uint8Array(100));
      s.take();
      s.advance(400);
      if (disturbed) {
        answerTo(s, chunk.init({ tag: NEW_TAG }));
        answerTo(s, chunk.init({ tag: NEW_TAG, addresses: ["10.9.0.9"] }));
      }
      s.advance(5000);
      const sent = s.take().filter((p) => chunksOf(p).some((c) => c.type === ChunkType.data));
      return [...sent.map((p) => `${p.atMs} ${p.route} ${s.relative(p.line)}`), ...s.paths()];
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe("RFC 9260 s5.2.3: unexpected INIT ACK", () => {
  test("discarded when the association is up, and in COOKIE-ECHOED", () => {
    const s = new Script();
    s.openToPeer();
    s.receive([s.peerInitAck()]);
    s.receive([chunk.init({ tag: 0, cookie: Uint8Array.of(1) })]);
    expect(s.lines()).toEqual([]);
    const t = inCookieEchoed();
    t.receive([chunk.init({ tag: 5, os: 0, cookie: Uint8Array.of(1) })]);
    expect(t.lines()).toEqual([]);
    expect(t.endpoint.status(t.id)?.state).toBe("cookieEchoed");
  });

  test("out of the blue it is answered with ABORT (s8.4 rule 8)", () => {
    const s = new Script();
    s.receive([s.peerInitAck()], { vtag: 5 });
    expect(one(s.take()).vtag).toBe(5);
  });
});
