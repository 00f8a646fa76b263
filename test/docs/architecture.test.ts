import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

// docs/architecture.md follows packets through the files: every file and name that it tells of is there.

const root = new URL("../../", import.meta.url).pathname;
const page = readFileSync(`${root}docs/architecture.md`, "utf8");
const terms = [...new Set([...page.matchAll(/`([^`\n]+)`/g)].map((m) => m[1] as string))];
const files = execFileSync("git", ["ls-files", "packages"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((f) => /^packages\/[^/]+\/(src|test)\/.*\.ts$/.test(f) && !f.endsWith(".test.ts"));
const source = files
  .filter((f) => existsSync(`${root}${f}`))
  .map((f) => readFileSync(`${root}${f}`, "utf8"))
  .join("\n");

describe("docs/architecture.md", () => {
  const paths = terms.filter((t) => t.endsWith(".ts"));
  test.each(paths)("%s exists", (path) => {
    expect(files.filter((f) => f.endsWith(`/${path}`) || f === `packages/${path}`)).not.toEqual([]);
  });

  const names = terms.filter((t) => /^[A-Za-z]\w*(\.\w+)?$/.test(t) && !t.endsWith(".ts"));
  test.each(names)("%s is a name in the code", (name) => {
    const last = name.split(".").at(-1) as string;
    expect(new RegExp(`\\b${last}\\b`).test(source)).toBe(true);
  });
});
