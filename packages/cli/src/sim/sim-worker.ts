import { parentPort } from "node:worker_threads";
import { runSimTask, type SimTask } from "./sim-task.js";

// A thread of the pool in run-sim-tasks.ts: takes one task after the other.
parentPort?.on("message", async (task: SimTask) => {
  parentPort?.postMessage(await runSimTask(task));
});
