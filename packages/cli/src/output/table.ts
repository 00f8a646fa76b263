import Table from "cli-table3";
import type { Colours } from "./console.js";

/** Where a table is going to be shown. */
export interface TableSink {
  readonly colours: Colours;
  /** Characters of a line. */
  readonly width: number;
}

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
 * Rows as aligned columns without lines. Columns of numbers after the first go to the right; the last column
 * wraps to the width of the terminal.
 */
export function table(
  sink: TableSink,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const c = sink.colours;
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => plainLength(row[i] ?? ""))),
  );
  const before = widths.slice(0, -1).reduce((sum, w) => sum + w + 2, 0);
  const last = Math.min(widths.at(-1) ?? 0, Math.max(20, sink.width - before - 1));
  const t = new Table({
    ...(head.some((title) => title !== "") ? { head: head.map((title) => c.dim(title)) } : {}),
    chars: PLAIN,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((_, i) =>
      i > 0 && rows.length > 0 && rows.every((row) => isNumber(row[i] ?? "")) ? "right" : "left",
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
