import { checkNumber, StackError } from "@multihome/base";

/**
 * Variation of the delay, added to `delayMs`; the sum is never below 0.
 *
 * - `uniform`: evenly in -ms .. +ms
 * - `normal`: bell-shaped with this standard deviation, cut off at three of them
 */
export type Jitter =
  | { readonly kind: "none" }
  | { readonly kind: "uniform"; readonly ms: number }
  | { readonly kind: "normal"; readonly sigmaMs: number };

/**
 * Gilbert-Elliott loss: before each packet the link goes from its good to its bad state with probability
 * `p`, from bad to good with `r`, then loses the packet with the probability of the state it is in. Bad
 * spells last 1 / r packets on average; with `lossGood` 0 and `lossBad` 1, p / (p + r) of all are lost.
 */
export interface BurstLoss {
  readonly p: number;
  readonly r: number;
  /** @defaultValue 0 */
  readonly lossGood?: number;
  /** @defaultValue 1 */
  readonly lossBad?: number;
}

/** Holds back single packets so that later ones overtake them. */
export interface Reorder {
  readonly probability: number;
  /** Delay on top of the link's. */
  readonly extraMs: number;
}

/** Flips bits of the payload. The packet is delivered: checksums above must find it. */
export interface Corruption {
  readonly probability: number;
  /** How many bits, drawn with repetition, 1 .. 1,000. @defaultValue 1 */
  readonly bits?: number;
}

/**
 * What one direction of a link does to packets. Plain data: `null` means unlimited (or off), and
 * `Infinity`, which JSON turns into `null`, means the same.
 */
export interface LinkParams {
  /** Bits per second of IP packets, a whole number from 1. @defaultValue null */
  readonly rateBps: number | null;
  /** Propagation, 0 .. 3,600,000 ms, to the microsecond. @defaultValue 0 */
  readonly delayMs: number;
  /** @defaultValue none */
  readonly jitter: Jitter;
  /**
   * True lets packets overtake each other when the delay varies or is made shorter; false keeps them in
   * order, as a queue does. Packets held back by `reorder` are overtaken in any case.
   * @defaultValue false
   */
  readonly jitterReorders: boolean;
  /** Probability, 0 .. 1, that a packet is lost, each for itself. @defaultValue 0 */
  readonly loss: number;
  /** Loss in bursts, on top of `loss`. @defaultValue null */
  readonly burstLoss: BurstLoss | null;
  /** @defaultValue null */
  readonly reorder: Reorder | null;
  /** Probability that a packet arrives twice. @defaultValue 0 */
  readonly duplicate: number;
  /** @defaultValue null */
  readonly corrupt: Corruption | null;
  /** Largest IP packet in bytes, headers included, from 68. @defaultValue 1500 */
  readonly mtu: number | null;
  /**
   * Answer what is larger than `mtu` with an ICMP error (fragmentation needed, packet too big); false
   * makes it a black hole. Nothing is ever fragmented: every packet counts as "don't fragment".
   * @defaultValue true
   */
  readonly icmpTooBig: boolean;
  /**
   * Bytes after the quoted IP header in ICMP errors, 8 or more; null: as many as RFC 1812 s4.3.2.3 (576
   * in all) and RFC 4443 s2.4 (c) (1280 in all) allow. @defaultValue null
   */
  readonly icmpQuoteBytes: number | null;
  /** Bytes that may wait for a link with a rate; what does not fit is dropped. @defaultValue 262,144 */
  readonly queueBytes: number | null;
  /**
   * From this many waiting bytes on, ECN-capable packets are marked "congestion experienced"
   * (RFC 3168 s5). @defaultValue null
   */
  readonly ecnMarkBytes: number | null;
}

/** Parameters that are given; the others keep their value, at first the default. */
export type LinkOptions = Partial<LinkParams>;

/** A perfect link, but for the usual MTU. */
export const DEFAULT_LINK: LinkParams = {
  rateBps: null,
  delayMs: 0,
  jitter: { kind: "none" },
  jitterReorders: false,
  loss: 0,
  burstLoss: null,
  reorder: null,
  duplicate: 0,
  corrupt: null,
  mtu: 1500,
  icmpTooBig: true,
  icmpQuoteBytes: null,
  queueBytes: 262_144,
  ecnMarkBytes: null,
};

const HOUR_MS = 3_600_000;
// RFC 791 s3.2: every internet module must be able to forward 68 bytes without fragmentation.
const MIN_MTU = 68;

/**
 * The parameters after a change.
 * @throws StackError `invalidOption`
 */
export function changeParams(old: LinkParams, change: LinkOptions): LinkParams {
  for (const name of Object.keys(change)) {
    if (!Object.hasOwn(DEFAULT_LINK, name)) {
      throw new StackError(
        "invalidOption",
        `link parameter: got ${JSON.stringify(name)}, expected one of ${Object.keys(DEFAULT_LINK).join(", ")}`,
        { option: name },
      );
    }
  }
  const params = { ...old, ...change };
  limit("rateBps", params.rateBps, 1);
  checkNumber("delayMs", params.delayMs, 0, HOUR_MS, false);
  checkJitter(params.jitter);
  probability("loss", params.loss);
  probability("duplicate", params.duplicate);
  if (params.burstLoss !== null) {
    probability("burstLoss.p", params.burstLoss.p);
    probability("burstLoss.r", params.burstLoss.r);
    probability("burstLoss.lossGood", params.burstLoss.lossGood ?? 0);
    probability("burstLoss.lossBad", params.burstLoss.lossBad ?? 1);
  }
  if (params.reorder !== null) {
    probability("reorder.probability", params.reorder.probability);
    checkNumber("reorder.extraMs", params.reorder.extraMs, 0, HOUR_MS, false);
  }
  if (params.corrupt !== null) {
    probability("corrupt.probability", params.corrupt.probability);
    checkNumber("corrupt.bits", params.corrupt.bits ?? 1, 1, 1000);
  }
  limit("mtu", params.mtu, MIN_MTU);
  limit("icmpQuoteBytes", params.icmpQuoteBytes, 8);
  limit("queueBytes", params.queueBytes, 0);
  limit("ecnMarkBytes", params.ecnMarkBytes, 0);
  flag("jitterReorders", params.jitterReorders);
  flag("icmpTooBig", params.icmpTooBig);
  return params;
}

/** A limit as a number: `null` is infinity. */
export const limitOf = (value: number | null): number => value ?? Number.POSITIVE_INFINITY;

function limit(option: string, value: number | null, min: number): void {
  if (value !== null) checkNumber(option, value, min, Number.POSITIVE_INFINITY);
}

function probability(option: string, value: number): void {
  checkNumber(option, value, 0, 1, false);
}

function flag(option: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new StackError("invalidOption", `${option}: got ${String(value)}, expected true or false`, {
    option,
    got: value,
  });
}

function checkJitter(jitter: Jitter): void {
  switch (jitter.kind) {
    case "none":
      return;
    case "uniform":
      checkNumber("jitter.ms", jitter.ms, 0, HOUR_MS, false);
      return;
    case "normal":
      checkNumber("jitter.sigmaMs", jitter.sigmaMs, 0, HOUR_MS, false);
      return;
    default: {
      const other: never = jitter;
      throw new StackError(
        "invalidOption",
        `jitter: got ${JSON.stringify(other)}, expected kind none, uniform or normal`,
        { option: "jitter" },
      );
    }
  }
}
