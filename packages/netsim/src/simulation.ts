import {
  checkNumber,
  type Instant,
  instantAdd,
  type Micros,
  type RandomSource,
  StackError,
  type TraceEvent,
  type TraceSink,
} from "@multihome/base";
import { DuplexLink, type DuplexOptions } from "./duplex-link.js";
import type { LinkEnd } from "./link-end.js";
import { Nat, type NatOptions } from "./nat.js";
import { type DigestPayload, NetTrace } from "./net-trace.js";
import { PacketPool } from "./packet-pool.js";
import { Router, type RouterOptions } from "./router.js";
import { ScheduledAction } from "./scheduled-action.js";
import { SimContext } from "./sim-context.js";
import { type HostOptions, SimHost } from "./sim-host.js";

/** How a simulation is made. With the same options and the same calls it runs the same. */
export interface SimulationOptions {
  /** Seed of all randomness, a whole number below 2^53. @defaultValue 0 */
  readonly seed?: number;
  /** Is told each packet event, timeout and fault; costs much more than the digest. */
  readonly trace?: TraceSink;
  /** How much of each payload enters the digest. @defaultValue "head" */
  readonly digestPayload?: DigestPayload;
  /**
   * Overwrites payloads once they were delivered, so that a node that keeps what it only borrowed is
   * found out. @defaultValue true
   */
  readonly poison?: boolean;
  /** Packets in the network at once, beyond which the run fails. @defaultValue 262,144 */
  readonly maxPackets?: number;
  /** Events at one instant, beyond which the run fails. @defaultValue 1,000,000 */
  readonly maxStepsPerInstant?: number;
}

/** Where a run ends at the latest. */
export interface RunBounds {
  /** Events to handle at most. @defaultValue 1,000,000 */
  readonly maxSteps?: number;
  /** Events after this instant are not handled. @defaultValue no limit */
  readonly until?: Instant;
}

/** How a run ended. */
export interface RunResult {
  /** True if it ended because nothing was left to do (or the condition held), not at a bound. */
  readonly idle: boolean;
  /** Events handled. */
  readonly steps: number;
  /** Virtual time at the end. */
  readonly now: Instant;
}

const DEFAULT_MAX_STEPS = 1_000_000;

/**
 * A network in virtual time. Nothing in it reads a clock or draws a number but from its seed: a run is a
 * pure function of options and calls. Events are handled one by one in the order of their time; those of
 * the same time in the order in which they were scheduled.
 */
export class Simulation {
  readonly #context: SimContext;
  readonly #hosts: SimHost[];
  readonly #maxStepsPerInstant: number;
  #stepsThisInstant: number;
  #links: number;
  #actions: number;

  /** @throws StackError `invalidOption` */
  constructor(options: SimulationOptions = {}) {
    const seed = checkNumber("seed", options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
    const maxPackets = checkNumber("maxPackets", options.maxPackets ?? 262_144, 1, 2 ** 24);
    const pool = new PacketPool(maxPackets, options.poison ?? true);
    const trace = new NetTrace(options.trace, options.digestPayload ?? "head");
    this.#context = new SimContext(seed, pool, trace);
    this.#hosts = [];
    this.#maxStepsPerInstant = checkNumber(
      "maxStepsPerInstant",
      options.maxStepsPerInstant ?? 1_000_000,
      1,
      Number.MAX_SAFE_INTEGER,
    );
    this.#stepsThisInstant = 0;
    this.#links = 0;
    this.#actions = 0;
  }

  /** Virtual time; starts at 0. */
  get now(): Instant {
    return this.#context.now;
  }

  /** Slots held by packets in the network: 0 when it is idle. */
  get slotsInUse(): number {
    return this.#context.pool.inUse;
  }

  /** The most slots that were ever held at once. */
  get peakSlots(): number {
    return this.#context.pool.peak;
  }

  /** Sixteen hexadecimal digits over all that has happened: equal for equal runs. */
  get digest(): string {
    return this.#context.trace.digest;
  }

  /** How many trace events there were. */
  get traceEvents(): number {
    return this.#context.trace.events;
  }

  /** When the next event is due; NEVER when there is none. */
  get nextEventAt(): Instant {
    return this.#context.events.next();
  }

  get hosts(): readonly SimHost[] {
    return this.#hosts;
  }

  /** Randomness from the seed for something attached, such as a core under test. */
  forkRandom(): RandomSource {
    return this.#context.forkRandom();
  }

  /** Adds a host. @throws StackError `invalidOption` */
  addHost(name: string, options: HostOptions = {}): SimHost {
    const host = new SimHost(this.#context, name, options);
    this.#hosts.push(host);
    return host;
  }

  /** Adds a router. @throws StackError `invalidAddress` */
  addRouter(name: string, options: RouterOptions = {}): Router {
    return new Router(this.#context, name, options);
  }

  /** Adds a NAT. @throws StackError `invalidOption`, `invalidAddress` */
  addNat(name: string, options: NatOptions): Nat {
    return new Nat(this.#context, name, options);
  }

  /**
   * Connects two ends by a link, which is up at once.
   * @throws StackError `invalidOption`, `alreadyConnected`
   */
  connect(a: LinkEnd, z: LinkEnd, options: DuplexOptions = {}, name?: string): DuplexLink {
    for (const end of [a, z]) {
      if (end.link === undefined) continue;
      throw new StackError(
        "alreadyConnected",
        `${end.label} has a link already: ${end.link.name}`,
        {
          end: end.label,
        },
      );
    }
    const link = new DuplexLink(this.#context, name ?? `link${this.#links}`, a, z, options);
    this.#links++;
    return link;
  }

  /**
   * Does something at an instant; one in the past is done now. Actions of the same instant are done in
   * the order they were scheduled.
   */
  schedule(at: Instant, action: () => void): ScheduledAction {
    this.#actions++;
    const { now } = this.#context;
    return new ScheduledAction(this.#context, at < now ? now : at, action, () => {
      this.#actions--;
    });
  }

  /** Adds a line to trace and digest, as faults do. */
  note(
    kind: string,
    fields: Readonly<Record<string, string | number | boolean | null>> = {},
  ): void {
    const event: TraceEvent = { ...fields, at: this.#context.now, kind };
    this.#context.trace.note(event);
  }

  /**
   * Moves to the next event and handles it; false when there is none.
   * @throws StackError `simulationStuck` when time does not move on
   */
  step(): boolean {
    const context = this.#context;
    const source = context.events.peek();
    if (source === undefined) return false;
    if (source.at > context.now) {
      context.now = source.at;
      this.#stepsThisInstant = 0;
    } else if (++this.#stepsThisInstant > this.#maxStepsPerInstant) {
      throw new StackError(
        "simulationStuck",
        `more than ${this.#maxStepsPerInstant} events at ${context.now} us: is there a loop without delay?`,
        { at: context.now },
      );
    }
    source.fire();
    return true;
  }

  /**
   * Handles all events up to and including `until`, then sets the clock to `until`.
   * @returns how many there were
   * @throws StackError `simulationStuck`
   */
  runUntil(until: Instant): number {
    const context = this.#context;
    let steps = 0;
    while (context.events.next() <= until && this.step()) steps++;
    if (until > context.now && Number.isFinite(until)) {
      context.now = until;
      this.#stepsThisInstant = 0;
    }
    return steps;
  }

  /** As {@link Simulation.runUntil}, for a length of time. */
  runFor(duration: Micros): number {
    return this.runUntil(instantAdd(this.#context.now, duration));
  }

  /**
   * Runs until nothing is left to do: no packet in the network, no scheduled action, and of timers at most
   * keep-alives (`SimNode.isIdle`). The clock stays at the last event.
   */
  runUntilIdle(bounds: RunBounds = {}): RunResult {
    return this.runUntilTrue(() => this.idle, bounds);
  }

  /**
   * Runs until a condition holds, which is asked before the first and after each event.
   * The result's `idle` says that it held.
   */
  runUntilTrue(condition: () => boolean, bounds: RunBounds = {}): RunResult {
    const context = this.#context;
    const maxSteps = bounds.maxSteps ?? DEFAULT_MAX_STEPS;
    const until = bounds.until ?? Number.POSITIVE_INFINITY;
    for (let steps = 0; ; steps++) {
      if (condition()) return { idle: true, steps, now: context.now };
      if (steps >= maxSteps || context.events.next() > until || !this.step()) {
        return { idle: false, steps, now: context.now };
      }
    }
  }

  /** True when nothing is left to do; see {@link Simulation.runUntilIdle}. */
  get idle(): boolean {
    if (this.#context.pool.inUse > 0 || this.#actions > 0) return false;
    for (const host of this.#hosts) if (!host.idle) return false;
    return true;
  }
}
