import { StackError } from "./stack-error.js";

/**
 * One ArrayBuffer cut into fixed slots, with one byte view and one DataView over all of it. A packet
 * is a slot and two offsets ({@link PacketRef}); nothing is allocated per packet.
 */
export class Slab {
  /** All slots' bytes; offsets in a {@link PacketRef} count from its start. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly slotSize: number;
  readonly slotCount: number;
  readonly #free: Int32Array;
  #freeCount: number;

  /**
   * @param slotCount how many packets can be held at once, 1 .. 65,536
   * @param slotSize bytes of each, a multiple of 8, 64 .. 131,072
   */
  constructor(slotCount: number, slotSize: number) {
    if (!(slotCount >= 1 && slotCount <= 65_536) || !(slotSize >= 64 && slotSize <= 131_072)) {
      throw new StackError(
        "invalidOption",
        `slab: got ${slotCount} slots of ${slotSize} bytes, expected 1..65536 slots of 64..131072 bytes`,
        { slotCount, slotSize },
      );
    }
    const buffer = new ArrayBuffer(slotCount * slotSize);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.slotSize = slotSize;
    this.slotCount = slotCount;
    this.#free = new Int32Array(slotCount);
    for (let i = 0; i < slotCount; i++) this.#free[i] = slotCount - 1 - i;
    this.#freeCount = slotCount;
  }

  /** Slots taken and not given back. */
  get used(): number {
    return this.slotCount - this.#freeCount;
  }

  /** Takes a slot: its number, or -1 when all are out. */
  alloc(): number {
    if (this.#freeCount === 0) return -1;
    this.#freeCount--;
    return this.#free[this.#freeCount] as number;
  }

  /** Gives a slot back. The caller must have taken it and must not use it again. */
  free(slot: number): void {
    this.#free[this.#freeCount] = slot;
    this.#freeCount++;
  }

  /** Offset of the slot's first byte. */
  base(slot: number): number {
    return slot * this.slotSize;
  }
}
