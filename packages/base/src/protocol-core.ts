import type { Instant } from "./instant.js";
import type { PacketRef } from "./packet-ref.js";

/**
 * The shape of every protocol core: no I/O, no clock, no randomness of its own, no callbacks.
 *
 * After each `handle`, `handleTimeout` or other change the driver calls `pollTransmit` until it
 * returns false, then `pollEvent` until it returns `undefined`, then `pollTimeout` once. `now` never
 * goes back. An early `handleTimeout` does nothing.
 */
export interface ProtocolCore<Input, Ev> {
  /** Feeds one input, borrowed until return. Never re-enters, never throws on bytes from the network. */
  handle(now: Instant, input: Input): void;
  handleTimeout(now: Instant): void;
  /** Fills `out` (room between `start` and `end`) with the next packet to send; false when there is none. */
  pollTransmit(now: Instant, out: PacketRef): boolean;
  pollEvent(): Ev | undefined;
  /** When handleTimeout is due; NEVER when nothing is armed. Pure. */
  pollTimeout(): Instant;
}
