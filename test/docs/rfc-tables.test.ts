import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";
import { answersOf, kindOf, pageOf, type RuleList, rulesOf } from "../rfc/rules.mjs";

// docs/rfc/ answers every MUST and SHOULD of an RFC: with tests that are there, or with a reason.

const root = new URL("../../", import.meta.url).pathname;
const folder = join(root, "docs/rfc");
const LINK = /^\[([^\]]+)\]\(([^)]+)\) (".*")$/;
const REASON =
  /^\*(not observable|application|others|not offered|later|departure|same as)\*: (\S.{8,})$/;
const lists = readdirSync(join(root, "test/rfc"))
  .filter((f) => f.endsWith(".json"))
  .map((f) => f.replace(".json", ""))
  .map((rfc): [string, RuleList] => [
    rfc,
    JSON.parse(readFileSync(join(root, `test/rfc/${rfc}.json`), "utf8")),
  ]);
const page = (rfc: string): string => readFileSync(join(folder, `${rfc}.md`), "utf8");
const rowsOf = (rfc: string): [string, string][] =>
  [...answersOf(page(rfc))].flatMap(([id, all]) => all.map((a): [string, string] => [id, a]));

const titles = new Map<string, ReadonlySet<string>>();

/** The titles of the tests in a file, as the source has them; not those that are skipped. */
function titlesIn(file: string): ReadonlySet<string> {
  const known = titles.get(file);
  if (known) return known;
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const called = ts.isCallExpression(node) ? /^(test|it)\b(?!\.(skip|todo))/ : undefined;
    if (called && ts.isCallExpression(node) && called.test(node.expression.getText())) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) found.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  const text = readFileSync(file, "utf8");
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  titles.set(file, found);
  return found;
}

/** What is wrong with an answer; undefined if nothing is. */
function fault(answer: string, kindFor: (id: string) => string | undefined): string | undefined {
  if (answer === "open") return undefined;
  if (answer.startsWith("*")) {
    const [, kind, text] = REASON.exec(answer) ?? [];
    if (kind === undefined || text === undefined) return "no reason of a known kind";
    if (kind === "departure" && !/\]\([^)]+\.md[^)]*\)/.test(text)) return "no link to the docs";
    if (kind !== "same as") return undefined;
    const ids = [...text.matchAll(/\b\d{4}-[A-Z0-9.]+-\d+\b/g)].map((m) => m[0]);
    if (ids.length === 0) return "no rule named";
    return ids.find((id) => !["tested", "reasoned"].includes(kindFor(id) ?? ""));
  }
  for (const item of answer.replace(/(?<=") -- .*$/, "").split(/(?<="); (?=\[)/)) {
    const [, name, path, quoted] = LINK.exec(item) ?? [];
    if (!name || !path || !quoted) return `not a link and a title: ${item}`;
    const file = join(folder, path);
    if (!existsSync(file) || !path.endsWith(`/${name}`)) return `no file ${path} by that name`;
    for (const title of quoted.slice(1, -1).split('", "'))
      if (!titlesIn(file).has(title.replaceAll("\\|", "|"))) return `no test "${title}" in ${name}`;
  }
  return undefined;
}

describe.each(lists)("docs/rfc/%s.md", (rfc, list) => {
  test("has a row for each rule, once, and counts them: tools/write-rfc-tables.mjs page", () => {
    expect(rowsOf(rfc).map(([id]) => id)).toEqual(list.rules.map((r) => r.id));
    expect(page(rfc)).toBe(pageOf(rfc, list, page(rfc)));
  });

  test("each row names tests that are there, or gives a reason", () => {
    const rows = rowsOf(rfc);
    const kinds = new Map(rows.map(([id, answer]) => [id, sameAs(answer) ?? kindOf(answer)]));
    const faults = rows
      .map(([id, answer]) => [id, fault(answer, (other) => kinds.get(other))])
      .filter(([, wrong]) => wrong !== undefined);
    expect(faults).toEqual([]);
  });
});

/** A row that refers to another row is none that can be referred to. */
const sameAs = (answer: string): string | undefined =>
  answer.startsWith("*same as*") ? "reference" : undefined;

test("no row is open", () => {
  const open = lists.flatMap(([rfc]) => rowsOf(rfc).filter(([, answer]) => answer === "open"));
  expect(open).toEqual([]);
});

describe("the check itself", () => {
  const known = '[rfc-tables.test.ts](../../test/docs/rfc-tables.test.ts) "no row is open"';
  test.each([
    [known, undefined],
    [`${known}; ${known} -- with a remark`, undefined],
    [known.replace("open", "closed"), 'no test "no row is closed" in rfc-tables.test.ts'],
    [known.replaceAll("rfc-tables", "gone"), "no file ../../test/docs/gone.test.ts by that name"],
    ["tested somewhere", "not a link and a title: tested somewhere"],
    ["*not done*: nobody had the time", "no reason of a known kind"],
    ["*not observable*: ", "no reason of a known kind"],
    ["*not observable*: the rule is about what is kept inside", undefined],
    ["*departure*: we do it in another way", "no link to the docs"],
    ["*departure*: we do it in another way ([why](../failover.md))", undefined],
    ["*same as*: what another says", "no rule named"],
    ["*same as*: 9260-5-1, said again", undefined],
    ["*same as*: 9260-5-2, said again", "9260-5-2"],
  ])("%s", (answer, wrong) => {
    expect(fault(answer, (id) => (id === "9260-5-1" ? "tested" : "open"))).toBe(wrong);
  });
});

test("rules are taken from the text of an RFC as a person reads it", () => {
  const text = `
                        A Protocol
                      for Many Paths

Abstract

   It MUST NOT be counted here.

1.  Conventions

   The key words "MUST" and "SHOULD" are to be interpreted as usual.

2.  Rules

   A sender (i.e., A) MUST send.  It may rest.  A receiver SHOULD
   answer, as in Section 2.1, and MUST NOT do so with the value
   1.  Field: 8 bits
      The value 0 is NOT RECOMMENDED.

   a)  The end is REQUIRED to be multi-
       homed and

Nobody                       Standards Track                    [Page 1]
\f
RFC 1                           Rules                      April 2020

       SHALL be reached.

2.1.  References

   A reference MUST be ignored.

Appendix A.  More

   It SHOULD end.
`;
  const list = rulesOf("1", text);
  expect(list.title).toBe("A Protocol for Many Paths");
  expect(list.sections.map((s) => s.section)).toEqual(["2", "A"]);
  expect(list.rules.map((r) => `${r.id} ${r.keyword}: ${r.sentence}`)).toEqual([
    "1-2-1 MUST: A sender (i.e., A) MUST send.",
    "1-2-2 SHOULD, MUST NOT: A receiver SHOULD answer, as in Section 2.1, and MUST NOT do so with the value 1.",
    "1-2-3 NOT RECOMMENDED: The value 0 is NOT RECOMMENDED.",
    "1-2-4 REQUIRED, SHALL: The end is REQUIRED to be multi-homed and SHALL be reached.",
    "1-A-1 SHOULD: It SHOULD end.",
  ]);
});
