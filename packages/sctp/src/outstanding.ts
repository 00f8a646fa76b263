import { type Tsn, tsnAdd, tsnDiff } from "@multihome/base";
import { type GapRanges, NO_RANGES } from "./gap-ranges.js";
import { OutChunk } from "./out-chunk.js";

const FIRST_SIZE = 16;
const NOTHING: (OutChunk | undefined)[] = [];
const NOBODY: OutChunk[] = [];

/**
 * The chunks that have a TSN and are not cumulatively acknowledged, found by TSN in constant time:
 * a ring whose first place is cumTsnAckPoint + 1.
 */
export class Outstanding {
  /** cumTsnAckPoint, RFC 9260 s14.2. */
  cumTsnAckPoint: Tsn;
  /** How many chunks were taken off: the number of the first in the ring, within the association. */
  firstNumber: number;
  /** What the last SACK reported in Gap Ack Blocks; the other is scratch for the next. */
  reported: GapRanges;
  spare: GapRanges;
  /**
   * The last SACK had no room for all its Gap Ack Blocks, as far as one can tell: nothing is known of what
   * follows `reportEnd`. RFC 9260 s6.7
   */
  cutShort: boolean;
  reportEnd: Tsn;
  /** Most Gap Ack Blocks of one SACK so far. */
  mostGaps: number;
  /** How many are in Gap Ack Blocks. */
  gapAcked: number;
  /** How many are marked for retransmission. */
  marked: number;
  #ring: (OutChunk | undefined)[];
  #mask: number;
  #head: number;
  #length: number;
  #pool: OutChunk[];

  /** @param initialTsn the TSN that the first chunk gets */
  constructor(initialTsn: Tsn) {
    this.cumTsnAckPoint = tsnAdd(initialTsn, -1);
    this.firstNumber = 0;
    this.reported = NO_RANGES;
    this.spare = NO_RANGES;
    this.cutShort = false;
    this.reportEnd = this.cumTsnAckPoint;
    this.mostGaps = 0;
    this.gapAcked = 0;
    this.marked = 0;
    this.#ring = NOTHING;
    this.#mask = -1;
    this.#head = 0;
    this.#length = 0;
    this.#pool = NOBODY;
  }

  get length(): number {
    return this.#length;
  }

  /** The TSN that the next new chunk gets. */
  get nextTsn(): Tsn {
    return tsnAdd(this.cumTsnAckPoint, this.#length + 1);
  }

  /** Adds a chunk at the end and gives it {@link Outstanding.nextTsn}. */
  append(): OutChunk {
    const chunk = this.#pool.pop() ?? new OutChunk();
    chunk.tsn = this.nextTsn;
    if (this.#length > this.#mask) this.#grow();
    this.#ring[(this.#head + this.#length) & this.#mask] = chunk;
    this.#length++;
    return chunk;
  }

  /** The i-th chunk after cumTsnAckPoint, from 0. */
  at(i: number): OutChunk | undefined {
    return i >= 0 && i < this.#length ? this.#ring[(this.#head + i) & this.#mask] : undefined;
  }

  /** Place of a TSN: 0 is cumTsnAckPoint + 1; it may lie outside 0 .. length - 1. */
  indexOf(t: Tsn): number {
    return tsnDiff(t, this.cumTsnAckPoint) - 1;
  }

  /** Takes the first chunk off; it goes back to the pool with {@link Outstanding.release}. */
  shift(): OutChunk | undefined {
    if (this.#length === 0) return undefined;
    const chunk = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    this.firstNumber++;
    this.cumTsnAckPoint = tsnAdd(this.cumTsnAckPoint, 1);
    return chunk;
  }

  /** Gives a chunk back that was shifted out. */
  release(chunk: OutChunk): void {
    chunk.message = undefined;
    chunk.path = undefined;
    chunk.lostOn = undefined;
    if (this.#pool === NOBODY) this.#pool = [];
    if (this.#pool.length < 4096) this.#pool.push(chunk);
  }

  /** Gives the room back that was needed in busier times. Nothing happens while anything is outstanding. */
  rest(): void {
    if (this.#length > 0) return;
    this.#ring = NOTHING;
    this.#mask = -1;
    this.#head = 0;
    this.#pool = NOBODY;
  }

  #grow(): void {
    const size = this.#ring.length === 0 ? FIRST_SIZE : this.#ring.length * 2;
    const next = new Array<OutChunk | undefined>(size).fill(undefined);
    for (let i = 0; i < this.#length; i++) next[i] = this.#ring[(this.#head + i) & this.#mask];
    this.#ring = next;
    this.#mask = size - 1;
    this.#head = 0;
  }
}
