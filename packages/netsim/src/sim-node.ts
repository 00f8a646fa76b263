import type { Instant, IpAddress, PacketRef } from "@multihome/base";
import type { IcmpKind } from "./sim-packet.js";

/** What kind of attachment an interface is: told to nodes, without effect on the simulation. */
export type InterfaceKind = "wifi" | "cellular" | "ethernet" | "bluetooth" | "vpn" | "other";

/** An interface as its host's node may see it. */
export interface InterfaceView {
  readonly name: string;
  /** Place among the host's interfaces, from 0. */
  readonly index: number;
  readonly kind: InterfaceKind;
  readonly metered: boolean;
  readonly up: boolean;
  /** Largest IP packet that may be sent here, headers included. Beyond, paths may allow less. */
  readonly mtu: number;
  readonly addresses: readonly IpAddress[];
}

/** What happened to an interface. */
export type InterfaceChange =
  | { readonly kind: "up" | "down"; readonly on: InterfaceView }
  | {
      readonly kind: "addressAdded" | "addressRemoved";
      readonly on: InterfaceView;
      readonly address: IpAddress;
    };

/** An ICMP error that came in. Nothing in it is authenticated. */
export interface IcmpNotice {
  readonly kind: Exclude<IcmpKind, "none">;
  /** ICMP or ICMPv6 type and code, by the family of `from`. */
  readonly type: number;
  readonly code: number;
  /** Of `packetTooBig`: the MTU of the link that refused; otherwise 0. */
  readonly mtu: number;
  /** Who sent the error. */
  readonly from: IpAddress;
}

/**
 * What a host of the simulation runs: a protocol core behind an adapter. After each input (packet,
 * timeout, ICMP error, interface change, `SimHost.drain`) the host calls `pollTransmit` until it returns
 * false, then `drainEvents`, and both again while `drainEvents` returns true; then `pollTimeout` once.
 */
export interface SimNode {
  /**
   * A packet came in: its payload, without IP and UDP headers. Borrowed until return; then its bytes are
   * overwritten.
   */
  handlePacket(now: Instant, packet: PacketRef): void;
  /** The instant that `pollTimeout` told has come. */
  handleTimeout(now: Instant): void;
  /**
   * Writes the next packet's payload into `out` from `start` on (room up to `end`), sets `end`, both
   * addresses, both ports (0 and 0: no UDP) and `ecn`; false when there is none. `out` comes with ports
   * 0, ECN 0 and `dontFragment` false.
   */
  pollTransmit(now: Instant, out: PacketRef): boolean;
  /** When `handleTimeout` is due; NEVER when nothing is armed. Pure. */
  pollTimeout(): Instant;
  /** An interface went up or down, or won or lost an address. It has already happened. */
  interfaceChanged?(now: Instant, change: InterfaceChange): void;
  /**
   * An ICMP error about a packet of ours came in. `quoted` is that packet as far as it is quoted: ours is
   * `local`; the bytes may be few or none. Borrowed until return.
   */
  handleIcmp?(now: Instant, notice: IcmpNotice, quoted: PacketRef): void;
  /** Takes the node's events. True if that gave it new input, so that there may be more to send. */
  drainEvents?(now: Instant): boolean;
  /**
   * True while only keep-alive timers are armed, so that they do not keep the simulation from being
   * idle. Without it, any armed timer does.
   */
  isIdle?(): boolean;
}
