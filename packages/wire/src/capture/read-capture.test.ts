import { describe, expect, test } from "@jest/globals";
import { randomBelow, SeededRandom } from "@multihome/base";
import type { CaptureRecord } from "./capture-record.js";
import { LINK_TYPE, linkTypeName } from "./link-type.js";
import { readCapture } from "./read-capture.js";

type Int = readonly [bits: 16 | 32 | 64, value: number];
const u16 = (v: number): Int => [16, v];
const u32 = (v: number): Int => [32, v];
const u64 = (v: number): Int => [64, v];

/** Numbers in the byte order of the file, and bytes as they are. */
function encode(littleEndian: boolean, parts: readonly (Int | Uint8Array)[]): Uint8Array {
  const out: number[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      out.push(...part);
      continue;
    }
    const [bits, value] = part;
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, BigInt(value), littleEndian);
    const bytes = [...new Uint8Array(view.buffer)];
    out.push(...(littleEndian ? bytes.slice(0, bits / 8) : bytes.slice(8 - bits / 8)));
  }
  return Uint8Array.from(out);
}

const pad = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([...bytes, ...new Array<number>((4 - (bytes.length % 4)) % 4).fill(0)]);
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (...parts: Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const option = (le: boolean, code: number, value: Uint8Array): Uint8Array =>
  encode(le, [u16(code), u16(value.length), pad(value)]);

function block(le: boolean, type: number, ...body: (Int | Uint8Array)[]): Uint8Array {
  const inner = encode(le, body);
  return encode(le, [u32(type), u32(inner.length + 12), inner, u32(inner.length + 12)]);
}

const sectionHeader = (le: boolean, major = 1, minor = 0): Uint8Array =>
  block(le, 0x0a0d0d0a, u32(0x1a2b3c4d), u16(major), u16(minor), u64(-1));
const interfaceBlock = (le: boolean, linkType: number, snapLen = 0, ...options: Uint8Array[]) =>
  block(le, 1, u16(linkType), u16(0), u32(snapLen), ...options);
const enhanced = (
  le: boolean,
  id: number,
  upper: number,
  lower: number,
  data: Uint8Array,
  ...options: Uint8Array[]
) =>
  block(
    le,
    6,
    u32(id),
    u32(upper),
    u32(lower),
    u32(data.length),
    u32(data.length),
    pad(data),
    ...options,
  );

const bytesOf = (file: Uint8Array, r: CaptureRecord): number[] => [
  ...file.subarray(r.at, r.at + r.capturedLength),
];

describe.each([
  ["little-endian", true],
  ["big-endian", false],
])("a %s classic pcap file", (_name, le) => {
  const header = (magic: number, linkType: number): Uint8Array =>
    encode(le, [u32(magic), u16(2), u16(4), u32(7), u32(7), u32(1000), u32(linkType)]);
  const packet = (seconds: number, fraction: number, data: number[], original = data.length) =>
    encode(le, [
      u32(seconds),
      u32(fraction),
      u32(data.length),
      u32(original),
      Uint8Array.from(data),
    ]);

  test("gives each packet with its microseconds", () => {
    const file = join(
      header(0xa1b2c3d4, 1),
      packet(4_000_000_000, 999_999, [1, 2, 3]),
      packet(5, 6, [], 90),
    );
    const capture = readCapture(file);
    const records = [...capture];
    expect(capture.format).toBe("pcap");
    expect(records).toMatchObject([
      {
        interfaceId: 0,
        linkType: LINK_TYPE.ethernet,
        timestampUs: 4_000_000_000_999_999,
        nanoseconds: 0,
        capturedLength: 3,
        originalLength: 3,
        at: 40,
        direction: "unknown",
      },
      { timestampUs: 5_000_006, capturedLength: 0, originalLength: 90 },
    ]);
    expect(records.map((r) => bytesOf(file, r))).toEqual([[1, 2, 3], []]);
    expect(capture.interfaces).toEqual([
      { linkType: 1, snapLen: 1000, name: undefined, description: undefined, comments: [] },
    ]);
    expect(capture.problem).toBeUndefined();
  });

  test("with nanoseconds keeps them apart from the microseconds", () => {
    const [record] = [...readCapture(join(header(0xa1b23c4d, 101), packet(5, 123_456_789, [9])))];
    expect(record).toMatchObject({ timestampUs: 5_123_456, nanoseconds: 789, linkType: 101 });
  });

  test("leaves the frame check sequence bits out of the link type", () => {
    const [record] = [...readCapture(join(header(0xa1b2c3d4, 0x24000001), packet(5, 0, [9])))];
    expect(record?.linkType).toBe(1);
  });

  test("raises an original length below the captured one", () => {
    const [record] = [...readCapture(join(header(0xa1b2c3d4, 1), packet(5, 0, [9, 9], 1)))];
    expect(record).toMatchObject({ capturedLength: 2, originalLength: 2 });
  });

  test("of another major version is refused", () => {
    const file = header(0xa1b2c3d4, 1);
    new DataView(file.buffer).setUint16(4, 3, le);
    const capture = readCapture(file);
    expect([...capture]).toEqual([]);
    expect(capture.problem).toEqual({ reason: "unknownVersion", at: 0 });
  });

  test("cut anywhere gives the whole packets before the cut and where it is", () => {
    const file = join(header(0xa1b2c3d4, 1), packet(5, 0, [1, 2, 3]), packet(6, 0, [4]));
    for (let length = 4; length < file.length; length++) {
      const capture = readCapture(file.subarray(0, length));
      const whole = length < 24 + 19 ? 0 : 1;
      expect([...capture]).toHaveLength(whole);
      const start = length < 24 ? 0 : 24 + 19 * whole;
      const clean = length === 24 || length === 24 + 19;
      expect(capture.problem).toEqual(clean ? undefined : { reason: "truncated", at: start });
    }
  });
});

describe.each([
  ["little-endian", true],
  ["big-endian", false],
])("a %s pcapng file", (_name, le) => {
  test("gives packets of several interfaces with name, direction and comments", () => {
    const file = join(
      sectionHeader(le),
      interfaceBlock(le, 1, 0, option(le, 2, ascii("wifi")), option(le, 3, ascii("a radio\0junk"))),
      interfaceBlock(le, 101, 64, option(le, 1, ascii("tunnel"))),
      enhanced(
        le,
        1,
        0x00060000,
        5,
        Uint8Array.of(1, 2, 3, 4, 5),
        option(le, 1, ascii("first")),
        option(le, 2, encode(le, [u32(2 | (3 << 5))])),
        option(le, 1, ascii("second, é")),
        option(le, 0, Uint8Array.of()),
        Uint8Array.of(255, 255, 255, 255),
      ),
      enhanced(le, 0, 0, 7, Uint8Array.of(6), option(le, 2, encode(le, [u32(1)]))),
    );
    const capture = readCapture(file);
    const records = [...capture];
    expect(capture.problem).toBeUndefined();
    expect(capture.badOptions).toBe(0);
    expect(capture.interfaces).toEqual([
      { linkType: 1, snapLen: 0, name: "wifi", description: "a radio", comments: [] },
      {
        linkType: 101,
        snapLen: 64,
        name: undefined,
        description: undefined,
        comments: ["tunnel"],
      },
    ]);
    expect(records).toMatchObject([
      {
        interfaceId: 1,
        linkType: 101,
        timestampUs: 0x00060000 * 2 ** 32 + 5,
        nanoseconds: 0,
        direction: "outbound",
        comments: ["first", "second, é"],
      },
      { interfaceId: 0, linkType: 1, timestampUs: 7, direction: "inbound", comments: [] },
    ]);
    expect(records.map((r) => bytesOf(file, r))).toEqual([[1, 2, 3, 4, 5], [6]]);
  });

  test.each([
    ["seconds", 0, 2_000_003, "2000003000000", 0],
    ["milliseconds", 3, 2_000_003, "2000003000", 0],
    ["microseconds", 6, 2_000_003, "2000003", 0],
    ["nanoseconds", 9, 2_000_003, "2000", 3],
    ["picoseconds", 12, 2_000_003, "2", 0],
    ["1/1024 seconds", 0x80 | 10, 1536, "1500000", 0],
    ["2^-32 seconds", 0x80 | 32, 0x80000000, "500000", 0],
    ["2^-127 seconds", 0xff, 1, "0", 0],
  ])("reads timestamps in %s", (_unit, resolution, units, us, ns) => {
    const [record] = [
      ...readCapture(
        join(
          sectionHeader(le),
          interfaceBlock(le, 1, 0, option(le, 9, Uint8Array.of(resolution))),
          enhanced(le, 0, 0, units, Uint8Array.of()),
        ),
      ),
    ];
    expect(record).toMatchObject({ timestampUs: Number(us), nanoseconds: ns });
  });

  test("adds the time offset of the interface, and stays at the epoch below it", () => {
    const [late, early] = [
      ...readCapture(
        join(
          sectionHeader(le),
          interfaceBlock(le, 1, 0, option(le, 14, encode(le, [u64(1_700_000_000)]))),
          interfaceBlock(le, 1, 0, option(le, 14, encode(le, [u64(-1)]))),
          enhanced(le, 0, 0, 12, Uint8Array.of()),
          enhanced(le, 1, 0, 12, Uint8Array.of()),
        ),
      ),
    ];
    expect(late?.timestampUs).toBe(1_700_000_000_000_012);
    expect(early?.timestampUs).toBe(0);
  });

  test("cuts a simple packet at the snapshot length of the first interface", () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5);
    const file = join(
      sectionHeader(le),
      interfaceBlock(le, 229, 5),
      interfaceBlock(le, 1),
      block(le, 3, u32(9), pad(data)),
      block(le, 3, u32(3), pad(data.subarray(0, 3))),
    );
    const records = [...readCapture(file)];
    expect(records).toMatchObject([
      { linkType: 229, timestampUs: undefined, capturedLength: 5, originalLength: 9 },
      { linkType: 229, timestampUs: undefined, capturedLength: 3, originalLength: 3 },
    ]);
    expect(bytesOf(file, records[0] as CaptureRecord)).toEqual([1, 2, 3, 4, 5]);
  });

  test("reads the obsolete packet block, whose interface has 16 bits", () => {
    const file = join(
      sectionHeader(le),
      interfaceBlock(le, 1),
      interfaceBlock(le, 101),
      block(le, 2, u16(1), u16(0xffff), u32(0), u32(44), u32(1), u32(1), pad(Uint8Array.of(8))),
    );
    expect([...readCapture(file)]).toMatchObject([{ interfaceId: 1, timestampUs: 44 }]);
  });

  test("passes over unknown blocks and unknown options", () => {
    const file = join(
      sectionHeader(le),
      block(le, 5, u32(1), u32(2)),
      block(le, 0x80000001),
      interfaceBlock(le, 1, 0, option(le, 999, ascii("?"))),
      enhanced(le, 0, 0, 1, Uint8Array.of(1)),
    );
    const capture = readCapture(file);
    expect([...capture]).toHaveLength(1);
    expect(capture.problem).toBeUndefined();
  });

  test("counts options of a wrong length and goes on", () => {
    const file = join(
      sectionHeader(le),
      interfaceBlock(
        le,
        1,
        0,
        option(le, 9, Uint8Array.of(9, 9)),
        option(le, 14, Uint8Array.of(1)),
        option(le, 2, ascii("eth0")),
      ),
      enhanced(
        le,
        0,
        0,
        1,
        Uint8Array.of(1),
        option(le, 2, Uint8Array.of(1)),
        encode(le, [u16(1), u16(200), ascii("this")]),
      ),
    );
    const capture = readCapture(file);
    expect([...capture]).toMatchObject([{ timestampUs: 1, direction: "unknown", comments: [] }]);
    expect(capture.interfaces[0]?.name).toBe("eth0");
    expect(capture.badOptions).toBe(4);
    expect(capture.problem).toBeUndefined();
  });

  test("with several sections of both byte orders numbers the interfaces through", () => {
    const file = join(
      sectionHeader(le),
      interfaceBlock(le, 1),
      enhanced(le, 0, 0, 1, Uint8Array.of(1)),
      sectionHeader(!le, 1, 2),
      interfaceBlock(!le, 101),
      interfaceBlock(!le, 228),
      enhanced(!le, 1, 0, 2, Uint8Array.of(2)),
    );
    const capture = readCapture(file);
    expect([...capture]).toMatchObject([
      { interfaceId: 0, linkType: 1, timestampUs: 1 },
      { interfaceId: 2, linkType: 228, timestampUs: 2 },
    ]);
    expect(capture.interfaces.map((i) => i.linkType)).toEqual([1, 101, 228]);
    expect(capture.problem).toBeUndefined();
  });

  test("skips a section of another version up to the next one", () => {
    const file = join(
      sectionHeader(le, 2, 0),
      interfaceBlock(le, 1),
      enhanced(le, 0, 0, 1, Uint8Array.of(1)),
      sectionHeader(le),
      interfaceBlock(le, 1),
      enhanced(le, 0, 0, 2, Uint8Array.of(2)),
    );
    const capture = readCapture(file);
    expect([...capture]).toMatchObject([{ timestampUs: 2, interfaceId: 0 }]);
    expect(capture.skippedSections).toBe(1);
  });

  const good = join(sectionHeader(le), interfaceBlock(le, 1));
  const patched = (file: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(file);
    new DataView(copy.buffer).setUint32(at, value, le);
    return copy;
  };
  const packetAt = good.length;
  const withPacket = join(good, enhanced(le, 0, 0, 1, Uint8Array.of(1, 2, 3, 4)));
  test.each([
    ["a byte-order magic of neither kind", patched(good, 8, 1), "badByteOrder", 0],
    ["a section header shorter than its fields", patched(good, 4, 24), "badLength", 0],
    [
      "a block length that is no multiple of 4",
      patched(withPacket, packetAt + 4, 37),
      "badLength",
      packetAt,
    ],
    [
      "a block length below the overhead",
      patched(withPacket, packetAt + 4, 8),
      "badLength",
      packetAt,
    ],
    ["lengths that differ", patched(withPacket, withPacket.length - 4, 40), "badLength", packetAt],
    ["a block that passes the end", patched(withPacket, packetAt + 4, 4000), "truncated", packetAt],
    [
      "a captured length that passes its block",
      patched(withPacket, packetAt + 20, 5),
      "badLength",
      packetAt,
    ],
    [
      "an interface never described",
      patched(withPacket, packetAt + 8, 1),
      "unknownInterface",
      packetAt,
    ],
    [
      "a simple packet before any interface",
      join(sectionHeader(le), block(le, 3, u32(0))),
      "unknownInterface",
      28,
    ],
    [
      "a simple packet longer than its block",
      join(good, block(le, 3, u32(9))),
      "badLength",
      good.length,
    ],
    ["a simple packet without a length", join(good, block(le, 3)), "badLength", good.length],
    ["a packet without its fields", join(good, block(le, 6, u32(0))), "badLength", good.length],
    ["an interface without its fields", join(sectionHeader(le), block(le, 1)), "badLength", 28],
  ])("with %s ends with the reason and the place", (_what, file, reason, at) => {
    const capture = readCapture(file);
    expect([...capture]).toEqual([]);
    expect(capture.problem).toEqual({ reason, at });
  });

  test("cut anywhere gives the whole packets before the cut", () => {
    const file = join(withPacket, enhanced(le, 0, 0, 2, Uint8Array.of(5)));
    const ends = [28, good.length, withPacket.length, file.length];
    for (let length = 4; length < file.length; length++) {
      const capture = readCapture(file.subarray(0, length));
      expect([...capture]).toHaveLength(length < withPacket.length ? 0 : 1);
      const start = [0, ...ends].findLast((end) => end <= length);
      expect(capture.problem).toEqual(
        ends.includes(length) ? undefined : { reason: "truncated", at: start },
      );
    }
  });
});

describe("a capture", () => {
  const twoPackets = join(
    sectionHeader(true),
    interfaceBlock(true, 1),
    enhanced(true, 0, 0, 1, Uint8Array.of(1)),
    enhanced(true, 0, 0, 2, Uint8Array.of(2)),
  );

  test.each([
    ["nothing", Uint8Array.of()],
    ["three bytes", Uint8Array.of(0xd4, 0xc3, 0xb2)],
    ["a gzip header", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)],
  ])("of %s is no capture", (_what, file) => {
    const capture = readCapture(file);
    expect([...capture]).toEqual([]);
    expect(capture.format).toBe("unknown");
    expect(capture.problem).toEqual({ reason: "notACapture", at: 0 });
  });

  test("can be read again from its start", () => {
    const capture = readCapture(twoPackets);
    const first = [...capture];
    expect([...capture]).toEqual(first);
    expect(capture.interfaces).toHaveLength(1);
  });

  test("may lie anywhere in a larger buffer", () => {
    const larger = join(new Uint8Array(13), twoPackets, new Uint8Array(5));
    const capture = readCapture(larger.subarray(13, 13 + twoPackets.length));
    expect([...capture].map((r) => r.timestampUs)).toEqual([1, 2]);
    expect(capture.problem).toBeUndefined();
  });

  test("with any bytes changed never throws and gives packets inside the file only", () => {
    const classic = join(
      encode(false, [u32(0xa1b23c4d), u16(2), u16(4), u64(0), u32(1000), u32(1)]),
      encode(false, [u32(5), u32(6), u32(3), u32(3), Uint8Array.of(1, 2, 3)]),
    );
    const options = join(
      sectionHeader(false),
      interfaceBlock(false, 1, 0, option(false, 9, Uint8Array.of(9)), option(false, 2, ascii("e"))),
      enhanced(false, 0, 1, 2, Uint8Array.of(1), option(false, 1, ascii("hello"))),
      block(false, 3, u32(1), u32(1)),
    );
    const random = new SeededRandom(20);
    let packets = 0;
    for (let round = 0; round < 20_000; round++) {
      const file = Uint8Array.from([twoPackets, classic, options][round % 3] ?? twoPackets);
      const changes = 1 + randomBelow(random, 3);
      for (let i = 0; i < changes; i++) {
        file[randomBelow(random, file.length)] = randomBelow(random, 256);
      }
      for (const record of readCapture(file)) {
        packets++;
        if (record.at < 0 || record.at + record.capturedLength > file.length) {
          throw new Error(`packet outside the file in round ${round}`);
        }
      }
    }
    expect(packets).toBeGreaterThan(1000);
  });
});

test("link types have the names of the registry", () => {
  expect(Object.values(LINK_TYPE).map(linkTypeName)).toEqual([
    "ETHERNET",
    "RAW",
    "LINUX_SLL",
    "IPV4",
    "IPV6",
    "SCTP",
    "LINUX_SLL2",
  ]);
  expect(linkTypeName(147)).toBe("LINKTYPE_147");
});
