import type { HostInterface, InterfaceKind } from "@multihome/paths";

/** An attachment of this machine to a network. */
export interface InterfaceInfo {
  /** Name as the system gives it, such as `wlan0`. */
  readonly name: string;
  /** Guessed from the name. */
  readonly kind: InterfaceKind;
  readonly addresses: readonly string[];
  readonly up: boolean;
  readonly metered: boolean;
  readonly cost: number;
  /** False: not one byte may leave by it. */
  readonly allowed: boolean;
}

/** The application's form of a core's interface. */
export const interfaceInfo = (i: HostInterface): InterfaceInfo => ({
  name: i.name,
  kind: i.kind,
  addresses: i.addresses.map(String),
  up: i.up,
  metered: i.metered,
  cost: i.cost,
  allowed: i.allowed,
});
