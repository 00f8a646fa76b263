import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { finishChecksum, internetChecksum } from "./internet-checksum.js";

/** RFC 1071 s4.1 word by word, in arithmetic that cannot overflow. */
function reference(bytes: readonly number[], initial: number): number {
  let sum = initial;
  bytes.forEach((byte, i) => {
    sum += i % 2 === 0 ? byte * 256 : byte;
  });
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

describe("internetChecksum", () => {
  test("sums the example of RFC 1071 s3", () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(internetChecksum(bytes, 0, 8)).toBe(0xddf2);
    expect(finishChecksum(0xddf2)).toBe(0x220d);
  });

  test("counts a last odd byte as the high half of a word", () => {
    expect(internetChecksum(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe(0x1234 + 0x5600);
  });

  test("sums nothing to what it started from", () => {
    expect(internetChecksum(new Uint8Array(4), 2, 2, 0x12345)).toBe(0x2346);
  });

  test("agrees with the reference at every length and alignment, odd ones too", () => {
    const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * 151 + 13) & 0xff);
    for (let offset = 0; offset < 4; offset++) {
      const array = bytes.subarray(offset);
      for (let start = 0; start < 8; start++) {
        for (let length = 0; length < 300; length++) {
          const expected = reference([...array.subarray(start, start + length)], 7);
          expect(internetChecksum(array, start, start + length, 7)).toBe(expected);
        }
      }
    }
  });

  test("loses no carry in large inputs of ones", () => {
    const bytes = new Uint8Array(300_001).fill(0xff);
    for (const length of [65_535, 65_536, 65_537, 131_072, 300_001]) {
      const expected = length % 2 === 0 ? 0xffff : reference([0xff, 0xff, 0xff], 0);
      expect(internetChecksum(bytes, 0, length)).toBe(expected);
    }
  });

  test("chains: two pieces give what the whole gives", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.nat(),
        fc.nat(0xffff),
        (bytes, cut, from) => {
          const middle = 2 * Math.floor((cut % (bytes.length + 1)) / 2);
          const first = internetChecksum(bytes, 0, middle, from);
          const whole = reference([...bytes], from);
          expect(internetChecksum(bytes, middle, bytes.length, first)).toBe(whole);
        },
      ),
    );
  });

  test("follows a buffer that grows", () => {
    const buffer: ArrayBuffer & { resize(length: number): void } = Reflect.construct(ArrayBuffer, [
      256,
      { maxByteLength: 1024 },
    ]);
    const bytes = new Uint8Array(buffer);
    expect(internetChecksum(bytes, 0, 256)).toBe(0);
    buffer.resize(1024);
    bytes.fill(1);
    expect(internetChecksum(bytes, 0, 1024)).toBe(reference([...bytes], 0));
  });
});
