import type { Direction, LinkOptions, Side } from "@multihome/netsim";
import type { Op } from "./op.js";
import type { Pair } from "./pair.js";

const MIN_MTU = 68;

/** Makes an operation happen. What makes no sense now does nothing. */
export function applyOp(pair: Pair, op: Op): void {
  noteHarm(pair, op);
  switch (op.op) {
    case "advance":
      pair.advance(op.ms);
      return;
    case "send":
      pair.send(op.side, op);
      return;
    case "pauseReading":
      pair.peer(op.side).read("none");
      return;
    case "resumeReading":
      pair.peer(op.side).read("all");
      return;
    case "slowReading":
      pair.peer(op.side).read({ everyMs: Math.max(1, op.everyMs) });
      return;
    case "shutdown":
      pair.shutdown(op.side);
      return;
    case "abort":
      abort(pair, op.side);
      return;
    case "restart":
      pair.restart(op.side);
      return;
    case "setPrimary":
      setPrimary(pair, op.side, op.index);
      return;
    case "cut":
    case "heal":
    case "icmpUnreachable":
      pair.net.applyFault({ kind: op.op, path: op.path, ...directed(op.direction) });
      return;
    case "flap":
      for (let i = 0; i < op.times; i++) {
        pair.net.applyFault({ kind: "cut", path: op.path, ...directed(op.direction) });
        pair.advance(op.everyMs);
        pair.net.applyFault({ kind: "heal", path: op.path, ...directed(op.direction) });
        pair.advance(op.everyMs);
      }
      return;
    case "outage":
      for (let path = 0; path < pair.pathCount; path++) pair.net.applyFault({ kind: "cut", path });
      pair.advance(op.ms);
      for (let path = 0; path < pair.pathCount; path++) pair.net.applyFault({ kind: "heal", path });
      return;
    case "linkDown":
    case "linkUp":
      pair.net.applyFault({ kind: op.op, path: op.path, side: op.side ?? "a" });
      return;
    case "removeAddress":
    case "addAddress":
      pair.net.applyFault({
        kind: op.op === "addAddress" ? "addressAdded" : "addressRemoved",
        path: op.path,
        side: op.side ?? "a",
      });
      return;
    case "natRebind":
      pair.net.applyFault({ kind: "natRebind", path: op.path });
      return;
    case "fault":
      pair.net.applyFault(op.fault);
      return;
    case "user":
      pair.userOps[op.name]?.(pair, op);
      return;
    default:
      pair.net.applyFault({
        kind: "setLink",
        path: op.path,
        params: linkChange(op),
        ...directed(op.direction),
      });
  }
}

type LinkOp = Extract<
  Op,
  {
    op:
      | "loss"
      | "burstLoss"
      | "duplicate"
      | "corrupt"
      | "reorder"
      | "delay"
      | "jitter"
      | "rate"
      | "mtu";
  }
>;

function linkChange(op: LinkOp): LinkOptions {
  switch (op.op) {
    case "loss":
      return { loss: chance(op.percent) };
    case "duplicate":
      return { duplicate: chance(op.percent) };
    case "corrupt":
      return { corrupt: op.percent === 0 ? null : { probability: chance(op.percent), bits: 3 } };
    case "burstLoss": {
      const share = chance(op.percent);
      const r = 1 / Math.max(1, op.length);
      // The share of packets in bad spells is p / (p + r).
      const p = share >= 1 ? 1 : Math.min(1, (share * r) / (1 - share));
      return { burstLoss: op.percent === 0 ? null : { p, r } };
    }
    case "reorder":
      return {
        reorder: op.percent === 0 ? null : { probability: chance(op.percent), extraMs: op.extraMs },
      };
    case "delay":
      return { delayMs: op.ms };
    case "jitter":
      return {
        jitter: op.ms === 0 ? { kind: "none" } : { kind: "uniform", ms: op.ms },
        jitterReorders: op.ms > 0,
      };
    case "rate":
      return { rateBps: op.kbps === 0 ? null : op.kbps * 1000 };
    case "mtu":
      return { mtu: Math.max(MIN_MTU, op.bytes), icmpTooBig: op.icmp ?? true };
  }
}

const chance = (percent: number): number => Math.min(1, Math.max(0, percent / 100));

const directed = (direction: Direction | undefined): { direction?: Direction } =>
  direction === undefined ? {} : { direction };

function abort(pair: Pair, side: Side): void {
  const { id, node } = pair.peer(side);
  if (id !== undefined) node.abort(id);
}

function setPrimary(pair: Pair, side: Side, index: number): void {
  const { id, node } = pair.peer(side);
  if (id === undefined) return;
  const paths = node.core.paths(id);
  const path = paths[index % Math.max(1, paths.length)];
  if (path !== undefined) node.setPrimary(id, path.id);
}

/** Loss up to here, for a while, ends no path; the oracle of liveness counts on it. */
const HARMLESS_LOSS = 5;

/** Takes note of paths that something is done to that may stop them. */
function noteHarm(pair: Pair, op: Op): void {
  switch (op.op) {
    case "cut":
    case "icmpUnreachable":
    case "linkDown":
    case "removeAddress":
    case "natRebind":
    case "mtu":
    case "delay":
    case "rate":
    case "flap":
      pair.harmedPaths.add(op.path);
      return;
    case "outage":
      for (let i = 0; i < pair.pathCount; i++) pair.harmedPaths.add(i);
      return;
    case "loss":
    case "corrupt":
    case "burstLoss":
      if (op.percent > HARMLESS_LOSS) pair.harmedPaths.add(op.path);
      return;
    case "fault":
      pair.harmedPaths.add(op.fault.path);
      return;
    case "user":
      // Nobody knows what it does.
      for (let i = 0; i < pair.pathCount; i++) pair.harmedPaths.add(i);
      return;
    default:
      return;
  }
}
