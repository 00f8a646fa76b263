import { NEVER } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { ChunkState, type OutChunk } from "./out-chunk.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";

/** Marks a chunk to be sent again: it no longer counts as in flight. RFC 9260 s6.2.1 rule C */
export function mark(a: SctpAssociation, index: number, chunk: OutChunk): void {
  chunk.state = ChunkState.marked;
  chunk.missing = 0;
  a.outbound.marked++;
  if (index < a.markedHint) a.markedHint = index;
  leaveFlight(a, chunk);
  a.peerRwnd += chunk.length;
}

/** Takes a chunk out of what is counted as in flight. */
export function leaveFlight(a: SctpAssociation, chunk: OutChunk): void {
  if (chunk.path !== undefined) chunk.path.flightSize -= chunk.size;
  a.outstandingBytes -= chunk.length;
}

/** Marks the earliest chunk in flight on this path, to be sent over another. */
export function markOldest(a: SctpAssociation, path: SctpPath): void {
  const q = a.outbound;
  for (let i = 0; i < q.length; i++) {
    const c = q.at(i);
    if (c === undefined || c.path !== path || c.state !== ChunkState.inFlight) continue;
    mark(a, i, c);
    return;
  }
}

/** Marks everything in flight on this path. */
export function markAllOf(a: SctpAssociation, path: SctpPath): void {
  const q = a.outbound;
  for (let i = 0; i < q.length; i++) {
    const c = q.at(i);
    if (c !== undefined && c.path === path && c.state === ChunkState.inFlight) mark(a, i, c);
  }
  path.timers.stop(PathTimer.t3Rtx);
  path.unprovenSince = NEVER;
}
