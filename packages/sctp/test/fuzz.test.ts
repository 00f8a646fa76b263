import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { cookieOf, PEER_TAG, PEER_TSN, Script, type SentPacket } from "./support/scripted-peer.js";

// Packets that look right and are not: whole chunks of every kind, with plausible numbers, then bytes
// changed, lengths changed, chunks cut, doubled and put together. The checksum is always right.

const STATES = [
  "closed",
  "listening",
  "cookieWait",
  "cookieEchoed",
  "established",
  "shutdownPending",
  "shutdownSent",
  "shutdownReceived",
  "shutdownAckSent",
] as const;
type State = (typeof STATES)[number];

const local = ["10.1.0.1", "10.2.0.1"];
const peer = ["10.1.0.2", "10.2.0.2"];
const sctp = { receiveBufferBytes: 8192, maxPaths: 4 };

const one = (packets: readonly SentPacket[]): SentPacket => {
  const [packet] = packets;
  if (packet === undefined) throw new Error("no packet");
  return packet;
};

/** An endpoint in that state, with a message on its way where there can be one. */
function inState(state: State): Script {
  const s = new Script({ local, peer, sctp });
  if (state === "closed") return s;
  if (state === "listening") {
    s.endpoint.listening = true;
    return s;
  }
  if (state === "cookieWait" || state === "cookieEchoed") {
    s.connect();
    s.readNumbers(one(s.take()));
    if (state === "cookieEchoed") s.receive([s.peerInitAck()]);
    s.take();
    s.takeEvents();
    return s;
  }
  s.openFromPeer();
  s.advanceAnswering(5000);
  s.receive([chunk.data(PEER_TSN)]);
  const busy = state !== "shutdownSent" && state !== "shutdownAckSent";
  if (busy) for (let i = 0; i < 3; i++) s.endpoint.send(s.now, s.id, new Uint8Array(500));
  s.drain();
  if (state === "shutdownPending" || state === "shutdownSent") s.endpoint.shutdown(s.now, s.id);
  if (state === "shutdownReceived" || state === "shutdownAckSent") {
    s.receive([chunk.shutdown(s.tsn - 1)]);
  }
  s.take();
  s.takeEvents();
  if (s.endpoint.status(s.id)?.state !== state) throw new Error(`not in ${state}`);
  return s;
}

/** A number near one that means something. */
const near = (base: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: -3, max: 6 }).map((d) => (base + d) >>> 0),
    fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
    fc.nat(0xffff_ffff),
  );

const small = fc.uint8Array({ minLength: 0, maxLength: 40 });

/** Chunks that fit the endpoint whose first TSN is 0 here: it is added when the packet is made. */
type Part = (s: Script) => Uint8Array;

const part: fc.Arbitrary<Part> = fc.oneof(
  fc
    .record({
      t: near(PEER_TSN + 1),
      stream: fc.constantFrom(0, 1, 9, 10, 65_535),
      ssn: fc.nat({ max: 5 }),
      flags: fc.nat({ max: 255 }),
      bytes: fc.uint8Array({ minLength: 0, maxLength: 60 }),
    })
    .map(
      ({ t, ...o }): Part =>
        () =>
          chunk.data(t, o),
    ),
  fc
    .record({
      cum: near(0),
      aRwnd: fc.constantFrom(0, 100, 100_000, 0xffff_ffff),
      gaps: fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })), { maxLength: 4 }),
      dups: fc.array(near(0), { maxLength: 4 }),
    })
    .map(
      ({ cum, aRwnd, gaps, dups }): Part =>
        (s) =>
          chunk.sack((s.tsn + cum) >>> 0, {
            aRwnd,
            gaps,
            dups: dups.map((d) => (s.tsn + d) >>> 0),
          }),
    ),
  fc
    .record({
      tag: near(PEER_TAG),
      aRwnd: fc.constantFrom(0, 1500, 100_000),
      os: fc.nat({ max: 3 }),
      mis: fc.nat({ max: 3 }),
      addresses: fc.array(fc.constantFrom(...peer, "10.8.0.8", "224.0.0.1", "2001:db8::1"), {
        maxLength: 4,
      }),
      types: fc.array(fc.nat({ max: 0xffff }), { maxLength: 3 }),
      cookie: fc.option(small, { nil: undefined }),
    })
    .map(
      ({ types, ...o }): Part =>
        () =>
          chunk.init({ ...o, parameters: types.map((t) => chunk.param(t)) }),
    ),
  near(0).map(
    (cum): Part =>
      (s) =>
        chunk.shutdown((s.tsn - 1 + cum) >>> 0),
  ),
  fc.tuple(fc.nat({ max: 14 }), small).map(
    ([code, info]): Part =>
      () =>
        chunk.error(chunk.cause(code, info)),
  ),
  fc.tuple(fc.boolean(), fc.nat({ max: 14 }), small).map(
    ([reflected, code, info]): Part =>
      () =>
        chunk.abort(reflected, chunk.cause(code, info)),
  ),
  small.map(
    (info): Part =>
      () =>
        chunk.heartbeat(info),
  ),
  small.map(
    (cookie): Part =>
      () =>
        chunk.cookieEcho(cookie),
  ),
  fc
    .tuple(
      fc.constantFrom(
        ChunkType.heartbeatAck,
        ChunkType.cookieAck,
        ChunkType.shutdownAck,
        ChunkType.shutdownComplete,
        ChunkType.ecne,
        ChunkType.cwr,
        ChunkType.forwardTsn,
        ChunkType.asconf,
        ChunkType.iData,
        0x3e,
        0x7e,
        0xbe,
        0xfe,
        0xff,
      ),
      fc.nat({ max: 255 }),
      small,
    )
    .map(
      ([type, flags, value]): Part =>
        () =>
          chunk.around(type, flags, value),
    ),
);

/** Changes to the bytes behind the common header. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: fc.nat(), to: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), to: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), to: fc.constant(0) }),
  // the length field of the first chunk
  fc.record({
    kind: fc.constant("length" as const),
    at: fc.constant(0),
    to: fc.nat({ max: 0xffff }),
  }),
);

const packet = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 4 }),
  changes: fc.array(change, { maxLength: 3 }),
  path: fc.nat({ max: 2 }),
  wait: fc.constantFrom(0, 0, 0, 1, 250, 5000),
});
type Packet = typeof packet extends fc.Arbitrary<infer T> ? T : never;

function bytesOf(s: Script, p: Packet): Uint8Array {
  const parts = p.parts.map((make) => make(s));
  let bytes = new Uint8Array(parts.reduce((n, b) => n + b.length, 0));
  let at = 0;
  for (const b of parts) {
    bytes.set(b, at);
    at += b.length;
  }
  for (const c of p.changes) {
    if (bytes.length < 4) break;
    const i = c.at % bytes.length;
    if (c.kind === "set") bytes[i] = c.to;
    else if (c.kind === "flip") bytes[i] = (bytes[i] ?? 0) ^ (1 << c.to);
    else if (c.kind === "length") new DataView(bytes.buffer).setUint16(2, c.to);
    else bytes = bytes.slice(0, i);
  }
  return bytes;
}

function feed(s: Script, p: Packet, vtag: number): void {
  s.receive([bytesOf(s, p)], {
    vtag,
    from: ["10.1.0.2", "10.2.0.2", "10.9.0.9"][p.path] ?? "",
    to: ["10.1.0.1", "10.2.0.1", "10.1.0.1"][p.path] ?? "",
  });
}

const state = fc.constantFrom(...STATES);

describe("fuzz", () => {
  propertyTest.prop([state, fc.array(packet, { minLength: 1, maxLength: 12 })], { numRuns: 500 })(
    "with the right tag: nothing throws, the books balance, every packet brings few others about",
    (which, packets) => {
      const s = inState(which);
      for (const p of packets) {
        feed(s, p, s.tag);
        const sent = s.take();
        // one with answers, one with a SACK, one on another path, and what the window lets out
        expect(sent.length).toBeLessThanOrEqual(8);
        for (const out of sent) expect(out.bytes.length).toBeLessThanOrEqual(1480);
        expect(s.endpoint.audit(s.id)).toBeUndefined();
        expect(s.endpoint.status(s.id)?.unreadBytes ?? 0).toBeLessThanOrEqual(2 * 8192);
        s.advance(p.wait);
        s.take();
      }
      const ends = s.events.filter((e) => e.kind === "ended");
      expect(ends.length).toBe(new Set(ends.map((e) => e.id)).size);
      // whatever is left goes on, or ends: nothing hangs and nothing spins
      s.advance(60_000);
      expect(s.endpoint.audit(s.id)).toBeUndefined();
    },
  );

  propertyTest.prop(
    [state, fc.array(fc.tuple(packet, fc.nat(0xffff_ffff)), { minLength: 1, maxLength: 12 })],
    { numRuns: 400 },
  )("with a wrong tag: the association is as it was", (which, packets) => {
    const s = inState(which);
    const before = JSON.stringify([s.endpoint.status(s.id), s.paths(), s.endpoint.pollTimeout()]);
    for (const [p, tag] of packets) {
      // 0 would be an INIT's, the peer's may come with the T bit
      const vtag = tag === 0 || tag === s.tag || tag === PEER_TAG ? 1 : tag;
      feed(s, p, vtag);
      for (const out of s.take()) expect(out.vtag).toBe(vtag); // answered out of the blue, if at all
    }
    expect(JSON.stringify([s.endpoint.status(s.id), s.paths(), s.endpoint.pollTimeout()])).toBe(
      before,
    );
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(which === "closed" || which === "listening" ? 0 : 1);
  });

  propertyTest.prop([state, fc.array(packet, { minLength: 1, maxLength: 12 })], { numRuns: 500 })(
    "with the peer's tag: nothing but ABORT and SHUTDOWN COMPLETE with the T bit counts",
    (which, packets) => {
      const s = inState(which);
      const before = JSON.stringify([s.endpoint.status(s.id), s.paths()]);
      for (const p of packets) {
        feed(s, p, PEER_TAG);
        if (s.ended() !== undefined) {
          expect(["abortedByPeer", "shutdown", "setupFailed"]).toContain(s.ended()?.kind);
          return;
        }
        s.take();
        expect(JSON.stringify([s.endpoint.status(s.id), s.paths()])).toBe(before);
      }
    },
  );

  propertyTest.prop(
    [
      state,
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 10 }),
      fc.nat({ max: 2 }),
    ],
    { numRuns: 500 },
  )("any bytes behind a common header", (which, packets, tag) => {
    const s = inState(which);
    for (const bytes of packets) {
      s.receive([bytes], { vtag: [s.tag, PEER_TAG, 0][tag] ?? 0 });
      s.take();
      expect(s.endpoint.audit(s.id)).toBeUndefined();
    }
  });

  propertyTest.prop([fc.array(packet, { minLength: 1, maxLength: 8 })], { numRuns: 500 })(
    "mutated set-up packets with tag 0 leave nothing behind",
    (packets) => {
      const s = inState("listening");
      for (const p of packets) {
        feed(s, p, 0);
        expect(s.take().length).toBeLessThanOrEqual(1);
      }
      expect(s.endpoint.associationCount).toBe(0);
      expect(s.endpoint.pollTimeout()).toBe(Number.POSITIVE_INFINITY);
      // and the port still works
      s.receive([s.peerInit()], { vtag: 0 });
      const initAck = one(s.take());
      s.readNumbers(initAck);
      s.receive([chunk.cookieEcho(cookieOf(initAck))]);
      expect(s.endpoint.associationCount).toBe(1);
    },
  );
});
