import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { randomBelow, SeededRandom } from "@multihome/base";
import {
  type CaptureRecord,
  CaptureSummary,
  dissectPacket,
  readCapture,
  summarizePacket,
  type TreeNode,
} from "@multihome/wire";

const folder = new URL("./recordings/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".pcap"));
const expected: Record<string, object> = JSON.parse(
  readFileSync(new URL("expected.json", folder), "utf8"),
);

interface Recording {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly packets: readonly CaptureRecord[];
}

const opened = new Map<string, Recording>();

function open(name: string): Recording {
  const known = opened.get(name);
  if (known !== undefined) return known;
  // A copy, since Node may place a small file inside a larger buffer.
  const bytes = Uint8Array.from(readFileSync(new URL(name, folder)));
  const capture = readCapture(bytes);
  const packets = [...capture];
  expect(capture.problem).toBeUndefined();
  const recording = { bytes, view: new DataView(bytes.buffer), packets };
  opened.set(name, recording);
  return recording;
}

function eachNode(node: TreeNode, visit: (node: TreeNode) => void): void {
  visit(node);
  for (const child of node.children ?? []) eachNode(child, visit);
}

const dissected = ({ bytes, view }: Recording, p: CaptureRecord): TreeNode =>
  dissectPacket(bytes, view, p.at, p.at + p.capturedLength, p.linkType);

/** Malformed parts with their reason, and parts of unknown type. Quoted packets, which are cut short, apart. */
const ODD: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "sctp-crafted-errors.pcap": {
    // One of each kind, and the two of them that an ERROR quotes.
    chunk: 6,
    // One of each kind, and the two of them that an INIT ACK quotes.
    "parameter 0x3ff0": 1,
    "parameter 0x7ff0": 2,
    "parameter 0xbff0": 1,
    "parameter 0xfff0": 2,
    "init: badLength": 1,
    "data: noUserData": 1,
  },
  // First fragments of datagrams.
  "udp.pcap": { "udp: truncated": 10 },
};

const UNKNOWN = /^(chunk|parameter 0x.*|cause \d+|unknownOption|mptcpUnknown)$/;

function oddities(tree: TreeNode): string[] {
  const found: string[] = [];
  const visit = (node: TreeNode): void => {
    if (node.malformed !== undefined) found.push(`${node.name}: ${node.malformed}`);
    if (UNKNOWN.test(node.name)) found.push(node.name);
    if (node.name !== "quotedPacket") for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
  // A payload that neither UDP nor TCP carries is of a protocol that is not known.
  const layers = (tree.children ?? []).map((node) => node.name);
  const data = layers.indexOf("data");
  if (data >= 0 && !/^(udp|tcp)$/.test(layers[data - 1] ?? "")) found.push("data");
  return found;
}

test("there are recordings, and each has its counts", () => {
  expect(names.length).toBeGreaterThan(80);
  expect(names).toEqual(Object.keys(expected).sort());
});

describe.each(names)("%s", (name) => {
  test("has what tshark counts", () => {
    const { bytes, view, packets } = open(name);
    const summary = new CaptureSummary();
    for (const p of packets) {
      summary.add(bytes, view, p.at, p.at + p.capturedLength, p.linkType, p.timestampUs);
    }
    expect(summary.toCounts(bytes.length)).toEqual(expected[name]);
  });

  test("has nothing malformed or unknown but what was put there on purpose", () => {
    const recording = open(name);
    const odd: Record<string, number> = {};
    for (const p of recording.packets) {
      for (const what of oddities(dissected(recording, p))) odd[what] = (odd[what] ?? 0) + 1;
    }
    expect(odd).toEqual(ODD[name] ?? {});
  });
});

const everything = new CaptureSummary();

/** All that a program would do with a packet; nothing of it may throw, or show bytes outside of the packet. */
function useAll(bytes: Uint8Array, linkType: number): TreeNode {
  const view = new DataView(bytes.buffer);
  const end = bytes.length;
  const tree = dissectPacket(bytes, view, 0, end, linkType);
  eachNode(tree, (node) => {
    if (node.at < 0 || node.length < 0 || node.at + node.length > end) {
      throw new Error(`${node.name} is outside of the packet: ${JSON.stringify(node)}`);
    }
  });
  if (typeof summarizePacket(bytes, view, 0, end, linkType) !== "string")
    throw new Error("no line");
  everything.add(bytes, view, 0, end, linkType, 0);
  return tree;
}

/** The packet's bytes up to `length` in a buffer that ends there, so that reading on would throw. */
function cutOut({ bytes }: Recording, p: CaptureRecord, length: number): Uint8Array {
  return bytes.slice(p.at, p.at + length);
}

/** Packets up to this length are cut at every length: handshakes, acknowledgements, errors. */
const CUT_EVERYWHERE = 200;
/** Of longer ones, the first of each shape in each file at every length, others at a few. */
const CUTS_OF_LONG_PACKETS = 6;

/** What a packet is made of: its summary without numbers. */
function shapeOf({ bytes, view }: Recording, p: CaptureRecord): string {
  const line = summarizePacket(bytes, view, p.at, p.at + p.capturedLength, p.linkType);
  return line.replaceAll(/0x[0-9a-f]+|[0-9]+/g, "");
}

test("a packet cut short at any length is shown, and nothing throws", () => {
  const random = new SeededRandom(1);
  let cuts = 0;
  for (const name of names) {
    const recording = open(name);
    const shapes = new Set<string>();
    for (const p of recording.packets) {
      const whole = p.capturedLength;
      const shape = shapeOf(recording, p);
      const everywhere = whole <= CUT_EVERYWHERE || !shapes.has(shape);
      shapes.add(shape);
      const count = everywhere ? whole : CUTS_OF_LONG_PACKETS;
      for (let i = 0; i < count; i++) {
        const bytes = cutOut(recording, p, everywhere ? i : randomBelow(random, whole));
        useAll(bytes, p.linkType);
        cuts++;
      }
    }
  }
  expect(cuts).toBeGreaterThan(500_000);
});

const MUTATIONS = 100_000;
/** Values at which length and count fields go wrong. */
const EDGES = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xfe, 0xff];

/** A copy with one to four bytes changed, sometimes also cut short or longer. Most changes hit the headers. */
function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const kind = randomBelow(random, 8);
  let out = bytes;
  if (kind === 0) out = bytes.slice(0, randomBelow(random, bytes.length + 1));
  else if (kind === 1) {
    out = new Uint8Array(bytes.length + 1 + randomBelow(random, 20));
    random.fill(out);
    out.set(bytes);
  }
  if (out.length === 0) return out;
  const reach = randomBelow(random, 4) === 0 ? out.length : Math.min(out.length, 150);
  for (let changes = 1 + randomBelow(random, 4); changes > 0; changes--) {
    const at = randomBelow(random, reach);
    const old = out[at] ?? 0;
    const choice = randomBelow(random, 4);
    if (choice === 0) out[at] = EDGES[randomBelow(random, EDGES.length)] ?? 0;
    else if (choice === 1) out[at] = old ^ (1 << randomBelow(random, 8));
    else if (choice === 2) out[at] = old + randomBelow(random, 9) - 4;
    else out[at] = randomBelow(random, 256);
  }
  return out;
}

test("a packet with any bytes changed is shown, and nothing throws", () => {
  const random = new SeededRandom(2);
  const recordings = names.map(open);
  const seen = new Set<string>();
  for (let round = 0; round < MUTATIONS; round++) {
    const recording = recordings[round % recordings.length];
    const p = recording?.packets[randomBelow(random, recording.packets.length)];
    if (recording === undefined || p === undefined) throw new Error("no packet");
    const bytes = mutated(cutOut(recording, p, p.capturedLength), random);
    try {
      for (const what of oddities(useAll(bytes, p.linkType))) seen.add(what);
    } catch (error) {
      throw new Error(`round ${round}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
    }
  }
  // The changes do bring about many different faults.
  expect(seen.size).toBeGreaterThan(150);
});
