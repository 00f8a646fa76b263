import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import { runSimTask, type SimOutcome, type SimTask } from "./sim-task.js";

/** What is done with an outcome as it comes, in any order. False: begin no more tasks. */
export type Take = (outcome: SimOutcome, index: number) => boolean;

/**
 * Does all tasks, on as many threads as are asked for, and on this one if that is one. Tasks are begun in
 * their order; what was begun is finished. What they give does not depend on the number of threads.
 *
 * @throws CommandError `interrupted`, `terminated` when `stop` aborts
 */
export async function runSimTasks(
  tasks: readonly SimTask[],
  jobs: number,
  stop: AbortSignal,
  take: Take,
): Promise<void> {
  const threads = Math.min(jobs, tasks.length);
  if (threads > 1) await onThreads(tasks, threads, stop, take);
  else await here(tasks, stop, take);
}

async function here(tasks: readonly SimTask[], stop: AbortSignal, take: Take): Promise<void> {
  for (const [i, task] of tasks.entries()) {
    if (!take(await runSimTask(task), i)) return;
    await setImmediate(); // lets signals in
    if (stop.aborted) throw stopped(stop);
  }
}

async function onThreads(
  tasks: readonly SimTask[],
  threads: number,
  stop: AbortSignal,
  take: Take,
): Promise<void> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("./sim-worker.js", import.meta.url)),
  );
  let next = 0;
  let goOn = true;
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (goOn && next < tasks.length) {
          const index = next++;
          const task = tasks[index];
          if (task === undefined) return;
          goOn = take(await ask(worker, task, stop), index) && goOn;
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, task: SimTask, stop: AbortSignal): Promise<SimOutcome> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      worker.off("message", onMessage).off("error", onError);
      stop.removeEventListener("abort", onStop);
    };
    const onMessage = (outcome: SimOutcome): void => {
      end();
      resolve(outcome);
    };
    const onError = (error: unknown): void => {
      end();
      reject(error);
    };
    const onStop = (): void => onError(stopped(stop));
    if (stop.aborted) {
      reject(stopped(stop));
      return;
    }
    worker.on("message", onMessage).on("error", onError);
    stop.addEventListener("abort", onStop);
    worker.postMessage(task);
  });
}

const stopped = (stop: AbortSignal): CommandError =>
  stop.reason === EXIT.terminated
    ? new CommandError(EXIT.terminated, "terminated", "ended by SIGTERM")
    : new CommandError(EXIT.interrupted, "interrupted", "ended by Ctrl-C");
