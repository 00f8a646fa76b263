import {
  checkNumber,
  EPOCH,
  type Instant,
  IpAddress,
  instantAdd,
  micros,
  millis,
  NEVER,
  type PacketRef,
  Ring,
} from "@multihome/base";

/** Which paths an impairment is for: those with these ends; an end left out is any. */
export interface ImpairedEnds {
  /** Our address. */
  readonly local?: string;
  /** The peer's address. */
  readonly remote?: string;
}

/** What is done to packets that leave on a path. */
export interface PathEffect {
  /** Bits per second, counting UDP payload; 1,000 and more. Default: as fast as the system. */
  readonly rateBitsPerSecond?: number;
  /** One-way delay, 0 .. 60,000. Default 0. Packets leave up to 1 ms later than that. */
  readonly delayMs?: number;
  /** What may wait for the rate, in bytes; the rest is dropped. Default: what 100 ms carry, 64 KiB at least. */
  readonly queueBytes?: number;
}

/** What is to become of a packet. */
export type Verdict = "send" | "held" | "dropped";

interface Rule {
  readonly local: IpAddress | undefined;
  readonly remote: IpAddress | undefined;
  effect: PathEffect;
  cut: boolean;
}

interface Held {
  readonly at: Instant;
  readonly bytes: Uint8Array;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly localPort: number;
  readonly remotePort: number;
}

class PathQueue {
  readonly held: Ring<Held> = new Ring();
  /** When the last packet has left at the path's rate. */
  busyUntil = 0;
}

const SMALLEST_QUEUE = 65_536;

/**
 * Worse paths on purpose, below the transport, for demonstrations and tests over real sockets: a rate
 * and a delay for what leaves, and silent cuts in both directions. Give one to a driver and change it
 * at any time; the transport is told nothing.
 *
 * @example
 * const impairment = new Impairment();
 * impairment.set({ local: "127.0.0.1" }, { rateBitsPerSecond: 50e6, delayMs: 5 });
 * impairment.cut({ local: "127.0.0.1" });  // every packet of the path vanishes
 * impairment.heal({ local: "127.0.0.1" }); // its rate and delay are as before
 */
export class Impairment {
  readonly #rules: Rule[];
  readonly #queues: Map<string, PathQueue>;
  #nextDue: Instant;
  #lost: number;

  constructor() {
    this.#rules = [];
    this.#queues = new Map();
    this.#nextDue = NEVER;
    this.#lost = 0;
  }

  /**
   * Sets rate and delay of paths. Of several rules that fit a path the one that names more ends counts.
   * @throws StackError `invalidOption`, `invalidAddress`
   */
  set(ends: ImpairedEnds, effect: PathEffect): void {
    if (effect.rateBitsPerSecond !== undefined) {
      checkNumber("impair.rateBitsPerSecond", effect.rateBitsPerSecond, 1000, 1e12, false);
    }
    if (effect.delayMs !== undefined) {
      checkNumber("impair.delayMs", effect.delayMs, 0, 60_000, false);
    }
    if (effect.queueBytes !== undefined) {
      checkNumber("impair.queueBytes", effect.queueBytes, 1, Number.MAX_SAFE_INTEGER);
    }
    this.#rule(ends).effect = effect;
  }

  /** From now on no packet passes, in either direction, and nobody is told. Those on their way are lost. */
  cut(ends: ImpairedEnds): void {
    this.#rule(ends).cut = true;
  }

  /** Takes back a {@link Impairment.cut} of the same ends. */
  heal(ends: ImpairedEnds): void {
    this.#rule(ends).cut = false;
  }

  /** True while a cut is in force for this path. */
  isCut(local: IpAddress, remote: IpAddress): boolean {
    return this.#rules.some((r) => r.cut && fits(r, local, remote));
  }

  /** For the driver: takes an outgoing packet, borrowed; `held` packets come out of {@link Impairment.pollDue}. */
  outgoing(now: Instant, p: PacketRef): Verdict {
    if (this.isCut(p.local, p.remote)) return "dropped";
    const { rateBitsPerSecond: rate, delayMs = 0, queueBytes } = this.#effect(p.local, p.remote);
    if (rate === undefined && delayMs === 0) return "send";
    const queue = this.#queue(p.local, p.remote);
    const begin = Math.max(now, queue.busyUntil);
    if (rate !== undefined) {
      const limit = queueBytes ?? Math.max(SMALLEST_QUEUE, rate / 80);
      const waiting = ((begin - now) * rate) / 8e6;
      if (waiting + p.length > limit) return "dropped";
      queue.busyUntil = begin + (p.length * 8e6) / rate;
    } else queue.busyUntil = now;
    const leaves = instantAdd(instantAdd(EPOCH, micros(queue.busyUntil)), millis(delayMs));
    // A delay that was made shorter must not reorder what is on its way.
    const last = queue.held.at(queue.held.length - 1);
    const at = last !== undefined && last.at > leaves ? last.at : leaves;
    queue.held.push({
      at,
      bytes: p.bytes.slice(p.start, p.end),
      local: p.local,
      remote: p.remote,
      localPort: p.localPort,
      remotePort: p.remotePort,
    });
    if (at < this.#nextDue) this.#nextDue = at;
    return "held";
  }

  /** For the driver: how many held packets were lost by a cut since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** When the next held packet is to leave; NEVER when none is held. */
  get nextDue(): Instant {
    return this.#nextDue;
  }

  /** Fills `out` (room between `start` and `end`) with a packet whose time has come; false when there is none. */
  pollDue(now: Instant, out: PacketRef): boolean {
    if (this.#nextDue > now) return false;
    for (const queue of this.#queues.values()) {
      for (let p = queue.held.peek(); p !== undefined && p.at <= now; p = queue.held.peek()) {
        queue.held.shift();
        if (this.isCut(p.local, p.remote)) {
          this.#lost++;
          continue;
        }
        out.bytes.set(p.bytes, out.start);
        out.end = out.start + p.bytes.length;
        out.local = p.local;
        out.remote = p.remote;
        out.localPort = p.localPort;
        out.remotePort = p.remotePort;
        return true;
      }
    }
    this.#nextDue = NEVER;
    for (const [key, queue] of this.#queues) {
      const first = queue.held.peek();
      if (first === undefined) {
        if (queue.busyUntil <= now) this.#queues.delete(key);
      } else if (first.at < this.#nextDue) this.#nextDue = first.at;
    }
    return false;
  }

  #rule(ends: ImpairedEnds): Rule {
    const local = ends.local === undefined ? undefined : IpAddress.parse(ends.local);
    const remote = ends.remote === undefined ? undefined : IpAddress.parse(ends.remote);
    const same = (a: IpAddress | undefined, b: IpAddress | undefined): boolean =>
      a?.toString() === b?.toString();
    let rule = this.#rules.find((r) => same(r.local, local) && same(r.remote, remote));
    if (rule === undefined) {
      rule = { local, remote, effect: {}, cut: false };
      this.#rules.push(rule);
      this.#rules.sort((a, b) => endsOf(b) - endsOf(a));
    }
    return rule;
  }

  #effect(local: IpAddress, remote: IpAddress): PathEffect {
    for (const r of this.#rules) {
      const { rateBitsPerSecond, delayMs } = r.effect;
      if ((rateBitsPerSecond ?? delayMs) !== undefined && fits(r, local, remote)) return r.effect;
    }
    return NO_EFFECT;
  }

  #queue(local: IpAddress, remote: IpAddress): PathQueue {
    const key = `${local} ${remote}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new PathQueue();
      this.#queues.set(key, queue);
    }
    return queue;
  }
}

const NO_EFFECT: PathEffect = {};

const endsOf = (r: Rule): number =>
  (r.local === undefined ? 0 : 1) + (r.remote === undefined ? 0 : 1);

const fits = (r: Rule, local: IpAddress, remote: IpAddress): boolean =>
  (r.local === undefined || r.local.toString() === local.toString()) &&
  (r.remote === undefined || r.remote.toString() === remote.toString());
