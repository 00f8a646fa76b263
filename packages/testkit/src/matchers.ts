import { NEVER, StackError } from "@multihome/base";
import type { Schedule } from "./op.js";
import { Pair } from "./pair.js";
import { runSchedule } from "./run-schedule.js";

/** What a matcher of jest, or of a runner with the same contract, returns. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Matchers for jest and its like, to be given to `expect.extend`. Each takes what `expect` was given.
 *
 * - `toDeliverEverything` (pair): every accepted message has been delivered, once, whole
 * - `toComeToRest` (pair): it closes gracefully and leaves nothing; runs it to the end
 * - `toPassOracles` (schedule): runs it, against the standard oracles
 *
 * @example
 * expect.extend(matchers);
 * expect(pair).toDeliverEverything();
 */
export const matchers = {
  toDeliverEverything(received: unknown): MatcherResult {
    const pair = pairFrom(received, "toDeliverEverything");
    const missing = undelivered(pair);
    return {
      pass: missing === undefined,
      message: () => missing ?? "every accepted message was delivered, expected some not to be",
    };
  },

  toComeToRest(received: unknown): MatcherResult {
    const pair = pairFrom(received, "toComeToRest");
    const { idle, steps } = pair.runUntilIdle();
    return {
      pass: idle,
      message: () =>
        idle
          ? "the pair came to rest, expected it not to"
          : `the pair did not come to rest within ${steps} events, at ${pair.now / 1000} ms of virtual time`,
    };
  },

  toPassOracles(received: unknown): MatcherResult {
    if (!isSchedule(received)) return refuse("toPassOracles", "a schedule");
    const { ok, violations } = runSchedule(received);
    return {
      pass: ok,
      message: () =>
        ok
          ? "the schedule passed every oracle, expected one to object"
          : [
              "the schedule broke:",
              ...violations.map((v) => `  ${v.oracle} at ${v.at / 1000} ms: ${v.detail}`),
              `again: replay(${JSON.stringify(received)})`,
            ].join("\n"),
    };
  },
} as const;

function undelivered(pair: Pair): string | undefined {
  for (const [from, to] of [
    [pair.a, pair.z],
    [pair.z, pair.a],
  ] as const) {
    const times = new Map<number, number>();
    for (const d of to.received) {
      if (!d.intact) return `${from.side}'s message ${d.index} was delivered with other bytes`;
      times.set(d.index, (times.get(d.index) ?? 0) + 1);
    }
    for (const m of from.sent) {
      const n = times.get(m.index) ?? 0;
      const what = `${from.side}'s message ${m.index}`;
      if (n > 1) return `${what} was delivered ${n} times`;
      if (n === 0 && m.acceptedAt !== NEVER) return `${what} was accepted and not delivered`;
      if (n === 0) return `${what} still waits for room in the send buffer`;
    }
  }
  return undefined;
}

function pairFrom(received: unknown, matcher: string): Pair {
  return received instanceof Pair ? received : refuse(matcher, "a Pair");
}

const isSchedule = (value: unknown): value is Schedule =>
  typeof value === "object" && value !== null && "ops" in value && "topology" in value;

function refuse(matcher: string, expected: string): never {
  throw new StackError("invalidArgument", `${matcher}: expected ${expected}`, { matcher });
}
