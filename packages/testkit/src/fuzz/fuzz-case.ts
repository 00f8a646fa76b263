import type { Timing } from "@multihome/paths";

/** States that an endpoint is attacked in. RFC 9260 s4; `closed` and `listening` have no association. */
export const FUZZ_STATES = [
  "closed",
  "listening",
  "cookieWait",
  "cookieEchoed",
  "established",
  "shutdownPending",
  "shutdownSent",
  "shutdownReceived",
  "shutdownAckSent",
] as const;

export type FuzzState = (typeof FUZZ_STATES)[number];

/** One run of the fuzzer, as data: it can be printed, pasted back, cut down. */
export interface FuzzCase {
  readonly state: FuzzState;
  /** Who opened the association. */
  readonly opener: "target" | "peer";
  /**
   * `insider` knows tags, TSNs and cookies of the association that is attacked; `blind` knows addresses and
   * ports, and may open associations of his own.
   */
  readonly attacker: "insider" | "blind";
  /** The insider mostly avoids what ends an association at once. */
  readonly careful: boolean;
  readonly timing: Timing;
  readonly family: 4 | 6;
  /** UDP carries it (RFC 6951). */
  readonly udp: boolean;
  readonly paths: 1 | 2;
  /** Whose application does not read, so that a window is closed. */
  readonly stalled: "nobody" | "target" | "peer";
  /** Of the endpoints and the losses. */
  readonly seed: number;
  /** One for each thing that the attacker does. */
  readonly moves: readonly number[];
}
