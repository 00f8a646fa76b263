import { describe, expect, test } from "@jest/globals";
import { tsn } from "@multihome/base";
import { LossKind, OutChunk } from "./out-chunk.js";
import { Repairs } from "./repairs.js";

const chunk = (t: number, sentCount = 2, lossKind: number = LossKind.fast): OutChunk => {
  const c = new OutChunk();
  c.tsn = tsn(t);
  c.size = 100 + t;
  c.sentCount = sentCount;
  c.lossKind = lossKind;
  c.episode = 3;
  return c;
};

describe("Repairs", () => {
  test("finds what was sent again once, and once", () => {
    const r = new Repairs();
    r.note(chunk(5));
    expect(r.take(tsn(6))).toBeUndefined();
    expect(r.take(tsn(5))).toMatchObject({
      tsn: 5,
      size: 105,
      lossKind: LossKind.fast,
      episode: 3,
    });
    expect(r.take(tsn(5))).toBeUndefined();
  });

  test("not what was sent once or more than twice, nor copies sent in doubt", () => {
    const r = new Repairs();
    r.note(chunk(1, 1));
    r.note(chunk(2, 3));
    r.note(chunk(3, 2, LossKind.none));
    for (const t of [1, 2, 3]) expect(r.take(tsn(t))).toBeUndefined();
  });

  test("the newest 64 are kept", () => {
    const r = new Repairs();
    for (let t = 0; t < 100; t++) r.note(chunk(t));
    expect(r.take(tsn(35))).toBeUndefined();
    expect(r.take(tsn(36))).toBeDefined();
    expect(r.take(tsn(99))).toBeDefined();
  });
});
