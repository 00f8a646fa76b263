import { HostCore, type HostCoreConfig } from "@multihome/association";
import { type Instant, instantAdd, millis, type TraceSink } from "@multihome/base";
import { type PathOptions, type RunResult, type Side, TwoHosts } from "@multihome/netsim";
import { applyOp } from "./apply-op.js";
import type { Op, Topology } from "./op.js";
import type { Oracle, OracleWatch, Violation } from "./oracle.js";
import { interfacesOf } from "./sim-host-node.js";
import { TestPeer } from "./test-peer.js";

/** Does what a `user` operation of a schedule names. */
export type UserOp = (pair: Pair, op: Extract<Op, { op: "user" }>) => void;

/** How a pair is made. With the same options and the same calls it runs the same. */
export interface PairOptions {
  /** @defaultValue 0 */
  readonly seed?: number;
  /** @defaultValue two paths, 10 and 25 ms one way */
  readonly topology?: Topology;
  /** More options of the cores of both hosts. */
  readonly sctp?: HostCoreConfig["sctp"];
  /** Makes the core of a host; for one of your own, such as one with a fault planted. */
  readonly makeCore?: (config: HostCoreConfig, side: Side) => HostCore;
  /** What is watched. @defaultValue nothing */
  readonly oracles?: readonly Oracle[];
  /** Operations of your own. */
  readonly userOps?: Readonly<Record<string, UserOp>>;
  /** Is told every packet event of the network. */
  readonly trace?: TraceSink;
  /** Is told what the cores of the hosts trace; `host` in the event says which. */
  readonly coreTrace?: TraceSink;
}

/** Where a run ends at the latest. */
export interface PairBounds {
  /** Events of the simulation. @defaultValue 2,000,000 */
  readonly maxSteps?: number;
  /** Virtual time from now, in milliseconds. @defaultValue 180,000, a minute more than an association waits for a silent peer; 900,000 with `timing: "rfc"` */
  readonly maxMs?: number;
}

/** The SCTP port that z listens on. */
export const PORT = 5000;
/** The SCTP port that a connects from: the same after a restart. */
const LOCAL_PORT = 50_000;
/** UDP port of both sides when UDP carries it. RFC 6951 s5.1 */
const UDP_PORT = 9899;
const DEFAULT_TOPOLOGY: Topology = { delaysMs: [10, 25] };
/** FailoverTiming.giveUpAfter with defaults. */
const DEFAULT_GIVE_UP_MS = 120_000;
const DEFAULT_MAX_STEPS = 2_000_000;

/**
 * Two multihomed hosts, `a` and `z`, in virtual time, with an application on each: a opens one
 * association to z. Every run is bounded; not coming to rest is a result, not a hang.
 *
 * @example
 * const pair = new Pair({ seed: 7 });
 * pair.connect();
 * pair.send("a", { bytes: 1000, count: 20 });
 * pair.apply({ op: "cut", path: 0 });
 * pair.advance(500);
 * pair.repairAll();
 * pair.runUntilIdle().idle; // true
 * pair.z.received.length; // 20
 */
export class Pair {
  readonly seed: number;
  readonly topology: Topology;
  readonly net: TwoHosts;
  readonly a: TestPeer;
  readonly z: TestPeer;
  readonly userOps: Readonly<Record<string, UserOp>>;
  /** Operations that were applied. */
  readonly applied: Op[];
  /** Paths that something was done to that may stop them, ever. */
  readonly harmedPaths: Set<number>;
  readonly violations: Violation[];
  /** Silence before which no association may be given up, in milliseconds. */
  readonly giveUpAfterMs: number;
  readonly #watches: { readonly oracle: Oracle; readonly watch: OracleWatch }[];
  readonly #pathOptions: readonly PathOptions[];

  /** @throws StackError `invalidOption` */
  constructor(options: PairOptions = {}) {
    this.seed = options.seed ?? 0;
    this.topology = options.topology ?? DEFAULT_TOPOLOGY;
    this.userOps = options.userOps ?? {};
    this.applied = [];
    this.harmedPaths = new Set();
    this.violations = [];
    this.giveUpAfterMs =
      options.sctp?.giveUpAfterMs ?? (this.topology.timing === "rfc" ? 0 : DEFAULT_GIVE_UP_MS);
    this.#pathOptions = pathOptionsOf(this.topology);
    this.net = new TwoHosts({
      seed: this.seed,
      paths: this.#pathOptions,
      mesh: this.topology.mesh ?? false,
      ...(options.trace === undefined ? {} : { trace: options.trace }),
    });
    const { sim } = this.net;
    const { coreTrace } = options;
    const makeCore = options.makeCore ?? ((config) => new HostCore(config));
    const sctp = {
      timing: this.topology.timing ?? "fast",
      ...(this.topology.receiveBufferBytes === undefined
        ? {}
        : { receiveBufferBytes: this.topology.receiveBufferBytes }),
      ...options.sctp,
    };
    const peerOf = (side: Side): TestPeer =>
      new TestPeer(side, sim, this.net[side], this.seed, () =>
        makeCore(
          {
            random: sim.forkRandom(),
            sctp,
            interfaces: interfacesOf(this.net[side]),
            ...(coreTrace === undefined
              ? {}
              : { trace: (event) => coreTrace({ ...event, at: sim.now, host: side }) }),
          },
          side,
        ),
      );
    this.a = peerOf("a");
    this.z = peerOf("z");
    this.#watches = (options.oracles ?? []).map((oracle) => ({
      oracle,
      watch: oracle.watch(this),
    }));
    for (const peer of [this.a, this.z]) {
      peer.onDrained = () => this.#step(peer);
      peer.onSent = (packet) => {
        for (const { oracle, watch } of this.#watches) {
          this.#note(oracle, watch.sent?.(peer, packet));
        }
      };
    }
    this.#listen();
  }

  get now(): Instant {
    return this.net.sim.now;
  }

  /** The UDP port of both sides, 0 without UDP. */
  get udpPort(): number {
    return this.topology.udp === true ? UDP_PORT : 0;
  }

  /** Number of paths of the network. */
  get pathCount(): number {
    return this.net.paths.length;
  }

  /** Sixteen digits over everything that went over the network: equal for equal runs. */
  get digest(): string {
    return this.net.sim.digest;
  }

  peer(side: Side): TestPeer {
    return side === "a" ? this.a : this.z;
  }

  /**
   * Begins to open the association, from every address of a to every address of z. False if none can
   * reach another: then there is nothing to begin.
   */
  startConnect(): boolean {
    const remotes = this.net.paths.flatMap((p) => p.zAddresses);
    if (this.net.a.interfaces.every((i) => !i.up || i.addresses.length === 0)) return false;
    this.a.id = this.a.node.connect({
      remotes,
      port: PORT,
      localPort: LOCAL_PORT,
      udpPort: this.udpPort,
      peerUdpPort: this.udpPort,
    });
    return true;
  }

  /** A host loses power and starts anew: z listens again, a opens an association again, from the same port. */
  restart(side: Side): void {
    this.peer(side).reboot();
    if (side === "a") this.startConnect();
    else this.#listen();
  }

  #listen(): void {
    this.z.node.listen({ port: PORT, udpPort: this.udpPort });
  }

  /** Opens the association and runs until both sides are up, or a's attempt has ended: then false. */
  connect(bounds: PairBounds = {}): boolean {
    if (this.a.id === undefined) this.startConnect();
    this.#runUntil(() => (this.a.up && this.z.up) || this.a.ended !== undefined, bounds);
    return this.a.up && this.z.up;
  }

  /** Lets an application send; see {@link TestPeer.send}. */
  send(side: Side, spec: Parameters<TestPeer["send"]>[0]): boolean {
    return this.peer(side).send(spec);
  }

  /** Applies one operation of a schedule. */
  apply(op: Op): void {
    this.applied.push(op);
    applyOp(this, op);
  }

  /** Lets virtual time pass. */
  advance(ms: number): void {
    this.net.sim.runUntil(instantAdd(this.now, millis(ms)));
  }

  /** Mends the network, gives its links their parameters back, and lets both applications read all. */
  repairAll(): void {
    this.net.repairAll();
    for (const path of this.net.paths) {
      const options = this.#pathOptions[path.index];
      path.link.set({ ...CLEAN, ...linkOf(options) });
    }
    for (const peer of [this.a, this.z]) peer.read("all");
  }

  /** True if nothing that was accepted is still to be delivered, whether the association lives or not. */
  get quiet(): boolean {
    for (const peer of [this.a, this.z]) {
      if (peer.id === undefined || peer.ended !== undefined) continue;
      if (peer.waiting > 0) return false;
      const status = peer.node.core.status(peer.id);
      if (status === undefined) continue;
      if (status.bufferedBytes > 0 || status.unreadBytes > 0) return false;
      if (status.state !== "established") return false;
    }
    return true;
  }

  /** Runs until {@link Pair.quiet}: data is through, only keep-alives go on. */
  runUntilQuiet(bounds: PairBounds = {}): RunResult {
    return this.#runUntil(() => this.quiet, bounds);
  }

  /** Asks for a graceful end on one side. */
  shutdown(side: Side = "a"): void {
    const { id, node } = this.peer(side);
    if (id !== undefined) node.shutdown(id);
  }

  /** True when nothing is left on hosts and network: no association, deadline, packet or open port. */
  get idle(): boolean {
    return this.net.sim.idle && this.a.node.core.associationCount === 0 && this.#nothingOpenAtZ;
  }

  get #nothingOpenAtZ(): boolean {
    return this.z.node.core.associationCount === 0;
  }

  /**
   * Runs to the end: until all data is through, then closes gracefully, stops listening, and runs until
   * nothing is left. The result's `idle` says whether it came to that.
   */
  runUntilIdle(bounds: PairBounds = {}, closedBy: Side | "both" = "a"): RunResult {
    const first = this.runUntilQuiet(bounds);
    if (!first.idle) return first;
    for (const side of closedBy === "both" ? (["a", "z"] as const) : [closedBy]) {
      this.shutdown(side);
    }
    const second = this.#runUntil(() => this.idle, bounds);
    this.z.node.stopListening(PORT);
    return { ...second, steps: first.steps + second.steps };
  }

  /** Asks the oracles for their last word; what they found is in {@link Pair.violations}. */
  judge(): readonly Violation[] {
    for (const { oracle, watch } of this.#watches) {
      this.#note(oracle, watch.end?.());
    }
    return this.violations;
  }

  /** Runs until a condition holds; the result's `idle` says that it did. */
  runUntil(condition: () => boolean, bounds: PairBounds = {}): RunResult {
    return this.#runUntil(condition, bounds);
  }

  #runUntil(condition: () => boolean, bounds: PairBounds): RunResult {
    // Longer than a peer that is not there any more is waited for.
    const fallback = this.topology.timing === "rfc" ? 900_000 : this.giveUpAfterMs + 60_000;
    return this.net.sim.runUntilTrue(condition, {
      maxSteps: bounds.maxSteps ?? DEFAULT_MAX_STEPS,
      until: instantAdd(this.now, millis(bounds.maxMs ?? fallback)),
    });
  }

  #step(peer: TestPeer): void {
    for (const { oracle, watch } of this.#watches) this.#note(oracle, watch.step?.(peer));
  }

  #note(oracle: Oracle, detail: string | undefined): void {
    if (detail === undefined) return;
    // The first finding of an oracle is the one that tells; what follows is mostly its echo.
    if (this.violations.some((v) => v.oracle === oracle.name)) return;
    this.violations.push({ oracle: oracle.name, at: this.now, detail });
  }
}

/** Parameters that operations change, as they are at the start. */
const CLEAN = {
  jitter: { kind: "none" },
  jitterReorders: false,
  loss: 0,
  burstLoss: null,
  reorder: null,
  duplicate: 0,
  corrupt: null,
  mtu: 1500,
  icmpTooBig: true,
  rateBps: null,
} as const;

const linkOf = (options: PathOptions | undefined): { delayMs: number; rateBps: number | null } => ({
  delayMs: options?.delayMs ?? 0,
  rateBps: options?.rateBps ?? null,
});

function pathOptionsOf(t: Topology): PathOptions[] {
  const rate = t.rateKbps ?? 0;
  return t.delaysMs.map((delayMs, i) => ({
    delayMs,
    rateBps: rate === 0 ? null : rate * 1000,
    family: t.family === "mixed" ? (i % 2 === 0 ? "ipv4" : "ipv6") : (t.family ?? "ipv4"),
    nat: t.nat === true && t.udp === true && i === 0,
  }));
}
