// The add-on against the examples of RFC 7143 appendix A.4 and a bit-by-bit computation.
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { loadCrc32c, type NativeCrc32c } from "../src/index.js";

const native = (): NativeCrc32c => {
  const load = loadCrc32c();
  if (!load.ok) throw new Error(`build the add-on first: ${load.reason}`);
  return load.native;
};
const { crc32c, crc32cByTables, implementation } = native();
const both = [
  [implementation, crc32c],
  ["tables", crc32cByTables],
] as const;

/** RFC 9260 appendix A, bit by bit. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

const read10 =
  "01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000";
const examples: readonly (readonly [string, Uint8Array, number])[] = [
  ["32 bytes of zeroes", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes of incrementing 00..1f", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [
    "32 bytes of decrementing 1f..00",
    Uint8Array.from({ length: 32 }, (_, i) => 31 - i),
    0x113fdb5c,
  ],
  ["an iSCSI - SCSI Read (10) Command PDU", new Uint8Array(Buffer.from(read10, "hex")), 0xd9963a56],
];

describe.each(both)("native CRC32c by %s", (_name, crc) => {
  test.each(examples)("%s", (_example, bytes, expected) => {
    expect(crc(bytes, 0, bytes.length)).toBe(expected);
  });

  test("lengths 0 to 70 at each alignment, and around three blocks", () => {
    const bytes = Uint8Array.from({ length: 1300 }, (_, i) => (i * 167 + (i >> 8)) & 0xff);
    const lengths = Array.from({ length: 71 }, (_, i) => i);
    for (const length of [...lengths, 383, 384, 385, 391, 392, 393, 767, 768, 769, 1152, 1280]) {
      for (let start = 0; start < 17; start++) {
        const expected = reference(bytes.subarray(start, start + length));
        expect([start, length, crc(bytes, start, start + length)]).toEqual([
          start,
          length,
          expected,
        ]);
      }
    }
  });

  test("any bytes in any part of an array that is a part itself", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4000 }),
        fc.nat(7),
        fc.nat(4000),
        fc.nat(4000),
        (content, offset, a, b) => {
          const buffer = new Uint8Array(offset + content.length);
          buffer.set(content, offset);
          const bytes = buffer.subarray(offset);
          const start = Math.min(a, b, bytes.length);
          const end = Math.min(Math.max(a, b), bytes.length);
          expect(crc(bytes, start, end)).toBe(reference(content.subarray(start, end)));
        },
      ),
    );
  });

  test("an array without memory", () => {
    expect(crc(new Uint8Array(0), 0, 0)).toBe(0);
    const detached = new Uint8Array(8);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(crc(detached, 0, 0)).toBe(0);
    expect(() => crc(detached, 0, 8)).toThrow(expect.objectContaining({ name: "RangeError" }));
  });

  test.each([
    [-1, 4],
    [0, 9],
    [5, 4],
    [8, 9],
    [0, 2 ** 32],
    [2 ** 53, 2 ** 53],
  ])("refuses the range %d to %d of 8 bytes", (start, end) => {
    expect(() => crc(new Uint8Array(8), start, end)).toThrow(
      expect.objectContaining({ name: "RangeError", code: "invalidArgument" }),
    );
  });

  test("refuses what is no Uint8Array, and missing arguments", () => {
    const call: (...args: readonly unknown[]) => unknown = (...args) =>
      Reflect.apply(crc, null, args);
    for (const args of [
      [new Uint16Array(8), 0, 8],
      [new DataView(new ArrayBuffer(8)), 0, 8],
      ["12345678", 0, 8],
      [undefined, 0, 0],
      [new Uint8Array(8), 0],
      [],
    ]) {
      expect(() => call(...args)).toThrow(expect.objectContaining({ name: "TypeError" }));
    }
    expect(() => call(new Uint8Array(8), "0", "8")).toThrow(
      expect.objectContaining({ name: "RangeError" }),
    );
  });
});
