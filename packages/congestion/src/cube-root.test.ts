import { fc, test } from "@fast-check/jest";
import { expect } from "@jest/globals";
import { cubeRoot } from "./cube-root.js";

test.each([
  [0, 0],
  [1, 1],
  [8, 2],
  [27, 3],
  [0.001, 0.1],
  [1e12, 1e4],
])("cubeRoot(%d) is %d", (x, root) => {
  expect(cubeRoot(x)).toBeCloseTo(root, 12);
});

test.prop([fc.double({ min: 1e-9, max: 1e15, noNaN: true })])("is exact to 15 digits", (x) => {
  const y = cubeRoot(x);
  expect(Math.abs((y * y * y) / x - 1)).toBeLessThan(3e-15);
});
