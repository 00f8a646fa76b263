import { describe, expect, test } from "@jest/globals";
import { DataFlag } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

const bytes = (n: number, value = 7): Uint8Array => new Uint8Array(n).fill(value);

/** A DATA line with the TSN counted from the endpoint's first. */
const relative = (s: Script, lines: readonly string[]): string[] =>
  lines.map((l) => l.replace(/tsn=(\d+)/g, (_, t) => `tsn=+${(Number(t) - s.tsn) >>> 0}`));

describe("RFC 9260 s6.1: transmission of DATA", () => {
  test("stream sequence numbers count per stream, unordered messages take none", () => {
    const s = new Script();
    s.openFromPeer();
    const send = (stream: number, unordered = false) =>
      s.endpoint.send(s.now, s.id, bytes(4), { stream, unordered, ppid: 51 });
    send(0);
    send(0);
    send(1);
    send(0, true);
    send(0);
    expect(relative(s, s.lines())).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=4 ppid=51 BE | DATA tsn=+1 sid=0 ssn=1 len=4 ppid=51 BE | " +
        "DATA tsn=+2 sid=1 ssn=0 len=4 ppid=51 BE | DATA tsn=+3 sid=0 len=4 ppid=51 UBE | " +
        "DATA tsn=+4 sid=0 ssn=2 len=4 ppid=51 BE",
    ]);
  });

  test("a message larger than the path MTU allows is cut into B, middle and E fragments (s6.9)", () => {
    const s = new Script({ sctp: { mtu: 576 } });
    s.openFromPeer();
    // 576 - 20 (IP) - 12 (common header) - 16 (DATA header) = 528
    s.endpoint.send(s.now, s.id, bytes(1200));
    expect(relative(s, s.lines())).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=528 B",
      "DATA tsn=+1 sid=0 ssn=0 len=528",
      "DATA tsn=+2 sid=0 ssn=0 len=144 E",
    ]);
  });

  test("rule A: nothing new beyond the peer's window, but a window probe after an RTO", () => {
    const s = new Script();
    s.openFromPeer({ aRwnd: 1500 });
    s.endpoint.send(s.now, s.id, bytes(1000));
    s.endpoint.send(s.now, s.id, bytes(1000));
    expect(s.lines()).toHaveLength(1);
    s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
    expect(s.lines()).toEqual([]);
    const waited = s.advanceToNextPacket();
    expect(waited).toBe(1000); // RTO.Min: the RTT of the script is 0
    expect(relative(s, s.lines())).toEqual(["DATA tsn=+1 sid=0 ssn=1 len=1000 BE"]);
    // Unanswered by more than SACKs of a closed window, it neither counts as an error nor backs off forever.
    for (let i = 0; i < 20; i++) {
      s.receive([chunk.sack(s.tsn, { aRwnd: 0 })]);
      s.advanceToNextPacket();
      s.take();
    }
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
    s.receive([chunk.sack(s.tsn + 1, { aRwnd: 5000 })]);
    expect(s.endpoint.status(s.id)?.bufferedBytes).toBe(0);
  });

  test("rule B: no more than cwnd and one packet in flight", () => {
    const s = new Script();
    s.openFromPeer();
    for (let i = 0; i < 20; i++) s.endpoint.send(s.now, s.id, bytes(1400));
    // cwnd is min(4 * PMDCS, max(2 * PMDCS, 4404)) = 4404 (s7.2.1); a chunk takes 1416.
    expect(s.lines()).toHaveLength(4);
  });

  test("a SACK that is due goes along with DATA", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.lines()).toEqual([]);
    s.endpoint.send(s.now, s.id, bytes(8));
    expect(relative(s, s.lines())).toEqual([
      `SACK cum=${PEER_TSN + 1} rwnd=4194296 | DATA tsn=+0 sid=0 ssn=0 len=8 BE`,
    ]);
  });
});

describe("RFC 9260 s6.2: acknowledgement", () => {
  test("the first DATA is acknowledged at once, then every second packet, or after SACK.Delay", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300`]);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.lines()).toEqual([]);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 2} rwnd=4194292`]);
    s.receive([chunk.data(PEER_TSN + 3, { ssn: 3 })]);
    expect(s.advanceToNextPacket()).toBe(200);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 3} rwnd=4194288`]);
  });

  /** DATA in packets of their own, taken before anything is sent, as a driver takes a batch. */
  const batch = (s: Script, from: number, count: number, flagsOfFirst = 0): void => {
    s.hold(() => {
      for (let i = 0; i < count; i++) {
        const flags = DataFlag.begin | DataFlag.end | (i === 0 ? flagsOfFirst : 0);
        s.receive([chunk.data(PEER_TSN + from + i, { ssn: from + i, flags })]);
      }
    });
  };
  const cumulative = (s: Script): string[] => s.lines().map((l) => l.replace(/ rwnd.*/, ""));

  test("of packets that come in one batch, too, every second is acknowledged", () => {
    const s = new Script();
    s.openFromPeer();
    batch(s, 0, 7);
    expect(cumulative(s)).toEqual([0, 2, 4, 6].map((n) => `SACK cum=${PEER_TSN + n}`));
    batch(s, 7, 40);
    const later = cumulative(s);
    expect(later.slice(0, 3)).toEqual([8, 10, 12].map((n) => `SACK cum=${PEER_TSN + n}`));
    expect(later).toHaveLength(9); // bounded: 8 wait at most, and the last acknowledges all
    expect(later[8]).toBe(`SACK cum=${PEER_TSN + 46}`);
  });

  test("while there is a gap each packet of a batch is acknowledged, with the gap as it was", () => {
    const s = new Script();
    s.openFromPeer();
    batch(s, 0, 1);
    s.take();
    batch(s, 2, 3);
    const gaps = s.lines().map((l) => l.replace(/ rwnd=\d+/, ""));
    expect(gaps).toEqual([2, 3, 4].map((end) => `SACK cum=${PEER_TSN} gaps=2-${end}`));
  });

  test("a sender that sets the I bit lately gets one SACK for a batch", () => {
    const s = new Script();
    s.openFromPeer();
    batch(s, 0, 10, DataFlag.immediate);
    expect(cumulative(s)).toEqual([`SACK cum=${PEER_TSN + 9}`]);
    // 64 packets later that is long ago.
    batch(s, 10, 60);
    s.take();
    batch(s, 70, 6);
    expect(cumulative(s)).toEqual([71, 73, 75].map((n) => `SACK cum=${PEER_TSN + n}`));
  });

  test("one that sets it on every packet, as in SHUTDOWN-PENDING (s6.1), has every second acknowledged", () => {
    const s = new Script();
    s.openFromPeer();
    const every = (from: number, count: number): void =>
      s.hold(() => {
        for (let n = from; n < from + count; n++) {
          const flags = DataFlag.begin | DataFlag.end | DataFlag.immediate;
          s.receive([chunk.data(PEER_TSN + n, { ssn: n, flags })]);
        }
      });
    every(0, 4);
    s.take();
    every(4, 6);
    expect(cumulative(s)).toEqual([5, 7, 9].map((n) => `SACK cum=${PEER_TSN + n}`));
  });

  test("the I bit asks for a SACK without delay", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive([
      chunk.data(PEER_TSN + 1, {
        ssn: 1,
        flags: DataFlag.begin | DataFlag.end | DataFlag.immediate,
      }),
    ]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
  });

  test("a gap is reported at once and until it is filled (s6.7)", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194296 gaps=2-2`]);
    s.receive([chunk.data(PEER_TSN + 5, { ssn: 5 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194292 gaps=2-2,5-5`]);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 2} rwnd=4194288 gaps=3-3`]);
  });

  test("duplicates are reported at once", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive([chunk.data(PEER_TSN)]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300 dups=${PEER_TSN}`]);
  });

  test("DATA without user data is answered with ABORT, cause 9", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.data(PEER_TSN, { bytes: new Uint8Array(0) })]);
    expect(s.lines()).toEqual([
      expect.stringMatching(/^ABORT.*(noUserData|cause=9|No User Data)/i),
    ]);
    expect(s.takeEvents()).toContain("ended");
  });

  test("an invalid stream is acknowledged and reported with cause 1 (s6.5)", () => {
    const s = new Script();
    s.openFromPeer({ streams: 10 });
    s.receive([chunk.data(PEER_TSN, { stream: 10 })]);
    const [line] = s.lines();
    expect(line).toMatch(/^ERROR/);
    expect(line).toContain(`SACK cum=${PEER_TSN} rwnd=4194304`);
    expect(s.endpoint.receive(s.id)).toBeUndefined();
  });
});

describe("RFC 9260 s6.2.1 and s6.3: SACK processing and T3-rtx", () => {
  test("T3-rtx sends the earliest again after the RTO, doubled each time, up to RTO.Max", () => {
    const s = new Script({
      sctp: { rtoMaxMs: 4000, potentiallyFailedMaxRetrans: 5, hbIntervalMs: 3_600_000 },
    });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, bytes(4));
    s.take();
    const waits = [1, 2, 3, 4].map(() => {
      const ms = s.advanceToNextPacket();
      expect(relative(s, s.lines())).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=4 BE"]);
      return ms;
    });
    expect(waits).toEqual([1000, 2000, 4000, 4000]);
  });

  test("three miss indications retransmit fast, once (s7.2.4)", () => {
    const s = new Script();
    s.openFromPeer();
    for (let i = 0; i < 4; i++) s.endpoint.send(s.now, s.id, bytes(1000));
    s.take();
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, 2]] })]);
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, 3]] })]);
    expect(relative(s, s.lines()).filter((l) => l.includes("tsn=+0"))).toEqual([]);
    s.receive([chunk.sack(s.tsn - 1, { gaps: [[2, 4]] })]);
    expect(relative(s, s.lines())).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1000 BE"]);
    s.receive([chunk.sack(s.tsn + 3)]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(0);
  });

  test("a SACK of what was never sent is a protocol violation", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.sack(s.tsn + 5)]);
    expect(s.lines()).toEqual([expect.stringMatching(/^ABORT/)]);
  });

  test("an older SACK is dropped (rule D i)", () => {
    const s = new Script();
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, bytes(4));
    s.endpoint.send(s.now, s.id, bytes(4));
    s.take();
    s.receive([chunk.sack(s.tsn + 1)]);
    s.receive([chunk.sack(s.tsn, { aRwnd: 1 })]);
    expect(s.endpoint.status(s.id)?.peerRwnd).toBe(100_000);
    expect(s.endpoint.counters.sackOutOfOrder).toBe(1);
  });
});
