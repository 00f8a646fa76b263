import { SingleBar } from "cli-progress";
import type { Console } from "./console.js";

/** One bar on stderr while a command computes; nothing where stderr is no terminal, or with `--json`. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;

  /** @param format of cli-progress, such as `{bar} {value}/{total} {text}` */
  constructor(console: Console, format: string, total: number) {
    if (console.json || console.io.stderr.isTTY !== true) {
      this.#bar = undefined;
      return;
    }
    const c = console.errColours;
    this.#bar = new SingleBar({
      format,
      stream: console.io.stderr,
      barCompleteChar: "━",
      barIncompleteChar: "─",
      formatBar: (progress, options) => {
        const size = options.barsize ?? 30;
        const done = Math.round(progress * size);
        return c.cyan("━".repeat(done)) + c.dim("─".repeat(size - done));
      },
      barsize: 30,
      hideCursor: null,
      linewrap: null,
      gracefulExit: false,
      clearOnComplete: true,
      fps: 10,
    });
    this.#bar.start(total, 0, { text: "" });
  }

  update(value: number, text = ""): void {
    this.#bar?.update(value, { text });
  }

  /** Takes the bar off the screen. */
  stop(): void {
    this.#bar?.stop();
  }
}
