import { expect, test } from "@jest/globals";
import { contentOf, isContentOf } from "./message-content.js";

test("is the same for the same arguments", () => {
  expect(contentOf(7, "a", 3, 1000)).toEqual(contentOf(7, "a", 3, 1000));
  expect(isContentOf(contentOf(7, "a", 3, 1000), 7, "a", 3)).toBe(true);
});

test("differs by seed, side and index", () => {
  const data = contentOf(7, "a", 3, 100);
  expect(isContentOf(data, 8, "a", 3)).toBe(false);
  expect(isContentOf(data, 7, "z", 3)).toBe(false);
  expect(isContentOf(data, 7, "a", 4)).toBe(false);
});

test("a changed byte, a shift and a repeated half are noticed", () => {
  const data = contentOf(0, "z", 0, 64);
  for (let i = 0; i < data.length; i++) {
    const changed = data.slice();
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(isContentOf(changed, 0, "z", 0)).toBe(false);
  }
  expect(isContentOf(data.slice(1), 0, "z", 0)).toBe(false);
  expect(isContentOf(Uint8Array.of(...data.slice(0, 32), ...data.slice(0, 32)), 0, "z", 0)).toBe(
    false,
  );
});

test("a shorter message has the beginning of the longer one", () => {
  expect(contentOf(1, "a", 1, 10)).toEqual(contentOf(1, "a", 1, 20).slice(0, 10));
});
