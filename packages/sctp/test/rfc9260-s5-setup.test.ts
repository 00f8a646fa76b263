import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, PEER_TAG, Script } from "./support/scripted-peer.js";

describe("RFC 9260 s5.1: normal establishment", () => {
  test("an INIT is answered with one INIT ACK, with the peer's tag, and nothing is kept", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0 });
    const sent = s.take();
    expect(sent.map((p) => chunksOf(p).map((c) => c.type))).toEqual([[ChunkType.initAck]]);
    expect(sent[0]?.vtag).toBe(PEER_TAG);
    expect(sent[0]?.remote).toBe("10.1.0.2");
    expect(s.endpoint.associationCount).toBe(0);
    expect(s.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  test("a valid COOKIE ECHO makes the association and is answered with COOKIE ACK first", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.data(1000)]);
    expect(s.chunkTypes()[0]?.slice(0, 1)).toEqual([ChunkType.cookieAck]);
    expect(s.takeEvents()).toEqual(expect.arrayContaining(["up", "readable"]));
  });

  test("we open: INIT with tag 0, COOKIE ECHO with the peer's tag, up at the COOKIE ACK", () => {
    const s = new Script();
    s.connect();
    const [init] = s.take();
    expect(init?.vtag).toBe(0);
    expect(init && chunksOf(init).map((c) => c.type)).toEqual([ChunkType.init]);
    if (init !== undefined) s.readNumbers(init);
    s.receive([s.peerInitAck()]);
    const [echo] = s.take();
    expect(echo?.vtag).toBe(PEER_TAG);
    expect(echo && chunksOf(echo).map((c) => c.type)).toEqual([ChunkType.cookieEcho]);
    expect(s.takeEvents()).not.toContain("up");
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.takeEvents()).toContain("up");
  });
});
