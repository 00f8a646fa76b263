import type { Link } from "./link.js";
import type { SimPacket } from "./sim-packet.js";

/** Where a link can be plugged in: a host's interface, a router's or a NAT's port. */
export interface LinkEnd {
  /** Name for traces and errors, such as `a/if0`. */
  readonly label: string;
  /** The link that leads away from here; set when the end is connected. */
  link: Link | undefined;
  /** Takes a packet that arrived, and owns it from then on. */
  receive(packet: SimPacket): void;
  /** The link went down or came up. */
  linkStateChanged(up: boolean): void;
}
