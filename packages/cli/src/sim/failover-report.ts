import type { FailoverOptions, FailoverResult } from "@multihome/testkit";
import type { Console } from "../output/console.js";
import { histogram } from "../output/histogram.js";
import { table } from "../output/table.js";
import { formatMs } from "../output/units.js";

/** One experiment of a matrix. */
export interface FailoverCell {
  readonly fault: NonNullable<FailoverOptions["fault"]>;
  readonly traffic: NonNullable<FailoverOptions["traffic"]>;
  readonly rttMs: number;
  readonly paths: number;
  readonly timing: "fast" | "rfc";
}

/** True if nothing happened that must not. */
export const cellOk = (r: FailoverResult): boolean =>
  r.lost === 0 && r.duplicated === 0 && r.reordered === 0 && r.ended === 0 && r.falseSwitches === 0;

/** An experiment and its result for `--json`. */
export const cellObject = (cell: FailoverCell, r: FailoverResult): object => {
  const { all: _, ...result } = r;
  return { ok: cellOk(r), ...cell, ...result };
};

/** The result of one experiment, with the distribution drawn. */
export async function printCell(
  console: Console,
  cell: FailoverCell,
  r: FailoverResult,
): Promise<void> {
  const c = console.colours;
  const bad = (n: number): string => (n === 0 ? c.green("0") : c.red(String(n)));
  await console.line(
    `${c.bold(cell.fault)} on the primary of ${cell.paths} paths, round trip ${cell.rttMs} ms, traffic ${cell.traffic}, ${r.runs} runs${
      cell.timing === "rfc" ? ", timers of RFC 9260" : ""
    }`,
  );
  await console.line();
  await console.line(
    cell.traffic === "idle"
      ? "Time that one message takes:"
      : "Longest time between two deliveries:",
  );
  const gaps = r.all.map((run) => run.gapMs);
  for (const line of histogram(console, gaps)) await console.line(line);
  await console.line();
  const moves = Object.entries(r.switches).map(([cause, n]) => `${cause} ${n}`);
  const again = r.usedAgain === r.runs ? c.green(String(r.usedAgain)) : c.red(String(r.usedAgain));
  await console.line(
    table(
      console,
      ["", ""],
      [
        ["half of the runs", `${c.bold(formatMs(r.gapMs.p50))} or less`],
        ["99 of 100", `${c.bold(formatMs(r.gapMs.p99))} or less`],
        ["longest", `${c.bold(formatMs(r.gapMs.max))} ${c.dim(`(seed ${r.worstSeed})`)}`],
        [
          "messages",
          `${bad(r.lost)} lost, ${bad(r.duplicated)} delivered twice, ${bad(r.reordered)} out of order`,
        ],
        ["associations", `${bad(r.ended)} ended`],
        ["moved by", moves.join(", ") || "nothing"],
        ["moved without need", bad(r.falseSwitches)],
        [
          "used again after repair",
          `${again} of ${r.runs}, after ${formatMs(r.usedAgainMs.max)} at most`,
        ],
      ],
    ),
  );
}

// Printed row by row as they come: a matrix takes long.
const COLUMNS = [
  ["fault", 13],
  ["traffic", 7],
  ["rtt ms", 6],
  ["paths", 5],
  ["half ms", 8],
  ["99 % ms", 8],
  ["max ms", 8],
  ["seed", 6],
  ["lost", 4],
  ["twice", 5],
  ["order", 5],
  ["ended", 5],
  ["false", 5],
  ["again", 11],
  ["after ms", 8],
] as const;

/** The first line of a matrix. */
export const matrixHead = (console: Console): string =>
  console.colours.dim(line(COLUMNS.map(([title]) => title)));

/** One experiment as a line of a matrix; what must not be is red. */
export function matrixRow(console: Console, cell: FailoverCell, r: FailoverResult): string {
  const c = console.colours;
  const counts = [r.lost, r.duplicated, r.reordered, r.ended, r.falseSwitches];
  const ms = (value: number): string => value.toFixed(0);
  const texts = [
    cell.fault,
    cell.traffic,
    String(cell.rttMs),
    String(cell.paths),
    ms(r.gapMs.p50),
    ms(r.gapMs.p99),
    ms(r.gapMs.max),
    String(r.worstSeed),
    ...counts.map(String),
    `${r.usedAgain}/${r.runs}`,
    ms(r.usedAgainMs.max),
  ];
  const text = line(texts);
  if (!cellOk(r)) return c.red(text);
  return r.usedAgain < r.runs ? c.yellow(text) : text;
}

const line = (texts: readonly string[]): string =>
  texts
    .map((text, i) => {
      const width = COLUMNS[i]?.[1] ?? 0;
      return i < 2 ? text.padEnd(width) : text.padStart(width);
    })
    .join("  ")
    .trimEnd();
