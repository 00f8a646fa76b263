import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, PEER_TSN, Script } from "./support/scripted-peer.js";

const opened = (sctp: SctpOptions = {}): Script => {
  const s = new Script({ sctp });
  s.openFromPeer();
  return s;
};

const send = (s: Script, ...sizes: number[]): void => {
  for (const n of sizes) s.endpoint.send(s.now, s.id, new Uint8Array(n));
};

describe("RFC 9260 s6.10: what goes into one packet", () => {
  test("small messages share a packet, up to the path MTU", () => {
    const s = opened();
    send(s, 100, 200, 300, 400, 500);
    const packets = s.take();
    expect(packets.map((p) => chunksOf(p).length)).toEqual([4, 1]);
    // 12 + 116 + 216 + 316 + 416; the next would make it 1592
    expect(packets.map((p) => p.bytes.length)).toEqual([1076, 528]);
  });

  test("a packet is exactly as large as the path MTU allows", () => {
    const s = opened();
    send(s, 1452);
    expect(s.take().map((p) => p.bytes.length)).toEqual([1480]);
    send(s, 1453);
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+1 sid=0 ssn=1 len=1452 B",
      "DATA tsn=+2 sid=0 ssn=1 len=1 E",
    ]);
  });

  test("whatever the sizes, no packet passes the path MTU and TSNs rise within it", () => {
    const s = opened({ mtu: 600, maxBurst: 1000 });
    let seed = 12_345;
    for (let i = 0; i < 300; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      send(s, 1 + (seed % 1400));
      if (i % 3 === 0) s.receive([chunk.data(PEER_TSN + 2 * i, { ssn: i % 9 })]);
      const packets = s.take();
      for (const p of packets) {
        expect(p.bytes.length).toBeLessThanOrEqual(580);
        const tsns = [...p.line.matchAll(/ tsn=(\d+)/g)].map((m) => (Number(m[1]) - s.tsn) >>> 0);
        expect(tsns).toEqual([...tsns].sort((a, b) => a - b));
        const kinds = chunksOf(p).map((c) => c.type === ChunkType.data);
        // control chunks first
        expect(kinds).toEqual([...kinds].sort((a, b) => Number(a) - Number(b)));
      }
      const last = packets.flatMap((p) =>
        [...p.line.matchAll(/ tsn=(\d+)/g)].map((m) => Number(m[1])),
      );
      if (last.length > 0) s.receive([chunk.sack(Math.max(...last))]);
    }
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("a SACK that does not fit beside the DATA goes before it", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    s.take();
    send(s, 1440); // with a SACK of 16 bytes it would be 1484
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=0 ssn=0 len=1440 BE"]);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 2} rwnd=4194292`]);
  });

  test("what was cut for a larger path MTU goes in one packet all the same (s6.9)", () => {
    const s = opened({ hbIntervalMs: 3_600_000, potentiallyFailedMaxRetrans: 100 });
    send(s, 1452);
    const [packet] = s.take();
    if (packet === undefined) throw new Error("no packet");
    s.tooBig(packet, 1000);
    s.advance(1000);
    // it cannot be cut again: IP fragmentation must do it
    expect(s.take().map((p) => p.bytes.length)).toEqual([1480]);
    s.receive([chunk.sack(s.tsn)]);
    send(s, 1452);
    expect(s.take().map((p) => p.bytes.length)).toEqual([980, 528]);
  });

  test("HEARTBEAT ACK and SACK share a packet, DATA follows in its own", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    send(s, 10);
    s.drain();
    s.take();
    s.receive([chunk.heartbeat(Uint8Array.of(1)), chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    expect(s.lines()).toEqual([`HEARTBEAT ACK info=1 | SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
  });
});

describe("RFC 9260 s6.10: what stands alone", () => {
  test("ABORT: without DATA, and without the answers that were waiting", () => {
    const s = opened();
    send(s, 10);
    s.endpoint.abort(s.now, s.id, Uint8Array.of(65));
    const packets = s.take();
    expect(packets.map((p) => chunksOf(p).map((c) => c.type))).toEqual([[ChunkType.abort]]);
  });

  test("SHUTDOWN COMPLETE: although a HEARTBEAT came in the same packet", () => {
    const s = opened();
    s.endpoint.shutdown(s.now, s.id);
    s.take();
    s.receive([chunk.heartbeat(Uint8Array.of(1)), chunk.bare(ChunkType.shutdownAck)]);
    expect(s.lines()).toEqual(["SHUTDOWN COMPLETE"]);
  });

  test("SHUTDOWN takes no DATA along, there is none left; it may take a SACK", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.receive([chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    s.take();
    s.endpoint.shutdown(s.now, s.id);
    expect(s.lines()).toEqual([
      `SHUTDOWN cum=${PEER_TSN} | SACK cum=${PEER_TSN} rwnd=4194296 gaps=2-2`,
    ]);
  });
});

describe("RFC 9260 s6.10: what comes in one packet", () => {
  test("is processed in order: the SACK opens the window for the answer to what follows", () => {
    const s = opened();
    send(s, 4);
    s.take();
    s.receive([
      chunk.sack(s.tsn),
      chunk.data(PEER_TSN),
      chunk.data(PEER_TSN + 1, { ssn: 1 }),
      chunk.shutdown(s.tsn),
    ]);
    // the data in front of the SHUTDOWN is taken, and then there is nothing outstanding
    expect(s.lines()).toEqual([expect.stringMatching(/^SHUTDOWN ACK/)]);
    expect(s.endpoint.receive(s.id)).toBeDefined();
    expect(s.endpoint.receive(s.id)).toBeDefined();
  });

  test("many DATA chunks are one packet: acknowledged as one", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive(Array.from({ length: 40 }, (_, i) => chunk.data(PEER_TSN + 1 + i, { ssn: 1 + i })));
    expect(s.lines()).toEqual([]);
    s.receive([chunk.data(PEER_TSN + 41, { ssn: 41 })]);
    expect(s.lines()).toEqual([expect.stringContaining(`SACK cum=${PEER_TSN + 41} `)]);
  });
});
