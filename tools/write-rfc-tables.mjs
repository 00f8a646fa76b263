#!/usr/bin/env node
// Writes what docs/rfc/ is made of.
//
//   node tools/write-rfc-tables.mjs extract 9260 rfc9260.txt   test/rfc/9260.json from the RFC's text
//   node tools/write-rfc-tables.mjs page 9260 7829 6951        docs/rfc/9260.md ... from the lists
//
// The text of an RFC is at https://www.rfc-editor.org/rfc/rfc9260.txt; it is not part of the repository.
// `page` keeps the answers (the last column) and the text above the tables.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pageOf, rulesOf } from "../test/rfc/rules.mjs";

const at = (path) => new URL(`../${path}`, import.meta.url).pathname;
const [command, ...args] = process.argv.slice(2);

if (command === "extract" && args.length === 2) {
  const [rfc, file] = args;
  const list = rulesOf(rfc, readFileSync(file, "utf8"));
  writeFileSync(at(`test/rfc/${rfc}.json`), `${JSON.stringify(list, null, 2)}\n`);
  console.log(`test/rfc/${rfc}.json: ${list.rules.length} rules`);
} else if (command === "page" && args.length > 0) {
  for (const rfc of args) {
    const list = JSON.parse(readFileSync(at(`test/rfc/${rfc}.json`), "utf8"));
    const page = at(`docs/rfc/${rfc}.md`);
    const text = pageOf(rfc, list, existsSync(page) ? readFileSync(page, "utf8") : "");
    writeFileSync(page, text);
    console.log(`docs/rfc/${rfc}.md: ${/^\| \d+ \|.*$/m.exec(text)?.[0]}`);
  }
} else {
  console.error("usage: write-rfc-tables.mjs extract RFC FILE | page RFC...");
  process.exitCode = 2;
}
