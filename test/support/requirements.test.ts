import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { missingTools, requireTools } from "./requirements.js";

const VARIABLES = ["PATH", "MULTIHOME_REQUIRE_INTEROP"];
const [PATH = "", REQUIRE_INTEROP = ""] = VARIABLES;
const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
let folder = "";

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "requirements-"));
  writeFileSync(join(folder, "present"), "#!/bin/sh\n");
  chmodSync(join(folder, "present"), 0o755);
  writeFileSync(join(folder, "plain-file"), "");
  chmodSync(join(folder, "plain-file"), 0o644);
  setVariable(PATH, `/nowhere:${folder}`);
  setVariable(REQUIRE_INTEROP, undefined);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  for (const [name, value] of before) setVariable(name, value);
  jest.restoreAllMocks();
});

test("a program is there if an executable of its name is on the PATH", () => {
  expect(missingTools("present", "plain-file", "no-such-program")).toEqual([
    "plain-file",
    "no-such-program",
  ]);
  setVariable(PATH, undefined);
  expect(missingTools("present")).toEqual(["present"]);
});

test("root is the user with id 0", () => {
  const getuid = jest.spyOn(process as Required<NodeJS.Process>, "getuid");
  getuid.mockReturnValue(0);
  expect(missingTools("root")).toEqual([]);
  getuid.mockReturnValue(1000);
  expect(missingTools("root")).toEqual(["root"]);
});

test("tests run where everything is there", () => {
  expect(requireTools("present")).toBe(describe);
});

test("tests are skipped with one line where something is missing", () => {
  const written: unknown[] = [];
  jest.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    written.push(chunk);
    return true;
  });
  const skip = jest.spyOn(describe, "skip").mockImplementation(() => undefined);
  const body = jest.fn<() => void>();
  requireTools("present", "no-such-program", "nor-this-one")("two hosts", body);
  expect(written).toEqual(['skipped: "two hosts" needs no-such-program, nor-this-one\n']);
  expect(skip).toHaveBeenCalledWith("two hosts", body);
  expect(body).not.toHaveBeenCalled();
});

test("something missing is a failure when interoperability is required", () => {
  setVariable(REQUIRE_INTEROP, "1");
  expect(requireTools("present")).toBe(describe);
  expect(() => requireTools("no-such-program")).toThrow("no-such-program");
});
