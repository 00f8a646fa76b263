import {
  type Counters,
  EPOCH,
  type Instant,
  instantAdd,
  makeCounters,
  micros,
  millis,
  NEVER,
  type RandomSource,
  Ring,
} from "@multihome/base";
import { makeIcmpError } from "./icmp-error.js";
import { BurstLossState, chance, drawJitter, flipBits } from "./impairments.js";
import type { LinkEnd } from "./link-end.js";
import {
  changeParams,
  DEFAULT_LINK,
  type LinkOptions,
  type LinkParams,
  limitOf,
} from "./link-params.js";
import { PacketPipe } from "./packet-pipe.js";
import { QueueMeter } from "./queue-meter.js";
import type { EventSource, SimContext } from "./sim-context.js";
import { copyPacket, type SimPacket } from "./sim-packet.js";

/** Why a link dropped a packet. */
export type LinkDropCause = "queueFull" | "loss" | "cut" | "unreachable" | "linkDown" | "tooBig";

/** What a link counts besides drops. */
export type LinkCounterName =
  | "entered"
  | "enteredBytes"
  | "delivered"
  | "deliveredBytes"
  | "duplicated"
  | "corrupted"
  | "reordered"
  | "ecnMarked"
  | "icmpErrors";

/**
 * Whether packets get through: `cut` loses all of them without a word, `unreachable` loses them and
 * answers with ICMP errors.
 */
export type LinkMode = "open" | "cut" | "unreachable";

/** Sees packets at one place of a link; must neither change nor keep them. */
export interface PacketTap {
  /** `sent`: entering the link, before its queue; `delivered`: at the far end. */
  readonly where: "sent" | "delivered";
  packet(now: Instant, packet: SimPacket): void;
}

const ECT_MASK = 3;
const NOT_ECT = 0;
const CE = 3;
const MICROS_PER_SECOND = 1_000_000;

/**
 * One direction of a link: a queue with tail drop, a transmitter with a rate, and a pipe with a delay.
 * What a packet meets, in this order: link down, unreachable, MTU, queue and ECN mark, transmission, cut,
 * loss, corruption, delay with jitter and reordering, duplication.
 *
 * At all times entered + duplicated = delivered + dropped + queued + under way.
 */
export class Link implements EventSource {
  readonly name: string;
  readonly place: number;
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  /** Occupancy of the queue. */
  readonly queue: QueueMeter;
  readonly counters: Counters<LinkCounterName>;
  /** Packets dropped, by cause. */
  readonly dropped: Counters<LinkDropCause>;
  /** The opposite direction, which brings ICMP errors back; set by the duplex link. */
  reverse: Link | undefined;
  heapIndex: number;
  at: Instant;
  seq: number;

  readonly #context: SimContext;
  readonly #random: RandomSource;
  readonly #burst: BurstLossState;
  readonly #waiting: Ring<SimPacket>;
  readonly #pipe: PacketPipe;
  readonly #taps: PacketTap[];
  #params: LinkParams;
  #rate: number;
  #delay: number;
  #mtu: number;
  #queueLimit: number;
  #markFrom: number;
  #mode: LinkMode;
  #up: boolean;
  /** When the transmitter is free again, and the number of the event that this is. */
  #busyUntil: Instant;
  #busySeq: number;
  /** What rounding `#busyUntil` down left over, in 1 / rate microseconds. */
  #remainder: number;
  /** Latest arrival so far, which packets that keep their order do not precede. */
  #lastArrival: Instant;

  constructor(
    context: SimContext,
    name: string,
    from: LinkEnd,
    to: LinkEnd,
    options: LinkOptions = {},
  ) {
    this.name = name;
    this.place = context.nextPlace();
    this.from = from;
    this.to = to;
    this.queue = new QueueMeter();
    this.counters = makeCounters<LinkCounterName>([
      "entered",
      "enteredBytes",
      "delivered",
      "deliveredBytes",
      "duplicated",
      "corrupted",
      "reordered",
      "ecnMarked",
      "icmpErrors",
    ]);
    this.dropped = makeCounters<LinkDropCause>([
      "queueFull",
      "loss",
      "cut",
      "unreachable",
      "linkDown",
      "tooBig",
    ]);
    this.reverse = undefined;
    this.heapIndex = -1;
    this.at = NEVER;
    this.seq = 0;
    this.#context = context;
    this.#random = context.forkRandom();
    this.#burst = new BurstLossState();
    this.#waiting = new Ring();
    this.#pipe = new PacketPipe();
    this.#taps = [];
    this.#params = changeParams(DEFAULT_LINK, options);
    this.#rate = 0;
    this.#delay = 0;
    this.#mtu = 0;
    this.#queueLimit = 0;
    this.#markFrom = 0;
    this.#mode = "open";
    this.#up = true;
    this.#busyUntil = EPOCH;
    this.#busySeq = 0;
    this.#remainder = 0;
    this.#lastArrival = EPOCH;
    this.#applyParams();
  }

  get params(): LinkParams {
    return this.#params;
  }

  get mode(): LinkMode {
    return this.#mode;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Packets that left the queue and have not arrived: being sent or under way. */
  get inFlight(): number {
    return this.#pipe.length;
  }

  /**
   * Changes parameters from now on. A packet that is being sent or is under way keeps the rate and
   * delay it had; one that waits has the new ones. A queue that is above a new limit keeps what it has.
   * @throws StackError `invalidOption`
   */
  set(change: LinkOptions): void {
    this.#params = changeParams(this.#params, change);
    this.#applyParams();
  }

  /** Shows each packet to `tap` from now on. */
  addTap(tap: PacketTap): void {
    this.#taps.push(tap);
  }

  /**
   * Cuts or heals this direction without telling the hosts. What is under way when it is cut is lost;
   * what waits goes on to be sent, at the link's rate, and is lost for as long as the cut lasts.
   */
  setMode(mode: LinkMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    if (mode !== "open") this.#flushPipe("cut");
    this.#schedule();
  }

  /** Takes the link down, losing what waits and what is under way, or brings it up. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    if (up) return;
    this.#flushPipe("linkDown");
    for (let p = this.#waiting.shift(); p !== undefined; p = this.#waiting.shift()) {
      this.queue.left(this.#context.now, p.wireBytes, p.queuedAt);
      this.#drop(p, "linkDown");
    }
    this.#busyUntil = this.#context.now;
    this.#remainder = 0;
    this.#schedule();
  }

  /** Takes a packet from `from`, and owns it. */
  send(packet: SimPacket): void {
    const now = this.#context.now;
    this.#enter(packet);
    if (!this.#up) {
      this.#drop(packet, "linkDown");
      return;
    }
    if (this.#mode === "unreachable") {
      this.#answer(packet, "unreachable");
      this.#drop(packet, "unreachable");
      return;
    }
    if (packet.wireBytes > this.#mtu) {
      if (this.#params.icmpTooBig) this.#answer(packet, "packetTooBig");
      this.#drop(packet, "tooBig");
      return;
    }
    if (this.#waiting.length === 0 && now >= this.#busyUntil) {
      this.#transmit(packet);
    } else if (this.queue.bytes + packet.wireBytes > this.#queueLimit) {
      this.#drop(packet, "queueFull");
      return;
    } else {
      this.#mark(packet);
      packet.queuedAt = now;
      this.queue.entered(now, packet.wireBytes);
      this.#waiting.push(packet);
    }
    this.#schedule();
  }

  /** Brings an ICMP error about the opposite direction back: after the delay, past queue and cut. */
  carryError(error: SimPacket): void {
    this.#enter(error);
    if (!this.#up) {
      this.#drop(error, "linkDown");
      return;
    }
    const at = instantAdd(this.#context.now, micros(this.#delay));
    this.#pipe.push(error, at, this.#context.nextSeq());
    this.#schedule();
  }

  /** Handles what is due next: an arrival, or the transmission of the packet that waited longest. */
  fire(): void {
    const arriving = this.#pipe.peek();
    if (arriving !== undefined && this.#arrivalIsNext(arriving)) {
      this.#pipe.shift();
      this.#schedule();
      this.#deliver(arriving);
      return;
    }
    const packet = this.#waiting.shift();
    if (packet !== undefined) {
      this.queue.left(this.#context.now, packet.wireBytes, packet.queuedAt);
      this.#transmit(packet);
    }
    this.#schedule();
  }

  #applyParams(): void {
    const params = this.#params;
    const rate = limitOf(params.rateBps);
    if (rate !== this.#rate) this.#remainder = 0;
    this.#rate = rate;
    this.#delay = millis(params.delayMs);
    this.#mtu = limitOf(params.mtu);
    this.#queueLimit = limitOf(params.queueBytes);
    this.#markFrom = limitOf(params.ecnMarkBytes);
  }

  #enter(packet: SimPacket): void {
    const now = this.#context.now;
    this.counters.entered++;
    this.counters.enteredBytes += packet.wireBytes;
    this.#context.trace.packet("enter", now, this.place, this.name, packet);
    this.#showTo("sent", packet);
  }

  #deliver(packet: SimPacket): void {
    const now = this.#context.now;
    this.counters.delivered++;
    this.counters.deliveredBytes += packet.wireBytes;
    this.#context.trace.packet("deliver", now, this.place, this.name, packet);
    this.#showTo("delivered", packet);
    this.to.receive(packet);
  }

  #drop(packet: SimPacket, cause: LinkDropCause): void {
    this.dropped[cause]++;
    const context = this.#context;
    context.trace.packet("drop", context.now, this.place, this.name, packet, cause);
    context.pool.release(packet);
  }

  #showTo(where: PacketTap["where"], packet: SimPacket): void {
    if (this.#taps.length === 0) return;
    for (const tap of this.#taps) {
      if (tap.where === where) tap.packet(this.#context.now, packet);
    }
  }

  #answer(packet: SimPacket, kind: "packetTooBig" | "unreachable"): void {
    const back = this.reverse;
    if (back === undefined) return;
    const mtu = kind === "packetTooBig" ? this.#mtu : 0;
    const quote = limitOf(this.#params.icmpQuoteBytes);
    // A bare link has no address: the error seems to come from where the packet was going.
    const from = packet.destination;
    const error = makeIcmpError(this.#context, kind, packet, from, mtu, quote);
    if (error === undefined) return;
    this.counters.icmpErrors++;
    back.carryError(error);
  }

  #mark(packet: SimPacket): void {
    if (this.queue.bytes < this.#markFrom) return;
    const ecn = packet.ecn & ECT_MASK;
    if (ecn === NOT_ECT || ecn === CE) return;
    packet.ecn = CE;
    this.counters.ecnMarked++;
  }

  /** Begins to send at once: the transmitter must be free. */
  #transmit(packet: SimPacket): void {
    const context = this.#context;
    this.#occupy(packet.wireBytes);
    if (this.#mode !== "open") {
      if (this.#mode === "unreachable") this.#answer(packet, "unreachable");
      this.#drop(packet, this.#mode);
      return;
    }
    const params = this.#params;
    const random = this.#random;
    const burst = params.burstLoss;
    // Both are drawn for each packet, so that one kind of loss does not stop the other's clock.
    const lost = chance(random, params.loss);
    if ((burst !== null && this.#burst.loses(random, burst)) || lost) {
      this.#drop(packet, "loss");
      return;
    }
    if (params.corrupt !== null && chance(random, params.corrupt.probability)) {
      flipBits(random, packet, params.corrupt.bits ?? 1);
      this.counters.corrupted++;
      context.trace.packet("corrupt", context.now, this.place, this.name, packet);
    }
    const arrival = this.#arrival();
    this.#pipe.push(packet, arrival, context.nextSeq());
    if (chance(random, params.duplicate)) this.#duplicate(packet, arrival);
  }

  /** Keeps the transmitter busy for `bytes`, exactly: fractions of a microsecond are carried on. */
  #occupy(bytes: number): void {
    const { now } = this.#context;
    this.#busySeq = this.#context.nextSeq();
    if (this.#rate === Number.POSITIVE_INFINITY) {
      this.#busyUntil = now;
      return;
    }
    if (now > this.#busyUntil) this.#remainder = 0;
    const work = bytes * 8 * MICROS_PER_SECOND + this.#remainder;
    this.#remainder = work % this.#rate;
    this.#busyUntil = instantAdd(now, micros((work - this.#remainder) / this.#rate));
  }

  /** When the packet that is being sent arrives. */
  #arrival(): Instant {
    const { jitter, jitterReorders, reorder } = this.#params;
    const delay = Math.max(0, this.#delay + drawJitter(this.#random, jitter));
    const arrival = instantAdd(this.#busyUntil, micros(delay));
    if (reorder !== null && chance(this.#random, reorder.probability)) {
      this.counters.reordered++;
      return instantAdd(arrival, millis(reorder.extraMs));
    }
    if (arrival >= this.#lastArrival) {
      this.#lastArrival = arrival;
      return arrival;
    }
    return jitterReorders ? arrival : this.#lastArrival;
  }

  #duplicate(packet: SimPacket, arrival: Instant): void {
    const context = this.#context;
    const copy = context.pool.take(packet.end - packet.start);
    copyPacket(packet, copy);
    this.counters.duplicated++;
    context.trace.packet("duplicate", context.now, this.place, this.name, copy);
    this.#pipe.push(copy, arrival, context.nextSeq());
  }

  #flushPipe(cause: "cut" | "linkDown"): void {
    for (let p = this.#pipe.shift(); p !== undefined; p = this.#pipe.shift()) this.#drop(p, cause);
    this.#lastArrival = this.#context.now;
  }

  #arrivalIsNext(arriving: SimPacket): boolean {
    if (this.#waiting.length === 0) return true;
    return (
      arriving.at < this.#busyUntil ||
      (arriving.at === this.#busyUntil && arriving.seq < this.#busySeq)
    );
  }

  #schedule(): void {
    const arriving = this.#pipe.peek();
    const { events } = this.#context;
    if (arriving !== undefined && this.#arrivalIsNext(arriving)) {
      events.set(this, arriving.at, arriving.seq);
    } else if (this.#waiting.length > 0) {
      events.set(this, this.#busyUntil, this.#busySeq);
    } else {
      events.remove(this);
    }
  }
}
