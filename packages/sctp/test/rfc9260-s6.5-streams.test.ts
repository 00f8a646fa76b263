import { describe, expect, test } from "@jest/globals";
import { chunkFlags, DataFlag, dataSsn, dataTsn, SCTP_HEADER_LENGTH } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { chunksOf, Script, type SentPacket } from "./support/scripted-peer.js";

// RFC 9260 s6.5, s6.9: the numbers and flags of what is sent.

const opened = (o: SctpOptions = {}, draws: readonly number[] = []): Script => {
  const s = new Script({
    draws,
    sctp: {
      hbIntervalMs: 3_600_000,
      potentiallyFailedMaxRetrans: 1000,
      maxBurst: 1000,
      sendBufferBytes: 1 << 24,
      ...o,
    },
  });
  s.openToPeer({ aRwnd: 0xffff_ffff });
  return s;
};

interface Sent {
  readonly tsn: number;
  readonly ssn: number;
  readonly flags: number;
}

const chunksIn = (packets: readonly SentPacket[]): Sent[] =>
  packets.flatMap((p) =>
    chunksOf(p).map((c) => ({
      tsn: dataTsn(p.view, c.at),
      ssn: dataSsn(p.view, c.at),
      flags: c.flags,
    })),
  );

describe("RFC 9260 s6.5: Stream Sequence Numbers that are sent", () => {
  test("from 0 by 1 to 65535, then 0 again; unordered messages take none", () => {
    const s = opened({ mtu: 9000 });
    const ssns: number[] = [];
    for (let n = 0; n < 65_540; ) {
      for (let i = 0; i < 400 && n < 65_540; i++, n++) {
        s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 3 });
        if (n % 100 === 0) {
          s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 3, unordered: true });
        }
      }
      for (;;) {
        const sent = chunksIn(s.take());
        const last = sent.at(-1);
        if (last === undefined) break;
        for (const c of sent) if ((c.flags & DataFlag.unordered) === 0) ssns.push(c.ssn);
        s.receive([chunk.sack(last.tsn, { aRwnd: 0xffff_ffff })]);
      }
    }
    expect(ssns).toHaveLength(65_540);
    expect(ssns.every((ssn, i) => ssn === i % 65_536)).toBe(true);
    expect(ssns.slice(-5)).toEqual([65_535, 0, 1, 2, 3]);
  });

  test("a stream that the association does not have is refused before anything is sent", () => {
    const s = opened();
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 10 })).toEqual({
      ok: false,
      code: "noSuchStream",
      streams: 10,
    });
    expect(s.endpoint.send(s.now, s.id, Uint8Array.of(1), { stream: 9 }).ok).toBe(true);
    expect(s.relativeLines()).toEqual(["DATA tsn=+0 sid=9 ssn=0 len=1 BE"]);
  });
});

describe("RFC 9260 s1.6: TSNs that are sent", () => {
  test("after 2^32 - 1 comes 0, in the middle of a message, too; what is acknowledged follows", () => {
    const s = opened({ mtu: 576 }, [0x1234_5678, 0xffff_fffe]);
    expect(s.tsn).toBe(0xffff_fffe);
    s.endpoint.send(s.now, s.id, new Uint8Array(2000));
    expect(chunksIn(s.take()).map((c) => c.tsn)).toEqual([0xffff_fffe, 0xffff_ffff, 0, 1]);
    s.receive([chunk.sack(0xffff_ffff, { gaps: [[2, 2]] })]);
    expect(s.endpoint.status(s.id)?.outstandingBytes).toBe(528);
    s.advance(1000);
    expect(chunksIn(s.take()).map((c) => c.tsn)).toEqual([0]);
    s.receive([chunk.sack(1)]);
    expect(s.takeEvents()).toEqual(["message"]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });
});

describe("RFC 9260 s6.9: fragments that are sent", () => {
  const B = DataFlag.begin;
  const E = DataFlag.end;
  const U = DataFlag.unordered;

  test.each([
    ["ordered", false, 0],
    ["unordered: the U flag on each", true, U],
  ])("B, middle, E; TSNs in a row, one SSN: %s", (_, unordered, u) => {
    const s = opened({ mtu: 576 });
    for (const n of [2000, 10]) s.endpoint.send(s.now, s.id, new Uint8Array(n), { unordered });
    const sent = chunksIn(s.take());
    expect(sent.map((c) => c.flags)).toEqual([B | u, u, u, E | u, B | E | u]);
    expect(sent.map((c) => (c.tsn - s.tsn) >>> 0)).toEqual([0, 1, 2, 3, 4]);
    if (!unordered) expect(sent.map((c) => c.ssn)).toEqual([0, 0, 0, 0, 1]);
  });

  test("the flags and the cut stay when a fragment is sent again", () => {
    const s = opened({ mtu: 576 });
    s.endpoint.send(s.now, s.id, new Uint8Array(2000));
    const first = s.take();
    s.receive([chunk.sack(s.tsn, { gaps: [[2, 3]] })]); // the second is missing
    s.advance(1000);
    const [again] = s.take();
    expect([...(again?.bytes.subarray(SCTP_HEADER_LENGTH) ?? [])]).toEqual([
      ...(first[1]?.bytes.subarray(SCTP_HEADER_LENGTH) ?? []),
    ]);
    expect(again && chunkFlags(again.view, SCTP_HEADER_LENGTH)).toBe(0);
  });

  test("no message interrupts another one", () => {
    const s = opened({ mtu: 576 });
    s.endpoint.send(s.now, s.id, new Uint8Array(1000), { stream: 0 });
    s.endpoint.send(s.now, s.id, new Uint8Array(1000), { stream: 1 });
    expect(s.relativeLines()).toEqual([
      "DATA tsn=+0 sid=0 ssn=0 len=528 B",
      "DATA tsn=+1 sid=0 ssn=0 len=472 E",
      "DATA tsn=+2 sid=1 ssn=0 len=528 B",
      "DATA tsn=+3 sid=1 ssn=0 len=472 E",
    ]);
  });
});
