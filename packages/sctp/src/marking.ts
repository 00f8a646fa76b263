import { NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { ChunkState, LossKind, type OutChunk } from "./out-chunk.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { traceMarked } from "./trace-chunk.js";

/** Marks a chunk to be sent again: it no longer counts as in flight. RFC 9260 s6.2.1 rule C */
export function mark(
  a: SctpAssociation,
  index: number,
  chunk: OutChunk,
  lossKind: number = LossKind.none,
): void {
  traceMarked(a, chunk, lossKind);
  chunk.state = ChunkState.marked;
  chunk.lossKind = lossKind;
  chunk.lostOn = chunk.path;
  chunk.episode = chunk.path?.lossEpisode ?? 0;
  if (lossKind !== LossKind.none && chunk.path !== undefined) chunk.path.openRepairs++;
  chunk.missing = 0;
  a.outbound.marked++;
  if (index < a.markedHint) a.markedHint = index;
  leaveFlight(a, chunk);
  a.peerRwnd += chunk.length;
}

/** Takes a chunk out of what is counted as in flight. */
export function leaveFlight(a: SctpAssociation, chunk: OutChunk): void {
  const { path } = chunk;
  if (path !== undefined) {
    path.flightSize -= chunk.size;
    path.inFlight.remove(chunk);
  }
  a.outstandingBytes -= chunk.length;
}

/**
 * Marks up to `count` chunks in flight on a path that fell silent, to be sent over another: from the
 * earliest on, and from where losses begin if both directions died at once. Then what was sent in the half
 * round trip after the newest chunk that was answered has arrived, and only its acknowledgements are lost.
 */
export function markLikelyLost(a: SctpAssociation, path: SctpPath, count: number): void {
  const later = path.provenUntil + path.rtt.srtt / 2;
  const half = count >> 1;
  const marked = markSent(a, path, later, NEVER, half);
  markSent(a, path, 0, NEVER, count - marked);
}

/** Marks what was sent on this path at `until` or before. */
export function markSentUntil(a: SctpAssociation, path: SctpPath, until: number): void {
  markSent(a, path, 0, until, Number.POSITIVE_INFINITY);
}

/** Marks up to `count` chunks in flight on this path that were sent in this time; returns how many. */
function markSent(
  a: SctpAssociation,
  path: SctpPath,
  since: number,
  until: number,
  count: number,
): number {
  const q = a.outbound;
  let marked = 0;
  for (let i = 0; i < q.length && marked < count && path.flightSize > 0; i++) {
    const c = q.at(i);
    if (c === undefined || c.path !== path || c.state !== ChunkState.inFlight) continue;
    if (c.sentAt < since || c.sentAt > until) continue;
    mark(a, i, c);
    marked++;
  }
  return marked;
}

/** Marks everything in flight on this path. */
export function markAllOf(
  a: SctpAssociation,
  path: SctpPath,
  lossKind: number = LossKind.none,
): void {
  const q = a.outbound;
  for (let i = 0; i < q.length; i++) {
    const c = q.at(i);
    if (c?.path === path && c.state === ChunkState.inFlight) mark(a, i, c, lossKind);
  }
  path.timers.stop(PathTimer.t3Rtx);
}
