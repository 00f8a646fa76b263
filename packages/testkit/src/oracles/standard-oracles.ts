import type { Oracle } from "../oracle.js";
import { cleanWire } from "./clean-wire.js";
import { comingToRest } from "./coming-to-rest.js";
import { exactlyOnce } from "./exactly-once.js";
import { keepingItsWord } from "./keeping-its-word.js";
import { soundBooks } from "./sound-books.js";
import { stayingAlive } from "./staying-alive.js";
import { streamOrder } from "./stream-order.js";
import { verifiedPaths } from "./verified-paths.js";

/** What must hold in every run between two hosts of ours. */
export const standardOracles: readonly Oracle[] = [
  exactlyOnce,
  streamOrder,
  stayingAlive,
  comingToRest,
  soundBooks,
  cleanWire,
  verifiedPaths,
  keepingItsWord,
];
