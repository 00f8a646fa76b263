import type { Direction } from "./duplex-link.js";
import type { LinkOptions } from "./link-params.js";

/** Which host's end of a path is meant, where it matters. */
export type Side = "a" | "z";

/** The link of a path that a fault is about. */
export interface PathLink {
  /** Number of the path, from 0. */
  readonly path: number;
  /** @defaultValue "both" */
  readonly direction?: Direction;
  /**
   * In a mesh: whose path link, `z` meaning the link between the core and interface `path` of z.
   * Elsewhere both are the same link. @defaultValue "a"
   */
  readonly side?: Side;
}

/** Parameters that can be moved step by step. */
export type RampParam = "rateBps" | "delayMs" | "loss";

/**
 * What can happen to a network, as plain data that survives JSON, shrinks, and can be pasted back.
 * A fault that makes no sense at the moment (no such path, nothing cut, no NAT) does nothing.
 *
 * - `cut`: packets are lost without a word, and hosts are not told; `heal` ends it
 * - `icmpUnreachable`: as a cut that answers with ICMP errors; `heal` ends it
 * - `linkDown`, `linkUp`: the host's interface goes down and up, and its node is told. Where a path is one
 *   link between the hosts, both are told
 * - `setLink`: changes parameters of the link
 * - `ramp`: moves one parameter to a value evenly over a time; one without limit starts at `to`
 * - `natRebind`: the path's NAT forgets its mappings, and takes a new address if one is given
 * - `addressRemoved`: a host loses an address of its interface, by default the first it has
 * - `addressAdded`: it gains one, by default the first of its original addresses that is missing
 */
export type Fault =
  | (PathLink & { readonly kind: "cut" | "heal" | "icmpUnreachable" })
  | { readonly kind: "linkDown" | "linkUp"; readonly path: number; readonly side?: Side }
  | (PathLink & { readonly kind: "setLink"; readonly params: LinkOptions })
  | (PathLink & {
      readonly kind: "ramp";
      readonly param: RampParam;
      readonly to: number;
      readonly overMs: number;
      /** @defaultValue 10 */
      readonly steps?: number;
    })
  | { readonly kind: "natRebind"; readonly path: number; readonly address?: string }
  | {
      readonly kind: "addressRemoved" | "addressAdded";
      readonly path: number;
      /** @defaultValue "a" */
      readonly side?: Side;
      readonly address?: string;
    };

/** A fault and when it happens, in milliseconds from the start of the simulation. */
export interface TimedFault {
  readonly atMs: number;
  readonly fault: Fault;
}
