import { EPOCH, type Instant, type RandomSource, SeededRandom } from "@multihome/base";
import type { NetTrace } from "./net-trace.js";
import type { PacketPool } from "./packet-pool.js";
import { type Timed, TimeHeap } from "./time-heap.js";

/** What the simulation calls when its time comes: a link, a host's timer, a scheduled action. */
export interface EventSource extends Timed {
  /** Handles one event. It has been taken out of the heap and may enter itself again. */
  fire(): void;
}

/** What all parts of one simulation share. */
export class SimContext {
  /** Virtual time. Only the simulation moves it. */
  now: Instant;
  readonly events: TimeHeap<EventSource>;
  readonly pool: PacketPool;
  readonly trace: NetTrace;
  readonly random: SeededRandom;
  #seq: number;
  #packetId: number;
  #place: number;

  constructor(seed: number, pool: PacketPool, trace: NetTrace) {
    this.now = EPOCH;
    this.events = new TimeHeap();
    this.pool = pool;
    this.trace = trace;
    this.random = new SeededRandom(seed);
    this.#seq = 0;
    this.#packetId = 0;
    this.#place = 0;
  }

  /** The next sequence number: orders what is due at the same time. */
  nextSeq(): number {
    this.#seq++;
    return this.#seq;
  }

  nextPacketId(): number {
    this.#packetId++;
    return this.#packetId;
  }

  /** A number for a link, host or router, in the order they are made. */
  nextPlace(): number {
    this.#place++;
    return this.#place;
  }

  /** Randomness of its own for a part, so that one part's draws do not shift another's. */
  forkRandom(): RandomSource {
    return this.random.fork();
  }
}
