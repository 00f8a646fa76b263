import type { SctpAssociation } from "./association.js";
import { LossKind, type OutChunk } from "./out-chunk.js";
import type { SctpPath } from "./sctp-path.js";

/** Tells the trace that a chunk in flight is to be sent again, and why. */
export function traceMarked(a: SctpAssociation, c: OutChunk, lossKind: number): void {
  a.owner.trace?.({
    kind: "marked",
    association: a.id,
    path: c.path?.id ?? null,
    tsn: c.tsn,
    bytes: c.length,
    why: reason(c.path, lossKind),
  });
}

/** Tells the trace that a chunk that was marked leaves again, over this path. */
export function traceRetransmitted(a: SctpAssociation, c: OutChunk, path: SctpPath): void {
  a.owner.trace?.({
    kind: "retransmitted",
    association: a.id,
    path: path.id,
    from: c.lostOn?.id ?? null,
    tsn: c.tsn,
    bytes: c.length,
    times: c.sentCount,
  });
}

function reason(path: SctpPath | undefined, lossKind: number): string {
  if (lossKind === LossKind.fast) return "lossDetected";
  if (lossKind === LossKind.timeout) return "t3Rtx";
  if (path === undefined) return "pathLeft";
  if (path.state.kind === "potentiallyFailed" || path.state.kind === "inactive")
    return "pathFailed";
  return path.suspected ? "suspected" : "pathLeft";
}
