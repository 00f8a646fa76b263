import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { TreeNode } from "../src/index.js";

/** Bytes given as hexadecimal digits; spaces and line ends do not matter. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits))
    throw new RangeError(`not hex: ${text}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

export const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

export interface Placed {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly end: number;
}

/**
 * Puts bytes at the end of a buffer with 5 bytes of something else in front: a codec that takes offset 0
 * for granted reads wrong, one that reads past the end throws.
 */
export function place(content: string | Uint8Array): Placed {
  const data = typeof content === "string" ? fromHex(content) : content;
  const bytes = new Uint8Array(5 + data.length).fill(0xa5);
  bytes.set(data, 5);
  return { bytes, view: new DataView(bytes.buffer), at: 5, end: bytes.length };
}

export interface Vector {
  readonly name: string;
  readonly hex: string;
  /** What the one line must say. */
  readonly summary?: string;
  /** Bytes at the end that the check does not ask for, such as a payload that it does not count. */
  readonly beyond?: number;
}

export interface Codec {
  readonly check: (view: DataView, at: number, end: number, bytes: Uint8Array) => string;
  /** Reads every field with the readers and writes them with the writer; returns the length written. */
  readonly rewrite: (from: Placed, out: DataView, outBytes: Uint8Array) => number;
  readonly describe: (view: DataView, at: number, end: number) => TreeNode | TreeNode[];
  readonly summarize: (view: DataView, at: number, end: number) => string;
}

function eachNode(node: TreeNode, visit: (node: TreeNode) => void): void {
  visit(node);
  for (const child of node.children ?? []) eachNode(child, visit);
}

function printsWithin(codec: Codec, p: Placed): TreeNode[] {
  expect(typeof codec.summarize(p.view, p.at, p.end)).toBe("string");
  const tree = codec.describe(p.view, p.at, p.end);
  const nodes = Array.isArray(tree) ? tree : [tree];
  for (const top of nodes) {
    eachNode(top, (node) => {
      const inside = node.length >= 0 && node.at >= p.at && node.at + node.length <= p.end;
      if (!inside) throw new Error(`${node.name} is outside of the bytes: ${JSON.stringify(node)}`);
    });
  }
  return nodes;
}

const isMalformed = (nodes: TreeNode[]): boolean => {
  let found = false;
  for (const top of nodes) eachNode(top, (node) => (found ||= node.malformed !== undefined));
  return found;
};

function rewritten(codec: Codec, p: Placed): Uint8Array {
  const out = new Uint8Array(7 + p.bytes.length).fill(0x5a);
  const length = codec.rewrite(p, new DataView(out.buffer, 7), out.subarray(7));
  expect(toHex(out.subarray(7 + length))).toBe("5a".repeat(out.length - 7 - length));
  return out.slice(7, 7 + length);
}

/**
 * What every codec must do with its vectors: read and write them to the same bytes; refuse them cut
 * short at any length; never throw, read or print outside of the bytes, whatever bytes are changed; and
 * what it still accepts then, write so that it reads back to the same.
 */
export function codecSuite(name: string, codec: Codec, vectors: readonly Vector[]): void {
  describe(name, () => {
    test.each(vectors)("$name: reads, and writes the same bytes", ({ hex, summary }) => {
      const p = place(hex);
      expect(codec.check(p.view, p.at, p.end, p.bytes)).toBe("ok");
      expect(toHex(rewritten(codec, p))).toBe(toHex(fromHex(hex)));
      expect(isMalformed(printsWithin(codec, p))).toBe(false);
      if (summary !== undefined) expect(codec.summarize(p.view, p.at, p.end)).toBe(summary);
    });

    test.each(vectors)("$name: refused when cut short at any length", ({ hex, beyond = 0 }) => {
      const whole = fromHex(hex);
      for (let length = 0; length < whole.length; length++) {
        const p = place(whole.subarray(0, length));
        printsWithin(codec, p);
        if (length < whole.length - beyond) {
          expect([length, codec.check(p.view, p.at, p.end, p.bytes)]).not.toEqual([length, "ok"]);
        }
      }
    });

    test.each(vectors)("$name: survives any change of its bytes", ({ hex }) => {
      const whole = fromHex(hex);
      const change = fc.record({
        cut: fc.oneof(fc.constant(0), fc.nat({ max: whole.length })),
        at: fc.array(fc.nat({ max: Math.max(0, whole.length - 1) }), { maxLength: 4 }),
        to: fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 0xff), fc.nat({ max: 255 })), {
          minLength: 4,
          maxLength: 4,
        }),
        more: fc.uint8Array({ maxLength: 8 }),
      });
      fc.assert(
        fc.property(change, ({ cut, at, to, more }) => {
          const bytes = new Uint8Array(whole.length - cut + more.length);
          bytes.set(whole.subarray(0, whole.length - cut));
          bytes.set(more, whole.length - cut);
          at.forEach((where, i) => {
            if (where < bytes.length) bytes[where] = to[i] ?? 0;
          });
          acceptsOnlyWhatItCanWrite(codec, bytes);
        }),
        { numRuns: 300, seed: 20 },
      );
      // Each byte alone with each of the values that length fields go wrong by; beyond these is payload.
      for (let i = 0; i < Math.min(whole.length, 80); i++) {
        const old = whole[i] ?? 0;
        for (const value of [0, 1, old - 1, old + 1, old ^ 0x80, 0x7f, 0xff]) {
          const bytes = whole.slice();
          bytes[i] = value;
          acceptsOnlyWhatItCanWrite(codec, bytes);
        }
      }
    });

    test("survives any bytes", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
          acceptsOnlyWhatItCanWrite(codec, bytes);
        }),
        { numRuns: 300, seed: 21 },
      );
    });
  });
}

function acceptsOnlyWhatItCanWrite(codec: Codec, bytes: Uint8Array): void {
  const p = place(bytes);
  printsWithin(codec, p);
  if (codec.check(p.view, p.at, p.end, p.bytes) !== "ok") return;
  const once = rewritten(codec, p);
  const q = place(once);
  expect(codec.check(q.view, q.at, q.end, q.bytes)).toBe("ok");
  expect(toHex(rewritten(codec, q))).toBe(toHex(once));
}
