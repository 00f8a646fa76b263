import { WaitMeter } from "./wait-meter.js";

/** What our side knows of the arrival of its DATA: how long nothing new was acknowledged. */
export class AckProgress {
  readonly waits: WaitMeter;
  #cumTsnAck: number | undefined;
  #gaps: string;
  #highestTsn: number | undefined;

  constructor() {
    this.waits = new WaitMeter();
    this.#cumTsnAck = undefined;
    this.#gaps = "";
    this.#highestTsn = undefined;
  }

  /** A DATA chunk left: something is awaited from now on. */
  sent(at: number, tsn: number): void {
    this.waits.begin(at);
    if (this.#highestTsn === undefined || after(tsn, this.#highestTsn)) this.#highestTsn = tsn;
  }

  /** A SACK came. True if it told anything new. */
  acknowledged(at: number, cumTsnAck: number, gaps: string): boolean {
    const before = this.#cumTsnAck;
    if (before !== undefined && after(before, cumTsnAck)) return false;
    if (before === cumTsnAck && gaps === this.#gaps) return false;
    this.#cumTsnAck = cumTsnAck;
    this.#gaps = gaps;
    if (cumTsnAck === this.#highestTsn) this.waits.stop(at);
    else this.waits.came(at);
    return true;
  }
}

/** TSN order. RFC 1982 s3.2 */
const after = (a: number, b: number): boolean => ((a - b) | 0) > 0;
