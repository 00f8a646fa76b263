import { describe, expect, test } from "@jest/globals";
import { ChunkType, ParameterType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, Script } from "./support/scripted-peer.js";
import { initAckTo, listening, one } from "./support/setup.js";

describe("RFC 9260 s3.2.1, s3.2.2: parameters that we do not know", () => {
  const after = chunk.param(0x8005);
  const addresses = ["10.1.0.2", "10.2.0.2"];
  const list = (type: number): Uint8Array[] => [
    chunk.param(type),
    chunk.param(ParameterType.ipv4Address, Uint8Array.of(10, 3, 0, 2)),
  ];

  // In all four cases an INIT ACK is sent.
  test.each([
    ["00: what follows is not read", 0x3ffe, false, false],
    ["01: what follows is not read, it is reported", 0x7ffe, false, true],
    ["10: skipped", 0xbffe, true, false],
    ["11: skipped and reported", 0xfffe, true, true],
  ])("in an INIT, %s", (_, type, goesOn, reported) => {
    const s = listening();
    const initAck = initAckTo(s, chunk.init({ addresses, parameters: list(type) }));
    expect(initAck.line.includes("unrecognizedParameter")).toBe(reported);
    if (reported) {
      // the parameter complete with its header, in an Unrecognized Parameter at the end
      expect([...initAck.bytes.slice(-12)]).toEqual([
        0,
        8,
        0,
        12,
        type >> 8,
        type & 255,
        0,
        8,
        1,
        2,
        3,
        4,
      ]);
    }
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    const paths = s.paths().map((p) => p.replace(/^.*>| .*$/g, ""));
    expect(paths.includes("10.3.0.2")).toBe(goesOn);
    expect(paths).toContain("10.2.0.2");
  });

  test.each([
    ["00", 0x3ffe, false],
    ["01", 0x7ffe, true],
    ["10", 0xbffe, false],
    ["11", 0xfffe, true],
  ])(
    "in an INIT ACK, %s: the COOKIE ECHO is sent, with an ERROR behind it where it is to be reported",
    (_, type, reported) => {
      const s = new Script();
      s.connect();
      s.readNumbers(one(s.take()));
      s.receive([
        chunk.init({ cookie: Uint8Array.of(1, 2, 3, 4), parameters: [chunk.param(type), after] }),
      ]);
      const echo = one(s.take());
      expect(chunksOf(echo).map((c) => c.type)).toEqual(
        reported ? [ChunkType.cookieEcho, ChunkType.error] : [ChunkType.cookieEcho],
      );
      if (reported) {
        expect([...echo.bytes.slice(-16)]).toEqual([
          9,
          0,
          0,
          16,
          0,
          8,
          0,
          12,
          type >> 8,
          type & 255,
          0,
          8,
          1,
          2,
          3,
          4,
        ]);
      }
      // It is not reported a second time.
      s.advance(1000);
      expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
    },
  );

  test.each([
    ["00", 0x3ffe, false],
    ["01", 0x7ffe, false],
    ["10", 0xbffe, true],
    ["11", 0xfffe, true],
  ])(
    "in front of the cookie of an INIT ACK, %s: the COOKIE ECHO is sent all the same",
    (_, type, goesOn) => {
      const s = new Script();
      s.connect();
      s.readNumbers(one(s.take()));
      const cookie = chunk.param(ParameterType.stateCookie, Uint8Array.of(5, 6, 7, 8));
      const address = chunk.param(ParameterType.ipv4Address, Uint8Array.of(10, 3, 0, 2));
      s.receive([chunk.init({ ack: true, parameters: [chunk.param(type), address, cookie] })]);
      const echo = one(s.take());
      expect([...echo.bytes.slice(12, 20)]).toEqual([10, 0, 0, 8, 5, 6, 7, 8]);
      s.receive([chunk.bare(ChunkType.cookieAck)]);
      expect(s.paths().join().includes("10.3.0.2")).toBe(goesOn);
    },
  );

  test("what the peer did not know of our INIT ACK is told to the application", () => {
    const s = listening();
    const initAck = initAckTo(s, s.peerInit());
    const report = chunk.error(chunk.cause(8, chunk.param(0xfffe)));
    s.receive([chunk.cookieEcho(cookieOf(initAck)), report]);
    expect(s.lines()).toEqual(["COOKIE ACK"]);
    expect(s.takeEvents().filter((e) => !e.startsWith("path"))).toEqual(["up", "peerError"]);
  });

  test("an ERROR that does not fit beside the COOKIE ECHO is left out", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([
      chunk.init({
        cookie: new Uint8Array(1000),
        parameters: [chunk.param(0xfffe, new Uint8Array(600))],
      }),
    ]);
    expect(s.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
  });

  test("many are reported only as far as the INIT ACK fits into a packet (s12.4)", () => {
    const s = listening({ sctp: { mtu: 576 } });
    const parameters = Array.from({ length: 60 }, () => chunk.param(0xfffe, new Uint8Array(12)));
    const initAck = initAckTo(s, chunk.init({ parameters }));
    expect(initAck.bytes.length).toBeLessThanOrEqual(556);
    expect(initAck.line).toContain("unrecognizedParameter");
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("an INIT whose parameters do not fit is dropped", () => {
    const s = listening();
    const init = chunk.init({ parameters: [Uint8Array.of(0xff, 0xfe, 0, 99)] });
    s.receive([init], { vtag: 0 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.counters.badChunk).toBe(1);
  });
});
