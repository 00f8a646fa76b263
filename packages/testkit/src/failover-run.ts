import {
  type Instant,
  instantAdd,
  millis,
  NEVER,
  type RandomSource,
  randomFraction,
  SeededRandom,
} from "@multihome/base";
import type { Side } from "@multihome/netsim";
import type { PathCause } from "@multihome/paths";
import { faultsOf, isHarmless } from "./failover-fault.js";
import { Pair } from "./pair.js";
import type { FailoverOptions } from "./run-failover.js";
import type { TestPeer } from "./test-peer.js";

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
  /** When the fault came and when it was repaired, from the start. */
  readonly faultAtMs: number;
  readonly repairAtMs: number;
  /** Longest time between two deliveries, of both directions where both have traffic. */
  readonly gapMs: number;
  /** Messages that were never delivered, more than once, or before one that was sent earlier. */
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Moves between fault and repair, or all if the fault is none. */
  readonly switches: readonly Switch[];
  /**
   * How long after the repair both sides used their primary paths again, 0 if they did not stop to; `null` if
   * they never did.
   */
  readonly usedAgainMs: number | null;
  /** Moves that nothing called for: before the fault, or all if the fault is none. */
  readonly falseSwitches: number;
  /** The association was still open at the end. */
  readonly survived: boolean;
}

const MICROS_PER_MS = 1000;
/** After the repair a run goes on for this long once the primary is used again. */
const SETTLING_MS = 500;
const LOOK_EVERY_MS = 50;

/** One association over paths of the same round trip, one fault, one repair; see `runFailover`. */
export function failoverRun(seed: number, o: FailoverOptions): FailoverRun {
  const random = new SeededRandom(seed);
  const rttMs = o.rttMs ?? 50;
  const fault = o.fault ?? "blackhole";
  const timing = o.timing ?? "fast";
  const pair = new Pair({
    seed,
    topology: {
      ...o.topology,
      delaysMs: Array.from({ length: o.paths ?? 2 }, () => rttMs / 2),
      timing,
    },
    ...(o.sctp === undefined ? {} : { sctp: o.sctp }),
    ...(o.coreTrace === undefined ? {} : { coreTrace: o.coreTrace }),
    ...(o.makeCore === undefined ? {} : { makeCore: o.makeCore }),
    ...(o.trace === undefined ? {} : { trace: o.trace }),
  });
  pair.connect();
  // Not those of the moment of the fault: a path that is suspected just then is not in use for a moment.
  const primaries = pathsInUse(pair);
  const faultAt = instantAdd(pair.now, millis(1000 + 1000 * randomFraction(random)));
  const drawnMs = timing === "rfc" ? 120_000 : 2000 + 3000 * randomFraction(random);
  const repairAt = instantAdd(faultAt, millis(o.downMs ?? drawnMs));
  const talk = startTraffic(pair, o, random);
  if ((o.traffic ?? "aToZ") === "idle") sendOnce(pair, o, faultAt, repairAt, random);
  // What harms nothing is there from the start.
  if (isHarmless(fault)) for (const f of faultsOf(fault, pair, 0, rttMs)) pair.net.applyFault(f);
  pair.net.sim.runUntil(faultAt);
  const primary = networkPathOf(pair, primaries[0]);
  if (!isHarmless(fault)) {
    for (const f of faultsOf(fault, pair, primary, rttMs)) pair.net.applyFault(f);
  }
  pair.net.sim.runUntil(repairAt);
  if (!isHarmless(fault)) pair.repairAll();
  const usedAgainMs = untilUsedAgain(pair, primaries, o, timing);
  const survived = pair.a.up && pair.z.up;
  talk.on = false;
  pair.repairAll();
  pair.runUntilQuiet();
  return { ...judge(pair, seed, faultAt, repairAt, o), usedAgainMs, survived };
}

/** Runs on until both sides use these paths and a little longer, or for as long as is allowed. */
function untilUsedAgain(
  pair: Pair,
  paths: readonly (number | undefined)[],
  o: FailoverOptions,
  timing: "fast" | "rfc",
): number | null {
  const { sim } = pair.net;
  const repairAt = pair.now;
  const endAt = instantAdd(repairAt, millis(o.afterMs ?? (timing === "rfc" ? 200_000 : 10_000)));
  const settled = millis(SETTLING_MS);
  let since: Instant = NEVER;
  for (;;) {
    const same = pathsInUse(pair).every((id, i) => id === paths[i]);
    if (!same) since = NEVER;
    else if (since === NEVER) since = pair.now;
    if (pair.now >= endAt || pair.now - since >= settled) break;
    sim.runUntil(instantAdd(pair.now, millis(LOOK_EVERY_MS)));
  }
  return since === NEVER ? null : (since - repairAt) / MICROS_PER_MS;
}

const pathsInUse = (pair: Pair): (number | undefined)[] =>
  [pair.a, pair.z].map(({ id, node }) =>
    id === undefined ? undefined : node.core.currentPath(id)?.id,
  );

interface Talk {
  on: boolean;
}

function startTraffic(pair: Pair, o: FailoverOptions, random: RandomSource): Talk {
  const talk: Talk = { on: true };
  const { sim } = pair.net;
  const everyMs = o.everyMs ?? 10;
  const bytes = o.messageBytes ?? 1200;
  const keepSending = (side: Side, at: Instant): void => {
    sim.schedule(at, () => {
      if (!talk.on) return;
      pair.send(side, { bytes });
      keepSending(side, instantAdd(sim.now, millis(everyMs)));
    });
  };
  for (const side of sendersOf(o.traffic ?? "aToZ")) {
    // At a phase of its own, so that it does not run in step with round trips.
    keepSending(side, instantAdd(pair.now, millis(everyMs * randomFraction(random))));
  }
  return talk;
}

function sendersOf(traffic: NonNullable<FailoverOptions["traffic"]>): readonly Side[] {
  switch (traffic) {
    case "aToZ":
      return ["a"];
    case "zToA":
      return ["z"];
    case "both":
      return ["a", "z"];
    case "idle":
      return [];
  }
}

function sendOnce(
  pair: Pair,
  o: FailoverOptions,
  from: Instant,
  to: Instant,
  random: RandomSource,
): void {
  const at = instantAdd(from, millis(((to - from) / MICROS_PER_MS) * randomFraction(random)));
  pair.net.sim.schedule(at, () => {
    pair.send("a", { bytes: o.messageBytes ?? 1200 });
  });
}

/** The path of the network that a's primary path is. */
function networkPathOf(pair: Pair, pathId: number | undefined): number {
  const { id, node } = pair.a;
  const current =
    id === undefined ? undefined : node.core.paths(id).find((path) => path.id === pathId);
  const found = pair.net.paths.find((p) => current !== undefined && p.a.owns(current.local));
  return found?.index ?? 0;
}

type Judged = Omit<FailoverRun, "usedAgainMs" | "survived">;

function judge(
  pair: Pair,
  seed: number,
  faultAt: Instant,
  repairAt: Instant,
  o: FailoverOptions,
): Judged {
  const sum = { gapMs: 0, lost: 0, duplicated: 0, reordered: 0 };
  for (const [from, to] of [
    [pair.a, pair.z],
    [pair.z, pair.a],
  ] as const) {
    const gap = o.traffic === "idle" ? longestDelay(from, to) : longestGap(to);
    sum.gapMs = Math.max(sum.gapMs, gap / MICROS_PER_MS);
    count(from, to, sum);
  }
  const moves = [...movesOf(pair.a), ...movesOf(pair.z)].sort((p, q) => p.atMs - q.atMs);
  const faultAtMs = faultAt / MICROS_PER_MS;
  const repairAtMs = repairAt / MICROS_PER_MS;
  const harmless = isHarmless(o.fault ?? "blackhole");
  return {
    seed,
    faultAtMs,
    repairAtMs,
    ...sum,
    switches: moves.filter((m) => harmless || (m.atMs >= faultAtMs && m.atMs < repairAtMs)),
    falseSwitches: moves.filter((m) => harmless || m.atMs < faultAtMs).length,
  };
}

/** All messages go over one stream, in order. */
function count(
  from: TestPeer,
  to: TestPeer,
  sum: { lost: number; duplicated: number; reordered: number },
): void {
  const times = new Uint8Array(from.sent.length);
  let newest = -1;
  for (const { index } of to.received) {
    const before = times[index] ?? 0;
    if (before > 0) sum.duplicated++;
    else if (index < newest) sum.reordered++;
    times[index] = before + 1;
    newest = Math.max(newest, index);
  }
  for (const m of from.sent) if (m.acceptedAt !== NEVER && times[m.index] === 0) sum.lost++;
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
