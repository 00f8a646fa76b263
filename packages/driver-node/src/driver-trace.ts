import { type HostCoreConfig, type TraceDetail, TracedHostCore } from "@multihome/association";
import { type Instant, StackError, type TraceSink } from "@multihome/base";
import { type DriverCounters, driverCounters } from "./driver-counters.js";

const DETAILS: readonly TraceDetail[] = ["full", "story"];

/** Counters of what every datagram does; the others are drops and failures. */
const TRAFFIC: ReadonlySet<string> = new Set(["datagramsSent", "datagramsReceived"]);

/** The trace of a driven host: the core's, and what the driver itself drops or sees fail. */
export class DriverTrace {
  readonly core: TracedHostCore;
  #counted: Readonly<Record<string, number>>;

  constructor(config: HostCoreConfig, sink: TraceSink, detail: TraceDetail) {
    this.core = new TracedHostCore(config, { sink, detail });
    this.#counted = driverCounters();
  }

  /** Lines for what the driver counted since the last call. */
  tell(now: Instant, counters: DriverCounters): void {
    for (const [name, n] of Object.entries(counters)) {
      const by = n - (this.#counted[name] ?? 0);
      if (by > 0 && !TRAFFIC.has(name)) {
        this.core.remark(now, { kind: "driver", counter: name, by });
      }
    }
    this.#counted = { ...counters };
  }
}

/** @throws StackError `invalidOption` */
export function checkDetail(detail: TraceDetail = "full"): TraceDetail {
  if (DETAILS.includes(detail)) return detail;
  throw new StackError(
    "invalidOption",
    `traceDetail: got ${JSON.stringify(detail)}, expected ${DETAILS.join(" or ")}`,
    { option: "traceDetail", got: detail },
  );
}
