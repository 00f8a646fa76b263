import type { Oracle } from "../oracle.js";
import type { TestPeer } from "../test-peer.js";

/** Ordered messages of one stream come in the order in which they were sent. RFC 9260 s6.6 */
export const streamOrder: Oracle = {
  name: "streamOrder",
  watch: (pair) => ({ end: () => check(pair.a) ?? check(pair.z) }),
};

function check(to: TestPeer): string | undefined {
  const last = new Map<number, number>();
  for (const d of to.received) {
    if (d.unordered) continue;
    const before = last.get(d.stream);
    if (before !== undefined && d.index < before) {
      return `${to.side} got message ${d.index} of stream ${d.stream} after message ${before}`;
    }
    last.set(d.stream, d.index);
  }
  return undefined;
}
