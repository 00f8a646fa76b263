import type { Instant, PacketRef } from "@multihome/base";
import type { Pair } from "./pair.js";
import type { TestPeer } from "./test-peer.js";

/** What an oracle found. */
export interface Violation {
  /** Name of the oracle. */
  readonly oracle: string;
  /** Virtual time, in microseconds. */
  readonly at: Instant;
  /** What is wrong, for a person. */
  readonly detail: string;
}

/** An oracle at work on one run. Each call returns what is wrong, or `undefined`. */
export interface OracleWatch {
  /** For each packet that a host sends, from its common header on; borrowed until return. */
  sent?(peer: TestPeer, packet: PacketRef): string | undefined;
  /** After each drain of a host: cheap checks of what must always hold. */
  step?(peer: TestPeer): string | undefined;
  /** At the end of the run. */
  end?(): string | undefined;
}

/**
 * Something that must hold in every run, whatever the schedule. Write your own: give it to a
 * {@link Pair} or to `runSchedules` beside the built-in ones.
 *
 * @example
 * const quick: Oracle = {
 *   name: "quick",
 *   watch: (pair) => ({
 *     end: () => (pair.now > 1e9 ? `took ${pair.now} us` : undefined),
 *   }),
 * };
 */
export interface Oracle {
  readonly name: string;
  watch(pair: Pair): OracleWatch;
}
