import {
  checkNumber,
  type Instant,
  instantAdd,
  millis,
  NEVER,
  type RandomSource,
  randomBelow,
  randomFraction,
  SeededRandom,
  StackError,
} from "@multihome/base";
import type { Fault, Side } from "@multihome/netsim";
import type { PathCause } from "@multihome/paths";
import type { Topology } from "./op.js";
import { Pair, type PairOptions } from "./pair.js";
import type { TestPeer } from "./test-peer.js";

/**
 * What happens to the primary path. `aToZ` is the way of the data when a sends.
 *
 * - `blackhole`: every packet is lost, silently; `blackholeAToZ`, `blackholeZToA`: one way only
 * - `linkdown`: the link goes down, and both hosts are told
 * - `icmp`: every packet is lost and answered with an ICMP error
 * - `lossy`: loss grows from 0 to 60 % within two seconds
 * - `slow`: the round trip takes 20 times as long
 * - `none`: nothing at all; `jitter`: the delay varies by a fifth of the round trip and packets overtake
 *   each other; `loss3`: 3 % of the packets are lost; `reorder`: 5 % are overtaken. On every path; none of
 *   these is a reason to leave one
 */
export const FAILOVER_FAULTS = [
  "blackhole",
  "blackholeAToZ",
  "blackholeZToA",
  "linkdown",
  "icmp",
  "lossy",
  "slow",
  "none",
  "jitter",
  "loss3",
  "reorder",
] as const;

/** A name of {@link FAILOVER_FAULTS}. */
export type FailoverFault = (typeof FAILOVER_FAULTS)[number];

/**
 * Who sends. `idle`: nobody, but for one message of a at some time after the fault, whose delay takes the
 * place of the gap.
 */
export const FAILOVER_TRAFFIC = ["aToZ", "zToA", "both", "idle"] as const;

/** A name of {@link FAILOVER_TRAFFIC}. */
export type FailoverTraffic = (typeof FAILOVER_TRAFFIC)[number];

/** The experiment. */
export interface FailoverOptions {
  /** Runs, each with a seed of its own. @defaultValue 100 */
  readonly seeds?: number;
  /** Seed of the first run; the next ones follow. @defaultValue 1 */
  readonly firstSeed?: number;
  /** Round trip of every path. @defaultValue 50 */
  readonly rttMs?: number;
  /** @defaultValue "blackhole" */
  readonly fault?: FailoverFault;
  /** @defaultValue "aToZ" */
  readonly traffic?: FailoverTraffic;
  /** 2 to 8. @defaultValue 2 */
  readonly paths?: number;
  /** @defaultValue "fast" */
  readonly timing?: "fast" | "rfc";
  /** More options of both hosts' cores. */
  readonly sctp?: PairOptions["sctp"];
  /** Is told what the cores trace; see {@link PairOptions.coreTrace}. */
  readonly coreTrace?: PairOptions["coreTrace"];
  /** To record the runs; see {@link recording}. */
  readonly makeCore?: PairOptions["makeCore"];
  readonly trace?: PairOptions["trace"];
  /** More of the network: family, mesh, udp. */
  readonly topology?: Omit<Topology, "delaysMs" | "timing">;
  /** Bytes of each message. @defaultValue 1,200 */
  readonly messageBytes?: number;
  /** Time between two messages. @defaultValue 10 */
  readonly everyMs?: number;
  /** Time from the fault to its repair. @defaultValue 5,000; 120,000 with `timing: "rfc"` */
  readonly downMs?: number;
  /** Time from the repair to the end, for the way back. @defaultValue 10,000; 200,000 with `timing: "rfc"` */
  readonly afterMs?: number;
  /** Is told after each run. */
  readonly progress?: (done: number) => void;
}

/** Values at three places of a distribution, in milliseconds. */
export interface Distribution {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A move of the traffic to another path. */
export interface Switch {
  readonly side: Side;
  readonly atMs: number;
  readonly cause: PathCause;
  readonly stallMs: number;
}

/** One run. */
export interface FailoverRun {
  readonly seed: number;
  /** When the fault came, from the start. */
  readonly faultAtMs: number;
  /** Longest time between two deliveries, of both directions where both have traffic. */
  readonly gapMs: number;
  /** Messages that were never delivered, or more than once. */
  readonly lost: number;
  readonly duplicated: number;
  /** Moves between fault and repair, or all if the fault is none. */
  readonly switches: readonly Switch[];
  /** There was a move after the repair. */
  readonly switchedBack: boolean;
  /** Moves that nothing called for: before the fault, or all if the fault is none. */
  readonly falseSwitches: number;
  /** The association was still open at the end. */
  readonly survived: boolean;
}

/** All runs together. */
export interface FailoverResult {
  readonly runs: number;
  readonly gapMs: Distribution;
  /** Sums over all runs. */
  readonly lost: number;
  readonly duplicated: number;
  readonly ended: number;
  /** How many moves had which cause, between fault and repair. */
  readonly switches: Readonly<Partial<Record<PathCause, number>>>;
  /** Moves that nothing called for: before the fault, or with a fault that is none. */
  readonly falseSwitches: number;
  /** Runs in which the healed primary came into use again. */
  readonly switchedBack: number;
  /** Seed of the run with the longest gap. */
  readonly worstSeed: number;
  readonly all: readonly FailoverRun[];
}

const HARMLESS: readonly FailoverFault[] = ["none", "jitter", "loss3", "reorder"];
const MICROS_PER_MS = 1000;

/**
 * Kills the primary path at a random moment under steady traffic, and tells how long the application had
 * to wait: per seed one association over paths of the same round trip, 1,200-byte messages every 10 ms,
 * the fault after 1 to 2 seconds, then repair, and time to come back.
 *
 * @throws StackError `invalidOption`
 * @example
 * runFailover({ seeds: 100, rttMs: 50 }).gapMs; // { p50: 106, p99: 113, max: 118 }
 */
export function runFailover(options: FailoverOptions = {}): FailoverResult {
  const seeds = checkNumber("seeds", options.seeds ?? 100, 1, 1_000_000);
  const firstSeed = checkNumber("firstSeed", options.firstSeed ?? 1, 0, 0x7fff_ffff);
  checkNumber("rttMs", options.rttMs ?? 50, 0, 10_000, false);
  checkNumber("paths", options.paths ?? 2, 2, 8);
  checkNumber("everyMs", options.everyMs ?? 10, 0.1, 60_000, false);
  checkNumber("downMs", options.downMs ?? 0, 0, 3_600_000, false);
  checkNumber("afterMs", options.afterMs ?? 0, 0, 3_600_000, false);
  checkNumber("messageBytes", options.messageBytes ?? 1200, 1, 1 << 20);
  oneOf("fault", options.fault ?? "blackhole", FAILOVER_FAULTS);
  oneOf("traffic", options.traffic ?? "aToZ", FAILOVER_TRAFFIC);
  const all: FailoverRun[] = [];
  for (let i = 0; i < seeds; i++) {
    all.push(failoverRun(firstSeed + i, options));
    options.progress?.(i + 1);
  }
  return sumUp(all);
}

function oneOf<T extends string>(option: string, got: T, allowed: readonly T[]): void {
  if (allowed.includes(got)) return;
  throw new StackError(
    "invalidOption",
    `${option}: got ${String(got)}, expected one of ${allowed.join(", ")}`,
    { option, got },
  );
}

function failoverRun(seed: number, o: FailoverOptions): FailoverRun {
  const random = new SeededRandom(seed);
  const rttMs = o.rttMs ?? 50;
  const fault = o.fault ?? "blackhole";
  const traffic = o.traffic ?? "aToZ";
  const timing = o.timing ?? "fast";
  const paths = o.paths ?? 2;
  const pair = new Pair({
    seed,
    topology: {
      ...o.topology,
      delaysMs: Array.from({ length: paths }, () => rttMs / 2),
      timing,
    },
    ...(o.sctp === undefined ? {} : { sctp: o.sctp }),
    ...(o.coreTrace === undefined ? {} : { coreTrace: o.coreTrace }),
    ...(o.makeCore === undefined ? {} : { makeCore: o.makeCore }),
    ...(o.trace === undefined ? {} : { trace: o.trace }),
  });
  pair.connect();
  const { sim } = pair.net;
  const started = pair.now;
  const faultAt = instantAdd(started, millis(1000 + 1000 * randomFraction(random)));
  const downMs = o.downMs ?? (timing === "rfc" ? 120_000 : 5000);
  const repairAt = instantAdd(faultAt, millis(downMs));
  const afterMs = o.afterMs ?? (timing === "rfc" ? 200_000 : 10_000);
  const endAt = instantAdd(repairAt, millis(afterMs));
  const senders: Side[] =
    traffic === "both" ? ["a", "z"] : traffic === "zToA" ? ["z"] : traffic === "aToZ" ? ["a"] : [];
  const everyMs = o.everyMs ?? 10;
  const bytes = o.messageBytes ?? 1200;
  for (const side of senders) {
    // At a phase of its own, so that it does not run in step with round trips.
    sim.schedule(instantAdd(started, millis(everyMs * randomFraction(random))), () =>
      keepSending(pair, side, bytes, everyMs, endAt),
    );
  }
  if (traffic === "idle") sendOnce(pair, bytes, faultAt, repairAt, random);
  if (HARMLESS.includes(fault))
    for (const f of faultsOf(fault, pair, 0, rttMs)) pair.net.applyFault(f);
  else {
    sim.schedule(faultAt, () => {
      for (const f of faultsOf(fault, pair, primaryOf(pair), rttMs)) pair.net.applyFault(f);
    });
    sim.schedule(repairAt, () => pair.repairAll());
  }
  sim.runUntil(endAt);
  const survived = pair.a.up && pair.z.up;
  pair.repairAll();
  pair.runUntilQuiet();
  return judge(pair, seed, faultAt, repairAt, traffic, survived, fault);
}

function keepSending(pair: Pair, side: Side, bytes: number, everyMs: number, until: Instant): void {
  const { sim } = pair.net;
  const next = instantAdd(sim.now, millis(everyMs));
  if (next > until) return;
  sim.schedule(next, () => {
    pair.send(side, { bytes });
    keepSending(pair, side, bytes, everyMs, until);
  });
}

function sendOnce(
  pair: Pair,
  bytes: number,
  from: Instant,
  to: Instant,
  random: RandomSource,
): void {
  const at = instantAdd(from, millis(randomBelow(random, (to - from) / MICROS_PER_MS)));
  pair.net.sim.schedule(at, () => {
    pair.send("a", { bytes });
  });
}

/** The path of the network that a's data goes over. */
function primaryOf(pair: Pair): number {
  const { id, node } = pair.a;
  const current = id === undefined ? undefined : node.core.currentPath(id);
  const found = pair.net.paths.find((p) => current !== undefined && p.a.owns(current.local));
  return found?.index ?? 0;
}

function faultsOf(fault: FailoverFault, pair: Pair, path: number, rttMs: number): Fault[] {
  const everywhere = (params: Extract<Fault, { kind: "setLink" }>["params"]): Fault[] =>
    pair.net.paths.map((p) => ({ kind: "setLink", path: p.index, params }));
  switch (fault) {
    case "blackhole":
      return [{ kind: "cut", path }];
    case "blackholeAToZ":
      return [{ kind: "cut", path, direction: "aToZ" }];
    case "blackholeZToA":
      return [{ kind: "cut", path, direction: "zToA" }];
    case "linkdown":
      return [{ kind: "linkDown", path, side: "a" }];
    case "icmp":
      return [{ kind: "icmpUnreachable", path }];
    case "lossy":
      return [{ kind: "ramp", path, param: "loss", to: 0.6, overMs: 2000, steps: 40 }];
    case "slow":
      return [{ kind: "setLink", path, params: { delayMs: 10 * rttMs } }];
    case "none":
      return [];
    case "jitter":
      return everywhere({ jitter: { kind: "uniform", ms: rttMs / 10 }, jitterReorders: true });
    case "loss3":
      return everywhere({ loss: 0.03 });
    case "reorder":
      return everywhere({ reorder: { probability: 0.05, extraMs: rttMs / 10 } });
  }
}

function judge(
  pair: Pair,
  seed: number,
  faultAt: Instant,
  repairAt: Instant,
  traffic: FailoverTraffic,
  survived: boolean,
  fault: FailoverFault,
): FailoverRun {
  let gap = 0;
  let lost = 0;
  let duplicated = 0;
  for (const [from, to] of [
    [pair.a, pair.z],
    [pair.z, pair.a],
  ] as const) {
    gap = Math.max(gap, traffic === "idle" ? longestDelay(from, to) : longestGap(to));
    const times = new Map<number, number>();
    for (const d of to.received) times.set(d.index, (times.get(d.index) ?? 0) + 1);
    for (const n of times.values()) if (n > 1) duplicated += n - 1;
    for (const m of from.sent) if (m.acceptedAt !== NEVER && !times.has(m.index)) lost++;
  }
  const moves = [...movesOf(pair.a), ...movesOf(pair.z)].sort((p, q) => p.atMs - q.atMs);
  const faultAtMs = faultAt / MICROS_PER_MS;
  const repairAtMs = repairAt / MICROS_PER_MS;
  const harmless = HARMLESS.includes(fault);
  return {
    seed,
    faultAtMs,
    gapMs: gap / MICROS_PER_MS,
    lost,
    duplicated,
    switches: moves.filter((m) => harmless || (m.atMs >= faultAtMs && m.atMs < repairAtMs)),
    switchedBack: !harmless && moves.some((m) => m.atMs >= repairAtMs),
    falseSwitches: moves.filter((m) => harmless || m.atMs < faultAtMs).length,
    survived,
  };
}

function longestGap(to: TestPeer): number {
  let longest = 0;
  let before: Instant | undefined;
  for (const d of to.received) {
    if (before !== undefined) longest = Math.max(longest, d.at - before);
    before = d.at;
  }
  return longest;
}

function longestDelay(from: TestPeer, to: TestPeer): number {
  let longest = 0;
  for (const d of to.received) {
    const sent = from.sent[d.index];
    if (sent !== undefined) longest = Math.max(longest, d.at - sent.acceptedAt);
  }
  return longest;
}

function movesOf(peer: TestPeer): Switch[] {
  const moves: Switch[] = [];
  for (const e of peer.node.log) {
    if (e.kind !== "path" || e.event.kind !== "switched") continue;
    const { at, cause, stall } = e.event;
    moves.push({
      side: peer.side,
      atMs: at / MICROS_PER_MS,
      cause,
      stallMs: stall / MICROS_PER_MS,
    });
  }
  return moves;
}

function sumUp(all: readonly FailoverRun[]): FailoverResult {
  const gaps = all.map((r) => r.gapMs).sort((p, q) => p - q);
  const switches: Partial<Record<PathCause, number>> = {};
  let worst = all[0];
  const sum = { lost: 0, duplicated: 0, ended: 0, falseSwitches: 0, switchedBack: 0 };
  for (const r of all) {
    sum.lost += r.lost;
    sum.duplicated += r.duplicated;
    sum.ended += r.survived ? 0 : 1;
    sum.falseSwitches += r.falseSwitches;
    sum.switchedBack += r.switchedBack ? 1 : 0;
    if (worst === undefined || r.gapMs > worst.gapMs) worst = r;
    for (const s of r.switches) switches[s.cause] = (switches[s.cause] ?? 0) + 1;
  }
  return {
    runs: all.length,
    gapMs: { p50: at(gaps, 0.5), p99: at(gaps, 0.99), max: at(gaps, 1) },
    ...sum,
    switches,
    worstSeed: worst?.seed ?? 0,
    all,
  };
}

/** The value that a share of all does not exceed (nearest rank). */
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
