import { millis, NEVER } from "@multihome/base";
import { divergence, type PathView } from "./path.js";

/** Which paths a policy may choose from, and what it may know. */
export interface PolicyContext {
  /** The path that data goes over now; `undefined` before the first choice. */
  readonly current: PathView | undefined;
  /** The path that was set or chosen as primary (RFC 9260 s6.4). */
  readonly primary: PathView | undefined;
}

/**
 * Chooses the path for new data. A small pure object over a read-only view: it keeps nothing and
 * changes nothing. One that throws, or that names a path that is not on offer, is replaced by
 * {@link handover} and reported.
 */
export interface PathPolicy {
  readonly name: string;
  /** @param usable never empty; all allowed, confirmed, best state first (active before potentially failed before inactive) */
  select(usable: readonly PathView[], context: PolicyContext): PathView;
}

const rank = (p: PathView): number =>
  (p.stateKind === "active" ? 0 : p.stateKind === "potentiallyFailed" ? 20 : 40) +
  (p.suspected ? 10 : 0);

/**
 * One path at a time, the others kept warm. The primary while it is healthy and, once it was left, not
 * much slower than it was (four times its least round trip, and that of the path in use), and no path that
 * shares an end with it got into trouble since it last answered; otherwise the healthiest, fewest errors
 * first (RFC 7829 s3.2 rule 4, s4.1), cheapest, sharing no end with paths in trouble, and the most
 * divergent from the one left (RFC 9260 s6.4.1).
 */
export const handover: PathPolicy = {
  name: "handover",
  select: (usable, context) => best(usable, usable, context, true),
};

/**
 * As {@link handover}, but the primary whenever it is active, however slow it has become: what RFC 9260 s6.4
 * asks for. The default with strict timing.
 */
export const primaryFirst: PathPolicy = {
  name: "primaryFirst",
  select: (usable, context) => best(usable, usable, context, false),
};

/**
 * The path to turn to from one that is in doubt, as {@link handover} would, without a word for the primary.
 *
 * @param candidates what to choose from, without `avoid`
 * @param all every path that may be used, for the trouble that they are in
 */
export function alternativeTo(
  avoid: PathView,
  candidates: readonly PathView[],
  all: readonly PathView[],
): PathView | undefined {
  if (candidates.length === 0) return undefined;
  return best(candidates, all, { current: avoid, primary: undefined }, true);
}

function best(
  usable: readonly PathView[],
  all: readonly PathView[],
  context: PolicyContext,
  leavesSlowed: boolean,
): PathView {
  let chosen = usable[0] as PathView;
  for (const p of usable) if (better(p, chosen, all, context, leavesSlowed)) chosen = p;
  return chosen;
}

function better(
  p: PathView,
  q: PathView,
  all: readonly PathView[],
  { current, primary }: PolicyContext,
  leavesSlowed: boolean,
): boolean {
  if (rank(p) !== rank(q)) return rank(p) < rank(q);
  if (p.stateKind !== "active" && p.errorCount !== q.errorCount) return p.errorCount < q.errorCount;
  // What serves is not left for the trouble of others.
  const pTrouble = p === current ? 0 : sharedTrouble(p, all);
  const qTrouble = q === current ? 0 : sharedTrouble(q, all);
  if (p === primary || q === primary) {
    const other = p === primary ? q : p;
    const mayBeDead = rank(primary) === 0 && (p === primary ? pTrouble : qTrouble) > 0;
    if (!mayBeDead || !leavesSlowed) {
      return (p === primary) !== (leavesSlowed && primary !== current && hasSlowed(primary, other));
    }
  }
  if (p.cost !== q.cost) return p.cost < q.cost;
  if (pTrouble !== qTrouble) return pTrouble < qTrouble;
  if (p === current || q === current) return p === current;
  const from = current ?? primary;
  if (from !== undefined && divergence(p, from) !== divergence(q, from)) {
    return divergence(p, from) > divergence(q, from);
  }
  return p.id < q.id;
}

/**
 * A primary path that was left and answers again, but in a multiple of its former time, is no better than
 * the one in use. It is not left for that, or a path that is busy would be.
 */
const hasSlowed = (primary: PathView, other: PathView): boolean =>
  primary.srtt > SLOW * primary.minRtt &&
  primary.srtt > SLOW * other.srtt &&
  primary.srtt > other.srtt + SLOWER_BY;

const SLOW = 4;
const SLOWER_BY = millis(100);

/**
 * How many paths in trouble have an end in common with this one: their trouble may be that end's, unless this
 * one has answered since.
 */
function sharedTrouble(p: PathView, all: readonly PathView[]): number {
  let n = 0;
  for (const q of all) {
    if (q === p || rank(q) === 0 || !shareAnEnd(p, q)) continue;
    if (p.lastRttSampleAt === NEVER || p.lastRttSampleAt <= q.troubledSince) n++;
  }
  return n;
}

/** Addresses of one interface are one end; of the peer's interfaces nothing is known. */
const shareAnEnd = (p: PathView, q: PathView): boolean =>
  divergence(p, q) < 2 || (p.interfaceName !== "" && p.interfaceName === q.interfaceName);

/** The policies that an application can name. */
export const policies: Readonly<Record<"handover" | "primaryFirst", PathPolicy>> = {
  handover,
  primaryFirst,
};
