import { describe, expect, test } from "@jest/globals";
import { StackError } from "@multihome/base";
import { PcapWriter, type PcapWriterOptions } from "./pcap-writer.js";
import { readCapture } from "./read-capture.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const started = (options: PcapWriterOptions): { writer: PcapWriter; pieces: Uint8Array[] } => {
  const pieces: Uint8Array[] = [];
  return { writer: new PcapWriter((piece) => pieces.push(piece), options), pieces };
};

describe("the classic pcap writer", () => {
  test("writes the header and records of the draft, byte for byte", () => {
    const { writer, pieces } = started({ linkType: 276, snapLen: 512 });
    writer.writePacket(1_700_000_000_000_003, Uint8Array.of(9, 1, 2, 3, 9), 1, 4, {
      originalLength: 60,
    });
    expect(pieces.map(hex)).toEqual([
      "d4c3b2a1020004000000000000000000" + "00020000" + "14010000",
      "00f15365" + "03000000" + "03000000" + "3c000000" + "010203",
    ]);
  });

  test.each(["us", "ns"] as const)("writes what the reader gives back, with %s", (resolution) => {
    const { writer, pieces } = started({ linkType: 1, resolution });
    const bytes = Uint8Array.of(1, 2, 3);
    writer.writePacket(4_294_967_295_999_999, bytes, 0, 3, { nanoseconds: 999 });
    writer.writePacket(7, bytes, 2, 2);
    const capture = readCapture(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
    expect([...capture]).toMatchObject([
      {
        timestampUs: 4_294_967_295_999_999,
        nanoseconds: resolution === "ns" ? 999 : 0,
        capturedLength: 3,
        originalLength: 3,
      },
      { timestampUs: 7, nanoseconds: 0, capturedLength: 0 },
    ]);
    expect(capture.interfaces[0]?.snapLen).toBe(262_144);
  });

  test("refuses a time that has no place in 32 bits of seconds", () => {
    const { writer, pieces } = started({ linkType: 1 });
    const late = () => writer.writePacket(4_294_967_296_000_000, new Uint8Array(1), 0, 1);
    expect(late).toThrow(StackError);
    expect(() => new PcapWriter(() => {}, { linkType: -1 })).toThrow(StackError);
    expect(() => new PcapWriter(() => {}, { linkType: 1, snapLen: 0 })).toThrow(StackError);
    expect(pieces).toHaveLength(1);
  });
});
