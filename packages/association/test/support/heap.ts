import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Bytes in use once everything unreachable is gone: the JavaScript heap and what its objects hold outside. */
export function bytesInUse(): number {
  if (typeof collect !== "function") throw new Error("no garbage collector to call");
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
