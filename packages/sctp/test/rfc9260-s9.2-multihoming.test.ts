import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// RFC 9260 s9.2 with several paths: where SHUTDOWN and what answers it go (s6.3, s6.4).

const P1 = "10.1.0.1>10.1.0.2";
const P2 = "10.2.0.1>10.2.0.2";
const fromP2 = { from: "10.2.0.2", to: "10.2.0.1" };

/** Two paths, both confirmed; P1 is the primary. The potentially-failed state is off. */
const opened = (o: SctpOptions = {}): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1"],
    peer: ["10.1.0.2", "10.2.0.2"],
    sctp: { maxPaths: 2, potentiallyFailedMaxRetrans: 1000, hbIntervalMs: 3_600_000, ...o },
  });
  s.openFromPeer();
  s.advanceAnswering(10_000);
  return s;
};

/** How long the next packets took, and their lines. */
const next = (s: Script): [number, string[]] => [s.advanceToNextPacket(), s.routes()];

describe("RFC 9260 s9.2, s6.4: T2-shutdown with two paths", () => {
  test("what timed out goes over the other path, each with its own RTO", () => {
    const s = opened();
    s.endpoint.shutdown(s.now, s.id);
    const shutdown = `SHUTDOWN cum=${PEER_TSN - 1}`;
    expect(s.routes()).toEqual([`${P1} ${shutdown}`]);
    expect(next(s)).toEqual([1000, [`${P2} ${shutdown}`]]);
    expect(next(s)).toEqual([1000, [`${P1} ${shutdown}`]]);
    expect(next(s)).toEqual([2000, [`${P2} ${shutdown}`]]);
    expect(next(s)).toEqual([2000, [`${P1} ${shutdown}`]]);
    expect(s.paths()).toEqual([`*${P1} active 2`, `${P2} active 2`]);
  });

  test("SHUTDOWN ACK answers where the SHUTDOWN came from, then likewise", () => {
    const s = opened();
    s.receive([chunk.shutdown(s.tsn - 1)], fromP2);
    expect(s.routes()).toEqual([`${P2} SHUTDOWN ACK`]);
    expect(next(s)).toEqual([1000, [`${P1} SHUTDOWN ACK`]]);
    expect(next(s)).toEqual([1000, [`${P2} SHUTDOWN ACK`]]);
    expect(next(s)).toEqual([2000, [`${P1} SHUTDOWN ACK`]]);
    // the errors are counted where it went
    expect(s.paths()).toEqual([`*${P1} active 1`, `${P2} active 2`]);
  });

  test("not over a path that is inactive", () => {
    const s = opened({ pathMaxRetrans: 0 });
    s.endpoint.requestHeartbeat(s.id, s.endpoint.paths(s.id)[1]?.id ?? -1);
    s.drain();
    s.advance(1000);
    expect(s.paths()).toEqual([`*${P1} active`, `${P2} inactive 1`]);
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    expect(next(s)).toEqual([1000, [`${P1} SHUTDOWN cum=${PEER_TSN - 1}`]]);
  });

  test("with the potentially-failed state it goes to the path that takes over", () => {
    const s = opened({ potentiallyFailedMaxRetrans: 0 });
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    expect(next(s)).toEqual([1000, [`${P2} SHUTDOWN cum=${PEER_TSN - 1}`]]);
    expect(s.paths()).toEqual([`${P1} potentiallyFailed 1`, `*${P2} active`]);
  });

  test("DATA is answered over the path in use, and T2-shutdown starts anew with it", () => {
    const s = opened();
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.advance(1500); // one timeout; T2 runs out again at 2000
    s.take();
    s.receive([chunk.data(PEER_TSN)], fromP2);
    expect(s.routes()).toEqual([
      `${P1} SHUTDOWN cum=${PEER_TSN}`,
      `${P2} SACK cum=${PEER_TSN} rwnd=4194300`,
    ]);
    expect(next(s)).toEqual([2000, [`${P2} SHUTDOWN cum=${PEER_TSN}`]]);
  });

  test("SHUTDOWN COMPLETE answers where the SHUTDOWN ACK came from", () => {
    const s = opened();
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([chunk.bare(ChunkType.shutdownAck)], fromP2);
    expect(s.routes()).toEqual([`${P2} SHUTDOWN COMPLETE`]);
    expect(s.ended()).toEqual({ kind: "shutdown" });
  });

  test("both at once: SHUTDOWN ACK where the other SHUTDOWN came from", () => {
    const s = opened();
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([chunk.shutdown(s.tsn - 1)], fromP2);
    expect(s.routes()).toEqual([`${P2} SHUTDOWN ACK`]);
    expect(next(s)).toEqual([1000, [`${P1} SHUTDOWN ACK`]]);
  });
});

describe("RFC 9260 s9.2: an INIT in SHUTDOWN-ACK-SENT", () => {
  const ackSent = (): Script => {
    const s = opened();
    s.endpoint.listening = true;
    s.receive([chunk.shutdown(s.tsn - 1)]);
    s.take();
    s.takeEvents();
    return s;
  };

  test("from an address of the association: discarded, and the SHUTDOWN ACK repeated there", () => {
    const s = ackSent();
    s.receive([chunk.init({ tag: 77 })], { vtag: 0, ...fromP2 });
    expect(s.routes()).toEqual([`${P2} SHUTDOWN ACK`]);
    expect(s.takeEvents()).toEqual([]);
  });

  test("that lists an address of the association, from another one: discarded as well", () => {
    const s = ackSent();
    s.receive([chunk.init({ tag: 77, addresses: ["10.2.0.2"] })], { vtag: 0, from: "10.9.0.9" });
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    expect(s.endpoint.status(s.id)?.state).toBe("shutdownAckSent");
  });

  test("with another port it is a separate association", () => {
    const s = ackSent();
    s.receive([chunk.init({ tag: 77 })], { vtag: 0, sourcePort: 7001 });
    expect(s.lines()).toEqual([expect.stringMatching(/^INIT ACK /)]);
  });
});
