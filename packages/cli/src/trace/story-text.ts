import { formatBytes, formatMs } from "../output/units.js";
import type { Amount } from "./path-story.js";

/** Microseconds as a text. */
export const ms = (us: number): string => formatMs(us / 1000);

/** `1 HEARTBEAT`, `5 HEARTBEATs` */
export const times = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** `12 chunks (14.1 KiB)` */
export const amount = (a: Amount): string =>
  `${times(a.chunks, "chunk")} (${formatBytes(a.bytes)})`;
