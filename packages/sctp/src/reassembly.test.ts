import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { ssn, type Tsn, tsn, tsnAdd } from "@multihome/base";
import type { ReceivedMessage } from "./events.js";
import { type InboundChunk, Reassembly } from "./reassembly.js";
import { TsnTracker } from "./tsn-tracker.js";

interface Message {
  readonly stream: number;
  readonly unordered: boolean;
  readonly sizes: readonly number[];
}

const message: fc.Arbitrary<Message> = fc.record({
  stream: fc.nat({ max: 2 }),
  unordered: fc.boolean(),
  sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
});

/** The chunks of these messages with TSNs from `initial` on; the bytes of message n are n. */
function chunksOf(messages: readonly Message[], initial: Tsn): InboundChunk[] {
  const next = new Map<number, number>();
  const chunks: InboundChunk[] = [];
  for (const [n, m] of messages.entries()) {
    const number = next.get(m.stream) ?? 0;
    if (!m.unordered) next.set(m.stream, number + 1);
    for (const [i, size] of m.sizes.entries()) {
      chunks.push({
        bytes: new Uint8Array(size).fill(n),
        start: 0,
        end: size,
        tsn: tsnAdd(initial, chunks.length),
        streamId: m.stream,
        // the receiver must ignore it for unordered messages (RFC 9260 s3.3.1)
        ssn: ssn(m.unordered ? 4711 + n : number),
        ppid: 1000 + n,
        begin: i === 0,
        endFlag: i === m.sizes.length - 1,
        unordered: m.unordered,
      });
    }
  }
  return chunks;
}

/** Puts the parts that were handed over together again; fails where they are out of place. */
class Reader {
  readonly done: { readonly n: number; readonly m: ReceivedMessage; readonly length: number }[] =
    [];
  #open: { readonly first: ReceivedMessage; length: number } | undefined;

  take(m: ReceivedMessage): void {
    const n = m.data[0] ?? -1;
    expect(m.data.every((b) => b === n)).toBe(true);
    if (m.begin && m.end) {
      this.done.push({ n, m, length: m.data.length });
      return;
    }
    if (m.begin) {
      expect(this.#open).toBeUndefined(); // one message in parts at a time
      this.#open = { first: m, length: 0 };
    }
    const open = this.#open;
    if (open === undefined) throw new Error("a part of no message");
    expect([m.stream, m.ssn, m.unordered]).toEqual([
      open.first.stream,
      open.first.ssn,
      open.first.unordered,
    ]);
    open.length += m.data.length;
    if (!m.end) return;
    this.done.push({ n, m, length: open.length });
    this.#open = undefined;
  }
}

const scenario = fc.record({
  initial: fc.oneof(fc.constant(0), fc.constant(0xffff_fffa), fc.nat(0xffff_ffff)),
  messages: fc.array(message, { maxLength: 12 }),
  /** Order of arrival: the chunk at this place of what is left comes next. */
  arrivals: fc.array(fc.nat(), { minLength: 80, maxLength: 80 }),
  /** After which arrivals the reader takes what there is, and where the buffer is full. */
  reads: fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }),
  full: fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }),
});

describe("Reassembly", () => {
  propertyTest.prop([scenario])(
    "gives every message once, whole and in the order of its stream, for any order of arrival; nothing is left",
    ({ initial, messages, arrivals, reads, full }) => {
      const r = new Reassembly();
      const tracker = new TsnTracker(tsn(initial));
      const left = chunksOf(messages, tsn(initial));
      const reader = new Reader();
      const readAll = (): void => {
        for (let m = r.take(); m !== undefined; m = r.take()) reader.take(m);
      };
      for (let i = 0; left.length > 0; i++) {
        const [chunk] = left.splice((arrivals[i % 80] ?? 0) % left.length, 1);
        if (chunk === undefined) throw new Error("no chunk");
        tracker.add(chunk.tsn);
        expect(r.add(chunk, tracker.cumTsn)).toBeUndefined();
        if (full[i % 80] && r.ready.length === 0) r.deliverPart(tracker.cumTsn);
        if (reads[i % 80]) readAll();
        expect(r.recount()).toEqual({ bytes: r.bytesHeld, items: r.itemsHeld });
      }
      readAll();
      expect(r.bytesHeld).toBe(0);
      expect(r.itemsHeld).toBe(0);
      expect(r.incomplete).toBe(false);
      expect(reader.done.map((d) => d.n).sort((a, b) => a - b)).toEqual(messages.map((_, n) => n));
      for (const { n, m, length } of reader.done) {
        expect(length).toBe(messages[n]?.sizes.reduce((sum, size) => sum + size, 0));
        expect([m.stream, m.unordered, m.ppid]).toEqual([
          messages[n]?.stream,
          messages[n]?.unordered,
          1000 + n,
        ]);
      }
      for (const stream of [0, 1, 2]) {
        const ordered = reader.done.filter((d) => d.m.stream === stream && !d.m.unordered);
        expect(ordered.map((d) => d.n)).toEqual(ordered.map((d) => d.n).sort((a, b) => a - b));
      }
    },
  );

  propertyTest.prop([
    fc.array(
      fc.record({
        t: fc.nat({ max: 30 }),
        stream: fc.nat({ max: 1 }),
        ssn: fc.nat({ max: 3 }),
        flags: fc.nat({ max: 7 }),
      }),
      { maxLength: 60 },
    ),
  ])("never throws and never loses count, whatever a peer sends", (chunks) => {
    const r = new Reassembly();
    const tracker = new TsnTracker(tsn(0));
    for (const c of chunks) {
      const t = tsn(c.t);
      if (tracker.has(t)) continue;
      tracker.add(t);
      const fault = r.add(
        {
          bytes: new Uint8Array(3),
          start: 0,
          end: 3,
          tsn: t,
          streamId: c.stream,
          ssn: ssn(c.ssn),
          ppid: 0,
          begin: (c.flags & 1) !== 0,
          endFlag: (c.flags & 2) !== 0,
          unordered: (c.flags & 4) !== 0,
        },
        tracker.cumTsn,
      );
      if (fault !== undefined) return; // the association ends here
      if (c.t % 3 === 0) r.deliverPart(tracker.cumTsn);
      if (c.t % 5 === 0) r.take();
      expect(r.recount()).toEqual({ bytes: r.bytesHeld, items: r.itemsHeld });
    }
  });

  test("a restart keeps what is ready and forgets the rest", () => {
    const r = new Reassembly();
    const [a, b, c] = chunksOf(
      [
        { stream: 0, unordered: false, sizes: [4] },
        { stream: 0, unordered: false, sizes: [4, 4] },
      ],
      tsn(1),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error("no chunks");
    r.add(a, tsn(1));
    r.add(b, tsn(2));
    const next = r.restarted();
    expect(next.bytesHeld).toBe(4);
    expect(next.take()?.data).toHaveLength(4);
    expect(next.incomplete).toBe(false);
    expect(next.bytesHeld).toBe(0);
    // streams begin at 0 again
    expect(next.add({ ...a, tsn: tsn(500) }, tsn(500))).toBeUndefined();
    expect(next.take()).toBeDefined();
  });
});
