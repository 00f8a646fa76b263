import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "@jest/globals";
import { transform } from "@swc/core";

// Every program of docs/guide.md runs as it stands, against the built packages, and prints something.

const here = new URL(".", import.meta.url).pathname;
const folder = mkdtempSync(join(here, ".guide-"));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(new URL("../../docs/guide.md", import.meta.url), "utf8");
const sections = page.split(/^## /m).slice(1);
const programs = sections.flatMap((section) => {
  const title = section.slice(0, section.indexOf("\n"));
  return [...section.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => [title, m[1] as string]);
});

describe("docs/guide.md", () => {
  test("has programs", () => expect(programs.length).toBeGreaterThanOrEqual(5));

  test.each(programs)(
    "%s",
    async (title, source) => {
      const { code } = await transform(source as string, {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "es6" },
      });
      const file = join(folder, `${(title as string).replace(/\W+/g, "-")}.mjs`);
      writeFileSync(file, code);
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
        timeout: 60_000,
      });
      expect(stderr).toBe("");
      expect(stdout).not.toBe("");
      expect(stdout).not.toContain("?");
    },
    90_000,
  );
});
