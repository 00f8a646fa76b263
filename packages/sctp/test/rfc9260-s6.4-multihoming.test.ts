import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, PEER_TSN, Script, type SentPacket } from "./support/scripted-peer.js";

const bytes = (n: number): Uint8Array => new Uint8Array(n);
const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";
const P3 = "10.3.0.1>10.3.0.2";
const fromP2 = { from: "10.2.0.2", to: "10.2.0.1" };

/** Several paths, all confirmed; P1 is the primary. The potentially-failed state is off. */
const opened = (o: SctpOptions = {}, paths = 2): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1", "10.3.0.1"].slice(0, paths),
    peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2"].slice(0, paths),
    sctp: {
      maxPaths: paths,
      potentiallyFailedMaxRetrans: 1000,
      hbIntervalMs: 3_600_000,
      ...o,
    },
  });
  s.openFromPeer();
  s.advanceAnswering(10_000);
  return s;
};

const send = (s: Script, n = 4): void => {
  s.endpoint.send(s.now, s.id, bytes(n));
  s.drain();
};

const dataOnly = (packets: readonly SentPacket[], s: Script): string[] =>
  packets
    .filter((p) => chunksOf(p).some((c) => c.type === ChunkType.data))
    .map((p) => `${p.route} ${s.relative(p.line)}`);

describe("RFC 9260 s6.4: the primary path", () => {
  test("data goes there, and to the new one after SET PRIMARY (s11.1.6)", () => {
    const s = opened();
    send(s);
    const other = s.endpoint.paths(s.id)[1];
    expect(s.endpoint.setPrimary(s.now, s.id, other?.id ?? -1)).toBe(true);
    send(s);
    expect(s.take().map((p) => p.route)).toEqual([P1, P2]);
    expect(s.events.filter((e) => e.kind === "path").map((e) => e.event)).toEqual([
      expect.objectContaining({ kind: "switched", cause: "application", stall: 0 }),
    ]);
    expect(s.endpoint.setPrimary(s.now, s.id, 99)).toBe(false);
  });
});

describe("RFC 9260 s6.4: answers go back to where the question came from", () => {
  test("HEARTBEAT ACK, ERROR, COOKIE ACK, SHUTDOWN COMPLETE", () => {
    const s = opened();
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))], fromP2);
    s.receive([chunk.around(0xfe, 0, bytes(4))], fromP2);
    s.endpoint.shutdown(s.now, s.id);
    expect(s.take().map((p) => p.route)).toEqual([P2, P2, P1]);
    s.receive([chunk.bare(ChunkType.shutdownAck)], fromP2);
    expect(s.routes()).toEqual([`${P2} SHUTDOWN COMPLETE`]);
  });

  test.each([
    ["a SACK of what was never sent", (s: Script) => chunk.sack(s.tsn + 5)],
    ["DATA without user data", () => chunk.data(PEER_TSN, { bytes: bytes(0) })],
    ["a SHUTDOWN of what was never sent", (s: Script) => chunk.shutdown(s.tsn + 5)],
  ])("ABORT, too: %s", (_, part) => {
    const s = opened();
    s.receive([part(s)], fromP2);
    expect(s.routes()).toEqual([expect.stringMatching(/^10\.2\.0\.1>10\.2\.0\.2 ABORT /)]);
  });

  test("an ABORT that the application asks for goes over the path in use", () => {
    const s = opened();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], fromP2);
    s.take();
    s.endpoint.abort(s.now, s.id);
    expect(s.routes()).toEqual([`${P1} ABORT userInitiatedAbort`]);
  });

  test("a HEARTBEAT that came over a way that we may not use any more is not answered over another", () => {
    const s = opened();
    s.endpoint.handle(s.now, {
      kind: "addresses",
      addresses: [
        {
          address: IpAddress.parse("10.1.0.1"),
          interfaceName: "a",
          metered: false,
          cost: 0,
          allowed: true,
        },
        {
          address: IpAddress.parse("10.2.0.1"),
          interfaceName: "b",
          metered: false,
          cost: 0,
          allowed: false,
        },
      ],
    });
    s.take();
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))], fromP2);
    expect(s.lines()).toEqual([]);
  });
});

describe("RFC 9260 s6.4, s6.7: where SACKs go", () => {
  test("to where the last DATA came from, and they do not wander without reason", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)], fromP2);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })], fromP2);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })], fromP2);
    s.receive([chunk.data(PEER_TSN + 3, { ssn: 3 })]);
    expect(s.routes()).toEqual([
      `${P2} SACK cum=${PEER_TSN} rwnd=4194300`,
      `${P2} SACK cum=${PEER_TSN + 2} rwnd=4194292`,
    ]);
    s.receive([chunk.data(PEER_TSN + 4, { ssn: 4 })]);
    expect(s.routes()).toEqual([`${P1} SACK cum=${PEER_TSN + 4} rwnd=4194284`]);
  });

  test("a delayed SACK as well", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })], fromP2);
    s.take();
    s.advance(200);
    expect(s.routes()).toEqual([`${P2} SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
  });

  test("a SACK goes along with DATA only if both take the same way (s6.1)", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)], fromP2);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })], fromP2);
    s.take();
    send(s);
    expect(s.routes()).toEqual([`${P1} DATA tsn=+0 sid=0 ssn=0 len=4 BE`]);
    s.advance(200);
    expect(s.routes()).toEqual([`${P2} SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
  });

  test("not over a path that has failed", () => {
    const s = opened({ pathMaxRetrans: 0 });
    s.receive([chunk.data(PEER_TSN)], fromP2);
    s.take();
    const p2 = s.endpoint.paths(s.id)[1];
    s.endpoint.requestHeartbeat(s.id, p2?.id ?? -1);
    s.drain();
    s.advance(1000);
    expect(s.paths()[1]).toBe(`${P2} inactive 1`);
    s.take();
    s.receive([chunk.data(PEER_TSN)], fromP2);
    expect(s.routes()).toEqual([`${P1} SACK cum=${PEER_TSN} rwnd=4194300 dups=${PEER_TSN}`]);
  });
});

describe("RFC 9260 s6.4: retransmissions", () => {
  test("what timed out goes over another active path, new data stays", () => {
    const s = opened();
    send(s);
    s.advance(1000);
    expect(dataOnly(s.take(), s)).toEqual([
      `${P1} DATA tsn=+0 sid=0 ssn=0 len=4 BE`,
      `${P2} DATA tsn=+0 sid=0 ssn=0 len=4 BE`,
    ]);
    send(s);
    expect(dataOnly(s.take(), s)).toEqual([`${P1} DATA tsn=+1 sid=0 ssn=1 len=4 BE`]);
    expect(s.paths()).toEqual([`*${P1} active 1`, `${P2} active`]);
  });

  test("and the next time over yet another than the last one", () => {
    const s = opened({}, 3);
    send(s);
    s.advance(1000);
    s.advance(1000);
    s.advance(2000);
    expect(dataOnly(s.take(), s).map((l) => l.slice(0, P1.length))).toEqual([P1, P2, P1, P2]);
  });

  test("flight sizes follow the chunk to its new path", () => {
    const s = opened();
    send(s, 100);
    expect(s.endpoint.paths(s.id).map((p) => p.flightSize)).toEqual([116, 0]);
    s.advance(1000);
    expect(s.endpoint.paths(s.id).map((p) => p.flightSize)).toEqual([0, 116]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(100);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.endpoint.paths(s.id).map((p) => p.flightSize)).toEqual([0, 0]);
  });

  test("a fast retransmission takes the same path", () => {
    const s = opened();
    for (let i = 0; i < 4; i++) send(s, 800);
    s.take();
    for (const n of [2, 3, 4]) s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, n]] })]);
    expect(s.routes()).toEqual([`${P1} DATA tsn=+0 sid=0 ssn=0 len=800 BE`]);
  });

  test("or the new primary path, whatever its window says", () => {
    const s = opened();
    for (let i = 0; i < 4; i++) send(s, 800);
    s.endpoint.setPrimary(s.now, s.id, s.endpoint.paths(s.id)[1]?.id ?? -1);
    s.advance(1);
    for (let i = 0; i < 4; i++) send(s, 1400); // fills the window of P2
    s.take();
    for (const n of [2, 3, 4]) s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, n]] })]);
    expect(s.routes()).toEqual([`${P2} DATA tsn=+0 sid=0 ssn=0 len=800 BE`]);
  });

  test("the most divergent pair is preferred (s6.4.1)", () => {
    // three pairs over two of our addresses: the one that shares no end with P1 takes the retransmission
    const s = new Script({
      local: ["10.1.0.1", "10.2.0.1"],
      peer: ["10.1.0.2", "10.2.0.2"],
      sctp: { maxPaths: 4, potentiallyFailedMaxRetrans: 1000, hbIntervalMs: 3_600_000 },
    });
    s.openFromPeer();
    s.advanceAnswering(10_000);
    expect(s.paths()).toHaveLength(4);
    send(s);
    s.advance(1000);
    expect(dataOnly(s.take(), s).at(-1)).toMatch(/^10\.2\.0\.1>10\.2\.0\.2 /);
  });

  test("a lost way is left by what was to be sent again over it", () => {
    const s = opened({}, 3);
    for (let i = 0; i < 6; i++) send(s, 1000);
    s.advance(1000); // T3 on P1: one packet to P2 at least
    s.take();
    s.endpoint.handle(s.now, {
      kind: "addresses",
      addresses: ["10.1.0.1", "10.3.0.1"].map((a) => ({
        address: IpAddress.parse(a),
        interfaceName: "x",
        metered: false,
        cost: 0,
        allowed: true,
      })),
    });
    s.drain();
    s.advance(10_000);
    expect(s.take().filter((p) => p.route === P2)).toEqual([]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });
});

describe("RFC 9260 s6.4.1, s8.2: the primary path fails", () => {
  test("a primary that is inactive when it is chosen is used once it is active", () => {
    const s = opened({ pathMaxRetrans: 0 });
    const id = s.endpoint.paths(s.id)[1]?.id ?? -1;
    s.endpoint.requestHeartbeat(s.id, id);
    s.drain();
    s.advance(1000);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} inactive 1`]);
    expect(s.endpoint.setPrimary(s.now, s.id, id)).toBe(true);
    s.take();
    send(s);
    expect(dataOnly(s.take(), s)).toEqual([`${P1} DATA tsn=+0 sid=0 ssn=0 len=4 BE`]);
    s.endpoint.requestHeartbeat(s.id, id);
    s.answerHeartbeats(s.take());
    expect(s.paths()).toEqual([`${P1} active`, `*${P2} active`]);
    send(s);
    expect(dataOnly(s.take(), s)).toEqual([`${P2} DATA tsn=+1 sid=0 ssn=1 len=4 BE`]);
  });

  test("data goes to one other, and back when the primary answers again", () => {
    const s = opened({ pathMaxRetrans: 1, hbIntervalMs: 30_000 }, 3);
    send(s);
    s.advance(1000);
    s.receive([chunk.sack(s.tsn)]); // of the copy over P2: it does not clear the error of P1
    send(s);
    s.take();
    expect(s.takeEvents()).toEqual(["message"]);
    expect(s.paths()).toEqual([`*${P1} active 1`, `${P2} active`, `${P3} active`]);
    s.advance(2000); // its RTO has doubled
    expect(s.takeEvents()).toEqual(["path:inactive", "path:switched"]);
    expect(s.paths()).toEqual([`${P1} inactive 2`, `*${P2} active`, `${P3} active`]);
    send(s);
    expect(dataOnly(s.take(), s)).toEqual([
      `${P2} DATA tsn=+1 sid=0 ssn=1 len=4 BE`,
      `${P2} DATA tsn=+2 sid=0 ssn=2 len=4 BE`,
    ]);
    s.receive([chunk.sack(s.tsn + 2)], fromP2);
    s.takeEvents();
    // P1 is asked at its HEARTBEAT interval, and answers
    let asked: SentPacket[] = [];
    while (asked.length === 0) {
      s.advanceToNextPacket();
      const packets = s.take();
      asked = packets.filter((p) => p.route === P1);
      s.answerHeartbeats(packets);
    }
    expect(s.takeEvents()).toEqual(["path:recovered", "path:switched"]);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} active`, `${P3} active`]);
    send(s);
    expect(dataOnly(s.take(), s)).toEqual([`${P1} DATA tsn=+3 sid=0 ssn=3 len=4 BE`]);
  });
});
