import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { tsn, tsnAdd } from "@multihome/base";
import { Outstanding } from "./outstanding.js";

describe("Outstanding", () => {
  propertyTest.prop([
    fc.oneof(fc.constant(0), fc.constant(0xffff_fffa), fc.nat(0xffff_ffff)),
    fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 60 }),
  ])(
    "is a queue whose places follow from TSNs, whatever was appended and taken",
    (initial, steps) => {
      const q = new Outstanding(tsn(initial));
      let first = initial; // the model: TSNs first .. next - 1
      let length = 0;
      for (const step of steps) {
        for (let i = 0; i < step; i++) {
          const chunk = q.append();
          expect(chunk.tsn).toBe(tsnAdd(tsn(first), length));
          length++;
        }
        for (let i = 0; i < -step; i++) {
          const chunk = q.shift();
          if (length === 0) {
            expect(chunk).toBeUndefined();
            continue;
          }
          expect(chunk?.tsn).toBe(tsn(first));
          if (chunk !== undefined) q.release(chunk);
          first++;
          length--;
        }
        expect(q.length).toBe(length);
        expect(q.cumTsnAckPoint).toBe(tsn(first - 1));
        expect(q.nextTsn).toBe(tsn(first + length));
        for (const i of [0, length >> 1, length - 1]) {
          if (i < 0 || i >= length) continue;
          expect(q.at(i)?.tsn).toBe(tsn(first + i));
          expect(q.indexOf(tsn(first + i))).toBe(i);
        }
        expect(q.at(-1)).toBeUndefined();
        expect(q.at(length)).toBeUndefined();
      }
    },
  );

  test("a TSN outside has a place outside", () => {
    const q = new Outstanding(tsn(10));
    q.append();
    expect(q.indexOf(tsn(9))).toBe(-1);
    expect(q.indexOf(tsn(11))).toBe(1);
  });

  test("what is released is used again, and forgets its message and paths", () => {
    const q = new Outstanding(tsn(1));
    const chunk = q.append();
    q.shift();
    q.release(chunk);
    expect(chunk.message).toBeUndefined();
    expect(chunk.path).toBeUndefined();
    expect(chunk.lostOn).toBeUndefined();
    expect(q.append()).toBe(chunk);
  });
});
