import type { PathName } from "multihome";
import type { Console } from "./console.js";
import { type PathLine, pathText } from "./describe-path-event.js";
import { RateMeter } from "./rate-meter.js";
import { TransferView } from "./transfer-view.js";

const REFRESH_MS = 50;

/** One transfer on stderr: a bar with rate and current path, path events above it. */
export class TransferProgress {
  readonly #view: TransferView;
  readonly #label: string;
  readonly #rate: RateMeter;
  readonly #currentPath: () => PathName | undefined;
  #shownMs: number;
  #stopped: boolean;

  /**
   * @param label of the bar: `sent` or `received`
   * @param totalBytes `undefined` when the size is not known
   */
  constructor(
    console: Console,
    label: string,
    totalBytes: number | undefined,
    currentPath: () => PathName | undefined,
  ) {
    this.#view = new TransferView(console, [label], totalBytes ?? 0);
    this.#label = label;
    this.#rate = new RateMeter();
    this.#currentPath = currentPath;
    this.#shownMs = 0;
    this.#stopped = false;
  }

  event(atMs: number, line: PathLine | undefined): void {
    if (line === undefined || this.#stopped) return;
    this.#view.event(atMs, line.who, line.tone, line.text);
  }

  update(bytes: number): void {
    const now = performance.now();
    if (now - this.#shownMs < REFRESH_MS) return;
    this.#shownMs = now;
    const path = this.#currentPath();
    this.#view.update(this.#label, {
      bytes,
      bitsPerSecond: this.#rate.add(now, bytes),
      state: path === undefined ? "" : pathText(path),
      tone: "plain",
    });
  }

  /** Takes the bar off the screen. Later calls do nothing. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#view.stop();
  }
}
