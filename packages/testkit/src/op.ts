import type { Direction, Fault, Side } from "@multihome/netsim";

/** The link of a path that a fault is about. */
interface OnPath {
  /** Number of the path, from 0. */
  readonly path: number;
  /** @defaultValue "both" */
  readonly direction?: Direction;
}

/** Values that survive JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/**
 * One event of a schedule: plain JSON, so that it shrinks, prints and can be pasted back. An operation
 * that makes no sense when its turn comes does nothing. Times are milliseconds, chances per cent.
 *
 * - `advance`: lets virtual time pass
 * - `send`: the application of a side sends `count` messages
 * - `pauseReading`, `resumeReading`: it stops and starts to take messages; `slowReading`: one every `everyMs`
 * - `shutdown`, `abort`: it ends the association
 * - `restart`: the host loses power and starts anew; a connects again from the same port
 * - `setPrimary`: it asks for a path, by its place in the list of paths
 * - `cut`, `heal`: packets of a path are lost without a word; `icmpUnreachable`: with ICMP errors
 * - `flap`: a path is cut and healed in turn, `times` times, each state lasting `everyMs`
 * - `outage`: every path is cut, and healed after `ms`
 * - `linkDown`, `linkUp`: interfaces go down and up, and their hosts are told
 * - `removeAddress`, `addAddress`: an interface loses and regains its address
 * - `loss`, `burstLoss`, `duplicate`, `corrupt`, `reorder`: chances for each packet; 0 ends it
 * - `delay`, `jitter`, `rate`, `mtu`: parameters of the link; `rate` 0 is without limit
 * - `natRebind`: the NAT of the path forgets its mappings
 * - `fault`: any fault of the simulator
 * - `user`: a fault of your own, by its name in the `userOps` of the pair
 */
export type Op =
  | { readonly op: "advance"; readonly ms: number }
  | {
      readonly op: "send";
      readonly side: Side;
      /** Of each message, 1 or more. */
      readonly bytes: number;
      /** @defaultValue 1 */
      readonly count?: number;
      /** @defaultValue 0 */
      readonly stream?: number;
      /** @defaultValue false */
      readonly unordered?: boolean;
      /** @defaultValue none */
      readonly lifetimeMs?: number;
    }
  | { readonly op: "pauseReading" | "resumeReading"; readonly side: Side }
  | { readonly op: "slowReading"; readonly side: Side; readonly everyMs: number }
  | { readonly op: "shutdown" | "abort" | "restart"; readonly side: Side }
  | { readonly op: "setPrimary"; readonly side: Side; readonly index: number }
  | (OnPath & { readonly op: "cut" | "heal" | "icmpUnreachable" })
  | (OnPath & { readonly op: "flap"; readonly times: number; readonly everyMs: number })
  | { readonly op: "outage"; readonly ms: number }
  | { readonly op: "linkDown" | "linkUp"; readonly path: number; readonly side?: Side }
  | { readonly op: "removeAddress" | "addAddress"; readonly path: number; readonly side?: Side }
  | (OnPath & { readonly op: "loss" | "duplicate" | "corrupt"; readonly percent: number })
  | (OnPath & {
      readonly op: "burstLoss";
      readonly percent: number;
      /** Packets that a spell lasts on average. */
      readonly length: number;
    })
  | (OnPath & { readonly op: "reorder"; readonly percent: number; readonly extraMs: number })
  | (OnPath & { readonly op: "delay"; readonly ms: number })
  | (OnPath & { readonly op: "jitter"; readonly ms: number })
  | (OnPath & { readonly op: "rate"; readonly kbps: number })
  | (OnPath & {
      readonly op: "mtu";
      readonly bytes: number;
      /** Whether what is too big is answered with an ICMP error. @defaultValue true */
      readonly icmp?: boolean;
    })
  | { readonly op: "natRebind"; readonly path: number }
  | { readonly op: "fault"; readonly fault: Fault }
  | { readonly op: "user"; readonly name: string; readonly value?: Json };

/** The names of operations. */
export type OpKind = Op["op"];

/** How a network and its hosts are made, as plain JSON. */
export interface Topology {
  /** One-way delay of each path, in milliseconds; as many as there are paths, 1 to 8. */
  readonly delaysMs: readonly number[];
  /** `mixed`: IPv4 and IPv6 in turn, path by path. @defaultValue "ipv4" */
  readonly family?: "ipv4" | "ipv6" | "dual" | "mixed";
  /** Every address of a reaches every address of z, over routers. @defaultValue false */
  readonly mesh?: boolean;
  /** SCTP over UDP (RFC 6951). @defaultValue false */
  readonly udp?: boolean;
  /** Puts a behind a NAT on path 0; needs `udp`. @defaultValue false */
  readonly nat?: boolean;
  /** Rate of each path in kbit/s, 0 without limit. @defaultValue 0 */
  readonly rateKbps?: number;
  /** Receive buffer of both hosts. @defaultValue that of the core */
  readonly receiveBufferBytes?: number;
  /** @defaultValue "fast" */
  readonly timing?: "fast" | "rfc";
}

/** A whole run as plain JSON: with the same schedule it is the same to the byte. */
export interface Schedule {
  /** Seed of the network, of both hosts, and of what is sent. */
  readonly seed: number;
  readonly topology: Topology;
  readonly ops: readonly Op[];
  /** The first operation comes before the association is up. @defaultValue false */
  readonly duringSetup?: boolean;
  /** Which side closes at the end. @defaultValue "a" */
  readonly closedBy?: Side | "both";
}
