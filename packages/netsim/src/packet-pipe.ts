import { EPOCH, type Instant, Ring } from "@multihome/base";
import type { SimPacket } from "./sim-packet.js";
import { comesBefore, TimeHeap } from "./time-heap.js";

/**
 * The packets that are under way in one direction, by time of arrival. Nearly all arrive in the order
 * they were sent and stand in a ring, in constant time; who overtakes stands in a heap.
 */
export class PacketPipe {
  readonly #inOrder: Ring<SimPacket>;
  readonly #early: TimeHeap<SimPacket>;
  #lastAt: Instant;

  constructor() {
    this.#inOrder = new Ring();
    this.#early = new TimeHeap();
    this.#lastAt = EPOCH;
  }

  get length(): number {
    return this.#inOrder.length + this.#early.size;
  }

  /** Takes in a packet; `seq` must be above that of all before. */
  push(packet: SimPacket, at: Instant, seq: number): void {
    if (this.#inOrder.length > 0 && at < this.#lastAt) {
      this.#early.set(packet, at, seq);
      return;
    }
    packet.at = at;
    packet.seq = seq;
    this.#lastAt = at;
    this.#inOrder.push(packet);
  }

  /** The packet that arrives first. */
  peek(): SimPacket | undefined {
    const inOrder = this.#inOrder.peek();
    const early = this.#early.peek();
    if (early === undefined) return inOrder;
    return inOrder === undefined || comesBefore(early, inOrder) ? early : inOrder;
  }

  /** Takes the packet that arrives first. */
  shift(): SimPacket | undefined {
    const first = this.peek();
    if (first !== undefined && first.heapIndex >= 0) {
      this.#early.remove(first);
      return first;
    }
    return this.#inOrder.shift();
  }
}
