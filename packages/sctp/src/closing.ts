import { type Instant, type IpAddress, sameIp } from "@multihome/base";
import { ErrorCause } from "@multihome/wire";
import type { ControlChunk, SctpAssociation } from "./association.js";
import { abortChunk, cause, textBytes } from "./control-chunks.js";
import type { EndCause } from "./events.js";
import { emitPath, pathName } from "./path-selection.js";
import type { SctpPath } from "./sctp-path.js";

/**
 * Ends the association: every message that is not delivered fails with its data, then every path is
 * removed, then the end is told. What the application has not received yet stays readable.
 *
 * @param last the one chunk that still leaves; without it nothing does, not even what was queued as
 * answers to a packet that ends in an ABORT (RFC 9260 s9.1)
 */
export function closeAssociation(
  a: SctpAssociation,
  now: Instant,
  end: EndCause,
  last?: ControlChunk,
): void {
  if (a.state.kind === "closed") return;
  a.state = { kind: "closed" };
  a.controls.clear();
  if (last !== undefined) a.controls.push(last);
  a.timers.stopAll();
  failMessages(a, now);
  for (const path of a.paths) {
    path.timers.stopAll();
    emitPath(a, now, {
      kind: "removed",
      at: now,
      path: pathName(path),
      cause: "associationEnded",
    });
  }
  a.counters.associationsClosed++;
  a.owner.emit({ kind: "ended", at: now, id: a.id, cause: end });
  a.owner.forget(a);
}

/** Hands back what was not delivered, in the order in which it was given. RFC 9260 s11.2.2 */
export function failMessages(a: SctpAssociation, now: Instant): void {
  let last = 0;
  for (;;) {
    const chunk = a.outbound.shift();
    if (chunk === undefined) break;
    const message = chunk.message;
    if (message !== undefined && message.id !== last && message.unacknowledged > 0) {
      last = message.id;
      a.owner.emit({
        kind: "message",
        at: now,
        id: a.id,
        messageId: message.id,
        outcome: { kind: "failed", data: message.data, sent: true },
      });
    }
    a.outbound.release(chunk);
  }
  for (;;) {
    const message = a.sendQueue.shift();
    if (message === undefined) break;
    if (message.id === last) continue;
    a.owner.emit({
      kind: "message",
      at: now,
      id: a.id,
      messageId: message.id,
      outcome: { kind: "failed", data: message.data, sent: false },
    });
  }
  a.bufferedBytes = 0;
  a.outstandingBytes = 0;
  a.expiring = 0;
  for (const path of a.paths) {
    path.flightSize = 0;
    path.inFlight.clear();
  }
}

/**
 * Sends an ABORT because the peer broke the protocol, and ends the association.
 * @param detail what was wrong, in ASCII; it goes with the cause
 */
export function abortAssociation(
  a: SctpAssociation,
  now: Instant,
  code: number,
  detail: string,
  info: Uint8Array = textBytes(detail),
): void {
  const end: EndCause = { kind: "protocolViolation", detail };
  // RFC 9260 s6.4: to where what it answers came from.
  const via = a.lastHeardOver?.allowed ? a.lastHeardOver : undefined;
  closeAssociation(a, now, end, abortWith(cause(code, info), via));
}

/** ABORT on request of the application. RFC 9260 s9.1 */
export function abortByUser(a: SctpAssociation, now: Instant, reason: Uint8Array): void {
  // In COOKIE-WAIT there is no tag to send it with.
  const last =
    a.peerVtag === 0
      ? undefined
      : abortWith(cause(ErrorCause.userInitiatedAbort, reason), undefined);
  closeAssociation(a, now, { kind: "aborted" }, last);
}

const abortWith = (withCause: Uint8Array, path: SctpPath | undefined): ControlChunk => ({
  bytes: abortChunk(false, withCause),
  path,
  alone: true,
  vtag: undefined,
});

/** Each remote address of the paths once. */
export function distinctRemotes(paths: readonly SctpPath[]): IpAddress[] {
  const out: IpAddress[] = [];
  for (const p of paths) if (!out.some((r) => sameIp(r, p.remote))) out.push(p.remote);
  return out;
}
