import { describe, expect, test } from "@jest/globals";
import { ChunkType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, PEER_TAG, PEER_TSN, Script } from "./support/scripted-peer.js";

const quiet: SctpOptions = {
  pathMaxRetrans: 100,
  potentiallyFailedMaxRetrans: 100,
  associationMaxRetrans: 100,
  hbIntervalMs: 3_600_000,
};

const opened = (o: SctpOptions = {}): Script => {
  const s = new Script({ sctp: { ...quiet, ...o } });
  s.openFromPeer();
  return s;
};

const send = (s: Script, n = 4): void => {
  s.endpoint.send(s.now, s.id, new Uint8Array(n));
  s.drain();
};

const state = (s: Script): string | undefined => s.endpoint.status(s.id)?.state;

/** We shut down with nothing to send: SHUTDOWN is out. */
const shutdownSent = (o: SctpOptions = {}): Script => {
  const s = opened(o);
  s.endpoint.shutdown(s.now, s.id);
  expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN - 1}`]);
  return s;
};

/** The peer shut down: SHUTDOWN ACK is out. */
const shutdownAckSent = (o: SctpOptions = {}): Script => {
  const s = opened(o);
  s.receive([chunk.shutdown(s.tsn - 1)]);
  expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
  s.takeEvents();
  return s;
};

const gone = (s: Script): void => {
  expect(s.endpoint.associationCount).toBe(0);
  expect(s.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
};

describe("RFC 9260 s9.1: abort", () => {
  test("ABORT with the upper layer's reason; what was not delivered comes back", () => {
    const s = opened();
    send(s, 10);
    s.take();
    s.endpoint.abort(s.now, s.id, Uint8Array.of(98, 121, 101));
    const [p, ...more] = s.take();
    expect(more).toEqual([]);
    expect(p?.vtag).toBe(PEER_TAG);
    expect([...(p?.bytes.slice(SCTP_HEADER_LENGTH) ?? [])]).toEqual([
      6, 0, 0, 11, 0, 12, 0, 7, 98, 121, 101, 0,
    ]);
    expect(s.takeEvents()).toEqual(["message", "path:removed", "ended"]);
    gone(s);
  });

  test("our ABORT leaves before what packets still under way are answered with", () => {
    const s = opened();
    s.hold(() => {
      s.endpoint.abort(s.now, s.id, Uint8Array.of(98, 121, 101));
      s.receive([chunk.data(PEER_TSN)]);
    });
    expect(s.take().map((p) => p.vtag)).toEqual([PEER_TAG, s.tag]);
  });

  test("a long reason is cut, so that the ABORT fits", () => {
    const s = opened({ mtu: 576 });
    s.endpoint.abort(s.now, s.id, new Uint8Array(5000));
    expect(s.take()[0]?.bytes.length).toBeLessThanOrEqual(556);
  });

  test("the peer's ABORT ends at once, unanswered; its causes and reason are told", () => {
    const s = opened();
    send(s);
    s.take();
    s.receive([chunk.abort(false, chunk.cause(13), chunk.cause(12, Uint8Array.of(1, 2)))]);
    expect(s.lines()).toEqual([]);
    expect(s.ended()).toEqual({
      kind: "abortedByPeer",
      causeCodes: [13, 12],
      reason: Uint8Array.of(1, 2),
    });
    gone(s);
  });

  test("what was received stays readable", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN), chunk.abort()]);
    expect(s.takeEvents()).toEqual(["path:removed", "ended", "readable"].slice(0, 2));
    expect(s.endpoint.unreadCount).toBe(1);
    expect(s.endpoint.receive(s.id)?.data).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(s.endpoint.receive(s.id)).toBeUndefined();
    expect(s.endpoint.unreadCount).toBe(0);
    expect(s.endpoint.knows(s.id)).toBe(false);
  });

  test("nothing can be done with an association that is over", () => {
    const s = opened();
    s.endpoint.abort(s.now, s.id);
    s.take();
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1))).toEqual({ ok: false, code: "notOpen" });
    s.endpoint.abort(s.now, s.id);
    s.endpoint.shutdown(s.now, s.id);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)).toBeUndefined();
    expect(s.endpoint.paths(s.id)).toEqual([]);
  });

  test.each(["shutdownSent", "shutdownAckSent"] as const)("in %s as well", (which) => {
    const s = which === "shutdownSent" ? shutdownSent() : shutdownAckSent();
    s.endpoint.abort(s.now, s.id);
    expect(s.lines()).toEqual([expect.stringMatching(/^ABORT userInitiatedAbort/)]);
    gone(s);
  });
});

describe("RFC 9260 s9.2: we shut down", () => {
  test("nothing to send: SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE, and no record is left", () => {
    const s = shutdownSent();
    expect(state(s)).toBe("shutdownSent");
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    const [p] = s.take();
    expect([p?.line, p?.vtag, p && chunksOf(p)[0]?.flags]).toEqual([
      "SHUTDOWN COMPLETE",
      PEER_TAG,
      0,
    ]);
    expect(s.takeEvents()).toEqual(["path:removed", "ended"]);
    gone(s);
  });

  test("SHUTDOWN-PENDING until all is acknowledged; lost data is sent again, no new data is taken", () => {
    const s = opened();
    send(s, 1000);
    s.endpoint.shutdown(s.now, s.id);
    expect(state(s)).toBe("shutdownPending");
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1))).toEqual({ ok: false, code: "notOpen" });
    s.take();
    s.advance(1000);
    // the I bit: the sender waits for the SACK (s6.1)
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1000 IBE"]);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN - 1}`]);
    expect(state(s)).toBe("shutdownSent");
  });

  test("a gap acknowledgement is not enough", () => {
    const s = opened();
    send(s);
    send(s);
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[1, 2]] })]);
    expect(s.lines()).toEqual([]);
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN - 1}`]);
  });

  test("queued data leaves first, also before the association is up", () => {
    const s = new Script({ sctp: quiet });
    s.connect();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.endpoint.shutdown(s.now, s.id);
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1)).ok).toBe(false);
    const [init] = s.take();
    if (init !== undefined) s.readNumbers(init);
    s.receive([s.peerInitAck()]);
    s.take();
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1 IBE"]);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN - 1}`]);
  });

  test("before the association is up, with nothing queued, it ends at once", () => {
    const s = new Script();
    s.connect();
    s.endpoint.shutdown(s.now, s.id);
    expect(s.ended()).toEqual({ kind: "aborted" });
  });

  test("T2-shutdown sends it again with the newest Cumulative TSN Ack, the RTO doubled each time", () => {
    const s = shutdownSent();
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN - 1}`]);
    expect(s.advanceToNextPacket()).toBe(2000);
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    expect(s.advanceToNextPacket()).toBe(4000);
    expect(s.lines()[0]).toContain(`SHUTDOWN cum=${PEER_TSN}`);
  });

  test("past Association.Max.Retrans the peer is unreachable", () => {
    const s = shutdownSent({ associationMaxRetrans: 3 });
    const start = s.nowUs;
    s.advance(3_600_000);
    expect(s.take()).toHaveLength(3);
    expect(s.ended()?.kind).toBe("unreachable");
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe(start + 15_000_000);
    gone(s);
  });

  test("T5-shutdown-guard: 5 times RTO.Max, then ABORT", () => {
    const s = shutdownSent();
    const start = s.nowUs;
    // a peer that keeps it alive with packets, and never ends
    while (s.ended() === undefined) {
      s.receive([chunk.heartbeat(Uint8Array.of(1))]);
      s.take();
      s.advance(500);
    }
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe(start + 300_000_000);
    expect(s.lines()).toEqual([expect.stringMatching(/^ABORT/)]);
    gone(s);
  });

  test("a packet of the peer clears the retransmission count; only DATA restarts T2 (a departure)", () => {
    const s = shutdownSent({ associationMaxRetrans: 3 });
    s.advance(3000);
    expect(s.endpoint.status(s.id)?.errorCount).toBe(2);
    s.take();
    s.advance(3999);
    s.receive([chunk.heartbeat(Uint8Array.of(1))]);
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
    expect(s.lines()).toEqual(["HEARTBEAT ACK info=1"]);
    expect(s.advanceToNextPacket()).toBe(1);
  });

  test("DATA after our SHUTDOWN is taken, and answered at once with SHUTDOWN, and SACK", () => {
    const s = shutdownSent();
    s.receive([chunk.data(PEER_TSN)]);
    expect(s.lines()).toEqual([`SHUTDOWN cum=${PEER_TSN} | SACK cum=${PEER_TSN} rwnd=4194300`]);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    expect(s.lines()).toEqual([
      `SHUTDOWN cum=${PEER_TSN} | SACK cum=${PEER_TSN} rwnd=4194296 gaps=2-2`,
    ]);
    s.receive([chunk.data(PEER_TSN)]);
    expect(s.lines()).toEqual([
      `SHUTDOWN cum=${PEER_TSN} | SACK cum=${PEER_TSN} rwnd=4194296 gaps=2-2 dups=${PEER_TSN}`,
    ]);
    expect(s.takeEvents()).toContain("readable");
    expect(s.endpoint.receive(s.id)).toBeDefined();
  });

  test("a batch of packets with DATA is answered with one SHUTDOWN", () => {
    const s = shutdownSent();
    s.hold(() => {
      for (let i = 0; i < 200; i++) s.receive([chunk.data(PEER_TSN + i, { ssn: i })]);
    });
    const lines = s.lines();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`SHUTDOWN cum=${PEER_TSN + 199}`);
  });

  test("SACK in SHUTDOWN-SENT is discarded (s6)", () => {
    const s = shutdownSent();
    s.receive([chunk.sack(s.tsn + 1000)]);
    expect(s.lines()).toEqual([]);
    expect(state(s)).toBe("shutdownSent");
  });

  test("a second request does nothing", () => {
    const s = shutdownSent();
    s.endpoint.shutdown(s.now, s.id);
    expect(s.lines()).toEqual([]);
  });
});

describe("RFC 9260 s9.2: the peer shuts down", () => {
  test("nothing outstanding: SHUTDOWN ACK, gone with SHUTDOWN COMPLETE", () => {
    const s = opened();
    s.receive([chunk.shutdown(s.tsn - 1)]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    expect(s.takeEvents()).toEqual(["peerShutdown"]);
    expect(state(s)).toBe("shutdownAckSent");
    s.receive([chunk.bare(ChunkType.shutdownComplete)]);
    expect(s.lines()).toEqual([]);
    expect(s.ended()).toEqual({ kind: "shutdown" });
    gone(s);
  });

  test("SHUTDOWN-RECEIVED: what is queued is still delivered, no new data is taken, SHUTDOWN requests are ignored", () => {
    const s = opened();
    for (let i = 0; i < 6; i++) send(s, 1400);
    expect(s.take()).toHaveLength(4);
    s.receive([chunk.shutdown(s.tsn + 1)]); // it acknowledges two
    expect(state(s)).toBe("shutdownReceived");
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1))).toEqual({ ok: false, code: "notOpen" });
    s.endpoint.shutdown(s.now, s.id);
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+4 sid=0 ssn=4 len=1400 BE",
      "DATA tsn=+5 sid=0 ssn=5 len=1400 BE",
    ]);
    s.receive([chunk.shutdown(s.tsn + 3)]);
    expect(s.lines()).toEqual([]);
    s.receive([chunk.shutdown(s.tsn + 5)]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    expect(s.takeEvents().filter((e) => e === "message")).toHaveLength(6);
  });

  test("a SHUTDOWN takes nothing back that was acknowledged in a gap (s3.3.8)", () => {
    const s = opened();
    for (let i = 0; i < 3; i++) send(s);
    s.take();
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[3, 3]] })]);
    s.receive([chunk.shutdown(s.tsn - 1)]);
    expect(s.endpoint.counters.reneged).toBe(0);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(8);
  });

  test("DATA in SHUTDOWN-RECEIVED and later is discarded (s6)", () => {
    const s = opened();
    send(s);
    s.receive([chunk.shutdown(s.tsn - 1)]);
    s.take();
    s.receive([chunk.data(PEER_TSN)]);
    s.advance(400);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.receive(s.id)).toBeUndefined();
    expect(s.endpoint.counters.dataAfterShutdown).toBe(1);
  });

  test("T2-shutdown sends the SHUTDOWN ACK again; past Association.Max.Retrans the peer is unreachable", () => {
    const s = shutdownAckSent({ associationMaxRetrans: 2 });
    const start = s.nowUs;
    s.advance(3_600_000);
    expect(s.take().map((p) => [p.line, p.atMs - start / 1000])).toEqual([
      ["SHUTDOWN ACK", 1000],
      ["SHUTDOWN ACK", 3000],
    ]);
    expect(s.ended()?.kind).toBe("unreachable");
    gone(s);
  });

  test("another SHUTDOWN is answered with another SHUTDOWN ACK; a flood of them is bounded", () => {
    const s = shutdownAckSent();
    s.receive([chunk.shutdown(s.tsn - 1)]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    s.hold(() => {
      for (let i = 0; i < 500; i++) s.receive([chunk.shutdown(s.tsn - 1)]);
    });
    expect(s.take()).toHaveLength(1);
  });

  test("a SHUTDOWN that acknowledges what was never sent is a protocol violation", () => {
    const s = opened();
    s.receive([chunk.shutdown(s.tsn + 9)]);
    expect(s.lines()).toEqual([expect.stringMatching(/^ABORT protocolViolation/)]);
  });

  test("while our own is pending: theirs comes first", () => {
    const s = opened();
    send(s);
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([chunk.shutdown(s.tsn - 1)]);
    expect(state(s)).toBe("shutdownReceived");
    s.receive([chunk.sack(s.tsn)]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
  });
});

describe("RFC 9260 s9.2: both at once, and what was lost", () => {
  test("SHUTDOWN in SHUTDOWN-SENT: SHUTDOWN ACK, T2 restarted", () => {
    const s = shutdownSent();
    s.advance(700);
    s.receive([chunk.shutdown(s.tsn - 1)]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    expect(state(s)).toBe("shutdownAckSent");
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
  });

  test("SHUTDOWN ACK in SHUTDOWN-ACK-SENT: SHUTDOWN COMPLETE, gone", () => {
    const s = shutdownSent();
    s.receive([chunk.shutdown(s.tsn - 1)]);
    s.take();
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    expect(s.lines()).toEqual(["SHUTDOWN COMPLETE"]);
    expect(s.ended()).toEqual({ kind: "shutdown" });
    gone(s);
  });

  test("a lost SHUTDOWN COMPLETE: the repeated SHUTDOWN ACK finds nobody and is answered with the T bit", () => {
    const s = shutdownSent();
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    s.take();
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    const [p] = s.take();
    expect(p?.vtag).toBe(s.tag);
    expect(p && chunksOf(p).map((c) => [c.type, c.flags])).toEqual([
      [ChunkType.shutdownComplete, 1],
    ]);
  });

  test("SHUTDOWN ACK, SHUTDOWN COMPLETE where they mean nothing are discarded", () => {
    const s = opened();
    send(s);
    s.take();
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    s.receive([chunk.bare(ChunkType.shutdownComplete)]);
    s.endpoint.shutdown(s.now, s.id);
    s.receive([chunk.bare(ChunkType.shutdownAck)]);
    s.receive([chunk.bare(ChunkType.shutdownComplete)]);
    expect(s.lines()).toEqual([]);
    expect(state(s)).toBe("shutdownPending");
  });

  test("SHUTDOWN in COOKIE-WAIT and COOKIE-ECHOED is discarded", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    if (init !== undefined) s.readNumbers(init);
    s.receive([chunk.shutdown(5)]);
    expect(state(s)).toBe("cookieWait");
    s.receive([s.peerInitAck()]);
    s.take();
    s.receive([chunk.shutdown(5)]);
    expect(s.lines()).toEqual([]);
    expect(state(s)).toBe("cookieEchoed");
  });

  test("all our ways are gone while we shut down: it ends all the same", () => {
    for (const s of [
      shutdownSent({ associationMaxRetrans: 3 }),
      shutdownAckSent({ associationMaxRetrans: 3 }),
    ]) {
      s.endpoint.handle(s.now, { kind: "addresses", addresses: [] });
      s.drain();
      s.advance(600_000);
      expect(s.ended()?.kind).toBe("unreachable");
      expect(s.lines()).toEqual([]);
      gone(s);
    }
  });
});
