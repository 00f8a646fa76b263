import Table from "cli-table3";
import type { Console } from "./console.js";

const PLAIN = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

/**
 * Rows as aligned columns without lines, for stdout. Columns of numbers go to the right; the last column
 * wraps to the width of the terminal.
 */
export function table(
  console: Console,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const c = console.colours;
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => plainLength(row[i] ?? ""))),
  );
  const before = widths.slice(0, -1).reduce((sum, w) => sum + w + 2, 0);
  const last = Math.max(20, Math.min(widths.at(-1) ?? 0, console.width - before - 1));
  const t = new Table({
    ...(head.some((title) => title !== "") ? { head: head.map((title) => c.dim(title)) } : {}),
    chars: PLAIN,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((_, i) =>
      rows.length > 0 && rows.every((row) => isNumber(row[i] ?? "")) ? "right" : "left",
    ),
    colWidths: widths.map((w, i) => (i === widths.length - 1 ? last : w)),
    wordWrap: true,
  });
  for (const row of rows) t.push([...row]);
  return t
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Characters that are seen of a text. */
export const plainLength = (text: string): number => text.replace(COLOURS, "").length;

const isNumber = (text: string): boolean => /^[-\d]/.test(text.replace(COLOURS, ""));
