import { type IpAddress, sameIp } from "@multihome/base";
import type { Link } from "./link.js";
import type { LinkEnd } from "./link-end.js";
import type { InterfaceChange, InterfaceKind, InterfaceView } from "./sim-node.js";
import type { SimPacket } from "./sim-packet.js";

/** How an interface is made. */
export interface InterfaceOptions {
  /** @defaultValue `if` and its index */
  readonly name?: string;
  /** @defaultValue "other" */
  readonly kind?: InterfaceKind;
  /** @defaultValue false */
  readonly metered?: boolean;
  /** Largest IP packet that its host may send on it, 68 .. 65,535. @defaultValue 1500 */
  readonly mtu?: number;
  /** Addresses in text form. */
  readonly addresses?: readonly string[];
}

/** What an interface needs of its host. */
export interface InterfaceOwner {
  readonly name: string;
  arrived(packet: SimPacket): void;
  changed(change: InterfaceChange): void;
}

/** A host's interface. It is up while its link is; without a link it is down. */
export class SimInterface implements LinkEnd, InterfaceView {
  readonly name: string;
  /** Host and interface, such as `a/if0`: for traces and errors. */
  readonly label: string;
  readonly index: number;
  readonly kind: InterfaceKind;
  readonly metered: boolean;
  readonly mtu: number;
  link: Link | undefined;
  readonly #owner: InterfaceOwner;
  readonly #addresses: IpAddress[];
  #up: boolean;

  constructor(
    owner: InterfaceOwner,
    index: number,
    options: Required<Omit<InterfaceOptions, "addresses">>,
  ) {
    this.name = options.name;
    this.label = `${owner.name}/${options.name}`;
    this.index = index;
    this.kind = options.kind;
    this.metered = options.metered;
    this.mtu = options.mtu;
    this.link = undefined;
    this.#owner = owner;
    this.#addresses = [];
    this.#up = false;
  }

  get up(): boolean {
    return this.#up;
  }

  get addresses(): readonly IpAddress[] {
    return this.#addresses;
  }

  /** True if the address is one of this interface. */
  owns(address: IpAddress): boolean {
    for (const own of this.#addresses) if (sameIp(own, address)) return true;
    return false;
  }

  /** Adds an address, at the end, and tells the node; false if it is there already. */
  addAddress(address: IpAddress): boolean {
    if (this.owns(address)) return false;
    this.#addresses.push(address);
    this.#owner.changed({ kind: "addressAdded", on: this, address });
    return true;
  }

  /** Removes an address and tells the node; false if it was not there. */
  removeAddress(address: IpAddress): boolean {
    const place = this.#addresses.findIndex((own) => sameIp(own, address));
    if (place < 0) return false;
    this.#addresses.splice(place, 1);
    this.#owner.changed({ kind: "addressRemoved", on: this, address });
    return true;
  }

  receive(packet: SimPacket): void {
    this.#owner.arrived(packet);
  }

  linkStateChanged(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#owner.changed({ kind: up ? "up" : "down", on: this });
  }
}
