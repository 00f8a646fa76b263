import type { Oracle } from "../oracle.js";
import type { TestPeer } from "../test-peer.js";

/** Drops that never happen between two of ours: the checksum keeps what was corrupted from them. */
const NEVER_COUNTED = [
  "badPort",
  "badChunk",
  "unknownChunk",
  "unknownParameter",
  "initBundled",
  "initInvalid",
  "cookieForged",
  "abortIgnored",
  "sackInvalid",
  "dataInvalidStream",
  "policyFailures",
] as const;

/** Neither side ever sends what the other must refuse. */
export const cleanWire: Oracle = {
  name: "cleanWire",
  watch: (pair) => ({ end: () => check(pair.a) ?? check(pair.z) }),
};

function check(peer: TestPeer): string | undefined {
  const counters = peer.node.core.counters();
  for (const name of NEVER_COUNTED) {
    const n = counters[name] ?? 0;
    // Who starts anew does not know the cookies of before.
    if (name === "cookieForged" && peer.reboots > 0) continue;
    if (n > 0) return `${peer.side} counted ${n} of ${name}`;
  }
  return undefined;
}
