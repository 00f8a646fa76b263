import type { Console } from "./console.js";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const STEPS = [1, 2, 5];

/** Lines of a histogram of milliseconds, a dozen at most, in steps of 1, 2 or 5 times a power of ten. */
export function histogram(console: Console, valuesMs: readonly number[], lines = 12): string[] {
  const least = valuesMs.reduce((m, v) => Math.min(m, v), Number.POSITIVE_INFINITY);
  const most = valuesMs.reduce((m, v) => Math.max(m, v), 0);
  if (valuesMs.length === 0) return [];
  const step = stepFor(least, most, lines);
  const first = Math.floor(least / step);
  const counts = new Array<number>(Math.floor(most / step) - first + 1).fill(0);
  for (const v of valuesMs) {
    const i = Math.floor(v / step) - first;
    counts[i] = (counts[i] ?? 0) + 1;
  }
  const peak = Math.max(...counts);
  const labels = labelsOf(first, step, counts.length);
  const labelWidth = Math.max(...labels.map((l) => l.length));
  const countWidth = String(peak).length;
  const room = Math.max(10, Math.min(60, console.width - labelWidth - countWidth - 8));
  const c = console.colours;
  return counts.map((n, i) => {
    const bar = barOf((n / peak) * room);
    return `  ${(labels[i] ?? "").padStart(labelWidth)}  ${String(n).padStart(countWidth)} ${c.cyan(bar)}`.trimEnd();
  });
}

/** The edges of the bars, with as many decimals as the step has. */
function labelsOf(first: number, step: number, count: number): string[] {
  const seconds = (first + count) * step >= 1000;
  const unit = seconds ? 1000 : 1;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
  const edge = (i: number): string => (((first + i) * step) / unit).toFixed(decimals);
  return Array.from(
    { length: count },
    (_, i) => `${edge(i)} – ${edge(i + 1)} ${seconds ? "s" : "ms"}`,
  );
}

function stepFor(least: number, most: number, lines: number): number {
  for (let power = 0.001; ; power *= 10) {
    for (const times of STEPS) {
      const step = times * power;
      if (Math.floor(most / step) - Math.floor(least / step) < lines) return step;
    }
  }
}

function barOf(length: number): string {
  const eighths = Math.max(length > 0 ? 1 : 0, Math.round(length * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}
