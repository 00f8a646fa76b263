import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Ring } from "./ring.js";

const op = fc.oneof(
  fc.record({ op: fc.constant("push" as const), n: fc.nat() }),
  fc.record({ op: fc.constant("unshift" as const), n: fc.nat() }),
  fc.record({ op: fc.constantFrom("shift" as const, "peek" as const, "clear" as const) }),
  fc.record({ op: fc.constant("at" as const), i: fc.nat({ max: 40 }) }),
);

test("behaves as an array does, for every sequence of operations", () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 200 }), (ops) => {
      const ring = new Ring<number>();
      let model: number[] = [];
      for (const o of ops) {
        if (o.op === "push") {
          ring.push(o.n);
          model.push(o.n);
        } else if (o.op === "unshift") {
          ring.unshift(o.n);
          model.unshift(o.n);
        } else if (o.op === "shift") expect(ring.shift()).toBe(model.shift());
        else if (o.op === "peek") expect(ring.peek()).toBe(model[0]);
        else if (o.op === "at") expect(ring.at(o.i)).toBe(model[o.i]);
        else {
          ring.clear();
          model = [];
        }
        expect(ring.length).toBe(model.length);
      }
    }),
  );
});

test("an index outside gives undefined", () => {
  const ring = new Ring<number>();
  ring.push(1);
  expect(ring.at(-1)).toBeUndefined();
  expect(ring.at(1)).toBeUndefined();
});
