// CRC32c examples of RFC 7143 appendix A.4. Its bytes are in the order of the wire: the value's least
// significant byte first.
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { crc32c, crc32cPlain, useCrc32c } from "../src/checksum/crc32c.js";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));

const examples: readonly (readonly [string, Uint8Array, number])[] = [
  ["32 bytes of zeroes", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes of incrementing 00..1f", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [
    "32 bytes of decrementing 1f..00",
    Uint8Array.from({ length: 32 }, (_, i) => 31 - i),
    0x113fdb5c,
  ],
  [
    "an iSCSI - SCSI Read (10) Command PDU",
    hex(`01c00000 00000000 00000000 00000000 14000000 00000400
         00000014 00000018 28000000 00000000 02000000 00000000`),
    0xd9963a56,
  ],
];

/** RFC 9260 appendix A, bit by bit. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

afterEach(() => useCrc32c(undefined));

describe("crc32c", () => {
  test.each(examples)("%s", (_name, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected);
    expect(reference(bytes)).toBe(expected);
  });

  test("is 0 for no bytes", () => {
    expect(crc32c(new Uint8Array(4), 2, 2)).toBe(0);
  });

  test("agrees bit by bit at every length and alignment", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 167 + 3) & 0xff);
    for (let offset = 0; offset < 4; offset++) {
      const array = bytes.subarray(offset);
      for (let start = 0; start < 4; start++) {
        for (let length = 0; length < 280; length++) {
          const expected = reference(array.subarray(start, start + length));
          expect(crc32c(array, start, start + length)).toBe(expected);
        }
      }
    }
  });

  test("agrees bit by bit on anything", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(100), (bytes, from) => {
        const start = Math.min(from, bytes.length);
        expect(crc32c(bytes, start, bytes.length)).toBe(reference(bytes.subarray(start)));
      }),
    );
  });

  test("follows a buffer that grows", () => {
    const buffer: ArrayBuffer & { resize(length: number): void } = Reflect.construct(ArrayBuffer, [
      256,
      { maxByteLength: 1024 },
    ]);
    const bytes = new Uint8Array(buffer);
    crc32c(bytes, 0, 256);
    buffer.resize(1024);
    bytes.fill(1);
    expect(crc32c(bytes, 0, 1024)).toBe(reference(bytes));
  });
});

describe("useCrc32c", () => {
  test("sends long inputs to the accelerator and keeps short ones", () => {
    const accelerator = jest.fn(crc32cPlain);
    useCrc32c(accelerator);
    accelerator.mockClear();
    const bytes = new Uint8Array(200).fill(7);
    expect(crc32c(bytes, 0, 200)).toBe(reference(bytes));
    expect(accelerator).toHaveBeenCalledTimes(1);
    crc32c(bytes, 0, 95);
    expect(accelerator).toHaveBeenCalledTimes(1);
    useCrc32c(undefined);
    crc32c(bytes, 0, 200);
    expect(accelerator).toHaveBeenCalledTimes(1);
  });

  test("refuses one that is wrong, and keeps what was there", () => {
    const wrong = (bytes: Uint8Array, start: number, end: number): number =>
      end - start === 1591 ? 1 : crc32cPlain(bytes, start, end);
    expect(() => useCrc32c(wrong)).toThrow(expect.objectContaining({ code: "badCrc32c" }));
    expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
  });

  test("refuses one that gives signed numbers", () => {
    const signed = (bytes: Uint8Array, start: number, end: number): number =>
      crc32cPlain(bytes, start, end) | 0;
    expect(() => useCrc32c(signed)).toThrow(expect.objectContaining({ code: "badCrc32c" }));
  });
});
