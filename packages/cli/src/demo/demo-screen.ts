import type { Console } from "../output/console.js";
import type { PathLine } from "../output/describe-path-event.js";
import { RateMeter } from "../output/rate-meter.js";
import { type BarState, TransferView } from "../output/transfer-view.js";
import { formatBytes, formatRate } from "../output/units.js";
import type { DemoPath } from "./demo-paths.js";
import type { DemoWatcher } from "./run-demo.js";

type PathNow = Parameters<DemoWatcher["paths"]>[1][number];

const RECEIVED = "received";

/** The demonstration on stderr: a bar for each path, one for what has arrived, a timeline above. */
export class DemoScreen implements DemoWatcher {
  readonly #paths: readonly DemoPath[];
  readonly #console: Console;
  readonly #bytes: number;
  readonly #view: TransferView;
  readonly #rates: Map<string, RateMeter>;
  readonly #cut: Set<string>;

  constructor(console: Console, paths: readonly DemoPath[], bytes: number) {
    this.#paths = paths;
    this.#console = console;
    this.#bytes = bytes;
    const names = [...paths.map((path) => path.name), RECEIVED];
    this.#title();
    this.#view = new TransferView(console, names, bytes);
    this.#rates = new Map(names.map((name) => [name, new RateMeter()]));
    this.#cut = new Set();
  }

  connected(): void {
    this.#view.event(0, "", "plain", "two processes, one association");
  }

  event(atMs: number, line: PathLine): void {
    this.#view.event(atMs, line.who, line.tone, line.text);
  }

  paths(atMs: number, paths: readonly PathNow[]): void {
    for (const path of paths) {
      const made = this.#paths.find((p) => p.local === path.local && p.remote === path.remote);
      if (made === undefined) continue;
      this.#view.update(made.name, {
        bytes: path.bytesSent,
        bitsPerSecond: this.#rates.get(made.name)?.add(atMs, path.bytesSent) ?? 0,
        ...this.#state(made, path),
      });
    }
  }

  stored(atMs: number, bytes: number): void {
    const percent = this.#bytes === 0 ? 100 : Math.floor((100 * bytes) / this.#bytes);
    this.#view.update(RECEIVED, {
      bytes,
      bitsPerSecond: this.#rates.get(RECEIVED)?.add(atMs, bytes) ?? 0,
      state: `${percent} %`,
      tone: "plain",
    });
  }

  cut(path: DemoPath["name"], isCut: boolean): void {
    if (isCut) this.#cut.add(path);
    else this.#cut.delete(path);
  }

  /** Takes the bars off the screen. */
  stop(): void {
    this.#view.stop();
  }

  #title(): void {
    const c = this.#console.errColours;
    const networks = this.#paths.map(
      (p) => `${c.bold(p.name)} ${formatRate(p.rateBitsPerSecond)}, ${2 * p.delayMs} ms`,
    );
    this.#console.note(`${formatBytes(this.#bytes)} over ${networks.join(" and ")}`);
    this.#console.note();
  }

  /** What the sender knows of the path; and that it is cut, which the sender does not know. */
  #state(made: DemoPath, path: PathNow): Pick<BarState, "state" | "tone"> {
    const scissors = this.#cut.has(made.name) ? "✂ " : "";
    if (path.state === "potentiallyFailed" || path.state === "inactive") {
      return { state: `${scissors}no answer`, tone: "bad" };
    }
    if (path.suspected) return { state: `${scissors}silent`, tone: "move" };
    if (path.current) return { state: `${scissors}in use`, tone: scissors === "" ? "good" : "bad" };
    return { state: `${scissors}kept warm`, tone: scissors === "" ? "plain" : "bad" };
  }
}
