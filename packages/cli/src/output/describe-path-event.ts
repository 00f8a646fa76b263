import type { PathEvent, PathName } from "multihome";
import type { Tone } from "./transfer-view.js";
import { formatMs } from "./units.js";

/** A path event as a line of a timeline. */
export interface PathLine {
  /** The path, by the name that was given for it. */
  readonly who: string;
  readonly tone: Tone;
  readonly text: string;
}

/** A path by its ends. */
export const pathText = (path: Pick<PathName, "local" | "remote">): string =>
  `${path.local} → ${path.remote}`;

/** A path event for a person; `undefined` for what is not worth a line. */
export function describePathEvent(
  event: PathEvent,
  name: (path: PathName) => string = pathText,
): PathLine | undefined {
  switch (event.kind) {
    case "added":
      return undefined;
    case "confirmed":
      return line(event.path, "good", `up, round trip ${formatMs(event.rttMs)}`);
    case "potentiallyFailed":
      return line(event.path, "bad", `does not answer (${event.cause})`);
    case "inactive":
      return line(event.path, "bad", `taken for dead (${event.cause})`);
    case "recovered":
      return line(event.path, "good", "answers again");
    case "removed":
      return event.cause === "associationEnded"
        ? undefined
        : line(event.path, "bad", `gone (${event.cause})`);
    case "switched": {
      const stall = event.stallMs > 0 ? `, ${formatMs(event.stallMs)} stall` : "";
      return line(event.to, "move", `takes over from ${name(event.from)}: ${event.cause}${stall}`);
    }
  }

  function line(path: PathName, tone: Tone, text: string): PathLine {
    return { who: name(path), tone, text };
  }
}
