import { randomBelow, SeededRandom } from "@multihome/base";
import { FUZZ_STATES, type FuzzCase, type FuzzState } from "./fuzz-case.js";
import { type FuzzCaseResult, runFuzzCase } from "./run-fuzz-case.js";

/** How to attack. */
export interface SctpFuzzerOptions {
  /** The same seed makes the same cases, as long as `newCoverage` says the same. */
  readonly seed: number;
  /** States to attack. @defaultValue all */
  readonly states?: readonly FuzzState[];
  /** Things that the attacker does in one case. @defaultValue 128 */
  readonly movesPerCase?: number;
  /**
   * Asked after each case how much code ran for the first time; cases with something new are kept and
   * changed further. Without it every case is made anew.
   */
  readonly newCoverage?: () => number;
}

/** A case with what it found. */
export interface FuzzFailure {
  readonly case: FuzzCase;
  readonly finding: string;
}

const MAX_CORPUS = 2000;

/** Makes cases, runs them one by one, keeps those that reach new code, and sums up. */
export class SctpFuzzer {
  readonly failures: FuzzFailure[];
  readonly counters: Map<string, number>;
  readonly packetsByState: Map<FuzzState, number>;
  packets: number;
  cases: number;
  answers: number;
  mostAnswers: number;
  readonly #random: SeededRandom;
  readonly #states: readonly FuzzState[];
  readonly #moves: number;
  readonly #corpus: FuzzCase[];
  /** See {@link SctpFuzzerOptions.newCoverage}; may be taken away to go on faster with what was kept. */
  newCoverage: (() => number) | undefined;

  constructor(o: SctpFuzzerOptions) {
    this.failures = [];
    this.counters = new Map();
    this.packetsByState = new Map();
    this.packets = 0;
    this.cases = 0;
    this.answers = 0;
    this.mostAnswers = 0;
    this.#random = new SeededRandom(o.seed);
    this.#states = o.states ?? FUZZ_STATES;
    this.#moves = o.movesPerCase ?? 128;
    this.#corpus = [];
    this.newCoverage = o.newCoverage;
  }

  /** Cases kept because they reached new code. */
  get corpusSize(): number {
    return this.#corpus.length;
  }

  /** Runs the next case. */
  step(): FuzzCaseResult {
    const old = this.#corpus.length > 0 && this.#below(4) > 0;
    const c = old ? this.#changed(this.#fromCorpus()) : this.#fresh();
    const result = runFuzzCase(c);
    this.cases++;
    this.packets += result.packets;
    this.answers += result.answers;
    this.mostAnswers = Math.max(this.mostAnswers, result.mostAnswers);
    this.packetsByState.set(c.state, (this.packetsByState.get(c.state) ?? 0) + result.packets);
    for (const [name, n] of Object.entries(result.counters)) {
      this.counters.set(name, (this.counters.get(name) ?? 0) + n);
    }
    if (result.finding !== undefined) this.failures.push({ case: c, finding: result.finding });
    const fresh = this.newCoverage?.() ?? 0;
    if (fresh > 0 && this.#corpus.length < MAX_CORPUS) this.#corpus.push(c);
    return result;
  }

  #fresh(): FuzzCase {
    const coin = (): boolean => this.#below(2) === 0;
    const state = this.#leastAttacked();
    return {
      state,
      opener: coin() ? "target" : "peer",
      attacker: this.#below(4) === 0 ? "blind" : "insider",
      careful: this.#below(4) > 0,
      timing: coin() ? "fast" : "rfc",
      family: coin() ? 4 : 6,
      udp: coin(),
      paths: coin() ? 1 : 2,
      stalled: (["nobody", "nobody", "target", "peer"] as const)[this.#below(4)] ?? "nobody",
      seed: this.#random.nextU32(),
      moves: Array.from({ length: this.#moves }, () => this.#random.nextU32()),
    };
  }

  #leastAttacked(): FuzzState {
    let least: FuzzState | undefined;
    for (const s of this.#states) {
      const packets = this.packetsByState.get(s) ?? 0;
      if (least === undefined || packets < (this.packetsByState.get(least) ?? 0)) least = s;
    }
    return least ?? "listening";
  }

  #fromCorpus(): FuzzCase {
    // The newest are the most promising.
    const n = this.#corpus.length;
    const i = this.#below(2) === 0 ? n - 1 - this.#below(Math.min(n, 50)) : this.#below(n);
    return this.#corpus[i] ?? this.#fresh();
  }

  /** The case with some of its moves changed, left out, repeated, or another's appended. */
  #changed(c: FuzzCase): FuzzCase {
    let moves = [...c.moves];
    for (let n = 1 + this.#below(8); n > 0; n--) {
      const at = this.#below(moves.length + 1);
      switch (this.#below(5)) {
        case 0:
          moves[at] = this.#random.nextU32();
          break;
        case 1:
          moves.splice(at, 0, this.#random.nextU32());
          break;
        case 2:
          moves.splice(at, 1 + this.#below(4));
          break;
        case 3:
          moves.splice(at, 0, ...moves.slice(at, at + this.#below(6)));
          break;
        default: {
          const other = this.#fromCorpus().moves;
          moves = [...moves.slice(0, at), ...other.slice(this.#below(other.length + 1))];
        }
      }
    }
    while (moves.length < this.#moves) moves.push(this.#random.nextU32());
    moves.length = this.#moves;
    const seed = this.#below(3) === 0 ? this.#random.nextU32() : c.seed;
    return { ...c, seed, moves };
  }

  #below(n: number): number {
    return randomBelow(this.#random, n);
  }
}

/** The case without the moves that its finding does not need; takes up to `budget` runs. */
export function shrinkFuzzCase(c: FuzzCase, budget = 400): FuzzCase {
  let best = c;
  let runs = 0;
  for (let size = c.moves.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.moves.length && runs < budget; ) {
      const moves = [...best.moves.slice(0, at), ...best.moves.slice(at + size)];
      const candidate = { ...best, moves };
      runs++;
      if (runFuzzCase(candidate).finding === undefined) at += size;
      else best = candidate;
    }
  }
  return best;
}
