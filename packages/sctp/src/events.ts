import type { Instant, IpAddress } from "@multihome/base";
import type { PathEvent } from "@multihome/paths";

/** Never reused within a host. */
export type AssociationId = number & { readonly __associationId: "AssociationId" };

/** How an association ended. */
export type EndCause =
  /** Both sides agreed; all data was delivered. RFC 9260 s9.2 */
  | { readonly kind: "shutdown" }
  /** The peer sent an ABORT. `reason` is the upper layer's, if it gave one (cause 12). */
  | {
      readonly kind: "abortedByPeer";
      readonly causeCodes: readonly number[];
      readonly reason: Uint8Array | undefined;
    }
  /** We sent an ABORT because the application asked. */
  | { readonly kind: "aborted" }
  /** We sent an ABORT because the peer broke the protocol. */
  | { readonly kind: "protocolViolation"; readonly detail: string }
  /** Nothing was heard for too long. RFC 9260 s8.1 */
  | { readonly kind: "unreachable"; readonly tried: readonly IpAddress[] }
  /** The peer refused, or could not be set up with. */
  | { readonly kind: "setupFailed"; readonly detail: string };

/** What became of a message that was accepted for sending. Once per message. */
export type MessageOutcome =
  | { readonly kind: "delivered" }
  /** Given up before it was sent completely (lifetime over). */
  | { readonly kind: "abandoned"; readonly data: Uint8Array }
  /** The association ended first; `sent` tells whether any part had left. */
  | { readonly kind: "failed"; readonly data: Uint8Array; readonly sent: boolean };

/** What an endpoint tells. In the order in which it happened. */
export type SctpEvent =
  /** COMMUNICATION UP, RFC 9260 s11.2.4. `incoming`: the peer opened it. */
  | {
      readonly kind: "up";
      readonly at: Instant;
      readonly id: AssociationId;
      readonly incoming: boolean;
      readonly outboundStreams: number;
      readonly inboundStreams: number;
    }
  /** The peer restarted (RFC 9260 s5.2.4 action A): streams begin anew. */
  | { readonly kind: "restarted"; readonly at: Instant; readonly id: AssociationId }
  /** There is something to `receive`; told once until `receive` returned `undefined`. */
  | { readonly kind: "readable"; readonly at: Instant; readonly id: AssociationId }
  /** There is room to `send` again after a `wouldBlock`. */
  | { readonly kind: "writable"; readonly at: Instant; readonly id: AssociationId }
  | {
      readonly kind: "message";
      readonly at: Instant;
      readonly id: AssociationId;
      readonly messageId: number;
      readonly outcome: MessageOutcome;
    }
  | {
      readonly kind: "path";
      readonly at: Instant;
      readonly id: AssociationId;
      readonly event: PathEvent;
    }
  /** The peer started to shut down: nothing more can be sent. */
  | { readonly kind: "peerShutdown"; readonly at: Instant; readonly id: AssociationId }
  /** COMMUNICATION ERROR, RFC 9260 s11.2.6: the peer reported an error cause. */
  | {
      readonly kind: "peerError";
      readonly at: Instant;
      readonly id: AssociationId;
      readonly causeCode: number;
    }
  /** The policy threw or chose what was not on offer; `handover` replaces it. */
  | {
      readonly kind: "policyFailed";
      readonly at: Instant;
      readonly id: AssociationId;
      readonly detail: string;
    }
  /** The end; nothing follows for this id. */
  | {
      readonly kind: "ended";
      readonly at: Instant;
      readonly id: AssociationId;
      readonly cause: EndCause;
    };

/** What `receive` hands over; the bytes are the caller's. */
export interface ReceivedMessage {
  readonly data: Uint8Array;
  readonly stream: number;
  readonly ssn: number;
  readonly ppid: number;
  readonly unordered: boolean;
  /**
   * False: more parts of this message follow (partial delivery, RFC 9260 s6.9), one such message at a time;
   * whole messages of other streams may come between. After `restarted` or `ended` the rest may never come:
   * then the next part has `begin: true`, or there is none.
   */
  readonly end: boolean;
  /** False: this continues the message whose earlier part had `end: false`. */
  readonly begin: boolean;
}
