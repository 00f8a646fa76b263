import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { missingTools, requireTools } from "./requirements.js";

const REQUIRE_INTEROP = "MULTIHOME_REQUIRE_INTEROP";
const before = process.env[REQUIRE_INTEROP];
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "requirements-"));
  writeFileSync(join(folder, "present"), "#!/bin/sh\n");
  chmodSync(join(folder, "present"), 0o755);
  writeFileSync(join(folder, "plain-file"), "");
  chmodSync(join(folder, "plain-file"), 0o644);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env[REQUIRE_INTEROP];
  else process.env[REQUIRE_INTEROP] = before;
  jest.restoreAllMocks();
});

test("a command is there if an executable of its name is on the PATH", () => {
  const names = ["present", "plain-file", "no-such-command"];
  expect(missingTools(names, { PATH: `/nowhere:${folder}` })).toEqual([
    "plain-file",
    "no-such-command",
  ]);
  expect(missingTools(names, {})).toEqual(names);
});

test("a name with a slash is a file", () => {
  expect(missingTools([join(folder, "plain-file"), join(folder, "gone")])).toEqual([
    join(folder, "gone"),
  ]);
});

test("root is the user with id 0", () => {
  const getuid = jest.spyOn(process, "getuid" as never) as unknown as jest.Mock<() => number>;
  getuid.mockReturnValue(0);
  expect(missingTools(["root"])).toEqual([]);
  getuid.mockReturnValue(1000);
  expect(missingTools(["root"])).toEqual(["root"]);
});

test("tests are skipped with one line where something is missing", () => {
  delete process.env[REQUIRE_INTEROP];
  const written: unknown[] = [];
  jest.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    written.push(chunk);
    return true;
  });
  expect(requireTools("no-such-command", "nor-this-one")).toBe(describe.skip);
  expect(written).toEqual(["skipped: needs no-such-command, nor-this-one\n"]);
});

test("tests run where everything is there, and always when interop is required", () => {
  delete process.env[REQUIRE_INTEROP];
  expect(requireTools("node")).toBe(describe);
  process.env[REQUIRE_INTEROP] = "1";
  expect(requireTools("no-such-command")).toBe(describe);
});
