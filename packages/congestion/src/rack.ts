import {
  checkNumber,
  elapsed,
  type Instant,
  instantAdd,
  type Micros,
  micros,
  millis,
  NEVER,
} from "@multihome/base";
import { WindowedMin } from "./windowed-min.js";

/** Options of {@link Rack}. */
export interface RackConfig {
  /** Units acknowledged out of order that prove loss while no reordering was seen. Default 3. */
  readonly dupThresh?: number | undefined;
  /** Recoveries for which a widened reordering window persists. Default 16, RFC 8985 s6.2 step 4. */
  readonly reoWndPersist?: number | undefined;
  /** How long a round trip counts for the least one. Default 5 minutes. */
  readonly minRttWindow?: Micros | undefined;
}

/** True if `a` follows `b` on the 2^32 circle. */
const keyGt = (a: number, b: number): boolean => ((a - b) | 0) > 0;

/** RACK_sent_after of RFC 8985 s6.2 step 2: the unit (t1, key1) was sent after (t2, key2). */
const sentAfter = (t1: Instant, key1: number, t2: Instant, key2: number): boolean =>
  t1 > t2 || (t1 === t2 && keyGt(key1, key2));

/**
 * Loss detection by time (RFC 8985 s6), over any unit that is sent and acknowledged: a segment, a
 * DATA chunk. The caller keeps the units in flight, with the time each was last sent, and asks which
 * of them are lost; this object knows what was delivered.
 *
 * A unit's `key` orders units that were sent at the same instant, and tells whether units came out
 * of order: its TSN or end sequence number, compared on the circle of 2^32.
 *
 * For each acknowledgement: `onDelivered` for every newly acknowledged unit, in the order of their
 * keys; `onDuplicateReported` if it tells of something received twice; `updateReoWnd` once;
 * then `isLost` or `lossDeadline` for the units in flight.
 */
export class Rack {
  readonly #dupThresh: number;
  readonly #persist: number;
  #hasDelivered: boolean;
  #xmitTs: Instant;
  #key: number;
  #rtt: Micros;
  /** The acknowledgement that gave #rtt, and when the unit was sent that it is of. */
  #ackTs: Instant;
  #ackedSentAt: Instant;
  #hasFack: boolean;
  #fack: number;
  #reorderingSeen: boolean;
  #duplicateReported: boolean;
  #inDsackRound: boolean;
  #dsackRound: number;
  #reoWndMult: number;
  #reoWndPersist: number;
  #inRecovery: boolean;
  /** `updateReoWnd` is in use; before, the window is a quarter of the least round trip. */
  #adapted: boolean;
  #reoWnd: Micros;
  #min: WindowedMin;

  /** @throws StackError `invalidOption` */
  constructor(cfg: RackConfig = {}) {
    this.#dupThresh = checkNumber("dupThresh", cfg.dupThresh ?? 3, 1, 0xffff);
    this.#persist = checkNumber("reoWndPersist", cfg.reoWndPersist ?? 16, 1, 0xffff);
    this.#hasDelivered = false;
    this.#xmitTs = NEVER;
    this.#key = 0;
    this.#rtt = micros(0);
    this.#ackTs = NEVER;
    this.#ackedSentAt = NEVER;
    this.#hasFack = false;
    this.#fack = 0;
    this.#reorderingSeen = false;
    this.#duplicateReported = false;
    this.#inDsackRound = false;
    this.#dsackRound = 0;
    this.#reoWndMult = 1;
    this.#reoWndPersist = 0;
    this.#inRecovery = false;
    this.#adapted = false;
    this.#reoWnd = micros(0);
    this.#min = new WindowedMin(cfg.minRttWindow ?? millis(5 * 60_000));
  }

  /** RACK.xmit_ts: when the most recently sent unit of all delivered ones was sent; NEVER if none. */
  get xmitTs(): Instant {
    return this.#hasDelivered ? this.#xmitTs : NEVER;
  }

  /** The key of that unit. */
  get key(): number {
    return this.#key;
  }

  /** RACK.rtt: round trip of the unit delivered last; 0 if none. */
  get rtt(): Micros {
    return this.#rtt;
  }

  /** RACK.min_RTT: the least round trip of late; 0 if none. */
  get minRtt(): Micros {
    const min = this.#min.value;
    return min === Number.POSITIVE_INFINITY ? micros(0) : micros(min);
  }

  /** RACK.reordering_seen */
  get reorderingSeen(): boolean {
    return this.#reorderingSeen;
  }

  /** RACK.reo_wnd as of the last `updateReoWnd`; before the first one, `minRtt` / 4. */
  get reoWnd(): Micros {
    return this.#reoWnd;
  }

  /** RACK.reo_wnd_mult: quarters of minRtt that the reordering window is wide. */
  get reoWndMult(): number {
    return this.#reoWndMult;
  }

  /**
   * A unit is acknowledged, cumulatively or not, for the first time. RFC 8985 s6.2 steps 1 to 3
   *
   * @param sentAt when it was sent, the last time if more than once
   * @param wasRetransmitted it was sent more than once
   * @returns whether it counts; false if this looks like the answer to an earlier transmission
   */
  onDelivered(now: Instant, sentAt: Instant, key: number, wasRetransmitted: boolean): boolean {
    this.#detectReordering(key, wasRetransmitted);
    const rtt = Math.max(1, elapsed(sentAt, now));
    if (wasRetransmitted) {
      // Also while no round trip is known: nothing then tells which transmission was answered.
      if (rtt < this.#min.value) return false;
    } else {
      this.#min.sample(now, rtt);
    }
    // RACK.rtt is that of the unit sent last among those that this acknowledgement delivers.
    if (now !== this.#ackTs || sentAt >= this.#ackedSentAt) {
      this.#rtt = micros(rtt);
      this.#ackTs = now;
      this.#ackedSentAt = sentAt;
    }
    if (!this.#hasDelivered || sentAfter(sentAt, key, this.#xmitTs, this.#key)) {
      this.#hasDelivered = true;
      this.#xmitTs = sentAt;
      this.#key = key;
    }
    if (!this.#adapted) this.#reoWnd = micros(this.#min.value / 4);
    return true;
  }

  /**
   * The peer reports that something arrived twice (DSACK, Duplicate TSN): a retransmission was
   * needless, so the reordering window may be too small. Counts with the next `updateReoWnd`.
   */
  onDuplicateReported(): void {
    this.#duplicateReported = true;
  }

  /**
   * Computes the reordering window, once for each acknowledgement. RFC 8985 s6.2 step 4
   *
   * @param srtt its upper bound; 0 (no sample) bounds nothing
   * @param inRecovery in Fast Recovery or in recovery from a timeout
   * @param unitsSacked units in flight order acknowledged by gap blocks only (RACK.segs_sacked)
   * @param sndUna the least key that is not cumulatively acknowledged
   * @param sndNxt the key that the next new unit gets
   */
  updateReoWnd(
    srtt: Micros,
    inRecovery: boolean,
    unitsSacked: number,
    sndUna: number,
    sndNxt: number,
  ): Micros {
    if (this.#inDsackRound && !keyGt(this.#dsackRound, sndUna)) this.#inDsackRound = false;
    if (!this.#inDsackRound && this.#duplicateReported) {
      this.#inDsackRound = true;
      this.#dsackRound = sndNxt;
      this.#reoWndMult++;
      this.#reoWndPersist = this.#persist;
    } else if (this.#inRecovery && !inRecovery) {
      this.#reoWndPersist--;
      if (this.#reoWndPersist <= 0) this.#reoWndMult = 1;
    }
    this.#duplicateReported = false;
    this.#inRecovery = inRecovery;
    this.#adapted = true;
    this.#reoWnd = this.#window(srtt, inRecovery, unitsSacked);
    return this.#reoWnd;
  }

  /**
   * Whether a unit in flight is lost: one sent after it was delivered, and the reordering window has
   * passed. RFC 8985 s6.2 step 5
   *
   * @param key tells units sent at the same instant apart; without it they count as not sent before
   */
  isLost(sentAt: Instant, now: Instant, key?: number): boolean {
    return this.lossDeadline(sentAt, key) <= now;
  }

  /**
   * When a unit in flight becomes lost, unless it is acknowledged before: perhaps in the past. NEVER
   * while nothing sent after it has been delivered. The RACK timer is the latest of these of all
   * units; the earliest finds each loss as soon as possible.
   */
  lossDeadline(sentAt: Instant, key?: number): Instant {
    if (!this.#hasDelivered) return NEVER;
    const before =
      key === undefined ? this.#xmitTs > sentAt : sentAfter(this.#xmitTs, this.#key, sentAt, key);
    return before ? this.#due(sentAt) : NEVER;
  }

  /**
   * Whether a unit in flight counts as lost when the retransmission timer runs out; the oldest one
   * always does. RFC 8985 s6.3
   */
  isLostOnTimeout(sentAt: Instant, now: Instant): boolean {
    return !this.#hasDelivered || this.#due(sentAt) <= now;
  }

  /** Back to the state before the first delivery: the route has changed. */
  reset(): void {
    this.#hasDelivered = false;
    this.#xmitTs = NEVER;
    this.#key = 0;
    this.#rtt = micros(0);
    this.#ackTs = NEVER;
    this.#ackedSentAt = NEVER;
    this.#hasFack = false;
    this.#fack = 0;
    this.#reorderingSeen = false;
    this.#duplicateReported = false;
    this.#inDsackRound = false;
    this.#dsackRound = 0;
    this.#reoWndMult = 1;
    this.#reoWndPersist = 0;
    this.#inRecovery = false;
    this.#adapted = false;
    this.#reoWnd = micros(0);
    this.#min.reset();
  }

  #due(sentAt: Instant): Instant {
    return instantAdd(sentAt, micros(this.#rtt + this.#reoWnd));
  }

  #detectReordering(key: number, wasRetransmitted: boolean): void {
    if (!this.#hasFack || keyGt(key, this.#fack)) {
      this.#hasFack = true;
      this.#fack = key;
    } else if (!wasRetransmitted && keyGt(this.#fack, key)) {
      this.#reorderingSeen = true;
    }
  }

  #window(srtt: Micros, inRecovery: boolean, unitsSacked: number): Micros {
    if (!this.#reorderingSeen && (inRecovery || unitsSacked >= this.#dupThresh)) return micros(0);
    const wide = Math.round((this.#reoWndMult * this.minRtt) / 4);
    return micros(srtt > 0 ? Math.min(wide, srtt) : wide);
  }
}
