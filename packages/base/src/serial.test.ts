import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  ssn,
  ssnAdd,
  ssnGt,
  ssnLt,
  tsn,
  tsnAdd,
  tsnDiff,
  tsnGeq,
  tsnGt,
  tsnLeq,
  tsnLt,
} from "./serial.js";

const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe("serial numbers of 32 bits (RFC 1982)", () => {
  test("a number plus less than half the circle follows it, whatever the number", () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: 1, max: 0x7fffffff }), (a, n) => {
        const b = tsnAdd(tsn(a), n);
        return (
          tsnGt(b, tsn(a)) &&
          tsnLt(tsn(a), b) &&
          !tsnGt(tsn(a), b) &&
          !tsnLt(b, tsn(a)) &&
          tsnGeq(b, tsn(a)) &&
          tsnLeq(tsn(a), b) &&
          tsnDiff(b, tsn(a)) === n
        );
      }),
    );
  });

  test("half the circle apart neither follows the other", () => {
    fc.assert(
      fc.property(u32, (a) => {
        const b = tsnAdd(tsn(a), 0x80000000);
        return !tsnLt(tsn(a), b) && !tsnLt(b, tsn(a)) && !tsnGt(tsn(a), b) && !tsnGt(b, tsn(a));
      }),
    );
  });

  test("wraps at 2^32", () => {
    expect(tsnAdd(tsn(0xffffffff), 1)).toBe(0);
    expect(tsnGt(tsn(0), tsn(0xffffffff))).toBe(true);
    expect(tsnAdd(tsn(0), -1)).toBe(0xffffffff);
  });
});

describe("serial numbers of 16 bits (RFC 1982)", () => {
  test("agree with the definition for every distance", () => {
    for (const a of [0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff]) {
      for (let n = 1; n < 0x10000; n += 97) {
        const b = ssnAdd(ssn(a), n);
        expect(ssnGt(b, ssn(a))).toBe(n < 0x8000);
        expect(ssnLt(b, ssn(a))).toBe(n > 0x8000);
      }
    }
  });
});
