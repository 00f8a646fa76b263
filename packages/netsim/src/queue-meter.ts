import { EPOCH, type Instant } from "@multihome/base";

/** Occupancy of one link's queue: now, at most, and on average over time. */
export class QueueMeter {
  #bytes: number;
  #packets: number;
  #maxBytes: number;
  #maxWaitMicros: number;
  #byteMicros: number;
  #since: Instant;
  #changedAt: Instant;

  constructor() {
    this.#bytes = 0;
    this.#packets = 0;
    this.#maxBytes = 0;
    this.#maxWaitMicros = 0;
    this.#byteMicros = 0;
    this.#since = EPOCH;
    this.#changedAt = EPOCH;
  }

  /** Bytes that wait; what is being sent does not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Packets that wait. */
  get packets(): number {
    return this.#packets;
  }

  /** The most bytes that waited at once since the last {@link QueueMeter.reset}. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The longest that a packet has waited before its transmission began. */
  get maxWaitMicros(): number {
    return this.#maxWaitMicros;
  }

  /** Bytes that waited on average from the last {@link QueueMeter.reset} to `now`. */
  meanBytes(now: Instant): number {
    if (now <= this.#since) return this.#bytes;
    return (this.#byteMicros + this.#bytes * (now - this.#changedAt)) / (now - this.#since);
  }

  /** Starts a new measurement. */
  reset(now: Instant): void {
    this.#maxBytes = this.#bytes;
    this.#maxWaitMicros = 0;
    this.#byteMicros = 0;
    this.#since = now;
    this.#changedAt = now;
  }

  entered(now: Instant, bytes: number): void {
    this.#change(now, bytes, 1);
    if (this.#bytes > this.#maxBytes) this.#maxBytes = this.#bytes;
  }

  left(now: Instant, bytes: number, enteredAt: Instant): void {
    this.#change(now, -bytes, -1);
    if (now - enteredAt > this.#maxWaitMicros) this.#maxWaitMicros = now - enteredAt;
  }

  #change(now: Instant, bytes: number, packets: number): void {
    this.#byteMicros += this.#bytes * (now - this.#changedAt);
    this.#changedAt = now;
    this.#bytes += bytes;
    this.#packets += packets;
  }
}
