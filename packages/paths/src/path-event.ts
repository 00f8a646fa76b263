import type { Instant, IpAddress, Micros } from "@multihome/base";

/** Why a path was left, failed or ended. */
export type PathCause =
  /** The retransmission timer T3-rtx ran out. RFC 9260 s6.3.3 */
  | "retransmissionTimeout"
  /** A probe was answered on another path and not on this one. */
  | "tailLossProbe"
  /** A HEARTBEAT went unanswered. RFC 9260 s8.3 */
  | "heartbeatTimeout"
  /** The interface lost its link. */
  | "linkDown"
  /** The local address went away. */
  | "addressRemoved"
  /** An ICMP message said that the destination is unreachable. RFC 9260 s10 */
  | "icmpUnreachable"
  /** The application, or the policy it gave, asked for it. */
  | "application"
  /** The preferred path came back. */
  | "switchback"
  /** The path in use was the better choice of the policy. */
  | "policy"
  /** The association ended. */
  | "associationEnded";

/** A path as events name it; ids are never reused within an association. */
export interface PathName {
  readonly id: number;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

/** What happened to a path of an association. Instants and lengths of time in microseconds. */
export type PathEvent =
  /** A pair of addresses is being tried. */
  | { readonly kind: "added"; readonly at: Instant; readonly path: PathName }
  /** It was verified (RFC 9260 s5.4) and can carry data. */
  | {
      readonly kind: "confirmed";
      readonly at: Instant;
      readonly path: PathName;
      readonly rtt: Micros;
    }
  | {
      readonly kind: "potentiallyFailed";
      readonly at: Instant;
      readonly path: PathName;
      readonly cause: PathCause;
    }
  | {
      readonly kind: "inactive";
      readonly at: Instant;
      readonly path: PathName;
      readonly cause: PathCause;
    }
  /** It answers again and can be used. */
  | { readonly kind: "recovered"; readonly at: Instant; readonly path: PathName }
  /**
   * Data now goes another way. `stall` is how long the peer had acknowledged nothing new when the
   * switch was made, while something was to be acknowledged; 0 for a planned move.
   */
  | {
      readonly kind: "switched";
      readonly at: Instant;
      readonly from: PathName;
      readonly to: PathName;
      readonly cause: PathCause;
      readonly stall: Micros;
    }
  /** It is no more. Comes once per path, last. */
  | {
      readonly kind: "removed";
      readonly at: Instant;
      readonly path: PathName;
      readonly cause: PathCause;
    };
