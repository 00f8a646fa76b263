import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { loadCrc32c, loadFrom } from "./load-crc32c.js";
import { isNativeCrc32c } from "./native-crc32c.js";

describe("loadCrc32c", () => {
  test("finds the build of this package, once", () => {
    const load = loadCrc32c();
    expect(load).toMatchObject({ ok: true });
    expect(loadCrc32c()).toBe(load);
  });

  test("says why when there is no build", () => {
    const empty = mkdtempSync(join(tmpdir(), "no-build-"));
    try {
      const load = loadFrom(empty);
      expect(load).toEqual({ ok: false, reason: expect.stringContaining("No native build") });
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});

describe("isNativeCrc32c", () => {
  const crc32c = (): number => 0;
  test.each([
    [{ crc32c, crc32cByTables: crc32c, implementation: "table" }, true],
    [{ crc32c, crc32cByTables: crc32c, implementation: "abacus" }, false],
    [{ crc32c, implementation: "table" }, false],
    [{ crc32cByTables: crc32c, implementation: "table" }, false],
    [undefined, false],
    [null, false],
    [7, false],
  ])("%j: %s", (addon, expected) => {
    expect(isNativeCrc32c(addon)).toBe(expected);
  });
});
