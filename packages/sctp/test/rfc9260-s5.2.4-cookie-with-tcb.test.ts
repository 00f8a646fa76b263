import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import {
  chunksOf,
  cookieOf,
  initNumbers,
  PEER_TAG,
  PEER_TSN,
  Script,
} from "./support/scripted-peer.js";
import { answerTo, inCookieEchoed, inCookieWait, NEW_TAG, one } from "./support/setup.js";

describe("RFC 9260 s5.2.4: COOKIE ECHO when there is an association, table 12", () => {
  /** A cookie with other tags, bound by tie-tags to the association that is up. */
  const restartCookie = (s: Script, tsn = 9000): { cookie: Uint8Array; vtag: number } => {
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG, tsn }));
    return { cookie: cookieOf(initAck), vtag: initNumbers(initAck).tag };
  };

  test("A (X X M M): the peer restarted; all begins anew and RESTART is told", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN), chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    s.endpoint.send(s.now, s.id, new Uint8Array(1000));
    s.take();
    s.takeEvents();
    const { cookie, vtag } = restartCookie(s);
    s.receive([chunk.cookieEcho(cookie), chunk.data(9000, { bytes: Uint8Array.of(9) })], { vtag });
    const packets = s.take();
    expect(packets.map((p) => p.vtag)).toEqual(packets.map(() => NEW_TAG));
    expect(packets.map((p) => p.line)).toEqual([
      expect.stringMatching(/^COOKIE ACK \| SACK cum=9000 /),
    ]);
    const events = s.takeEvents();
    expect(events.filter((e) => !e.startsWith("path"))).toEqual(["message", "restarted"]);
    expect(events).toEqual(
      expect.arrayContaining(["path:removed", "path:added", "path:confirmed"]),
    );
    // What was received before is kept (optional), streams begin at 0 in both directions.
    const got = [0, 1, 2].map(() => s.endpoint.receive(s.id));
    expect(got.map((m) => m?.data.length)).toEqual([4, 4, 1]);
    s.tag = vtag;
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(one(s.take()).line).toMatch(/ sid=0 ssn=0 /);
    expect(s.endpoint.status(s.id)).toMatchObject({ state: "established", outstandingBytes: 1 });
    expect(s.endpoint.associationCount).toBe(1);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("A: the window is the initial one again, and what waited to be written may be", () => {
    const s = new Script({ sctp: { sendBufferBytes: 3000 } });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, new Uint8Array(3000), { lifetimeMs: 60_000 });
    expect(s.endpoint.send(s.now, s.id, new Uint8Array(2000)).ok).toBe(false);
    s.advance(1000); // T3: cwnd is one PMDCS
    s.take();
    s.takeEvents();
    const { cookie, vtag } = restartCookie(s);
    s.receive([chunk.cookieEcho(cookie)], { vtag });
    expect(s.takeEvents()).toContain("writable");
    expect(s.endpoint.paths(s.id)[0]).toMatchObject({ cwnd: 4404, errorCount: 0, flightSize: 0 });
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("A: the old tag is not taken any more, the new one is", () => {
    const s = new Script();
    s.openFromPeer();
    const { cookie, vtag } = restartCookie(s);
    s.receive([chunk.cookieEcho(cookie)], { vtag });
    s.take();
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))]);
    expect(s.lines()).toEqual([]);
    // Nobody has that tag now, but the address is known: discarded, not out of the blue.
    expect(s.endpoint.counters.badVtag).toBe(1);
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))], { vtag });
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=4"]);
  });

  test("A: a message of which a part was delivered never ends; the next one begins anew", () => {
    const s = new Script({ sctp: { receiveBufferBytes: 4096 } });
    s.openFromPeer();
    for (let i = 0; i < 3; i++) {
      s.receive([
        chunk.data(PEER_TSN + i, { bytes: new Uint8Array(1400), flags: i === 0 ? 2 : 0 }),
      ]);
    }
    const part = s.endpoint.receive(s.id);
    expect(part).toMatchObject({ begin: true, end: false });
    s.take();
    const { cookie, vtag } = restartCookie(s);
    s.receive([chunk.cookieEcho(cookie), chunk.data(9000)], { vtag });
    expect(s.takeEvents()).toContain("restarted");
    // What was handed over before the restart is kept, so parts in the middle may still come.
    expect(s.endpoint.receive(s.id)).toMatchObject({ begin: false, end: false });
    expect(s.endpoint.receive(s.id)).toMatchObject({ begin: true, end: true });
    expect(s.endpoint.receive(s.id)).toBeUndefined();
    expect(s.endpoint.status(s.id)?.unreadBytes).toBe(0);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("A in SHUTDOWN-ACK-SENT: SHUTDOWN ACK again, ERROR to the new tag, no new association", () => {
    const s = new Script();
    s.openFromPeer();
    const { cookie, vtag } = restartCookie(s);
    s.receive([chunk.shutdown(s.tsn - 1)]);
    s.take();
    s.receive([chunk.cookieEcho(cookie)], { vtag });
    // in whatever order the two leave
    const sent = s.take().map((p) => `${p.line} ${p.vtag}`);
    expect(sent.sort()).toEqual([
      `ERROR cookieReceivedWhileShuttingDown ${NEW_TAG}`,
      `SHUTDOWN ACK ${PEER_TAG}`,
    ]);
    expect(s.endpoint.status(s.id)?.state).toBe("shutdownAckSent");
  });

  test("A in SHUTDOWN-PENDING, -SENT and -RECEIVED: the association is up again", () => {
    for (const how of ["pending", "sent", "received"] as const) {
      const s = new Script();
      s.openFromPeer();
      if (how !== "sent") s.endpoint.send(s.now, s.id, Uint8Array.of(1));
      if (how === "received") s.receive([chunk.shutdown(s.tsn - 1)]);
      else s.endpoint.shutdown(s.now, s.id);
      s.take();
      const { cookie, vtag } = restartCookie(s);
      s.receive([chunk.cookieEcho(cookie)], { vtag });
      expect(s.endpoint.status(s.id)?.state).toBe("established");
      expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1)).ok).toBe(true);
    }
  });

  test("B (M X): up already, only the peer's tag changes, and a COOKIE ACK is sent", () => {
    const s = inCookieEchoed();
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG }));
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    s.settle();
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    const ack = one(s.take());
    expect([ack.line, ack.vtag]).toEqual(["COOKIE ACK", NEW_TAG]);
    expect(s.takeEvents()).toEqual([]);
  });

  test("C (X M 0 0): our cookie came too late, discarded in silence, timers go on", () => {
    // We answered an INIT of the peer, then opened ourselves with another tag of ours.
    const s = new Script();
    s.endpoint.listening = true;
    const late = answerTo(s, s.peerInit());
    const lateTag = initNumbers(late).tag;
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([s.peerInitAck()]);
    s.take();
    s.receive([chunk.cookieEcho(cookieOf(late))], { vtag: lateTag });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieEchoed");
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.endpoint.counters.cookieMismatch).toBe(1);
  });

  test("not shown (X 0 0 0): a cookie from before our own INIT, in COOKIE-WAIT, is discarded", () => {
    const s = new Script();
    s.endpoint.listening = true;
    const early = answerTo(s, s.peerInit());
    s.connect();
    s.readNumbers(one(s.take()));
    s.advance(400);
    s.receive([chunk.cookieEcho(cookieOf(early)), chunk.data(PEER_TSN)], {
      vtag: initNumbers(early).tag,
    });
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual(["path:added"]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
    expect(s.advanceToNextPacket()).toBe(600);
    expect(s.endpoint.counters.cookieMismatch).toBe(1);
  });

  test("not shown (X X 0 0): no tie-tags, so not a restart of what is there now: discarded", () => {
    const s = new Script();
    s.endpoint.listening = true;
    const first = answerTo(s, chunk.init({ tag: NEW_TAG }));
    s.openFromPeer();
    s.receive([chunk.cookieEcho(cookieOf(first))], { vtag: initNumbers(first).tag });
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.counters.cookieMismatch).toBe(1);
    s.receive([chunk.heartbeat(Uint8Array.of(1))]);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=1"]);
  });

  test("not shown (X M M M): an INIT that uses the peer's tag again restarts nothing", () => {
    const s = new Script();
    s.openFromPeer();
    const again = answerTo(s, s.peerInit());
    s.receive([chunk.cookieEcho(cookieOf(again))], { vtag: initNumbers(again).tag });
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.counters.cookieMismatch).toBe(1);
    s.receive([chunk.heartbeat(Uint8Array.of(1))]);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=1"]);
  });

  test("not shown (X X, old tie-tags): a cookie from before a restart is discarded", () => {
    const s = new Script();
    s.openFromPeer();
    const old = restartCookie(s);
    const newer = restartCookie(s);
    s.receive([chunk.cookieEcho(newer.cookie)], { vtag: newer.vtag });
    s.settle();
    s.tag = newer.vtag;
    s.receive([chunk.cookieEcho(old.cookie)], { vtag: old.vtag });
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.counters.cookieMismatch).toBe(1);
  });

  test("D (M M): COOKIE ACK again, also after the cookie's life (step 3), and data goes on", () => {
    const s = new Script();
    s.endpoint.listening = true;
    const initAck = answerTo(s, s.peerInit());
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    s.settle();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.take();
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.sack(s.tsn)]);
    expect(s.lines()).toEqual(["COOKIE ACK"]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(0);
    s.advanceAnswering(61_000);
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.lines()).toEqual(["COOKIE ACK"]);
  });

  test("D many times over before anything leaves: answered a bounded number of times", () => {
    const s = new Script();
    s.endpoint.listening = true;
    const initAck = answerTo(s, s.peerInit());
    s.readNumbers(initAck);
    s.hold(() => {
      for (let i = 0; i < 500; i++) s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    });
    const acks = s
      .chunkTypes()
      .flat()
      .filter((t) => t === ChunkType.cookieAck);
    expect(acks.length).toBeLessThanOrEqual(64);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("step 3: past its life and with other tags it is answered with ERROR, Stale Cookie", () => {
    const s = new Script();
    s.openFromPeer();
    const { cookie, vtag } = restartCookie(s);
    s.advanceAnswering(60_001);
    s.receive([chunk.cookieEcho(cookie)], { vtag });
    const error = one(s.take());
    expect([error.line, error.vtag]).toEqual(["ERROR staleCookie(1000us)", NEW_TAG]);
    expect(s.takeEvents()).toEqual([]);
  });

  test("steps 1, 2: a forged one is discarded in silence", () => {
    const s = new Script();
    s.openFromPeer();
    const { cookie, vtag } = restartCookie(s);
    cookie[3] = (cookie[3] ?? 0) ^ 0x80;
    s.receive([chunk.cookieEcho(cookie)], { vtag });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.cookieForged).toBe(1);
  });
});

describe("RFC 9260 s5.2.5: COOKIE ACK at any other time", () => {
  test("discarded in silence", () => {
    const { s } = inCookieWait();
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
    const t = new Script();
    t.openFromPeer();
    t.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(t.lines()).toEqual([]);
    expect(t.takeEvents()).toEqual([]);
  });
});

describe("RFC 9260 s5.2.6: Stale Cookie error", () => {
  const stale = chunk.error(chunk.cause(3, new Uint8Array(4)));

  test("alternative 3: a new INIT asks for the round trip and one second more", () => {
    const s = inCookieEchoed();
    s.advance(300);
    s.receive([stale]);
    const init = one(s.take());
    expect(init.line).toMatch(/^INIT .*cookiePreservative/);
    expect(init.vtag).toBe(0);
    expect(initNumbers(init).tag).toBe(s.tag);
    // 300 ms and 1 s
    expect(init.line).toContain("1300");
    expect(s.endpoint.status(s.id)?.state).toBe("cookieWait");
    s.receive([s.peerInitAck()]);
    expect(chunksOf(one(s.take())).map((c) => c.type)).toEqual([ChunkType.cookieEcho]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.takeEvents()).toContain("up");
  });

  test("a peer that finds every cookie stale is given up, and told of once", () => {
    const { s } = inCookieWait({ sctp: { maxInitRetransmits: 2 } });
    for (let i = 0; i < 3; i++) {
      s.receive([s.peerInitAck()]);
      s.receive([chunk.error(chunk.cause(3, new Uint8Array(4)), chunk.cause(8))]);
    }
    expect(s.ended()?.kind).toBe("setupFailed");
    expect(s.events.at(-1)?.kind).toBe("ended");
  });

  test("in any other state it is discarded", () => {
    const { s } = inCookieWait();
    s.receive([stale]);
    expect(s.lines()).toEqual([]);
    const t = new Script();
    t.openToPeer();
    t.receive([stale]);
    expect(t.lines()).toEqual([]);
    expect(t.takeEvents()).toEqual([]);
    expect(t.endpoint.status(t.id)?.state).toBe("established");
  });
});

describe("RFC 9260 s5.3.1: tags", () => {
  test("tags and Initial TSNs are random, never 0, and new for every INIT ACK", () => {
    const s = new Script();
    s.endpoint.listening = true;
    const seen = new Set<number>();
    for (let i = 0; i < 50; i++) {
      const { tag, tsn } = initNumbers(answerTo(s, s.peerInit()));
      expect(tag).not.toBe(0);
      seen.add(tag).add(tsn);
    }
    expect(seen.size).toBe(100);
  });
});
