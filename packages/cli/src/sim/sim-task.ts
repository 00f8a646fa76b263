import type {
  FailoverOptions,
  FailoverRun,
  SchedulesOptions,
  SchedulesResult,
} from "@multihome/testkit";

/** Which schedules to run: what of {@link SchedulesOptions} can be sent to another thread. */
export interface ScheduleDraw
  extends Pick<
    SchedulesOptions,
    "count" | "first" | "seed" | "paths" | "maxOps" | "keepGoing" | "maxShrinks"
  > {
  /** Mere disturbances, which must move nothing, instead of faults. */
  readonly disturbances: boolean;
}

/** A part of a simulation that any thread can do: its result depends on nothing else. */
export type SimTask =
  | { readonly kind: "failover"; readonly options: FailoverOptions }
  | { readonly kind: "schedules"; readonly draw: ScheduleDraw };

/** What came of a {@link SimTask}. */
export type SimOutcome =
  | { readonly kind: "failover"; readonly runs: readonly FailoverRun[] }
  | { readonly kind: "schedules"; readonly result: SchedulesResult };

/** Does a task on this thread. */
export async function runSimTask(task: SimTask): Promise<SimOutcome> {
  const { disturbances, runFailover, runSchedules } = await import("@multihome/testkit");
  if (task.kind === "failover") {
    return { kind: "failover", runs: runFailover(task.options).all };
  }
  const { disturbances: mere, ...draw } = task.draw;
  const options = mere ? { ...draw, ...disturbances(draw.paths) } : draw;
  return { kind: "schedules", result: runSchedules(options) };
}
