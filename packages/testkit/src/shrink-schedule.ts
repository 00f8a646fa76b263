import type { Op, Schedule, Topology } from "./op.js";

/**
 * Makes a failing schedule small: fewer operations first, then a plain network, then simpler operations. As
 * what happens depends on chance too, a smaller schedule may fail with another seed; small ones are tried.
 *
 * @param fails whether a schedule still fails; it should mean the same failure
 * @param maxRuns how often `fails` may be asked
 * @returns the smallest found: the schedule itself if nothing smaller fails
 */
export function shrinkSchedule(
  schedule: Schedule,
  fails: (candidate: Schedule) => boolean,
  maxRuns = 2000,
): Schedule {
  const search = new Search(schedule, fails, maxRuns);
  for (let before: Schedule | undefined; before !== search.best && search.left > 0; ) {
    before = search.best;
    dropOps(search);
    plainSetting(search);
    simplerOps(search);
  }
  return search.best;
}

const SEEDS = [0, 1, 2, 3];

class Search {
  best: Schedule;
  left: number;
  readonly #fails: (candidate: Schedule) => boolean;

  constructor(schedule: Schedule, fails: (candidate: Schedule) => boolean, maxRuns: number) {
    this.best = schedule;
    this.left = maxRuns;
    this.#fails = fails;
  }

  /** Takes the candidate if it fails, with its seed or with another. */
  take(candidate: Schedule): boolean {
    for (const seed of [candidate.seed, ...SEEDS]) {
      if (this.left-- <= 0) return false;
      const next = { ...candidate, seed };
      if (!this.#fails(next)) continue;
      this.best = next;
      return true;
    }
    return false;
  }
}

/** Drops blocks of operations, large ones first. */
function dropOps(search: Search): void {
  for (let size = search.best.ops.length; size >= 1; size >>= 1) {
    for (let at = 0; at < search.best.ops.length && search.left > 0; ) {
      const { ops } = search.best;
      const fewer = [...ops.slice(0, at), ...ops.slice(at + size)];
      if (!search.take({ ...search.best, ops: fewer })) at += size;
    }
  }
}

/** Takes away what makes the network and the run special, one thing at a time. */
function plainSetting(search: Search): void {
  const { delaysMs } = search.best.topology;
  const plain: Topology = { delaysMs };
  if (Object.keys(search.best.topology).length > 1)
    search.take({ ...search.best, topology: plain });
  for (const name of Object.keys(search.best.topology)) {
    if (name === "delaysMs") continue;
    search.take({ ...search.best, topology: without(search.best.topology, name) });
  }
  for (const name of ["duringSetup", "closedBy"]) {
    if (Object.hasOwn(search.best, name)) search.take(without(search.best, name));
  }
}

/** A copy without an optional field. */
function without<T extends object>(value: T, name: string): T {
  const copy = { ...value };
  Reflect.deleteProperty(copy, name);
  return copy;
}

/** Makes each operation simpler: numbers smaller, what may be left out left out. */
function simplerOps(search: Search): void {
  for (let at = 0; at < search.best.ops.length; at++) {
    for (;;) {
      const { ops } = search.best;
      const op = ops[at];
      if (op === undefined || search.left <= 0) return;
      const found = simpler(op).some((candidate) =>
        search.take({ ...search.best, ops: ops.with(at, candidate) }),
      );
      if (!found) break;
    }
  }
}

/** Operations that are a little simpler than this one, the simplest first. */
function simpler(op: Op): readonly Op[] {
  const candidates: Op[] = [];
  for (const [name, value] of Object.entries(op)) {
    if (name === "op" || name === "side" || name === "path" || name === "fault") continue;
    if (OPTIONAL.has(name)) candidates.push(without(op, name));
    if (typeof value !== "number") continue;
    const least = LEAST[name] ?? 0;
    for (const smaller of [least, round((value + least) / 2)]) {
      if (smaller < value) candidates.push(Object.assign({}, op, { [name]: smaller }));
    }
  }
  return candidates;
}

/** Fields that may be missing. */
const OPTIONAL: ReadonlySet<string> = new Set([
  "count",
  "stream",
  "unordered",
  "lifetimeMs",
  "direction",
  "icmp",
]);

const LEAST: Readonly<Record<string, number>> = {
  bytes: 1,
  count: 1,
  everyMs: 1,
  length: 1,
  times: 1,
  kbps: 1,
};

/** Round numbers read better, and fewer of them are tried. */
const round = (value: number): number => {
  const unit = value >= 1000 ? 100 : value >= 100 ? 10 : 1;
  return Math.floor(value / unit) * unit;
};
