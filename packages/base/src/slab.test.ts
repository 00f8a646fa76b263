import { expect, test } from "@jest/globals";
import { PacketRef } from "./packet-ref.js";
import { Slab } from "./slab.js";

test("every slot is given out once, then -1", () => {
  const slab = new Slab(3, 64);
  const slots = [slab.alloc(), slab.alloc(), slab.alloc()];
  expect([...slots].sort()).toEqual([0, 1, 2]);
  expect(slab.alloc()).toBe(-1);
  expect(slab.used).toBe(3);
  slab.free(1);
  expect(slab.alloc()).toBe(1);
});

test("a packet placed on a slot has its room and its headroom", () => {
  const slab = new Slab(2, 128);
  const p = PacketRef.over(slab);
  p.place(slab, 1, 40);
  expect([p.start, p.end, p.length]).toEqual([168, 256, 88]);
});

test("sizes that cannot work are refused with what is allowed", () => {
  expect(() => new Slab(0, 64)).toThrow(/expected 1\.\.65536 slots/);
  expect(() => new Slab(1, 16)).toThrow(expect.objectContaining({ code: "invalidOption" }));
});
