const SLOTS = 8;
const SLOT_BYTES = 64;
const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);

/**
 * SACK chunks that became due while further packets of a batch were taken, in the order in which they
 * are to leave: eight at most, each of at most 64 bytes.
 */
export class SackNotes {
  /** How many wait. */
  waiting: number;
  /** All slots one after the other; made when first needed, since most associations never need it. */
  view: DataView;
  #bytes: Uint8Array;
  #lengths: Uint8Array;
  #first: number;

  constructor() {
    this.waiting = 0;
    this.view = NO_VIEW;
    this.#bytes = NOTHING;
    this.#lengths = NOTHING;
    this.#first = 0;
  }

  /** Length of the one that leaves next. */
  get nextLength(): number {
    return this.#lengths[this.#first] as number;
  }

  /** Where in {@link SackNotes.view} one of this length may be written; -1 if there is no room. */
  reserve(length: number): number {
    if (this.waiting === SLOTS || length > SLOT_BYTES) return -1;
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(SLOTS * SLOT_BYTES);
      this.#lengths = new Uint8Array(SLOTS);
      this.view = new DataView(this.#bytes.buffer);
    }
    const slot = (this.#first + this.waiting) % SLOTS;
    this.#lengths[slot] = length;
    this.waiting++;
    return slot * SLOT_BYTES;
  }

  /** Copies the first to `out` and takes it off. Returns its length. */
  take(out: Uint8Array, at: number): number {
    const from = this.#first * SLOT_BYTES;
    const length = this.nextLength;
    for (let i = 0; i < length; i++) out[at + i] = this.#bytes[from + i] as number;
    this.#first = (this.#first + 1) % SLOTS;
    this.waiting--;
    return length;
  }

  clear(): void {
    this.waiting = 0;
  }
}

/** What all associations have that never had to note one; nothing is reserved in it. */
export const NO_NOTES: SackNotes = new SackNotes();
