import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

// docs/errors.md lists every code that the sources give an error as a literal.

const root = new URL("../../", import.meta.url).pathname;
const page = readFileSync(`${root}docs/errors.md`, "utf8");
const listed = new Set(
  page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map((m) => m[1])),
);
const sources = execFileSync("git", ["ls-files", "packages"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((f) => /\/src\/.*\.ts$/.test(f) && !f.endsWith(".test.ts") && existsSync(`${root}${f}`))
  .map((f) => readFileSync(`${root}${f}`, "utf8"));
const MADE =
  /(?:new StackError\(|new CommandError\(\s*EXIT\.\w+,|usageError\(|associationEnded\()\s*"(\w+)"/g;
const thrown = new Set(sources.flatMap((s) => [...s.matchAll(MADE)].map((m) => m[1])));

test("every code in the sources is listed", () => {
  expect(thrown.size).toBeGreaterThan(40);
  expect([...thrown].filter((code) => !listed.has(code))).toEqual([]);
});

test("every code that is listed is in the sources", () => {
  const all = sources.join("\n");
  const unknown = [...listed].filter((code) => !all.includes(`"${code}"`));
  expect(unknown).toEqual([]);
});
