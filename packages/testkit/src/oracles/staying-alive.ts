import type { EndCause } from "@multihome/association";
import { NEVER } from "@multihome/base";
import type { Oracle } from "../oracle.js";
import type { Pair } from "../pair.js";
import type { TestPeer } from "../test-peer.js";

/**
 * An association lives while one path lives: it ends as one of the applications asked, or as unreachable
 * when every path had been harmed at some time. Two of ours never call each other violators of the
 * protocol, whatever happens between them.
 */
export const stayingAlive: Oracle = {
  name: "stayingAlive",
  watch: (pair) => ({ end: () => check(pair, pair.a) ?? check(pair, pair.z) }),
};

function check(pair: Pair, peer: TestPeer): string | undefined {
  const cause = peer.ended;
  if (cause === undefined) return undefined;
  const other = peer.side === "a" ? pair.z : pair.a;
  const asked =
    pair.applied.some((op) => op.op === "abort") || peer.gaveUpSetup || other.gaveUpSetup;
  const rebooted = pair.a.reboots + pair.z.reboots > 0;
  const pathsLived = pair.harmedPaths.size < pair.pathCount;
  switch (cause.kind) {
    case "shutdown":
      return undefined;
    case "aborted":
      return asked ? undefined : `${peer.side} aborted, and nobody had asked`;
    case "abortedByPeer":
      // A host whose association is over answers what still comes with an ABORT: no violation, RFC 9260 s8.4.
      if (cause.causeCodes.length > 0 && !asked) {
        return `${peer.side} was aborted by ${other.side}, causes ${cause.causeCodes.join(", ")}`;
      }
      if (!asked && !rebooted && other.ended === undefined && other.id !== undefined) {
        return `${peer.side} was aborted by ${other.side}, which lives`;
      }
      return undefined;
    case "protocolViolation":
      return `${peer.side} called a protocol violation: ${cause.detail}`;
    case "unreachable":
    case "setupFailed":
      // RFC 9260 s5.1.5: a cookie made before the peer's restart is discarded without a word.
      if (peer.upAt === NEVER && other.reboots > 0) return undefined;
      // RFC 9260 s5.2.2: who starts anew with an address that the peer does not know yet is refused.
      if (peer.upAt === NEVER && peer.reboots > 0 && cause.kind === "setupFailed") return undefined;
      if (gaveUpEarly(pair, peer)) {
        return `${peer.side} ended as unreachable ${(peer.endedAt - peer.heardAt) / 1000} ms after it was last heard from, expected ${pair.giveUpAfterMs} ms`;
      }
      return pathsLived
        ? `${peer.side} ended as ${describe(cause)} with a path that was never harmed`
        : undefined;
  }
}

/** True if an association that was up ended before the silence was long enough. */
const gaveUpEarly = (pair: Pair, peer: TestPeer): boolean =>
  peer.upAt !== NEVER &&
  peer.ended?.kind === "unreachable" &&
  peer.endedAt - peer.heardAt < pair.giveUpAfterMs * 1000;

const describe = (cause: EndCause): string =>
  cause.kind === "setupFailed" ? `setupFailed (${cause.detail})` : cause.kind;
