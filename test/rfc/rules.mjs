// What an RFC asks, as a list, and the page that answers each item of it (docs/rfc/). Used by
// tools/write-rfc-tables.mjs, which writes both, and by test/docs/rfc-tables.test.ts, which checks them.

const KEYWORD =
  /\b(MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED)\b/g;
const HEADING = /^(?:Appendix ([A-Z])|(\d+(?:\.\d+)*)|([A-Z](?:\.\d+)+))\.\s+(\S.*)$/;
const PAGE_BREAK = /\n*\n[^\n]*\[Page \d+\]\n\f\n?RFC \d+[^\n]*\n+/g;
const LIST_MARKER = /^(?:[*+o-]|\(?[A-Z]{0,4}\d*[).]|[a-z]\)|\d+\.|\(?[ivx]+[).])\s+/;
const FIGURE = /^[|+\\/]|^[-0-9 ]+$/;
// A full stop after these ends no sentence.
const ABBREVIATION = /(?:\b(?:i\.e|e\.g|vs|cf|al|etc|No|Fig)|\b[A-Z])\.$/;

/**
 * The sentences of an RFC that use a keyword of RFC 2119, in order. MAY and OPTIONAL are left out: they
 * ask for nothing.
 * @param {string} rfc number, e.g. "9260"
 * @param {string} text the RFC as text, as rfc-editor.org has it
 * @returns {{ title: string, sections: { section: string, title: string }[], rules: { id: string,
 *   section: string, keyword: string, sentence: string }[] }}
 */
export function rulesOf(rfc, text) {
  const lines = joined(text.replace(/^\uFEFF/, "").replace(/\r/g, "")).split("\n");
  const sections = [];
  const rules = [];
  let section;
  let block = [];
  const flush = () => {
    const found = section === undefined ? [] : sentencesOf(block);
    block = [];
    for (const sentence of found) {
      const keywords = [...new Set([...sentence.matchAll(KEYWORD)].map((m) => m[1]))];
      if (keywords.length === 0 || /\bkey words\b/.test(sentence)) continue;
      const n = rules.filter((r) => r.section === section.section).length + 1;
      const id = `${rfc}-${section.section}-${n}`;
      rules.push({ id, section: section.section, keyword: keywords.join(", "), sentence });
    }
  };
  for (const line of lines) {
    const heading = HEADING.exec(line);
    if (heading) {
      flush();
      const [, appendix, number, sub, title] = heading;
      // References, acknowledgements and what follows ask for nothing.
      section = { section: appendix ?? number ?? sub, title: title.trim() };
      if (/References$/.test(title)) section = undefined;
      else sections.push(section);
    } else if (/^[A-Z]\w+.*$/.test(line)) {
      flush();
      section = undefined;
    } else if (line.trim() === "") flush();
    else block.push(line);
  }
  flush();
  const used = sections.filter((s) => rules.some((r) => r.section === s.section));
  return { title: titleOf(text), sections: used, rules };
}

/** The text with its page breaks taken out; a paragraph that a break cuts in two is one again. */
function joined(text) {
  return text.replace(PAGE_BREAK, (_all, at, whole) =>
    /[.:]\)?\s*$/.test(whole.slice(Math.max(0, at - 80), at)) ? "\n\n" : "\n",
  );
}

/** The RFC's title: the first centred line below the front matter, one that no column ends. */
function titleOf(text) {
  const front = text.replace(/^\uFEFF/, "").split(/\n(?:Abstract|Status of This Memo)/)[0];
  const centred =
    front
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? "";
  return centred.replace(/\s+/g, " ").trim();
}

/** The sentences of one paragraph. A deeper indent without a list marker begins a new one. */
function sentencesOf(block) {
  if (block.some((line) => FIGURE.test(line.trim()))) return [];
  const parts = [];
  let indent = -1;
  for (const line of block) {
    const at = line.search(/\S/);
    const marker = LIST_MARKER.exec(line.trim())?.[0];
    const words = line.trim().slice(marker?.length ?? 0);
    // A line that begins with the "1." at the end of a sentence is no item of a list.
    const inside = at === indent && !/[.:;]["')]*$/.test(parts.at(-1) ?? "");
    if (indent < 0 || at > indent || (marker !== undefined && !inside)) {
      parts.push(words);
      indent = at + (marker?.length ?? 0);
    } else {
      parts.push(glued(parts.pop() ?? "", line.trim()));
      indent = at;
    }
  }
  return parts.flatMap(cut);
}

const glued = (before, line) =>
  /[A-Za-z]-$/.test(before) ? `${before}${line}` : `${before} ${line}`;

function cut(text) {
  const out = [];
  let from = 0;
  for (const end of text.matchAll(/[.!?]["')]*\s+(?=["'(<[]*[A-Z0-9])/g)) {
    const stop = end.index + end[0].trimEnd().length;
    if (ABBREVIATION.test(text.slice(from, end.index + 1))) continue;
    out.push(text.slice(from, stop));
    from = end.index + end[0].length;
  }
  out.push(text.slice(from));
  return out.map((s) => s.replace(/\s+/g, " ").trim()).filter((s) => s !== "");
}

const OPEN = "open";
const ROW =
  /^\| (?<id>\d+-[A-Z0-9.]+-\d+) \| [^|]* \| (?:\\\||[^|])* \| (?<answer>(?:\\\||[^|])*?) \|$/;
const BEGIN =
  "<!-- rules: the answers below are written by hand, all else by tools/write-rfc-tables.mjs -->";

/**
 * The answers that a page gives, by rule; several if a rule has several rows.
 * @param {string} page
 * @returns {Map<string, string[]>}
 */
export function answersOf(page) {
  const answers = new Map();
  for (const line of page.split("\n")) {
    const row = ROW.exec(line)?.groups;
    if (row) answers.set(row.id, [...(answers.get(row.id) ?? []), row.answer.trim()]);
  }
  return answers;
}

/** What kind of an answer it is: names tests, gives a reason, or is still open. */
export const kindOf = (answer) =>
  answer === OPEN ? "open" : answer.startsWith("*") ? "reasoned" : "tested";

/**
 * The page for a list of rules: what stands above the tables and the answers are kept, the rest is made anew.
 * @param {string} rfc
 * @param {ReturnType<typeof rulesOf>} list
 * @param {string} page as it is now; "" for none
 * @returns {string}
 */
export function pageOf(rfc, list, page) {
  const answers = answersOf(page);
  const answer = (id) => answers.get(id)?.[0] ?? OPEN;
  const count = { tested: 0, reasoned: 0, open: 0 };
  for (const rule of list.rules) count[kindOf(answer(rule.id))] += 1;
  const above = page.includes(BEGIN)
    ? page.slice(0, page.indexOf(BEGIN))
    : `# RFC ${rfc}: ${list.title}\n\n`;
  const out = [`${above}${BEGIN}`, ""];
  out.push("| rules | with a test | with a reason | open |", "|---|---|---|---|");
  out.push(`| ${list.rules.length} | ${count.tested} | ${count.reasoned} | ${count.open} |`);
  for (const { section, title } of list.sections) {
    out.push("", `## ${section} ${title}`, "");
    out.push("| rule | asks | sentence | test, or why there is none |", "|---|---|---|---|");
    for (const rule of list.rules.filter((r) => r.section === section)) {
      const sentence = rule.sentence.replace(/[|*_<>\\`]/g, "\\$&");
      out.push(`| ${rule.id} | ${rule.keyword} | ${sentence} | ${answer(rule.id)} |`);
    }
  }
  return `${out.join("\n")}\n`;
}
