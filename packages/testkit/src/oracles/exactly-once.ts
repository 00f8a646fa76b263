import { NEVER } from "@multihome/base";
import type { Oracle } from "../oracle.js";
import type { Pair } from "../pair.js";
import type { TestPeer } from "../test-peer.js";

/**
 * Every message that a host accepted gets one outcome. `delivered`: the peer's application got it once,
 * with its bytes. `abandoned`, or `failed` before anything left: it never did. `failed` after a part had
 * left, when the association ended before the acknowledgement came: it did once or not at all; nobody
 * can tell the sender which. RFC 9260 s11.2.2, s11.2.3
 */
export const exactlyOnce: Oracle = {
  name: "exactlyOnce",
  watch: (pair) => ({
    end: () => check(pair, pair.a, pair.z) ?? check(pair, pair.z, pair.a),
  }),
};

function check(pair: Pair, from: TestPeer, to: TestPeer): string | undefined {
  if (from.strayOutcomes > 0) return `${from.side}: outcome of a message that was never accepted`;
  const times = new Array<number>(from.sent.length).fill(0);
  for (const d of to.received) {
    const message = from.sent[d.index];
    const name = `${from.side}'s message ${d.index}`;
    if (message === undefined || message.acceptedAt === NEVER) {
      return `${to.side} got ${name}, which was not sent`;
    }
    if (!d.intact || d.bytes !== message.bytes) {
      return `${to.side} got ${name} with ${d.bytes} bytes, expected ${message.bytes}${d.intact ? "" : ", and other bytes"}`;
    }
    if (d.stream !== message.stream || d.unordered !== message.unordered) {
      return `${to.side} got ${name} on stream ${d.stream}${d.unordered ? " unordered" : ""}`;
    }
    times[d.index] = (times[d.index] ?? 0) + 1;
  }
  for (const m of from.sent) {
    const got = times[m.index] ?? 0;
    const name = `${from.side}'s message ${m.index} (${m.bytes} bytes, stream ${m.stream})`;
    if (got > 1) return `${name} was delivered ${got} times`;
    if (m.acceptedAt === NEVER) {
      if (m.outcomes > 0) return `${name} was refused and has an outcome`;
      continue;
    }
    if (m.outcomes > 1) return `${name} has ${m.outcomes} outcomes`;
    if (m.outcome === undefined) {
      if (from.ended !== undefined) return `${name} has no outcome, and the association has ended`;
      if (pair.quiet && got === 0) return `${name} is lost, without an outcome`;
      continue;
    }
    // What its host had acknowledged is lost with a host that starts anew before it is read.
    if (m.outcome === "delivered" && got === 0 && to.reboots === 0) {
      return `${name} was acknowledged and never delivered`;
    }
    if (m.outcome === "abandoned" && got > 0) return `${name} was abandoned and delivered`;
    if (m.outcome === "failed" && !m.partSent && got > 0) {
      return `${name} failed as never sent and was delivered`;
    }
  }
  return undefined;
}
