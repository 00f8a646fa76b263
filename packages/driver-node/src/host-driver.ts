import type { AssociationEvent, HostCore } from "@multihome/association";
import type { Instant, IpAddress } from "@multihome/base";
import type { HostInterface } from "@multihome/paths";
import type { InterfaceRules } from "./interface-rules.js";

/** A UDP port that a driver has bound (RFC 6951). */
export interface PortBinding {
  /** The port's number. */
  readonly port: number;
  /** Our addresses that it is bound on now. */
  readonly addresses: readonly IpAddress[];
  /** Gives it back. Its sockets are closed when nobody else uses the port. */
  release(): void;
}

/** What a driver tells. Called after the core was drained of packets, never in the middle of a call. */
export interface DriverListener {
  event(event: AssociationEvent): void;
  interfacesChanged(interfaces: readonly HostInterface[]): void;
}

/**
 * What drives a host core: time, randomness, packets in and out. The Node driver is one; a simulated
 * host can be another.
 */
export interface HostDriver {
  /** Who calls it says {@link HostDriver.wake} after. */
  readonly core: HostCore;
  /** The driver's clock. Never goes back. */
  now(): Instant;
  /** Something was asked of the core: it is drained soon, once for all calls of a turn. */
  wake(): void;
  /** Who is told; at most one, from then on. */
  listen(listener: DriverListener): void;
  /**
   * Binds a UDP port on our addresses, present and future.
   *
   * @param port 0: one that is free on all of them
   * @param addresses these addresses only, all of which must work. Default: all that may be used
   * @throws StackError `addressInUse`, `noPermission`, `addressUnavailable`, `bindFailed`,
   *   `noUsableAddress`
   */
  bind(port: number, addresses?: readonly IpAddress[]): Promise<PortBinding>;
  /** The interfaces as the core knows them. */
  readonly interfaces: readonly HostInterface[];
  /**
   * Replaces what the application says about interfaces.
   * @throws StackError `invalidOption`
   */
  setInterfaceRules(rules: InterfaceRules): void;
  /** While true, the process does not end by itself. Default false. */
  keepAlive(on: boolean): void;
  /** Counts of the driver by name. */
  readonly counters: Readonly<Record<string, number>>;
  /** Closes every socket. What the core has yet to send is lost. */
  close(): void;
}
