import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { DataFlag } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// RFC 9260 s6.6, s6.9: whatever order fragments come in, and however often, each message is delivered once, whole,
// as soon as it may be: all of it is there and, if it is ordered, all before it in its stream were delivered.

interface Sent {
  readonly stream: number;
  readonly unordered: boolean;
  readonly fragments: number;
}

const messages: fc.Arbitrary<Sent[]> = fc.array(
  fc.record({
    stream: fc.nat({ max: 2 }),
    unordered: fc.boolean(),
    fragments: fc.constantFrom(1, 1, 2, 3, 7),
  }),
  { minLength: 1, maxLength: 25 },
);

interface Fragment {
  readonly message: number;
  readonly last: boolean;
  readonly bytes: Uint8Array;
}

const FRAGMENT = 10;

/** What is sent, TSN by TSN, with the number of its message in every byte. */
const cut = (sent: readonly Sent[]): { chunks: Uint8Array[]; fragments: Fragment[] } => {
  const chunks: Uint8Array[] = [];
  const fragments: Fragment[] = [];
  const ssns = new Map<number, number>();
  for (const [i, m] of sent.entries()) {
    const ssn = m.unordered ? 0x1234 : (ssns.get(m.stream) ?? 0);
    if (!m.unordered) ssns.set(m.stream, ssn + 1);
    for (let f = 0; f < m.fragments; f++) {
      const first = f === 0;
      const last = f === m.fragments - 1;
      const bytes = new Uint8Array(FRAGMENT).fill(i);
      bytes[0] = f;
      const flags =
        (first ? DataFlag.begin : 0) |
        (last ? DataFlag.end : 0) |
        (m.unordered ? DataFlag.unordered : 0);
      chunks.push(
        chunk.data(PEER_TSN + chunks.length, { stream: m.stream, ssn, ppid: i, flags, bytes }),
      );
      fragments.push({ message: i, last, bytes });
    }
  }
  return { chunks, fragments };
};

describe("RFC 9260 s6.6, s6.9: delivery against a model", () => {
  test.prop([messages, fc.infiniteStream(fc.nat({ max: 1 << 20 }))], { numRuns: 100 })(
    "each message once, whole, in order, as soon as it may be",
    (sent, random) => {
      const s = new Script({ sctp: { hbIntervalMs: 3_600_000 } });
      s.openFromPeer();
      const { chunks, fragments } = cut(sent);
      // each once in some order, and some again
      const order = chunks.map((_, i) => i);
      for (let i = order.length - 1; i > 0; i--) {
        // mostly near where they belong, as a network reorders
        const j = Math.max(0, i - ((random.next().value ?? 0) % 6));
        [order[i], order[j]] = [order[j] as number, order[i] as number];
      }
      const arrived = new Set<number>();
      const delivered = new Set<number>();
      const whole = (m: number): boolean =>
        fragments.every((f, i) => f.message !== m || arrived.has(i));
      const due = (m: number): boolean => {
        const { stream, unordered } = sent[m] as Sent;
        const before = sent.slice(0, m).map((o, i) => ({ ...o, i }));
        return (
          !delivered.has(m) &&
          whole(m) &&
          (unordered ||
            before.every((o) => o.unordered || o.stream !== stream || delivered.has(o.i)))
        );
      };
      for (const i of order) {
        const again = (random.next().value ?? 0) % 5 === 0 ? [...arrived].at(-1) : undefined;
        arrived.add(i);
        s.receive([chunks[i] ?? new Uint8Array(0)]);
        if (again !== undefined) s.receive([chunks[again] ?? new Uint8Array(0)]);
        for (;;) {
          const m = s.endpoint.receive(s.id);
          if (m === undefined) break;
          // it was due, it is whole, and it says what it is
          expect(due(m.ppid)).toBe(true);
          delivered.add(m.ppid);
          const { stream, unordered } = sent[m.ppid] as Sent;
          expect(m).toMatchObject({ stream, unordered });
          const want = fragments.filter((f) => f.message === m.ppid).flatMap((f) => [...f.bytes]);
          expect([...m.data]).toEqual(want);
        }
        // and nothing that is due is held back
        expect(sent.map((_, m) => m).filter(due)).toEqual([]);
      }
      expect(delivered.size).toBe(sent.length);
      expect(s.endpoint.status(s.id)?.unreadBytes).toBe(0);
      expect(s.endpoint.audit(s.id)).toBeUndefined();
    },
    20_000,
  );
});
