import { describe, expect, test } from "@jest/globals";
import { ChunkType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, PEER_TSN, Script, type SentPacket } from "./support/scripted-peer.js";

const three = {
  local: ["10.1.0.1", "10.2.0.1", "10.3.0.1"],
  peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2"],
  sctp: { maxPaths: 3 },
};
const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";
const P3 = "10.3.0.1>10.3.0.2";

/** The peer opens; what we sent after the COOKIE ECHO is not answered. */
const justUp = (o: object = three): { s: Script; sent: SentPacket[] } => {
  const s = new Script(o);
  s.endpoint.listening = true;
  s.receive([s.peerInit()], { vtag: 0 });
  const [initAck] = s.take();
  if (initAck === undefined) throw new Error("no INIT ACK");
  s.readNumbers(initAck);
  s.receive([chunk.cookieEcho(cookieOf(initAck))]);
  return { s, sent: s.take() };
};

const heartbeats = (packets: readonly SentPacket[]): string[] =>
  packets
    .filter((p) => chunksOf(p).some((c) => c.type === ChunkType.heartbeat))
    .map((p) => p.route);

const ackOf = (p: SentPacket): Uint8Array => {
  const at = chunksOf(p).find((c) => c.type === ChunkType.heartbeat)?.at ?? 0;
  const ack = p.bytes.slice(at, at + 32);
  ack[0] = ChunkType.heartbeatAck;
  return ack;
};

describe("RFC 9260 s5.4: which addresses are confirmed", () => {
  test("rule 2: whoever takes the COOKIE ECHO trusts only the address that the INIT ACK went to", () => {
    const { s } = justUp();
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} unconfirmed`, `${P3} unconfirmed`]);
  });

  // Rule 1 takes every address that the application gave as confirmed. Here a path is a pair of
  // addresses, and those that did not carry the set-up are verified before data goes to them.
  test("rule 1 (departure): whoever opens trusts the pair that worked and verifies the rest", () => {
    const s = new Script(three);
    s.openToPeer();
    expect(s.paths()[0]).toBe(`*${P1} active`);
    expect(s.paths()[2]).toBe(`${P3} unconfirmed`);
  });

  test("a HEARTBEAT ACK with its nonce confirms a path, and that is told with the RTT", () => {
    const { s, sent } = justUp();
    s.takeEvents();
    s.advance(250);
    s.answerHeartbeats(sent);
    expect(s.events.map((e) => e.kind === "path" && e.event)).toEqual([
      expect.objectContaining({ kind: "confirmed", rtt: 250_000 }),
    ]);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`, `${P3} unconfirmed`]);
  });

  test("the path that the HEARTBEAT was sent to is confirmed, wherever the answer comes from", () => {
    const { s, sent } = justUp();
    const hb = sent.find((p) => p.route === P2);
    if (hb === undefined) throw new Error("no HEARTBEAT");
    s.receive([ackOf(hb)]);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`, `${P3} unconfirmed`]);
  });
});

describe("RFC 9260 s5.4: the nonce", () => {
  test("it has 64 bits and is different on each path", () => {
    const { s, sent } = justUp();
    s.advance(1000);
    const nonces = [...sent, ...s.take()]
      .filter((p) => heartbeats([p]).length > 0)
      .map((p) => [...p.bytes.slice(SCTP_HEADER_LENGTH + 12, SCTP_HEADER_LENGTH + 20)].join());
    expect(new Set(nonces).size).toBe(nonces.length);
    expect(nonces.length).toBeGreaterThanOrEqual(2);
  });

  test("an answer with any bit of path or nonce changed confirms nothing", () => {
    const { s, sent } = justUp();
    const hb = sent.find((p) => p.route === P2);
    if (hb === undefined) throw new Error("no HEARTBEAT");
    for (let i = 8; i < 20; i++) {
      const forged = ackOf(hb);
      forged[i] = (forged[i] ?? 0) ^ 1;
      s.receive([forged]);
    }
    expect(s.paths()[1]).toBe(`${P2} unconfirmed`);
    expect(s.endpoint.counters.heartbeatAckForged).toBe(12);
  });

  test("an answer from the future, a cut one and one with another parameter are refused", () => {
    const { s, sent } = justUp();
    const hb = sent.find((p) => p.route === P2);
    if (hb === undefined) throw new Error("no HEARTBEAT");
    const future = ackOf(hb);
    future[20] = 1;
    const type = ackOf(hb);
    type[5] = 2;
    s.receive([future]);
    s.receive([type]);
    s.receive([chunk.around(ChunkType.heartbeatAck, 0, ackOf(hb).slice(4, 24))]);
    s.receive([chunk.around(ChunkType.heartbeatAck, 0, new Uint8Array(0))]);
    expect(s.paths()[1]).toBe(`${P2} unconfirmed`);
    expect(s.endpoint.counters.heartbeatAckForged).toBe(4);
  });

  test("the same answer a second time is not taken again", () => {
    const { s, sent } = justUp();
    s.answerHeartbeats(sent);
    const before = s.endpoint.paths(s.id)[1]?.srtt;
    s.advance(500);
    s.answerHeartbeats(sent);
    expect(s.endpoint.paths(s.id)[1]?.srtt).toBe(before);
    expect(s.endpoint.counters.heartbeatAckForged).toBe(1);
  });
});

describe("RFC 9260 s5.4: how often is asked", () => {
  test("strict timing: HB.Max.Burst is 1, one HEARTBEAT per RTO over all paths", () => {
    const { s, sent } = justUp();
    expect(heartbeats(sent)).toEqual([P2]);
    s.advance(3500);
    // P2 was not answered within its RTO; its turn is after that of P3.
    expect(s.take().map((p) => `${p.atMs - 1000} ${p.route}`)).toEqual([
      `1000 ${P3}`,
      `2000 ${P2}`,
      `3000 ${P3}`,
    ]);
  });

  test("fast timing: all paths at once", () => {
    const { sent } = justUp({ ...three, sctp: { ...three.sctp, timing: "fast" } });
    expect(heartbeats(sent).sort()).toEqual([P1, P2, P3]);
  });

  test("errors of the path are counted, none of the association; past the limit it is asked less often", () => {
    const { s, sent } = justUp({
      local: three.local.slice(0, 2),
      peer: three.peer.slice(0, 2),
      sctp: { maxPaths: 2 },
    });
    expect(heartbeats(sent)).toEqual([P2]);
    const times: number[] = [];
    while (times.length < 9) {
      s.advanceToNextPacket();
      for (const p of s.take()) {
        if (p.route === P2) times.push(p.atMs - 1000);
        else s.answerHeartbeats([p]);
      }
    }
    // the RTO doubles each time: 1, 2, 4, 8, 16, 32 s; the seventh is past Path.Max.Retrans:
    // RTO.Max (60 s) and HB.interval (30 s), +- 50% of the RTO, after the timeout
    expect(times.slice(0, 5)).toEqual([1000, 3000, 7000, 15_000, 31_000]);
    for (const i of [6, 7, 8]) {
      const gap = (times[i] ?? 0) - (times[i - 1] ?? 0);
      expect(gap).toBeGreaterThanOrEqual(32_000 + 30_000);
      expect(gap).toBeLessThanOrEqual(60_000 + 30_000 + 90_000);
    }
    expect(s.endpoint.paths(s.id)[1]).toMatchObject({ stateKind: "unconfirmed", errorCount: 9 });
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("once all are confirmed, verification ends", () => {
    const { s, sent } = justUp();
    s.answerHeartbeats(sent);
    s.advanceAnswering(3000);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`, `${P3} active`]);
    s.advance(10_000);
    expect(s.lines()).toEqual([]);
  });
});

describe("RFC 9260 s5.4: what may be sent to an unconfirmed address", () => {
  test("no DATA: while the confirmed path fails there is no other", () => {
    const { s } = justUp();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.advance(60_000);
    for (const p of s.take()) {
      if (p.route !== P1) expect(chunksOf(p).map((c) => c.type)).toEqual([ChunkType.heartbeat]);
    }
  });

  test("no SACK: it goes over the path in use", () => {
    const { s } = justUp();
    s.receive([chunk.data(PEER_TSN)], { from: "10.2.0.2", to: "10.2.0.1" });
    expect(s.routes()).toEqual([`${P1} SACK cum=${PEER_TSN} rwnd=4194300`]);
  });

  test("HEARTBEAT ACK: yes; ERROR: no", () => {
    const { s } = justUp();
    s.receive(
      [chunk.heartbeat(Uint8Array.of(1, 2, 3, 4)), chunk.around(0xfe, 0, new Uint8Array(4))],
      { from: "10.3.0.2", to: "10.3.0.1" },
    );
    expect(s.routes()).toEqual([`${P3} HEARTBEAT ACK info=4`]);
  });

  test("SHUTDOWN COMPLETE: no, it goes over the path in use", () => {
    const { s } = justUp();
    s.endpoint.shutdown(s.now, s.id);
    expect(s.routes()).toEqual([`${P1} SHUTDOWN cum=${PEER_TSN - 1}`]);
    s.receive([chunk.bare(ChunkType.shutdownAck)], { from: "10.3.0.2", to: "10.3.0.1" });
    expect(s.routes()).toEqual([`${P1} SHUTDOWN COMPLETE`]);
  });

  test("COOKIE ECHO: no, it goes to an address that the application gave, which counts as confirmed", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    if (init === undefined) throw new Error("no INIT");
    s.readNumbers(init);
    s.receive([s.peerInitAck()], { from: "10.9.0.9" });
    expect(s.routes()).toEqual([expect.stringMatching(/^10\.1\.0\.1>10\.1\.0\.2 COOKIE ECHO/)]);
    s.advance(3000);
    for (const p of s.take()) expect(p.remote).toBe("10.1.0.2");
  });

  test("COOKIE ACK: with a HEARTBEAT beside it, whose answer confirms the address", () => {
    const s = new Script(three);
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))], { from: "10.3.0.2", to: "10.3.0.1" });
    const sent = s.take();
    const back = sent.filter((p) => p.route === P3);
    expect(back.map((p) => chunksOf(p).map((c) => c.type))).toEqual([
      [ChunkType.cookieAck, ChunkType.heartbeat],
    ]);
    expect(s.paths()).toContain(`${P3} unconfirmed`);
    s.answerHeartbeats(back);
    expect(s.paths()).toContain(`${P3} active`);
  });

  test("it cannot be made the primary path", () => {
    const { s } = justUp();
    const [p1, p2] = s.endpoint.paths(s.id);
    expect(s.endpoint.setPrimary(s.now, s.id, p2?.id ?? -1)).toBe(false);
    expect(s.endpoint.setPrimary(s.now, s.id, p1?.id ?? -1)).toBe(true);
  });
});

describe("a packet from a listed address that is no path yet", () => {
  test("makes one, which is verified", () => {
    const s = new Script({ ...three, sctp: { maxPaths: 4 }, local: ["10.1.0.1"] });
    s.openFromPeer();
    s.advanceAnswering(5000);
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))], { from: "10.1.0.2", to: "10.8.0.1" });
    expect(s.routes()).toEqual(["10.8.0.1>10.1.0.2 HEARTBEAT ACK info=4 | HEARTBEAT info=24"]);
    expect(s.paths()).toContain("10.8.0.1>10.1.0.2 unconfirmed");
  });

  test("but no more paths than allowed", () => {
    const s = new Script({ sctp: { maxPaths: 2 } });
    s.openFromPeer();
    for (let i = 0; i < 10; i++) {
      s.receive([chunk.heartbeat(Uint8Array.of(1))], { to: `10.8.0.${i + 1}` });
    }
    expect(s.paths()).toHaveLength(2);
  });
});
