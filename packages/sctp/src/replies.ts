import type { SctpAssociation } from "./association.js";
import type { SctpPath } from "./sctp-path.js";

/** Chunks of one association that wait to leave at most. */
export const MAX_WAITING = 64;

/** A packet came in: what is answered to it counts from here. */
export function beginReplies(a: SctpAssociation, path: SctpPath | undefined): void {
  a.replyBytes = 0;
  const by = path ?? a.current ?? a.paths[0];
  a.replyRoom = by === undefined ? 0 : by.pmdcs;
  if (path?.confirmed === true) a.lastHeardOver = path;
}

/**
 * Queues a chunk that answers one of the packet at hand. All answers to a packet fit into one, so that
 * nobody makes us send more packets than he sends (RFC 9260 s12.4); what is beyond is dropped, and so is
 * what finds the queue full.
 *
 * @param path where it must go; `undefined`: over the path that data goes
 */
export function queueReply(
  a: SctpAssociation,
  bytes: Uint8Array,
  path: SctpPath | undefined,
): boolean {
  const fits = a.replyBytes === 0 || a.replyBytes + bytes.length <= a.replyRoom;
  if (!fits || a.controls.length >= MAX_WAITING) {
    a.counters.repliesDropped++;
    return false;
  }
  a.replyBytes += bytes.length;
  a.controls.push({ bytes, path, alone: false, vtag: undefined });
  return true;
}

/** Queues an ERROR chunk; an address that the peer has not proved to be its own gets none (RFC 9260 s5.4). */
export function queueErrorReply(
  a: SctpAssociation,
  bytes: Uint8Array,
  path: SctpPath | undefined,
): void {
  if (path?.confirmed === true) queueReply(a, bytes, path);
  else a.counters.repliesDropped++;
}
