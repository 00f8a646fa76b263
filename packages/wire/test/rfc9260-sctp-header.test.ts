// Common header and checksum of RFC 9260 s3.1, s6.8 and appendix A. Vectors: whole packets that usrsctp
// 0.9.5.0 sent, from the recordings in test/recordings.
import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  checkSctpHeader,
  crc32cPlain,
  describeSctpHeader,
  SCTP_HEADER_LENGTH,
  sctpChecksumField,
  sctpChecksumOk,
  sctpDestinationPort,
  sctpSourcePort,
  sctpVerificationTag,
  summarizeSctpHeader,
  useCrc32c,
  writeSctpChecksum,
  writeSctpHeader,
} from "../src/index.js";
import { codecSuite, fromHex, place, toHex } from "./codec-suite.js";

const packets: readonly (readonly [string, string])[] = [
  [
    "sctp-raw-minimal, packet 1",
    "ede013890000000037d52b370100001ab11e140c00020000000a0800e496a14f000c000600050000",
  ],
  ["sctp-abort, packet 7", "ff0813890fd4de724c37d2fe0600000b000c000762796500"],
  [
    "sctp-asconf, packet 11",
    `f74013894a8dcf7aacc019b60f00001c000000015241005f532de8280f978d862dc098a0e09dc092
     c1000020f7250d62000500080a010002c001001001000000000500080a020002`,
  ],
  [
    "sctp-crafted-errors, packet 32",
    "1389a08d1111111187fbedee09000014000600107e00000b756e6b6e6f776e00",
  ],
];

afterEach(() => useCrc32c(undefined));

codecSuite(
  "SCTP common header",
  {
    check: checkSctpHeader,
    rewrite: ({ view, at }, out) => {
      const ports = [sctpSourcePort(view, at), sctpDestinationPort(view, at)] as const;
      const length = writeSctpHeader(out, 0, ...ports, sctpVerificationTag(view, at));
      out.setUint32(8, sctpChecksumField(view, at));
      return length;
    },
    describe: describeSctpHeader,
    summarize: summarizeSctpHeader,
  },
  [
    {
      name: "sctp-abort, packet 7",
      hex: "ff0813890fd4de724c37d2fe",
      summary: "sctp 65288 > 5001 vtag 0x0fd4de72",
    },
  ],
);

describe("checksum", () => {
  test.each(packets)("%s: right, and written the same", (_name, hex) => {
    const { bytes, view, at, end } = place(hex);
    expect(sctpChecksumOk(bytes, view, at, end)).toBe(true);
    expect(toHex(bytes.subarray(at))).toBe(toHex(fromHex(hex)));
    bytes.set([1, 2, 3, 4], at + 8);
    expect(sctpChecksumOk(bytes, view, at, end)).toBe(false);
    expect(toHex(bytes.subarray(at + 8, at + 12))).toBe("01020304");
    writeSctpChecksum(bytes, view, at, end);
    expect(toHex(bytes.subarray(at))).toBe(toHex(fromHex(hex)));
    expect([...bytes.subarray(0, at)]).toEqual([0xa5, 0xa5, 0xa5, 0xa5, 0xa5]);
  });

  test.each(packets)("%s: any flipped bit is noticed", (_name, hex) => {
    const { bytes, view, at, end } = place(hex);
    for (let bit = 0; bit < 8 * (end - at); bit++) {
      const i = at + (bit >> 3);
      const old = bytes[i] ?? 0;
      bytes[i] = old ^ (1 << (bit & 7));
      expect([bit, sctpChecksumOk(bytes, view, at, end)]).toEqual([bit, false]);
      bytes[i] = old;
    }
  });

  test("a zero field is wrong unless the checksum is zero", () => {
    const { bytes, view, at, end } = place(packets[1]?.[1] ?? "");
    view.setUint32(at + 8, 0);
    expect(sctpChecksumField(view, at)).toBe(0);
    expect(sctpChecksumOk(bytes, view, at, end)).toBe(false);
  });

  test("is the same with an accelerator, at every length around where it takes over", () => {
    let calls = 0;
    useCrc32c((bytes, start, end) => {
      calls++;
      return crc32cPlain(bytes, start, end);
    });
    calls = 0;
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 7);
    const view = new DataView(bytes.buffer);
    for (let end = 12; end < 290; end++) {
      writeSctpChecksum(bytes, view, 3, 3 + end);
      expect(sctpChecksumOk(bytes, view, 3, 3 + end)).toBe(true);
    }
    expect(calls).toBe(2 * (290 - 96));
  });

  test("any packet anywhere: what is written is right, and the rest stays", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: SCTP_HEADER_LENGTH, maxLength: 400 }),
        fc.nat(9),
        (content, before) => {
          const bytes = new Uint8Array(before + content.length + 3).fill(0x5a);
          bytes.set(content, before);
          const view = new DataView(bytes.buffer);
          const end = before + content.length;
          writeSctpChecksum(bytes, view, before, end);
          expect(sctpChecksumOk(bytes, view, before, end)).toBe(true);
          const expected = new Uint8Array(bytes.length).fill(0x5a);
          expected.set(content, before);
          expected.set(bytes.subarray(before + 8, before + 12), before + 8);
          expect(toHex(bytes)).toBe(toHex(expected));
        },
      ),
    );
  });
});
