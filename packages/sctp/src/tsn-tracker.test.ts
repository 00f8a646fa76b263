import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { tsn, tsnAdd, tsnDiff } from "@multihome/base";
import { TsnTracker } from "./tsn-tracker.js";

/** Ranges as pairs of offsets from the initial TSN. */
const ranges = (t: TsnTracker, initial: number): [number, number][] =>
  t.starts.map((s, i) => [tsnDiff(s, tsn(initial)), tsnDiff(t.ends[i] ?? s, tsn(initial))]);

describe("TsnTracker", () => {
  propertyTest.prop([
    fc.oneof(
      fc.constant(0),
      fc.constant(0xffff_fff0),
      fc.constant(0x7fff_fff8),
      fc.nat(0xffff_ffff),
    ),
    fc.array(fc.nat({ max: 60 }), { maxLength: 120 }),
  ])("agrees with a set of TSNs, also where they wrap", (initial, offsets) => {
    const tracker = new TsnTracker(tsn(initial));
    const model = new Set<number>();
    for (const offset of offsets) {
      const t = tsnAdd(tsn(initial), offset);
      expect(tracker.has(t)).toBe(model.has(offset));
      if (model.has(offset)) continue;
      const before = tracker.starts.length;
      const more = tracker.wouldAddRange(t);
      tracker.add(t);
      model.add(offset);
      // it may also close a gap, but it makes one more range only if it said so
      expect(tracker.starts.length > before).toBe(more);

      let cum = -1;
      while (model.has(cum + 1)) cum++;
      expect(tsnDiff(tracker.cumTsn, tsn(initial))).toBe(cum);
      const beyond = [...model].filter((o) => o > cum).sort((a, b) => a - b);
      const want: [number, number][] = [];
      for (const o of beyond) {
        const last = want.at(-1);
        if (last !== undefined && last[1] === o - 1) last[1] = o;
        else want.push([o, o]);
      }
      expect(ranges(tracker, initial)).toEqual(want);
      expect(tracker.hasGaps).toBe(want.length > 0);
      expect(tsnDiff(tracker.highest, tsn(initial))).toBe(Math.max(-1, ...model));
    }
  });

  test("before the first TSN came, the one before the initial TSN counts as received", () => {
    const tracker = new TsnTracker(tsn(0));
    expect(tracker.cumTsn).toBe(0xffff_ffff);
    expect(tracker.has(tsn(0xffff_ffff))).toBe(true);
    expect(tracker.has(tsn(0))).toBe(false);
  });

  test("keeps no more than 64 duplicates", () => {
    const tracker = new TsnTracker(tsn(1));
    for (let i = 0; i < 100; i++) tracker.noteDuplicate(tsn(i));
    expect(tracker.duplicates).toHaveLength(64);
  });
});
