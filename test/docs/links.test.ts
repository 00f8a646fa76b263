import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";

const root = new URL("../../", import.meta.url).pathname;
const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((f) => f !== "" && !f.includes(".changeset/") && existsSync(`${root}${f}`));

test.each(pages)("every link of %s leads to a file", (page) => {
  const text = readFileSync(`${root}${page}`, "utf8");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1] as string);
  const broken = links
    .filter((l) => !/^(https?:|mailto:|#)/.test(l))
    .filter((l) => !existsSync(join(root, dirname(page), l.replace(/#.*$/, ""))));
  expect(broken).toEqual([]);
});
