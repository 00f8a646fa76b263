import { MultiBar, type SingleBar } from "cli-progress";
import type { Console } from "./console.js";
import { plainLength } from "./table.js";
import { formatBytes, formatRate } from "./units.js";

/** How a line of the timeline is meant. */
export type Tone = "good" | "bad" | "move" | "plain";

/** What is shown of a path, or of all that has arrived. */
export interface BarState {
  readonly bytes: number;
  readonly bitsPerSecond: number;
  /** State of the path, in a word or two. */
  readonly state: string;
  readonly tone: Tone;
}

const FPS = 12;
/** What a line takes beside its bar. */
const TEXT_WIDTH = 58;

/**
 * Shows a transfer on stderr while it goes on: on a terminal a timeline above bars that move, elsewhere
 * the timeline alone, with `--json` nothing.
 */
export class TransferView {
  readonly #console: Console;
  readonly #multi: MultiBar | undefined;
  readonly #bars: Map<string, SingleBar>;
  readonly #labelWidth: number;

  /** @param names of the bars, from top to bottom */
  constructor(console: Console, names: readonly string[], totalBytes: number) {
    this.#console = console;
    this.#bars = new Map();
    this.#labelWidth = Math.max(...names.map((name) => name.length));
    if (console.json || console.io.stderr.isTTY !== true) {
      this.#multi = undefined;
      return;
    }
    const multi = new MultiBar({
      stream: console.io.stderr,
      fps: FPS,
      hideCursor: true,
      linewrap: null,
      gracefulExit: false,
      clearOnComplete: true,
      emptyOnZero: true,
      format: (_options, params, payload: { name: string; state: BarState }) =>
        this.#line(payload.name, payload.state, params.progress),
    });
    for (const name of names) {
      const state: BarState = { bytes: 0, bitsPerSecond: 0, state: "", tone: "plain" };
      this.#bars.set(name, multi.create(Math.max(1, totalBytes), 0, { name, state }));
    }
    this.#multi = multi;
  }

  /** A line of the timeline. */
  event(atMs: number, who: string, tone: Tone, text: string): void {
    const c = this.#console.errColours;
    const time = `${(atMs / 1000).toFixed(2).padStart(6)} s`;
    const paint = { good: c.green, bad: c.red, move: c.yellow, plain: (t: string) => t }[tone];
    const line = `${c.dim(time)}  ${c.bold(who.padEnd(this.#labelWidth))}  ${paint(text)}`;
    if (this.#multi === undefined) this.#console.note(line);
    else this.#multi.log(`${clip(line, this.#console.errWidth - 1)}\x1b[K\n`);
  }

  update(name: string, state: BarState): void {
    const bar = this.#bars.get(name);
    if (bar === undefined) return;
    bar.update(Math.min(state.bytes, bar.getTotal()), { name, state });
  }

  /** Takes the bars off the screen; the timeline stays. */
  stop(): void {
    this.#multi?.update();
    this.#multi?.stop();
  }

  #line(name: string, s: BarState, progress: number): string {
    const c = this.#console.errColours;
    const size = Math.max(8, Math.min(40, this.#console.errWidth - TEXT_WIDTH));
    const done = Math.round(Math.min(1, progress) * size);
    const colour = { good: c.green, bad: c.red, move: c.yellow, plain: c.cyan }[s.tone];
    const bar = colour("━".repeat(done)) + c.dim("─".repeat(size - done));
    const bytes = formatBytes(s.bytes).padStart(10);
    const rate = formatRate(s.bitsPerSecond).padStart(13);
    const line = `  ${c.bold(name.padEnd(this.#labelWidth))}  ${bar} ${bytes}  ${rate}  ${colour(s.state)}`;
    return `${clip(line, this.#console.errWidth - 1)}\x1b[K`;
  }
}

/** Cuts a text at so many characters that are seen; a cut one loses its colours. */
function clip(text: string, width: number): string {
  if (plainLength(text) <= width) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
  return `${text.replace(/\x1b\[[0-9;]*m/g, "").slice(0, Math.max(0, width - 1))}…`;
}
