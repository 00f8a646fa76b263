import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import { DataFlag } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// RFC 9260 s6.2, s6.7: every SACK against a receiver that is written down as plainly as can be: what it says, and
// when it leaves.

type Op =
  /** A packet with these DATA chunks: how far each is from the Cumulative TSN, and whether the I bit is set. */
  | { readonly op: "packet"; readonly offsets: readonly number[]; readonly immediate: boolean }
  | { readonly op: "advance"; readonly ms: number }
  | { readonly op: "read" };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant("packet" as const),
      offsets: fc.array(
        fc.oneof(fc.constant(1), fc.constant(1), fc.integer({ min: -2, max: 12 })),
        { minLength: 1, maxLength: 4 },
      ),
      immediate: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("advance" as const),
      ms: fc.constantFrom(1, 60, 150, 200, 500),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ op: "read" as const }) },
);

const BUFFER = 1 << 20;
const SIZE = 100;
const SACK_DELAY = 200;

class Model {
  readonly s: Script;
  readonly #received = new Set<number>();
  #cum = PEER_TSN - 1;
  #unread = 0;
  #duplicates: number[] = [];
  #packets = 0;
  #any = false;
  /** When the delayed SACK leaves, in ms. */
  #due: number | undefined;
  /** What should have been sent since. */
  #expected: string[] = [];

  constructor() {
    this.s = new Script({ sctp: { receiveBufferBytes: BUFFER, hbIntervalMs: 3_600_000 } });
    this.s.openFromPeer();
  }

  apply(o: Op): void {
    if (o.op === "packet") this.#packet(o.offsets, o.immediate);
    else if (o.op === "read") {
      while (this.s.endpoint.receive(this.s.id) !== undefined) this.#unread -= SIZE;
    } else this.#advance(o.ms);
    expect(this.s.lines()).toEqual(this.#expected.splice(0));
  }

  #packet(offsets: readonly number[], immediate: boolean): void {
    const tsns = offsets.map((n) => this.#cum + n).filter((t) => t >= PEER_TSN);
    if (tsns.length === 0) return;
    let gap = this.#hasGap();
    const flags =
      DataFlag.begin | DataFlag.end | DataFlag.unordered | (immediate ? DataFlag.immediate : 0);
    this.s.receive(tsns.map((t) => chunk.data(t, { flags, bytes: new Uint8Array(SIZE) })));
    let fresh = false;
    let again = false;
    for (const t of tsns) {
      if (this.#received.has(t)) {
        this.#duplicates.push(t); // reported once for each time
        again = true;
        continue;
      }
      this.#received.add(t);
      this.#unread += SIZE;
      fresh = true;
      while (this.#received.has(this.#cum + 1)) this.#cum++;
      gap ||= this.#hasGap();
    }
    this.#packets++;
    const now = !this.#any || again || this.#packets >= 2 || (fresh && (immediate || gap));
    this.#any = true;
    if (now) this.#sack();
    else this.#due ??= this.s.nowUs / 1000 + SACK_DELAY;
  }

  #advance(ms: number): void {
    this.s.advance(ms);
    if (this.#due !== undefined && this.#due <= this.s.nowUs / 1000) this.#sack();
  }

  #hasGap(): boolean {
    return [...this.#received].some((t) => t > this.#cum);
  }

  #sack(): void {
    const beyond = [...this.#received].filter((t) => t > this.#cum).sort((a, b) => a - b);
    const gaps: [number, number][] = [];
    for (const t of beyond) {
      const last = gaps.at(-1);
      if (last !== undefined && last[1] === t - this.#cum - 1) last[1]++;
      else gaps.push([t - this.#cum, t - this.#cum]);
    }
    const told = [
      `SACK cum=${this.#cum} rwnd=${BUFFER - this.#unread}`,
      ...(gaps.length > 0 ? [`gaps=${gaps.map(([a, z]) => `${a}-${z}`).join(",")}`] : []),
      ...(this.#duplicates.length > 0 ? [`dups=${this.#duplicates.join(",")}`] : []),
    ];
    this.#expected.push(told.join(" "));
    this.#duplicates = [];
    this.#packets = 0;
    this.#due = undefined;
  }
}

describe("RFC 9260 s6.2, s6.7: acknowledgements against a model", () => {
  test.prop([fc.array(op, { maxLength: 80 })], { numRuns: 60 })(
    "what each SACK says and when it leaves",
    (ops) => {
      const model = new Model();
      for (const o of ops) model.apply(o);
    },
  );
});
