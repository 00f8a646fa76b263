import type { IpAddress } from "@multihome/base";

/** What kind of network an interface attaches to. */
export type InterfaceKind = "wifi" | "cellular" | "ethernet" | "bluetooth" | "vpn" | "other";

/** A local attachment to a network. Changes of it are inputs, like packets. */
export interface HostInterface {
  /** Name as the system gives it, such as `wlan0`. Unique on the host. */
  readonly name: string;
  readonly kind: InterfaceKind;
  readonly addresses: readonly IpAddress[];
  readonly up: boolean;
  /** Largest IP packet in bytes. */
  readonly mtu: number;
  /** True if the user pays by the byte. */
  readonly metered: boolean;
  /** Relative cost, 0 and up; a policy prefers the lower. Default 0. */
  readonly cost: number;
  /** False: not one byte may leave by it. */
  readonly allowed: boolean;
}
