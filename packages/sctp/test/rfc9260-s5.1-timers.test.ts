import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { Script } from "./support/scripted-peer.js";
import { one } from "./support/setup.js";

describe("RFC 9260 s4, s5.1.4: T1-init and T1-cookie", () => {
  const quiet = { local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] };

  /** Times in ms since the first packet, and the pairs, of what is sent until the attempt ends. */
  const attempts = (s: Script): string[] => {
    const start = s.nowUs / 1000;
    s.advance(3_600_000);
    return s.take().map((p) => `${p.atMs - start} ${p.route}`);
  };

  test("T1-init: the same INIT again after 1, 2, 4 ... 60 s, Max.Init.Retransmits times", () => {
    const s = new Script();
    s.connect();
    const first = one(s.take());
    const start = s.nowUs / 1000;
    s.advance(3_600_000);
    const again = s.take();
    expect(again.map((p) => p.atMs - start)).toEqual([
      1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000,
    ]);
    for (const p of again) expect(p.bytes).toEqual(first.bytes);
    expect(s.ended()).toEqual({ kind: "unreachable", tried: [IpAddress.parse("10.1.0.2")] });
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe((start + 243_000) * 1000);
  });

  test("T1-init goes over all given addresses, each with its own RTO", () => {
    const s = new Script({ ...quiet, sctp: { maxInitRetransmits: 5 } });
    s.connect();
    s.take();
    expect(attempts(s)).toEqual([
      "1000 10.2.0.1>10.2.0.2",
      "2000 10.1.0.1>10.1.0.2",
      "4000 10.2.0.1>10.2.0.2",
      "6000 10.1.0.1>10.1.0.2",
      "10000 10.2.0.1>10.2.0.2",
    ]);
    expect(s.ended()?.kind).toBe("unreachable");
  });

  test("T1-cookie: the same COOKIE ECHO again, Max.Init.Retransmits times", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.advance(400);
    s.receive([s.peerInitAck()]);
    const first = one(s.take());
    const start = s.nowUs / 1000;
    s.advance(3_600_000);
    const again = s.take();
    expect(again.map((p) => p.atMs - start)).toEqual([
      1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000,
    ]);
    for (const p of again) expect(p.bytes).toEqual(first.bytes);
    expect(s.ended()?.kind).toBe("unreachable");
    expect(s.endpoint.associationCount).toBe(0);
  });

  test("T1-cookie begins where the INIT ACK came from and goes over all given addresses", () => {
    const s = new Script({ ...quiet, sctp: { maxInitRetransmits: 3 } });
    s.connect();
    s.readNumbers(one(s.take()));
    s.advance(1000);
    s.take();
    s.receive([s.peerInitAck()], { from: "10.2.0.2", to: "10.2.0.1" });
    expect(s.take().map((p) => p.route)).toEqual(["10.2.0.1>10.2.0.2"]);
    // 10.1.0.2 has timed out once already
    expect(attempts(s)).toEqual([
      "1000 10.1.0.1>10.1.0.2",
      "3000 10.2.0.1>10.2.0.2",
      "5000 10.1.0.1>10.1.0.2",
    ]);
  });

  test("the RTT of an unrepeated COOKIE ECHO is the first measurement (s6.3.1)", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([s.peerInitAck()]);
    s.advance(600);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.endpoint.paths(s.id)[0]?.srtt).toBe(600_000);
    const t = new Script();
    t.connect();
    t.readNumbers(one(t.take()));
    t.receive([t.peerInitAck()]);
    t.advance(1600);
    t.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(t.endpoint.paths(t.id)[0]?.srtt).toBe(0); // rule C5
  });

  test("fast timing: a dead first address costs one short delay; a round over all counts as one attempt", () => {
    const s = new Script({ ...quiet, sctp: { timing: "fast", maxInitRetransmits: 2 } });
    s.connect();
    s.take();
    expect(attempts(s)).toEqual([
      "200 10.2.0.1>10.2.0.2",
      "700 10.1.0.1>10.1.0.2",
      "900 10.2.0.1>10.2.0.2",
      "1900 10.1.0.1>10.1.0.2",
      "2100 10.2.0.1>10.2.0.2",
    ]);
    expect(s.events.find((e) => e.kind === "ended")?.at).toBe(1_000_000 + 4_100_000);
  });
});
