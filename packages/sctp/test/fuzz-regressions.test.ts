import { describe, expect, test } from "@jest/globals";
import { DataFlag } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script, type ScriptOptions } from "./support/scripted-peer.js";

// What `npm run fuzz` and the reading that went with it found, each as it was.

const HALF = 0x8000_0000;

const opened = (o: ScriptOptions = {}): Script => {
  const s = new Script(o);
  s.openFromPeer();
  return s;
};

describe("half the circle of TSNs away, where a number is neither before nor after (RFC 1982 s3.2)", () => {
  test("DATA there is too far ahead; it was taken, as a range that lay behind the Cumulative TSN", () => {
    const s = opened();
    s.receive([chunk.data(PEER_TSN)]);
    s.take();
    s.receive([chunk.data((PEER_TSN + HALF) >>> 0)]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    expect(s.endpoint.counters.dataTooFar).toBe(1);
    expect(s.lines()).toEqual([`SACK cum=${PEER_TSN} rwnd=4194300`]);
  });

  test("a SACK or SHUTDOWN of it is one of what was never sent", () => {
    for (const bytes of [chunk.sack, chunk.shutdown]) {
      const s = opened();
      s.receive([bytes((s.tsn - 1 + HALF) >>> 0)]);
      expect(s.ended()?.kind).toBe("protocolViolation");
    }
  });
});

describe("memory that what waits keeps from being freed", () => {
  test("one waiting byte in each page of 64 KiB: they are copied out", () => {
    // Stream 1 waits for a message that never comes, stream 2 is read at once.
    const s = opened({ sctp: { receiveBufferBytes: 8192 } });
    let t = PEER_TSN;
    for (let n = 1; n <= 150; n++) {
      s.receive([chunk.data(t++, { stream: 1, ssn: n, bytes: Uint8Array.of(n) })]);
      for (let i = 0; i < 46; i++) {
        s.receive([
          chunk.data(t++, {
            stream: 2,
            bytes: new Uint8Array(1440),
            flags: DataFlag.unordered | 3,
          }),
        ]);
        expect(s.endpoint.receive(s.id)?.data).toHaveLength(1440);
      }
      expect(s.endpoint.audit(s.id)).toBeUndefined(); // knows the limit
      s.take();
    }
    expect(s.endpoint.status(s.id)?.unreadBytes).toBe(150);
    // what was copied is still what it was
    s.receive([chunk.data(t++, { stream: 1, ssn: 0, bytes: Uint8Array.of(0) })]);
    for (let n = 0; n <= 150; n++) {
      expect(s.endpoint.receive(s.id)?.data).toEqual(Uint8Array.of(n));
    }
  });
});
