import { describe, expect, test } from "@jest/globals";
import { StackError } from "@multihome/base";
import { LINK_TYPE } from "./link-type.js";
import { type PcapngSection, PcapngWriter } from "./pcapng-writer.js";
import { readCapture } from "./read-capture.js";

const join = (pieces: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((piece) => [...piece]));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const codeOf = (act: () => void): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof StackError) return error.code;
    throw error;
  }
  return "no error";
};
const started = (section?: PcapngSection): { writer: PcapngWriter; pieces: Uint8Array[] } => {
  const pieces: Uint8Array[] = [];
  return { writer: new PcapngWriter((piece) => pieces.push(piece), section), pieces };
};

describe("the pcapng writer", () => {
  test("writes the blocks of the draft, byte for byte", () => {
    const { writer, pieces } = started();
    writer.addInterface({ linkType: LINK_TYPE.raw, name: "tun0" });
    writer.writePacket(0, 0x0001_0000_0002, Uint8Array.of(9, 1, 2, 3, 9), 1, 4, {
      direction: "inbound",
      originalLength: 60,
    });
    expect(pieces.map(hex)).toEqual([
      "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000",
      // link type 101, no snapshot length; if_name, if_tsresol 6, end
      "010000002800000065000000000000000200040074756e3009000100060000000000000028000000",
      // interface 0, time upper and lower, 3 of 60 bytes; epb_flags 1, end
      "0600000030000000000000000100000002000000030000003c00000001020300020004000100000000000000" +
        "30000000",
    ]);
  });

  test("writes what the reader gives back", () => {
    const { writer, pieces } = started({
      hardware: "x86",
      os: "Linux",
      application: "multihome",
      comment: "Überblick",
    });
    const wifi = writer.addInterface({
      linkType: 1,
      name: "wifi",
      description: "indoor",
      snapLen: 9,
    });
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
    writer.writePacket(wifi, 1_700_000_000_123_456, bytes, 0, 7, { direction: "outbound" });
    const lte = writer.addInterface({
      linkType: 101,
      name: "lte",
      resolution: "ns",
      comment: "up",
    });
    writer.writePacket(lte, 1_700_000_000_123_457, bytes, 2, 2, {
      nanoseconds: 999,
      comment: "the path is cut here",
    });
    writer.writePacket(wifi, Number.MAX_SAFE_INTEGER, bytes, 3, 5);
    const file = join(pieces);
    const capture = readCapture(file);
    const records = [...capture];
    expect(capture.problem).toBeUndefined();
    expect(capture.badOptions).toBe(0);
    expect(capture.interfaces).toEqual([
      { linkType: 1, snapLen: 9, name: "wifi", description: "indoor", comments: [] },
      { linkType: 101, snapLen: 0, name: "lte", description: undefined, comments: ["up"] },
    ]);
    expect(
      records.map(({ at, capturedLength, ...rest }) => ({
        ...rest,
        data: hex(file.subarray(at, at + capturedLength)),
      })),
    ).toEqual([
      {
        interfaceId: 0,
        linkType: 1,
        timestampUs: 1_700_000_000_123_456,
        nanoseconds: 0,
        originalLength: 7,
        direction: "outbound",
        comments: [],
        data: "01020304050607",
      },
      {
        interfaceId: 1,
        linkType: 101,
        timestampUs: 1_700_000_000_123_457,
        nanoseconds: 999,
        originalLength: 0,
        direction: "unknown",
        comments: ["the path is cut here"],
        data: "",
      },
      {
        interfaceId: 0,
        linkType: 1,
        timestampUs: Number.MAX_SAFE_INTEGER,
        nanoseconds: 0,
        originalLength: 2,
        direction: "unknown",
        comments: [],
        data: "0405",
      },
    ]);
  });

  test("gives pieces that are the whole file when joined, each a multiple of four long", () => {
    const { writer, pieces } = started({ os: "L" });
    writer.addInterface({ linkType: 1 });
    for (let length = 0; length < 8; length++) {
      writer.writePacket(0, 0, new Uint8Array(8), 0, length, { comment: "c".repeat(length) });
    }
    expect(pieces.map((piece) => piece.length % 4)).toEqual(new Array(10).fill(0));
    expect([...readCapture(join(pieces))].map((r) => r.comments[0]?.length)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  test("refuses what cannot be written, before anything is given to the sink", () => {
    const { writer, pieces } = started();
    const bytes = new Uint8Array(4);
    expect(codeOf(() => writer.writePacket(0, 0, bytes, 0, 4))).toBe("unknownInterface");
    expect(codeOf(() => writer.addInterface({ linkType: 65_536 }))).toBe("invalidOption");
    expect(codeOf(() => writer.addInterface({ linkType: 1, snapLen: -1 }))).toBe("invalidOption");
    expect(codeOf(() => writer.addInterface({ linkType: 1, name: "x".repeat(65_536) }))).toBe(
      "invalidOption",
    );
    writer.addInterface({ linkType: 1 });
    expect(codeOf(() => writer.writePacket(1, 0, bytes, 0, 4))).toBe("unknownInterface");
    expect(codeOf(() => writer.writePacket(0, -1, bytes, 0, 4))).toBe("invalidOption");
    expect(codeOf(() => writer.writePacket(0, 0.5, bytes, 0, 4))).toBe("invalidOption");
    expect(codeOf(() => writer.writePacket(0, 0, bytes, 0, 5))).toBe("invalidOption");
    expect(codeOf(() => writer.writePacket(0, 0, bytes, 3, 2))).toBe("invalidOption");
    expect(codeOf(() => writer.writePacket(0, 0, bytes, -1, 2))).toBe("invalidOption");
    expect(codeOf(() => writer.writePacket(0, 0, bytes, 0, 4, { originalLength: 3 }))).toBe(
      "invalidOption",
    );
    expect(codeOf(() => writer.writePacket(0, 0, bytes, 0, 4, { nanoseconds: 1000 }))).toBe(
      "invalidOption",
    );
    expect(pieces).toHaveLength(2);
  });
});
