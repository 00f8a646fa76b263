import { describe, expect, test } from "@jest/globals";
import { ChunkType, ParameterType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, PEER_TAG, PEER_TSN, PORT, Script } from "./support/scripted-peer.js";

const unknown = (type: number, value = Uint8Array.of(9, 9, 9, 9)): Uint8Array =>
  chunk.around(type, 0, value);

const opened = (): Script => {
  const s = new Script();
  s.openFromPeer();
  s.receive([chunk.data(PEER_TSN)]);
  s.take();
  s.takeEvents();
  return s;
};

describe("RFC 9260 s3.2: chunk types that we do not know", () => {
  const data = chunk.data(PEER_TSN + 1, { ssn: 1 });

  test("00: the rest of the packet is discarded, nothing is reported", () => {
    const s = opened();
    s.receive([unknown(0x3e), chunk.heartbeat(Uint8Array.of(1, 2, 3, 4)), data]);
    s.advance(500);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.counters.unknownChunk).toBe(1);
  });

  test("01: the rest of the packet is discarded, the chunk is reported with cause 6", () => {
    const s = opened();
    s.receive([unknown(0x7e), data]);
    const [packet, ...others] = s.take();
    expect(others).toEqual([]);
    expect(packet?.line).toMatch(/^ERROR unrecognizedChunkType\(/);
    // header, cause header, and the chunk complete with its header
    expect([...(packet?.bytes ?? []).slice(SCTP_HEADER_LENGTH)]).toEqual([
      9, 0, 0, 16, 0, 6, 0, 12, 0x7e, 0, 0, 8, 9, 9, 9, 9,
    ]);
    s.advance(500);
    expect(s.lines()).toEqual([]);
  });

  test("10: the chunk is skipped, the rest is processed", () => {
    const s = opened();
    s.receive([unknown(0xbe), data]);
    s.advance(500);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
  });

  test("11: the chunk is skipped and reported, the rest is processed", () => {
    const s = opened();
    s.receive([unknown(0xfe), data]);
    s.advance(500);
    const lines = s.lines();
    expect(lines[0]).toMatch(/^ERROR unrecognizedChunkType\(.* \| SACK cum=1001 rwnd=4194296$/);
    expect(lines).toHaveLength(1);
  });

  test("DATA in front of a chunk that ends the packet is acknowledged and told", () => {
    const s = opened();
    while (s.endpoint.receive(s.id) !== undefined);
    s.take();
    s.receive([data, unknown(0x3e), chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    expect(s.takeEvents()).toEqual(["readable"]);
    s.advance(200);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=4194300`]);
  });

  test("a long unknown chunk is reported in part; many are answered with one packet (s12.4)", () => {
    const s = opened();
    s.receive([unknown(0xfe, new Uint8Array(1300))]);
    expect(s.take()[0]?.bytes.length).toBeLessThan(600);
    s.receive(Array.from({ length: 200 }, () => unknown(0xfe, new Uint8Array(0))));
    const [packet, ...others] = s.take();
    expect(others).toEqual([]);
    expect(packet?.bytes.length).toBeLessThanOrEqual(1480);
    expect(s.endpoint.counters.repliesDropped).toBeGreaterThan(0);
  });
});

describe("RFC 9260 s3.2: lengths and padding", () => {
  test("padding bytes are ignored, whatever they are", () => {
    const s = opened();
    const padded = chunk.data(PEER_TSN + 1, { ssn: 1, bytes: Uint8Array.of(5) });
    padded.fill(0xee, 17);
    s.receive([padded, chunk.data(PEER_TSN + 2, { ssn: 2 })]);
    s.endpoint.receive(s.id);
    expect(s.endpoint.receive(s.id)?.data).toEqual(Uint8Array.of(5));
  });

  test("the last chunk may come without its padding", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1, bytes: Uint8Array.of(5) }).subarray(0, 17)]);
    s.endpoint.receive(s.id);
    expect(s.endpoint.receive(s.id)?.data).toEqual(Uint8Array.of(5));
  });

  test("a cookie whose length counts the padding is the same cookie (s3.2, note on robustness)", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    // The State Cookie parameter needs no padding, so there is none to count.
    expect(initAck.view.getUint16(SCTP_HEADER_LENGTH + 2) % 4).toBe(0);
    expect(initAck.view.getUint16(SCTP_HEADER_LENGTH + 22) % 4).toBe(0);
  });

  test("a partial chunk is dropped, what was in front of it counts (s6.10)", () => {
    const s = opened();
    const partial = chunk
      .data(PEER_TSN + 2, { ssn: 2, bytes: new Uint8Array(100) })
      .subarray(0, 40);
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1 }), partial]);
    s.advance(200);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN + 1} rwnd=4194296`]);
    expect(s.endpoint.counters.badChunk).toBe(1);
  });

  test("a chunk length below 4 ends the packet", () => {
    const s = opened();
    s.receive([Uint8Array.of(0xfe, 0, 0, 3), chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    s.advance(200);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.badHeader).toBe(1);
  });

  test.each([
    [
      "a SACK whose counts do not fit its length",
      chunk.around(ChunkType.sack, 0, new Uint8Array(8)),
    ],
    ["a SHUTDOWN of another length than 8", chunk.around(ChunkType.shutdown, 0, new Uint8Array(8))],
    ["a DATA chunk shorter than its header", chunk.around(ChunkType.data, 0, new Uint8Array(8))],
    ["an INIT ACK that is cut", chunk.around(ChunkType.initAck, 0, new Uint8Array(8))],
    [
      "an ERROR whose cause does not fit",
      chunk.around(ChunkType.error, 0, Uint8Array.of(0, 6, 0, 9)),
    ],
  ])("%s is dropped and changes nothing", (_, bad) => {
    const s = opened();
    s.receive([bad]);
    s.advance(500);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
    expect(s.endpoint.counters.badChunk).toBe(1);
  });

  test("chunk flags that mean nothing are ignored", () => {
    const s = opened();
    const strange = chunk.heartbeat(Uint8Array.of(1, 2, 3, 4));
    strange[1] = 0xff;
    s.receive([strange]);
    const [ack] = s.take();
    expect(ack?.line).toBe("HEARTBEAT ACK info=4");
    expect(ack?.bytes[SCTP_HEADER_LENGTH + 1]).toBe(0);
  });

  test("reserved flag bits of DATA are ignored", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN + 1, { ssn: 1, flags: 0xf3 })]);
    s.endpoint.receive(s.id);
    expect(s.endpoint.receive(s.id)?.unordered).toBe(false);
  });
});

describe("RFC 9260 s3.1, s6.8: common header", () => {
  test("a wrong checksum is dropped in silence", () => {
    const s = opened();
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))], { badChecksum: true });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.badChecksum).toBe(1);
  });

  test("another port and source port 0 are dropped in silence", () => {
    const s = opened();
    s.receive([chunk.bare(ChunkType.cookieAck)], { destinationPort: PORT + 1 });
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))], { sourcePort: 0 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.badPort).toBe(2);
  });

  test("a packet without a chunk is dropped in silence", () => {
    const s = opened();
    s.receive([]);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.badHeader).toBe(1);
  });

  test("every packet carries the peer's tag and a right checksum", () => {
    const s = opened();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    // `take` fails on a wrong checksum
    expect(s.take().map((p) => p.vtag)).toEqual([PEER_TAG]);
  });
});

describe("RFC 9260 s3.3.7: ABORT", () => {
  test("with a format error it is discarded in silence", () => {
    const s = opened();
    s.receive([chunk.around(ChunkType.abort, 0, Uint8Array.of(0, 12, 0, 99))]);
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
    expect(s.endpoint.counters.abortIgnored).toBe(1);
  });

  test("it is never answered, not even for what stands in front of it", () => {
    const s = opened();
    s.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4)), unknown(0xfe), chunk.abort()]);
    expect(s.takeEvents()).toContain("ended");
    s.advance(60_000);
    expect(s.lines()).toEqual([]);
  });

  test("what follows it is ignored", () => {
    const s = opened();
    s.receive([chunk.abort(), chunk.heartbeat(Uint8Array.of(1, 2, 3, 4))]);
    expect(s.lines()).toEqual([]);
    expect(s.takeEvents()).toContain("ended");
  });
});

describe("RFC 9260 s3.3.4: SACK", () => {
  test("as many gap blocks as fit into one packet, the lowest first (s6.7)", () => {
    const s = new Script({ sctp: { mtu: 576 } });
    s.openFromPeer();
    for (let i = 0; i < 300; i++) {
      s.receive([chunk.data(PEER_TSN + 1 + 2 * i, { ssn: 1 + i, bytes: Uint8Array.of(1) })]);
    }
    const packets = s.take();
    const last = packets.at(-1);
    // 576 - 20 - 12 - 16 = 528 bytes for blocks of 4
    expect(last?.line.match(/\d+-\d+/g)).toHaveLength(132);
    expect(last?.line).toContain("gaps=2-2,4-4,");
    expect(packets).toHaveLength(300);
  });

  test("a TSN that came three times is reported twice", () => {
    const s = opened();
    const again = chunk.data(PEER_TSN);
    s.receive([again, again]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300 dups=${PEER_TSN},${PEER_TSN}`]);
    s.receive([again]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300 dups=${PEER_TSN}`]);
  });

  test("the list of duplicates is bounded", () => {
    const s = opened();
    s.receive(Array.from({ length: 500 }, () => chunk.data(PEER_TSN)));
    const [line] = s.lines();
    expect(line?.match(/dups=(.*)/)?.[1]?.split(",")).toHaveLength(64);
    expect(s.endpoint.counters.dataDuplicate).toBe(500);
  });

  test("a TSN that no gap block can reach is not taken", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN + 0x1_0000, { ssn: 1 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300`]);
    s.receive([chunk.data(PEER_TSN + 0xffff, { ssn: 1 })]);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194296 gaps=65535-65535`]);
  });
});

describe("RFC 9260 s3.3.10: ERROR", () => {
  test("its causes are told", () => {
    const s = opened();
    s.receive([chunk.error(chunk.cause(6, Uint8Array.of(1, 2, 3, 4)), chunk.cause(8))]);
    expect(s.lines()).toEqual([]);
    expect(s.events.map((e) => (e.kind === "peerError" ? e.causeCode : e.kind))).toEqual([6, 8]);
  });

  test("of hundreds of causes the first 16 are", () => {
    const s = opened();
    s.receive([chunk.error(...Array.from({ length: 300 }, () => chunk.cause(8)))]);
    expect(s.takeEvents()).toHaveLength(16);
  });
});

describe("RFC 9260 s3.2, s3.3: what is reserved is ignored", () => {
  const strange = (bytes: Uint8Array): Uint8Array => {
    const out = bytes.slice();
    out[1] = 0xfe; // all but the T bit, which ABORT and SHUTDOWN COMPLETE give a meaning
    return out;
  };

  test("flags of the chunks of the set-up, for the side that takes them", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([strange(s.peerInit())], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([strange(chunk.cookieEcho(cookieOf(initAck)))]);
    expect(s.lines()[0]).toMatch(/^COOKIE ACK/);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("flags of the chunks of the set-up, for the side that opens", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    if (init === undefined) throw new Error("no INIT");
    s.readNumbers(init);
    s.receive([strange(s.peerInitAck())]);
    expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
    s.receive([strange(chunk.bare(ChunkType.cookieAck))]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("flags of SACK, ERROR, SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE and ABORT", () => {
    const s = opened();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    s.take();
    s.receive([strange(chunk.sack(s.tsn))]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(0);
    s.receive([strange(chunk.error(chunk.cause(6)))]);
    expect(s.takeEvents()).toContain("peerError");
    s.receive([strange(chunk.shutdown(s.tsn))]);
    expect(s.lines()).toEqual(["SHUTDOWN ACK"]);
    s.receive([strange(chunk.bare(ChunkType.shutdownComplete))]);
    expect(s.ended()).toEqual({ kind: "shutdown" });
    const t = opened();
    t.endpoint.shutdown(t.now, t.id);
    t.take();
    t.receive([strange(chunk.bare(ChunkType.shutdownAck))]);
    expect(t.lines()).toEqual(["SHUTDOWN COMPLETE"]);
    const u = opened();
    u.receive([strange(chunk.abort())]);
    expect(u.ended()?.kind).toBe("abortedByPeer");
  });

  test("padding of parameters, whatever it is; the parameter behind it is read", () => {
    const odd = chunk.param(0xbffe, Uint8Array.of(1, 2, 3, 4, 5));
    odd.fill(0xee, 9);
    const s = new Script();
    s.endpoint.listening = true;
    const address = chunk.param(ParameterType.ipv4Address, Uint8Array.of(10, 3, 0, 2));
    s.receive([chunk.init({ parameters: [odd, address] })], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths().join()).toContain("10.3.0.2");
  });

  test("padding of error causes", () => {
    const s = opened();
    const odd = chunk.cause(6, Uint8Array.of(1));
    odd.fill(0xee, 5);
    s.receive([chunk.error(odd, chunk.cause(8))]);
    expect(s.events.map((e) => (e.kind === "peerError" ? e.causeCode : e.kind))).toEqual([6, 8]);
  });
});

describe("RFC 9260 s3: what stands alone", () => {
  test("INIT, INIT ACK and SHUTDOWN COMPLETE leave alone, whatever waits beside them", () => {
    const s = new Script();
    s.connect();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    const [init] = s.take();
    if (init === undefined) throw new Error("no INIT");
    s.readNumbers(init);
    s.hold(() => {
      s.receive([chunk.init({ tag: 5 })], { vtag: 0 });
      s.receive([s.peerInitAck()]);
    });
    const packets = [chunksOf(init).map((c) => c.type), ...s.chunkTypes()];
    for (const type of [ChunkType.init, ChunkType.initAck]) {
      expect(packets.filter((types) => types.includes(type))).toEqual([[type]]);
    }
    const t = opened();
    t.endpoint.shutdown(t.now, t.id);
    t.take();
    t.hold(() => {
      t.receive([chunk.heartbeat(Uint8Array.of(1, 2, 3, 4)), chunk.data(PEER_TSN + 1, { ssn: 1 })]);
      t.receive([chunk.bare(ChunkType.shutdownAck)]);
    });
    const closing = t.chunkTypes().filter((c) => c.includes(ChunkType.shutdownComplete));
    expect(closing).toEqual([[ChunkType.shutdownComplete]]);
  });
});
