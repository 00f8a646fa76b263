import type { Link } from "./link.js";
import type { LinkEnd } from "./link-end.js";
import type { SimPacket } from "./sim-packet.js";

/** A place of a router or NAT where a link is plugged in. */
export class RouterPort implements LinkEnd {
  /** Name for traces and errors. */
  readonly label: string;
  link: Link | undefined;
  readonly #owner: PortOwner;
  #up: boolean;

  constructor(owner: PortOwner, label: string) {
    this.label = label;
    this.link = undefined;
    this.#owner = owner;
    this.#up = false;
  }

  /** True while its link is up. */
  get up(): boolean {
    return this.#up;
  }

  receive(packet: SimPacket): void {
    this.#owner.arrived(packet, this);
  }

  linkStateChanged(up: boolean): void {
    this.#up = up;
  }
}

/** Who has ports. */
export interface PortOwner {
  /** Takes a packet that came in at `port`, and owns it. */
  arrived(packet: SimPacket, port: RouterPort): void;
}
