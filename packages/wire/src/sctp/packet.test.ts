// Whole packets, as printed. Vectors: usrsctp 0.9.5.0 in the recordings of test/recordings.
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatTree, type TreeNode } from "../tree.js";
import { describeSctpPacket, summarizeSctpPacket } from "./packet.js";

const ASCONF = `f74013894a8dcf7aacc019b60f00001c000000015241005f532de8280f978d862dc098a0e09dc092
  c1000020f7250d62000500080a010002c001001001000000000500080a020002`;
const RE_CONFIG = `1389c61d0913f8b01a8851ff82000016000d0012da2f2ccb662218a3da2f2cca00010000
  820000100010000c662218a30000000103000010662218b00001fd9c00000000`;
const ERROR = "1389a08d1111111187fbedee09000014000600107e00000b756e6b6e6f776e00";

function place(hex: string): { bytes: Uint8Array; view: DataView; at: number; end: number } {
  const content = Buffer.from(hex.replace(/\s/g, ""), "hex");
  const bytes = new Uint8Array(content.length + 3);
  bytes.set(content, 3);
  return { bytes, view: new DataView(bytes.buffer), at: 3, end: bytes.length };
}

function summary(hex: string): string {
  const { view, at, end } = place(hex);
  return summarizeSctpPacket(view, at, end);
}

function tree(hex: string): TreeNode {
  const { bytes, view, at, end } = place(hex);
  return describeSctpPacket(bytes, view, at, end);
}

describe("summarizeSctpPacket", () => {
  test("names every chunk", () => {
    expect(summary(ASCONF)).toBe(
      "sctp 63296 > 5001 vtag 0x4a8dcf7a AUTH key=0 SHA-1 | " +
        "ASCONF seq=4146400610 10.1.0.2 addIpAddress(10.2.0.2)",
    );
    expect(summary(RE_CONFIG)).toBe(
      "sctp 5001 > 50717 vtag 0x0913f8b0 RE-CONFIG outgoingSsnResetRequest(seq=3660524747 " +
        "streams=1) | RE-CONFIG reconfigurationResponse(seq=1713510563 successPerformed) | " +
        "SACK cum=1713510576 rwnd=130460",
    );
  });

  test.each([
    ["", "sctp [truncated]"],
    ["00010002000000030000", "sctp [truncated]"],
    ["000100020000000300000000", "sctp 1 > 2 vtag 0x00000003"],
    ["000100020000000300000000 0b", "sctp 1 > 2 vtag 0x00000003 COOKIE ACK [truncated]"],
    [
      "000100020000000300000000 0b000000 0b000004",
      "sctp 1 > 2 vtag 0x00000003 COOKIE ACK [badLength]",
    ],
    [
      "000100020000000300000000 0b000004 3e00000501",
      "sctp 1 > 2 vtag 0x00000003 COOKIE ACK | chunk 62 len=5",
    ],
  ])("%s: %s", (hex, expected) => {
    expect(summary(hex)).toBe(expected);
  });
});

describe("describeSctpPacket", () => {
  test("prints every field, and what the checksum should be", () => {
    expect(formatTree(tree(ERROR))).toBe(
      [
        "sctp",
        "  sourcePort: 5001",
        "  destinationPort: 41101",
        "  verificationTag: 286331153 (0x11111111)",
        "  checksum: 2281434606 (0x87fbedee correct)",
        "  error",
        "    type: 9 (ERROR)",
        "    flags: 0",
        "    length: 20",
        "    unrecognizedChunkType",
        "      code: 6",
        "      length: 16",
        "      chunk",
        "        type: 126 (chunk 126)",
        "        flags: 0",
        "        length: 11",
        "        value: 756e6b6e6f776e",
        "        padding: 00",
      ].join("\n"),
    );
  });

  test.each([
    [ERROR.replace("87fbedee", "87fbedef"), "0x87fbedef wrong, expected 0x87fbedee"],
    [ERROR.replace("87fbedee", "00000000"), "zero, expected 0x87fbedee"],
  ])("tells a wrong checksum, and leaves the bytes alone", (hex, meaning) => {
    const { bytes, view, at, end } = place(hex);
    const before = bytes.slice();
    const checksum = describeSctpPacket(bytes, view, at, end).children?.[3];
    expect(checksum).toMatchObject({ name: "checksum", meaning });
    expect(bytes).toEqual(before);
  });

  test("leaves a Buffer alone, whose slice() would share the bytes", () => {
    const buffer = Buffer.from(ERROR, "hex");
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    expect(describeSctpPacket(buffer, view, 0, buffer.length).malformed).toBeUndefined();
    expect(buffer.toString("hex")).toBe(ERROR);
  });

  test("says that it is malformed where the walk ends early, not for a bad chunk inside", () => {
    expect(tree("000100020000000300000000 0b000000 0b000004")).toMatchObject({
      malformed: "badChunk",
    });
    const inner = tree("000100020000000300000000 0b00000800000000 0b000004");
    expect(inner.malformed).toBeUndefined();
    expect(inner.children?.slice(4)).toMatchObject([
      { name: "cookieAck", malformed: "badLength" },
      { name: "cookieAck" },
    ]);
    expect(tree("0001")).toMatchObject({ name: "sctp", malformed: "truncated" });
  });

  test("nodes cover the packet without overlap, each inside its parent", () => {
    for (const hex of [ASCONF, RE_CONFIG, ERROR]) {
      const top = tree(hex);
      expect(covered(top)).toBe(top.length);
    }
  });
});

/** Bytes that the leaves cover; throws if one lies outside of its parent or over its neighbour. */
function covered(node: TreeNode): number {
  if (node.children === undefined) return node.length;
  let sum = 0;
  let from = node.at;
  for (const child of node.children) {
    const end = child.at + child.length;
    if (child.at < from || end > node.at + node.length)
      throw new Error(`${child.name} is misplaced`);
    from = end;
    sum += covered(child);
  }
  return sum;
}

describe("any bytes", () => {
  const seeds = [ASCONF, RE_CONFIG, ERROR].map((hex) => Buffer.from(hex.replace(/\s/g, ""), "hex"));
  const packet = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    // Chunks of known types with any content.
    fc
      .array(
        fc.tuple(
          fc.oneof(fc.nat(16), fc.constantFrom(64, 128, 130, 132, 192, 193, 194), fc.nat(255)),
          fc.uint8Array({ maxLength: 40 }),
          fc.integer({ min: -2, max: 2 }),
        ),
        { maxLength: 4 },
      )
      .map((chunks) => {
        const parts = chunks.map(([type, value, off]) => {
          const length = Math.max(0, 4 + value.length + off);
          return Buffer.concat([Buffer.of(type, 0, length >> 8, length & 255), value]);
        });
        return new Uint8Array(Buffer.concat([Buffer.alloc(12), ...parts]));
      }),
    fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 5 }),
        fc.nat(90),
      )
      .map(([seed, changes, cut]) => {
        const bytes = new Uint8Array(seed.subarray(0, Math.max(0, seed.length - (cut % 40))));
        for (const [i, value] of changes) if (i < bytes.length) bytes[i] = value;
        return bytes;
      }),
  );

  test("are printed without an exception and without reading outside", () => {
    fc.assert(
      fc.property(packet, (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        expect(summarizeSctpPacket(view, 0, bytes.length)).toMatch(/^sctp/);
        const top = describeSctpPacket(bytes, view, 0, bytes.length);
        expect(covered(top)).toBeLessThanOrEqual(bytes.length);
        expect(JSON.parse(JSON.stringify(top))).toEqual(top);
      }),
      { numRuns: 1500 },
    );
  });

  test("nested as deep as 64 KiB allow", () => {
    const depth = 8000;
    for (const [outer, types] of [
      [9, [6, 8, 5, 0xa0]],
      [1, [8]],
      [0x80, [0xc003]],
    ] as const) {
      for (const type of types) {
        const bytes = new Uint8Array(65_535);
        const view = new DataView(bytes.buffer);
        view.setUint8(12, outer);
        view.setUint16(14, bytes.length - 12);
        const first = outer === 1 ? 32 : outer === 0x80 ? 20 : 16;
        for (let i = 0; i < depth && first + 8 * i + 8 < bytes.length; i++) {
          view.setUint16(first + 8 * i, type);
          view.setUint16(first + 8 * i + 2, bytes.length - first - 8 * i);
        }
        expect(typeof summarizeSctpPacket(view, 0, bytes.length)).toBe("string");
        expect(describeSctpPacket(bytes, view, 0, bytes.length).name).toBe("sctp");
      }
    }
  });
});
