import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

// Every row of docs/security.md names the test that shows it; each must be there, under that title.

const root = new URL("../../", import.meta.url).pathname;
const page = readFileSync(join(root, "docs/security.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.includes("](../"));
const CITED = /\[[^\]]+\]\(\.\.\/([^)]+)\)((?:,? "[^"]+")+)/g;

const cited = rows.flatMap((row) =>
  [...row.matchAll(CITED)].flatMap(([, path = "", titles = ""]) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]): [string, string] => [path, title]),
  ),
);

test("the page has its tables, and every row of them names a test", () => {
  expect(rows.length).toBeGreaterThan(55);
  for (const row of rows) expect([row, [...row.matchAll(CITED)].length]).not.toEqual([row, 0]);
});

test.each(cited)("%s has the test %j", (path, title) => {
  expect(existsSync(join(root, path))).toBe(true);
  const text = readFileSync(join(root, path), "utf8");
  const written = JSON.stringify(title);
  expect(text.includes(written) || text.includes(`\`${title}\``)).toBe(true);
});
