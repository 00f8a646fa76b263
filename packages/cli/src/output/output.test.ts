import { describe, expect, test } from "@jest/globals";
import { consoleWith } from "../../test/console.js";
import { histogram } from "./histogram.js";
import { plainLength, table } from "./table.js";
import { formatBytes, formatMs, formatRate } from "./units.js";

describe("colours", () => {
  test.each([
    ["a terminal", {}, 80, true],
    ["no terminal", {}, undefined, false],
    ["a terminal with NO_COLOR", { NO_COLOR: "1" }, 80, false],
    ["a dumb terminal", { TERM: "dumb" }, 80, false],
    ["no terminal with FORCE_COLOR", { FORCE_COLOR: "1" }, undefined, true],
    ["no terminal in CI", { CI: "true" }, undefined, false],
  ])("on %s: %j", (_, env, columns, coloured) => {
    expect(consoleWith(env, columns).console.colours.isColorSupported).toBe(coloured);
  });
});

describe("units", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [64 * 1024 * 1024, "64.0 MiB"],
    [1024 ** 5, "1024.0 TiB"],
  ])("%d bytes are %s", (n, words) => {
    expect(formatBytes(n)).toBe(words);
  });

  test.each([
    [999, "999 bit/s"],
    [94_213_000, "94.2 Mbit/s"],
  ])("%d bit/s are %s", (n, words) => {
    expect(formatRate(n)).toBe(words);
  });

  test.each([
    [0.1234, "0.123 ms"],
    [61.25, "61.3 ms"],
    [1240, "1.24 s"],
    [125_000, "2 min 5 s"],
    [179_999, "3 min 0 s"],
  ])("%d ms are %s", (n, words) => {
    expect(formatMs(n)).toBe(words);
  });
});

describe("a table", () => {
  const rows = [
    ["one", "1"],
    ["a hundred", "100"],
  ];

  test("aligns words left and numbers right", () => {
    expect(table(consoleWith({}).console, ["what", "n"], rows).split("\n")).toEqual([
      expect.stringMatching(/^what {7}n?/),
      expect.stringMatching(/^one {8}/),
      expect.stringMatching(/^a hundred {2}/),
    ]);
  });

  test("is no wider than the terminal", () => {
    const long = [["name", Array(40).fill("word").join(" ")]];
    for (const line of table(consoleWith({}, 60).console, ["", ""], long).split("\n")) {
      expect(plainLength(line)).toBeLessThanOrEqual(60);
    }
  });
});

describe("a histogram", () => {
  test("counts every value once, in at most so many bars", () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 613);
    const lines = histogram(consoleWith({}).console, values, 10);
    const counts = lines.map((line) => Number(/(?:ms|s) +(\d+)/.exec(line)?.[1]));
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(1000);
  });

  test("is no wider than the terminal", () => {
    for (const line of histogram(consoleWith({}, 80).console, [1, 50, 50, 1234])) {
      expect(plainLength(line)).toBeLessThanOrEqual(80);
    }
  });

  test.each([[[]], [[0]], [[75, 75]]])("of %j works", (values) => {
    expect(histogram(consoleWith({}).console, values)).toHaveLength(values.length === 0 ? 0 : 1);
  });
});
