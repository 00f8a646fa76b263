import { Slab, StackError } from "@multihome/base";
import { HEADROOM, SimPacket } from "./sim-packet.js";

const SMALL_SLOT = 2048;
const LARGE_SLOT = 65_536 + HEADROOM;
const SMALL_SLOTS_PER_SLAB = 512;
const LARGE_SLOTS_PER_SLAB = 16;
const POISON = 0xdb;

/** Payload bytes that fit a small slot. */
export const SMALL_ROOM: number = SMALL_SLOT - HEADROOM;
/** Payload bytes that fit a large slot: more than any IP packet carries. */
export const LARGE_ROOM: number = LARGE_SLOT - HEADROOM;

/**
 * The packets of a simulation and the slots of their payloads. It grows by a slab at a time, up to
 * `maxPackets`, and counts what is out.
 */
export class PacketPool {
  readonly #small: SimPacket[];
  readonly #large: SimPacket[];
  readonly #maxPackets: number;
  readonly #poison: boolean;
  #inUse: number;
  #peak: number;

  /**
   * @param maxPackets how many may be out at once
   * @param poison overwrite the payload of what is given back, so that who kept it notices
   */
  constructor(maxPackets: number, poison: boolean) {
    this.#small = [];
    this.#large = [];
    this.#maxPackets = maxPackets;
    this.#poison = poison;
    this.#inUse = 0;
    this.#peak = 0;
  }

  /** Packets taken and not given back. */
  get inUse(): number {
    return this.#inUse;
  }

  /** The most that were ever out at once. */
  get peak(): number {
    return this.#peak;
  }

  /**
   * Takes a packet with room for `room` bytes of payload, 0 .. 65,536. Its fields are those of its
   * former use.
   * @throws StackError `tooManyPackets`
   */
  take(room: number): SimPacket {
    if (this.#inUse >= this.#maxPackets) {
      throw new StackError(
        "tooManyPackets",
        `packets in the network: got more than ${this.#maxPackets}, the maxPackets of this simulation`,
        { maxPackets: this.#maxPackets },
      );
    }
    const large = room > SMALL_ROOM;
    const free = large ? this.#large : this.#small;
    const packet = free.pop() ?? this.#grow(large);
    packet.live = true;
    this.#inUse++;
    if (this.#inUse > this.#peak) this.#peak = this.#inUse;
    return packet;
  }

  /**
   * Gives a packet back. The caller must own it.
   * @throws StackError `packetReleasedTwice`
   */
  release(packet: SimPacket): void {
    if (!packet.live) {
      throw new StackError("packetReleasedTwice", `packet ${packet.id} was released twice`, {
        packet: packet.id,
      });
    }
    packet.live = false;
    if (this.#poison) packet.bytes.fill(POISON, packet.start, packet.end);
    packet.end = packet.start;
    this.#inUse--;
    (packet.large ? this.#large : this.#small).push(packet);
  }

  /** Adds a slab's packets to the free ones and returns one more of them, which is not free. */
  #grow(large: boolean): SimPacket {
    const slotSize = large ? LARGE_SLOT : SMALL_SLOT;
    const slots = large ? LARGE_SLOTS_PER_SLAB : SMALL_SLOTS_PER_SLAB;
    const slab = new Slab(slots, slotSize);
    const free = large ? this.#large : this.#small;
    const make = (slot: number): SimPacket =>
      new SimPacket(slab.bytes, slab.view, slab.base(slot), slotSize, large);
    for (let slot = slots - 1; slot > 0; slot--) free.push(make(slot));
    return make(0);
  }
}
