import { PacketRef } from "@multihome/base";

/** Largest payload of a UDP datagram over IPv6, rounded up. */
export const MAX_DATAGRAM_BYTES = 65_536;

/**
 * Where packets are written before they are sent. The system usually copies a datagram within the call
 * (libuv tries first, and only queues when the socket is full), so the same room serves every packet.
 * Room that a socket still refers to is left to it, and to the garbage collector after.
 */
export class SendArena {
  /** Placed on the room for the next packet by {@link SendArena.begin}. */
  readonly packet: PacketRef;
  #used: number;

  constructor() {
    const { bytes, view } = room();
    this.packet = new PacketRef(bytes, view);
    this.#used = 0;
  }

  /** Makes `packet` ready to be filled. */
  begin(): PacketRef {
    const p = this.packet;
    p.start = this.#used;
    p.end = this.#used + MAX_DATAGRAM_BYTES;
    return p;
  }

  /** The bytes of the packet must stay as they are: the next one goes behind it. */
  keep(): void {
    const p = this.packet;
    this.#used = (p.end + 7) & ~7;
    if (this.#used + MAX_DATAGRAM_BYTES <= p.bytes.length) return;
    const { bytes, view } = room();
    p.bytes = bytes;
    p.view = view;
    this.#used = 0;
  }
}

function room(): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(4 * MAX_DATAGRAM_BYTES);
  return { bytes, view: new DataView(bytes.buffer) };
}
