import { type TraceDetail, TracedHostCore } from "@multihome/association";
import type { TraceSink } from "@multihome/base";
import type { PairOptions } from "./pair.js";

/** Events of the network that the hosts tell of themselves. */
const QUIET: ReadonlySet<string> = new Set(["deliver", "enter", "timeout"]);

/**
 * Options that record a run of a pair: one trace of both hosts, with the faults and drops of the network. It
 * replays without the network, and `multihome trace` tells its story.
 *
 * @example
 * const lines: string[] = [];
 * runSchedule(schedule, recording(jsonLines((line) => lines.push(line))));
 */
export function recording(
  sink: TraceSink,
  detail: TraceDetail = "full",
): Required<Pick<PairOptions, "makeCore" | "trace">> {
  // A trace begins with its hosts; what the network does while it is built is no part of it.
  let begun = false;
  return {
    makeCore: (config, host) => {
      begun = true;
      return new TracedHostCore(config, { sink, host, detail });
    },
    trace: ({ at, kind, ...fields }) => {
      if (begun && !QUIET.has(kind)) sink({ at, kind: "net", event: kind, ...fields });
    },
  };
}
