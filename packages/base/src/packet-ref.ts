import { IpAddress } from "./ip-address.js";
import type { Slab } from "./slab.js";

const UNSPECIFIED = IpAddress.v4(0);

/**
 * A packet: bytes `start .. end` of a buffer, and where it goes to or came from. One object is reused
 * for many packets; who is given one borrows it until return.
 *
 * `bytes` and `view` cover the same memory, usually a whole {@link Slab}. Room before `start` is for
 * lower layers to prepend their headers.
 */
export class PacketRef {
  bytes: Uint8Array;
  view: DataView;
  /** Offset of the first byte. */
  start: number;
  /** Offset after the last byte. While it is to be filled: the limit that must not be passed. */
  end: number;
  /** The slot in the slab the bytes are from, or -1. */
  slot: number;
  /** Our address: destination of what came in, source of what goes out. */
  local: IpAddress;
  /** The peer's address. */
  remote: IpAddress;
  /** UDP port on our side when UDP carries the packet (RFC 6951), otherwise 0. */
  localPort: number;
  /** UDP port on the peer's side, otherwise 0. */
  remotePort: number;
  /** The ECN field of the IP header, 0 .. 3; 0 where the system does not tell. */
  ecn: number;
  /** Outgoing: ask that no router fragments it (path MTU probes). */
  dontFragment: boolean;

  constructor(bytes: Uint8Array, view: DataView) {
    this.bytes = bytes;
    this.view = view;
    this.start = 0;
    this.end = 0;
    this.slot = -1;
    this.local = UNSPECIFIED;
    this.remote = UNSPECIFIED;
    this.localPort = 0;
    this.remotePort = 0;
    this.ecn = 0;
    this.dontFragment = false;
  }

  /** A reference over a whole slab, placed on no slot yet. */
  static over(slab: Slab): PacketRef {
    return new PacketRef(slab.bytes, slab.view);
  }

  /** Places it on a slot, leaving `headroom` bytes in front; `end` is the slot's end. */
  place(slab: Slab, slot: number, headroom: number): void {
    this.bytes = slab.bytes;
    this.view = slab.view;
    this.slot = slot;
    this.start = slab.base(slot) + headroom;
    this.end = slab.base(slot) + slab.slotSize;
  }

  get length(): number {
    return this.end - this.start;
  }
}
