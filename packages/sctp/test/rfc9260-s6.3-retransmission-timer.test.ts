import { describe, expect, test } from "@jest/globals";
import type { PathView } from "@multihome/paths";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script, type ScriptOptions } from "./support/scripted-peer.js";

const bytes = (n: number): Uint8Array => new Uint8Array(n);
const PMDCS = 1468; // 1500 - 20 - 12

/** Errors neither fail the path nor bring HEARTBEATs about: only T3-rtx is looked at. */
const timersOnly: SctpOptions = {
  pathMaxRetrans: 100,
  potentiallyFailedMaxRetrans: 100,
  associationMaxRetrans: 1000,
  hbIntervalMs: 3_600_000,
};

const opened = (o: SctpOptions = {}, more: ScriptOptions = {}): Script => {
  const s = new Script({ ...more, sctp: { ...timersOnly, ...o } });
  s.openFromPeer();
  return s;
};

const path = (s: Script, i = 0): PathView => {
  const p = s.endpoint.paths(s.id)[i];
  if (p === undefined) throw new Error(`no path ${i}`);
  return p;
};

const send = (s: Script, n = 4): void => {
  const result = s.endpoint.send(s.now, s.id, bytes(n));
  if (!result.ok) throw new Error(result.code);
  s.drain();
};

/** Sends one chunk and acknowledges it after `rtt` ms. */
const roundTrip = (s: Script, rtt: number, tsn: number): void => {
  send(s);
  s.advance(rtt);
  s.receive([chunk.sack(s.tsn + tsn)]);
  s.take();
};

describe("RFC 9260 s6.3.1: RTO calculation", () => {
  test("C1: RTO.Initial until there is a measurement", () => {
    const s = opened({ rtoInitialMs: 700, rtoMinMs: 100 });
    send(s);
    s.take();
    expect(s.advanceToNextPacket()).toBe(700);
  });

  test("C2: the first measurement R gives SRTT = R, RTTVAR = R/2, RTO = R + 2R", () => {
    const s = opened({ rtoMinMs: 1 });
    roundTrip(s, 400, 0);
    expect(path(s)).toMatchObject({ srtt: 400_000, rttvar: 200_000, rto: 1_200_000 });
    send(s);
    s.take();
    expect(s.advanceToNextPacket()).toBe(1200);
  });

  test("C3: later ones count with 1/8 and 1/4", () => {
    const s = opened({ rtoMinMs: 1 });
    roundTrip(s, 400, 0);
    roundTrip(s, 200, 1);
    // the second came 200 ms after the first: within a round trip (C4)
    expect(path(s).srtt).toBe(400_000);
    s.advance(400);
    roundTrip(s, 200, 2);
    expect(path(s)).toMatchObject({ srtt: 375_000, rttvar: 200_000, rto: 1_175_000 });
  });

  test("C4: one measurement per round trip while data flows", () => {
    const s = opened({ rtoMinMs: 1 });
    roundTrip(s, 100, 0);
    const seen = new Set<number>();
    for (let i = 1; i <= 20; i++) {
      roundTrip(s, 30, i);
      seen.add(path(s).srtt);
    }
    // 600 ms: at most one for each of the round trips, which become shorter from 100 ms on
    expect(seen.size).toBeGreaterThanOrEqual(6);
    expect(seen.size).toBeLessThanOrEqual(12);
  });

  test("C5 (Karn): none from a chunk that was sent again", () => {
    const s = opened();
    send(s);
    s.advance(1100);
    s.receive([chunk.sack(s.tsn)]);
    expect(path(s).srtt).toBe(0);
  });

  test("C5: none from a chunk whose SACK waited for an earlier one to be repaired", () => {
    const s = opened();
    send(s, 1400);
    send(s, 1400);
    s.advance(1000); // T3: the first is sent again
    expect(s.relativeLines()).toHaveLength(3);
    s.advance(50);
    // both at once, 1050 ms after the second was sent, once
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(path(s).srtt).toBe(0);
  });

  test("C5: one from a chunk that a Gap Ack Block reports at once, whatever is missing before it", () => {
    const s = opened();
    send(s);
    send(s);
    s.advance(120);
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, 2]] })]);
    expect(path(s).srtt).toBe(120_000);
  });

  test("C6, C7: never below RTO.Min, never above RTO.Max", () => {
    const s = opened();
    roundTrip(s, 10, 0);
    expect(path(s).rto).toBe(1_000_000);
    const t = opened({ rtoMinMs: 1, rtoMaxMs: 1500 });
    roundTrip(t, 900, 0);
    expect(path(t).rto).toBe(1_500_000);
  });

  test("G1: RTTVAR is never 0", () => {
    const s = opened({ rtoMinMs: 1 });
    roundTrip(s, 0, 0);
    expect(path(s).rttvar).toBe(1000);
    expect(path(s).rto).toBeGreaterThanOrEqual(4000);
  });
});

describe("RFC 9260 s6.3.2: timer rules", () => {
  test("R1: started with the first chunk, not restarted by later ones", () => {
    const s = opened();
    send(s);
    s.advance(600);
    send(s);
    s.take();
    expect(s.advanceToNextPacket()).toBe(400);
  });

  test("R2: off when all is acknowledged", () => {
    const s = opened();
    send(s);
    s.take();
    s.receive([chunk.sack(s.tsn)]);
    s.advance(60_000);
    expect(s.lines()).toEqual([]);
  });

  test("R3: restarted when the earliest outstanding is acknowledged", () => {
    const s = opened();
    send(s);
    send(s);
    s.take();
    s.advance(600);
    s.receive([chunk.sack(s.tsn)]);
    expect(s.advanceToNextPacket()).toBe(1800); // SRTT 600 ms, RTTVAR 300 ms
  });

  test("R3: not restarted when only a later one is", () => {
    const s = opened();
    for (let i = 0; i < 3; i++) send(s);
    s.take();
    s.advance(600);
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, 2]] })]);
    expect(s.lines()).toEqual([]);
    expect(s.advanceToNextPacket()).toBe(400);
  });

  test("R4: started when a SACK takes back a TSN", () => {
    const s = opened();
    send(s);
    s.take();
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[1, 1]] })]); // all is acknowledged: T3-rtx is off
    s.advance(5000);
    expect(s.lines()).toEqual([]);
    s.receive([chunk.sack(s.tsn - 1)]);
    expect(s.endpoint.counters.reneged).toBe(1);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(4);
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=4 BE"]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("a message is told as delivered once it is acknowledged for good", () => {
    const s = opened();
    send(s);
    send(s);
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, 2]] })]);
    expect(s.takeEvents()).toEqual([]);
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(s.takeEvents()).toEqual(["message", "message"]);
  });
});

describe("RFC 9260 s6.3.2: figure 8", () => {
  test("step by step, from the side of endpoint A", () => {
    const s = opened();
    send(s); // 7
    s.advance(100);
    send(s); // 8, crosses the SACK for 7
    s.take();
    s.advance(100);
    s.receive([chunk.data(PEER_TSN)]); // so that the next one is delayed
    s.take();
    s.receive([chunk.sack(s.tsn), chunk.data(PEER_TSN + 1, { stream: 1 })]);
    expect(s.lines()).toEqual([]); // T3-rtx restarted; the ack is delayed
    expect(s.advanceToNextPacket()).toBe(200);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
    s.advance(799); // 999 ms after the restart
    expect(s.lines()).toEqual([]);
    s.receive([chunk.sack(s.tsn + 1)]); // T3-rtx cancelled
    s.advance(60_000);
    expect(s.lines()).toEqual([]);
  });
});

describe("RFC 9260 s6.3.3: T3-rtx expires", () => {
  test("E1: ssthresh is half of cwnd, at least 4 PMDCS, and cwnd one PMDCS", () => {
    const s = opened();
    send(s);
    s.advance(1000);
    expect(path(s)).toMatchObject({ cwnd: PMDCS, ssthresh: 4 * PMDCS });
  });

  test("E2: the RTO doubles, up to RTO.Max", () => {
    const s = opened();
    send(s);
    s.take();
    const waits = Array.from({ length: 8 }, () => {
      const ms = s.advanceToNextPacket();
      expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=4 BE"]);
      return ms;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("E2: the doubling stays until there is a new measurement, from new data", () => {
    const s = opened();
    send(s);
    s.advance(3000); // two expirations
    s.receive([chunk.sack(s.tsn)]);
    expect(path(s).rto).toBe(4_000_000);
    roundTrip(s, 100, 1);
    expect(path(s).rto).toBe(1_000_000);
  });

  test("E2: or from a HEARTBEAT (s8.3)", () => {
    const s = opened();
    send(s);
    s.advance(3000);
    s.receive([chunk.sack(s.tsn)]);
    s.take();
    s.endpoint.requestHeartbeat(s.id, path(s).id);
    const heartbeats = s.take();
    s.advance(100);
    s.answerHeartbeats(heartbeats);
    expect(path(s)).toMatchObject({ srtt: 100_000, rto: 1_000_000 });
  });

  test("E3: as many of the earliest as fit into one packet, the rest when cwnd allows", () => {
    const s = opened();
    for (let i = 0; i < 6; i++) send(s, 700);
    s.take();
    s.advance(1000);
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=700 BE | DATA tsn=+1 sid=0 ssn=1 len=700 BE",
    ]);
    // only one packet may be in flight until something is acknowledged (s7.2.3)
    s.receive([chunk.sack(s.tsn - 1)]);
    expect(s.lines()).toEqual([]);
    s.receive([chunk.sack(s.tsn + 1)]);
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+2 sid=0 ssn=2 len=700 BE | DATA tsn=+3 sid=0 ssn=3 len=700 BE",
      "DATA tsn=+4 sid=0 ssn=4 len=700 BE", // the one that may pass cwnd (s6.1 rule B)
    ]);
  });

  test("new data may fill the packet of a retransmission", () => {
    const s = opened();
    send(s, 100);
    s.advance(999);
    s.endpoint.send(s.now, s.id, bytes(100));
    s.take();
    s.advance(1);
    s.endpoint.send(s.now, s.id, bytes(50));
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=100 BE | DATA tsn=+1 sid=0 ssn=1 len=100 BE",
    ]);
  });

  test("an acknowledgement of what is marked, and not sent again yet, is taken", () => {
    const s = opened();
    for (let i = 0; i < 3; i++) send(s, 1400);
    s.advance(1000);
    s.take();
    s.receive([chunk.sack(s.tsn + 2)]);
    expect(s.endpoint.status(s.id)).toMatchObject({ outstandingBytes: 0, bufferedBytes: 0 });
    s.advance(60_000);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });
});

describe("RFC 9260 s6.3.3: two paths", () => {
  const P1 = "10.1.0.1>10.1.0.2";
  const P2 = "10.2.0.1>10.2.0.2";
  const two = { local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] };
  const opened2 = (o: SctpOptions = {}): Script => {
    const s = opened({ maxPaths: 2, ...o }, two);
    s.advanceAnswering(5000);
    return s;
  };

  test("E4: the timer of the path that the retransmission takes, with its RTO", () => {
    const s = opened2();
    send(s);
    s.take();
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.routes()).toEqual([`${P2} DATA tsn=+0 sid=0 ssn=0 len=4 BE`]);
    // P1 is backed off to 2 s, P2 is not
    expect(path(s, 0).rto).toBe(2_000_000);
    expect(s.advanceToNextPacket()).toBe(1000);
    expect(s.routes()).toEqual([`${P1} DATA tsn=+0 sid=0 ssn=0 len=4 BE`]);
    expect(s.advanceToNextPacket()).toBe(2000);
  });

  test("E3: as many as fit the path MTU of the path that they are sent to again, not of the one they left", () => {
    const s = opened2();
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    send(s, 800);
    const [packet] = s.take();
    if (packet === undefined) throw new Error("no packet");
    s.tooBig(packet, 900); // P2
    s.receive([chunk.sack(s.tsn)]);
    s.endpoint.setPrimary(s.now, s.id, path(s, 0).id);
    for (let i = 0; i < 4; i++) s.endpoint.send(s.now, s.id, bytes(300));
    const one = "DATA tsn=+1 sid=0 ssn=1 len=300 BE | DATA tsn=+2 sid=0 ssn=2 len=300 BE";
    const two = "DATA tsn=+3 sid=0 ssn=3 len=300 BE | DATA tsn=+4 sid=0 ssn=4 len=300 BE";
    expect(s.routes()).toEqual([`${P1} ${one} | ${two}`]);
    s.advance(1000);
    expect(s.routes()).toEqual([`${P2} ${one}`, `${P2} ${two}`]);
    // and the other way round: what goes to the wider path fills it, although the primary is narrow (s6.10)
    s.receive([chunk.sack(s.tsn + 4)]);
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    for (let i = 0; i < 4; i++) s.endpoint.send(s.now, s.id, bytes(300));
    expect(s.take().map((p) => p.route)).toEqual([P2, P2]);
    s.advance(1000);
    expect(s.take().map((p) => [p.route, p.bytes.length])).toEqual([[P1, 12 + 4 * 316]]);
  });

  test("F1: a switch leaves the timer of the path that is left running", () => {
    const s = opened2();
    send(s);
    s.advance(400);
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    send(s);
    expect(s.routes()).toEqual([
      `${P1} DATA tsn=+0 sid=0 ssn=0 len=4 BE`,
      `${P2} DATA tsn=+1 sid=0 ssn=1 len=4 BE`,
    ]);
    // P1 after its second, over the other path; P2 after its own, restarted by nothing
    expect(s.advanceToNextPacket()).toBe(600);
    expect(s.routes()).toEqual([`${P2} DATA tsn=+0 sid=0 ssn=0 len=4 BE`]);
    expect(s.advanceToNextPacket()).toBe(1000);
  });

  test("the timer of a path restarts when its earliest is sent again, also if others are earlier elsewhere (s6.1)", () => {
    const s = opened2();
    send(s); // +0 on P1
    s.endpoint.setPrimary(s.now, s.id, path(s, 1).id);
    for (let i = 0; i < 4; i++) send(s, 800); // +1 .. +4 on P2
    s.take();
    s.advance(500);
    // +1 is missed three times: sent again, fast, over P2 at 500 ms
    for (const n of [3, 4, 5]) s.receive([chunk.sack(s.tsn - 1, { gaps: [[3, n]] })]);
    expect(s.routes()).toEqual([`${P2} DATA tsn=+1 sid=0 ssn=1 len=800 BE`]);
    // P1 expires at 1000; P2 was restarted at 500 with an RTO of 500 + 4 * 250 ms
    expect(s.advanceToNextPacket()).toBe(500);
    expect(s.routes()[0]).toContain("tsn=+0");
    expect(s.advanceToNextPacket()).toBe(1000);
  });
});
