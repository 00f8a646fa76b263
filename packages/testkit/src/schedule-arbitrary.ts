import type { Direction, Side } from "@multihome/netsim";
import fc from "fast-check";
import type { Op, OpKind, Schedule, Topology } from "./op.js";

/** What schedules may hold. */
export interface ScheduleConstraints {
  /** Paths of the network, 1 to 8. @defaultValue 2 */
  readonly paths?: number;
  /** Operations at most. @defaultValue 40 */
  readonly maxOps?: number;
  /** Kinds of operations to draw from. @defaultValue all but `abort`, `fault` and `user` */
  readonly kinds?: readonly OpKind[];
  /** Operations of your own, drawn beside the others. */
  readonly moreOps?: readonly fc.Arbitrary<Op>[];
  /** The network and options of the hosts. @defaultValue drawn from named kinds */
  readonly topology?: Topology;
}

/** The kinds of operations that are drawn unless others are asked for, simple ones first. */
export const STANDARD_KINDS: readonly OpKind[] = [
  "advance",
  "send",
  "cut",
  "heal",
  "flap",
  "outage",
  "linkDown",
  "linkUp",
  "loss",
  "delay",
  "jitter",
  "reorder",
  "duplicate",
  "pauseReading",
  "resumeReading",
  "slowReading",
  "icmpUnreachable",
  "burstLoss",
  "corrupt",
  "rate",
  "mtu",
  "removeAddress",
  "addAddress",
  "setPrimary",
  "natRebind",
  "restart",
  "shutdown",
];

// How often a kind is drawn beside the others; 2 where nothing is said.
const WEIGHTS: Partial<Record<OpKind, number>> = {
  advance: 16,
  send: 16,
  cut: 5,
  heal: 5,
  linkDown: 3,
  linkUp: 3,
  restart: 1,
  shutdown: 1,
  abort: 1,
  natRebind: 1,
  rate: 1,
  outage: 1,
};

/** A whole schedule. Shrinks towards few, simple operations on a plain topology. */
export function scheduleArbitrary(constraints: ScheduleConstraints = {}): fc.Arbitrary<Schedule> {
  const paths = constraints.paths ?? 2;
  const topology =
    constraints.topology === undefined
      ? topologyArbitrary(paths)
      : fc.constant(constraints.topology);
  return fc
    .record({
      seed: seedArbitrary(),
      topology,
      ops: fc.array(opArbitrary(constraints), {
        maxLength: constraints.maxOps ?? 40,
        size: "max",
      }),
      duringSetup: fc.boolean(),
      closedBy: fc.constantFrom<Side | "both">("a", "z", "both"),
    })
    .map(({ seed, topology: t, ops, duringSetup, closedBy }) => ({
      seed,
      topology: t,
      ops,
      ...(duringSetup ? { duringSetup } : {}),
      ...(closedBy === "a" ? {} : { closedBy }),
    }));
}

/** Shrinks to 0 or stays as drawn: a 0 in a report says that the seed does not matter. */
export const seedArbitrary = (): fc.Arbitrary<number> =>
  fc.oneof({ withCrossShrink: true }, fc.constant(0), fc.noShrink(fc.nat()));

/** A network with so many paths, from a few kinds; the plain one first. */
export function topologyArbitrary(paths: number): fc.Arbitrary<Topology> {
  const delaysMs = Array.from({ length: paths }, (_, i) => 10 + 15 * i);
  const plain: Topology = { delaysMs };
  const kinds: Topology[] = [
    plain,
    plain,
    { delaysMs: delaysMs.map(() => 5) },
    { delaysMs: delaysMs.map((_, i) => (i === 0 ? 100 : 10)) },
    { delaysMs, family: "ipv6" },
    { delaysMs, family: "mixed" },
    { delaysMs, family: "dual" },
    { delaysMs, mesh: true },
    { delaysMs, udp: true },
    { delaysMs, udp: true, nat: true },
    { delaysMs, rateKbps: 2000 },
    { delaysMs, receiveBufferBytes: 8192 },
    { delaysMs, timing: "rfc" },
  ];
  return fc.constantFrom(...kinds);
}

/** One operation of a schedule. */
export function opArbitrary(constraints: ScheduleConstraints = {}): fc.Arbitrary<Op> {
  const paths = constraints.paths ?? 2;
  const kinds = constraints.kinds ?? STANDARD_KINDS;
  return fc.oneof(
    ...kinds.map((kind) => ({ weight: WEIGHTS[kind] ?? 2, arbitrary: opOf(kind, paths) })),
    ...(constraints.moreOps ?? []).map((arbitrary) => ({ weight: 4, arbitrary })),
  );
}

const sideArbitrary = fc.constantFrom<Side>("a", "z");
const directionArbitrary = fc.constantFrom<Direction>("both", "aToZ", "zToA");
const percent = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

function opOf(kind: OpKind, paths: number): fc.Arbitrary<Op> {
  const path = fc.nat({ max: paths - 1 });
  const on = { path, direction: directionArbitrary };
  switch (kind) {
    case "advance":
      return fc.record({
        op: fc.constant(kind),
        // Mostly within a few round trips, where most happens; sometimes long.
        ms: fc.oneof(
          { weight: 3, arbitrary: fc.nat({ max: 100 }) },
          { weight: 3, arbitrary: fc.nat({ max: 1000 }) },
          { weight: 1, arbitrary: fc.nat({ max: 20_000 }) },
        ),
      });
    case "send":
      return sendArbitrary();
    case "cut":
    case "heal":
    case "icmpUnreachable":
      return fc.record({ op: fc.constant(kind), ...on });
    case "flap":
      return fc.record({
        op: fc.constant(kind),
        ...on,
        times: fc.integer({ min: 1, max: 10 }),
        everyMs: fc.integer({ min: 1, max: 1000 }),
      });
    case "outage":
      return fc.record({
        op: fc.constant(kind),
        ms: fc.oneof(fc.nat({ max: 2000 }), fc.nat({ max: 60_000 })),
      });
    case "linkDown":
    case "linkUp":
    case "removeAddress":
    case "addAddress":
      return fc.record({ op: fc.constant(kind), path, side: sideArbitrary });
    case "pauseReading":
    case "resumeReading":
    case "shutdown":
    case "abort":
    case "restart":
      return fc.record({ op: fc.constant(kind), side: sideArbitrary });
    case "slowReading":
      return fc.record({
        op: fc.constant(kind),
        side: sideArbitrary,
        everyMs: fc.integer({ min: 1, max: 200 }),
      });
    case "loss":
    case "duplicate":
    case "corrupt":
      return fc.record({ op: fc.constant(kind), ...on, percent: percent(50) });
    case "burstLoss":
      return fc.record({
        op: fc.constant(kind),
        ...on,
        percent: percent(50),
        length: fc.integer({ min: 1, max: 20 }),
      });
    case "reorder":
      return fc.record({
        op: fc.constant(kind),
        ...on,
        percent: percent(50),
        extraMs: fc.nat({ max: 100 }),
      });
    case "delay":
      return fc.record({ op: fc.constant(kind), ...on, ms: fc.nat({ max: 400 }) });
    case "jitter":
      return fc.record({ op: fc.constant(kind), ...on, ms: fc.nat({ max: 50 }) });
    case "rate":
      return fc.record({
        op: fc.constant(kind),
        ...on,
        kbps: fc.integer({ min: 100, max: 10_000 }),
      });
    case "mtu":
      return fc.record({
        op: fc.constant(kind),
        ...on,
        bytes: fc.integer({ min: 1280, max: 1500 }),
        icmp: fc.constantFrom(true, false),
      });
    case "natRebind":
      return fc.record({ op: fc.constant(kind), path });
    case "setPrimary":
      return fc.record({ op: fc.constant(kind), side: sideArbitrary, index: fc.nat({ max: 3 }) });
    case "fault":
      return fc.record({
        op: fc.constant(kind),
        fault: fc.record({
          kind: fc.constant("ramp" as const),
          path,
          param: fc.constant("loss" as const),
          to: fc.constantFrom(0, 0.3, 0.6),
          overMs: fc.nat({ max: 3000 }),
        }),
      });
    case "user":
      return fc.record({ op: fc.constant(kind), name: fc.constant("") });
  }
}

function sendArbitrary(): fc.Arbitrary<Op> {
  const op = fc.constant("send" as const);
  const stream = fc.nat({ max: 3 });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ op, side: sideArbitrary, bytes: fc.integer({ min: 1, max: 9000 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        op,
        side: sideArbitrary,
        bytes: fc.integer({ min: 1, max: 3000 }),
        count: fc.integer({ min: 1, max: 30 }),
        stream,
        unordered: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        op,
        side: sideArbitrary,
        bytes: fc.integer({ min: 1, max: 60_000 }),
        stream,
        lifetimeMs: fc.nat({ max: 500 }),
      }),
    },
  );
}
