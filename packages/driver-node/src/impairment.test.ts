import { describe, expect, test } from "@jest/globals";
import {
  EPOCH,
  type Instant,
  IpAddress,
  instantAdd,
  millis,
  NEVER,
  PacketRef,
} from "@multihome/base";
import { Impairment, type PathEffect } from "./impairment.js";

const at = (ms: number): Instant => instantAdd(EPOCH, millis(ms));
const A = IpAddress.parse("127.0.0.1");
const B = IpAddress.parse("127.0.0.2");
const Z = IpAddress.parse("127.0.0.9");

function packet(length: number, first = 0, local = A, remote = Z): PacketRef {
  const bytes = new Uint8Array(2048);
  const p = new PacketRef(bytes, new DataView(bytes.buffer));
  bytes[0] = first;
  p.end = length;
  p.local = local;
  p.remote = remote;
  p.localPort = 7;
  p.remotePort = 8;
  return p;
}

/** Takes what is due: first byte and length of each. */
function due(impairment: Impairment, ms: number): [number, number][] {
  const out: [number, number][] = [];
  for (;;) {
    const p = packet(2048);
    if (!impairment.pollDue(at(ms), p)) return out;
    out.push([p.bytes[p.start] ?? -1, p.length]);
  }
}

const impaired = (effect: PathEffect): Impairment => {
  const impairment = new Impairment();
  impairment.set({ local: "127.0.0.1" }, effect);
  return impairment;
};

describe("Impairment", () => {
  test("lets pass what no rule is for", () => {
    const impairment = impaired({ delayMs: 5 });
    expect(impairment.outgoing(at(0), packet(100, 0, B))).toBe("send");
    expect(impairment.outgoing(at(0), packet(100))).toBe("held");
  });

  test("delays", () => {
    const impairment = impaired({ delayMs: 5 });
    impairment.outgoing(at(10), packet(100, 1));
    expect(impairment.nextDue).toBe(at(15));
    expect(due(impairment, 14.9)).toEqual([]);
    expect(due(impairment, 15)).toEqual([[1, 100]]);
    expect(impairment.nextDue).toBe(NEVER);
  });

  test("keeps a copy, with its addresses and ports", () => {
    const impairment = impaired({ delayMs: 5 });
    const p = packet(4, 1);
    impairment.outgoing(at(0), p);
    p.bytes.fill(9);
    const out = packet(2048, 0, B, B);
    out.start = 16;
    expect(impairment.pollDue(at(5), out)).toBe(true);
    expect([...out.bytes.subarray(out.start, out.end)]).toEqual([1, 0, 0, 0]);
    expect([out.local, out.remote, out.localPort, out.remotePort]).toEqual([A, Z, 7, 8]);
  });

  test("holds to a rate", () => {
    const impairment = impaired({ rateBitsPerSecond: 8e6 }); // 1,000 bytes take 1 ms
    for (let i = 1; i <= 3; i++) expect(impairment.outgoing(at(0), packet(1000, i))).toBe("held");
    expect(due(impairment, 1)).toEqual([[1, 1000]]);
    expect(impairment.nextDue).toBe(at(2));
    expect(due(impairment, 3)).toEqual([
      [2, 1000],
      [3, 1000],
    ]);
    impairment.outgoing(at(10), packet(1000, 4));
    expect(impairment.nextDue).toBe(at(11));
  });

  test("drops what does not fit the queue", () => {
    const impairment = impaired({ rateBitsPerSecond: 8e6, queueBytes: 2500 });
    const verdicts = [1, 2, 3].map((i) => impairment.outgoing(at(0), packet(1000, i)));
    expect(verdicts).toEqual(["held", "held", "dropped"]);
    expect(impairment.outgoing(at(1), packet(1000, 4))).toBe("held");
  });

  test("the rate of one path is not that of another", () => {
    const impairment = new Impairment();
    impairment.set({}, { rateBitsPerSecond: 8e6 });
    impairment.outgoing(at(0), packet(1000, 1, A));
    impairment.outgoing(at(0), packet(1000, 2, B));
    expect(due(impairment, 1)).toEqual([
      [1, 1000],
      [2, 1000],
    ]);
  });

  test("a rule that names more ends comes before one that names fewer", () => {
    const impairment = new Impairment();
    impairment.set({}, { delayMs: 1 });
    impairment.set({ local: "127.0.0.1", remote: "127.0.0.9" }, { delayMs: 3 });
    impairment.set({ local: "127.0.0.1" }, { delayMs: 2 });
    impairment.outgoing(at(0), packet(10, 3));
    impairment.outgoing(at(0), packet(10, 2, A, B));
    impairment.outgoing(at(0), packet(10, 1, B, B));
    expect([due(impairment, 1), due(impairment, 2), due(impairment, 3)]).toEqual([
      [[1, 10]],
      [[2, 10]],
      [[3, 10]],
    ]);
  });

  test("a shorter delay does not reorder what is on its way", () => {
    const impairment = impaired({ delayMs: 10 });
    impairment.outgoing(at(0), packet(10, 1));
    impairment.set({ local: "127.0.0.1" }, { delayMs: 1 });
    impairment.outgoing(at(1), packet(10, 2));
    expect(due(impairment, 9)).toEqual([]);
    expect(due(impairment, 10)).toEqual([
      [1, 10],
      [2, 10],
    ]);
  });

  test("tells once how many it held when they were cut", () => {
    const impairment = impaired({ delayMs: 5 });
    impairment.outgoing(at(0), packet(10, 1));
    impairment.outgoing(at(0), packet(10, 2));
    impairment.cut({ local: "127.0.0.1" });
    expect(due(impairment, 5)).toEqual([]);
    expect([impairment.takeLost(), impairment.takeLost()]).toEqual([2, 0]);
  });

  test("a cut takes everything, what is on its way included, until it is healed", () => {
    const impairment = impaired({ delayMs: 5 });
    impairment.outgoing(at(0), packet(10, 1));
    impairment.cut({ local: "127.0.0.1" });
    expect(impairment.isCut(A, Z)).toBe(true);
    expect(impairment.isCut(B, Z)).toBe(false);
    expect(impairment.outgoing(at(1), packet(10, 2))).toBe("dropped");
    expect(due(impairment, 5)).toEqual([]);
    impairment.heal({ local: "127.0.0.1" });
    expect(impairment.outgoing(at(6), packet(10, 3))).toBe("held");
    expect(due(impairment, 11)).toEqual([[3, 10]]);
  });

  test("cuts of several ends add up", () => {
    const impairment = new Impairment();
    impairment.cut({ local: "127.0.0.1" });
    impairment.cut({ remote: "127.0.0.9" });
    impairment.heal({ local: "127.0.0.1" });
    expect(impairment.isCut(A, Z)).toBe(true);
    expect(impairment.isCut(A, B)).toBe(false);
  });

  test.each<[PathEffect, string]>([
    [{ rateBitsPerSecond: 0 }, "rateBitsPerSecond"],
    [{ delayMs: -1 }, "delayMs"],
    [{ queueBytes: 0.5 }, "queueBytes"],
  ])("refuses %j", (effect, option) => {
    expect(() => impaired(effect)).toThrow(
      expect.objectContaining({ code: "invalidOption", message: expect.stringContaining(option) }),
    );
  });
});
