// Feeds an SCTP endpoint mutated and generated packets in every state (docs/security.md).
//   npm run fuzz -- [--count N] [--seed S] [--state NAME]... [--guided N] [--json] [--replay FILE]
//   --count    packets, counted as they are fed (default 100,000)
//   --seed     default 1; the same seed without coverage makes the same run
//   --state    only this state; may be given again (default: all)
//   --guided   packets for which new code is looked for (default a tenth of --count, 0: never)
//   --replay   runs the case in this file (what a failure prints) and nothing else
import { readFileSync } from "node:fs";
import { Session } from "node:inspector";
import { parseArgs } from "node:util";
import { FUZZ_STATES, runFuzzCase, SctpFuzzer, shrinkFuzzCase } from "@multihome/testkit";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    state: { type: "string", multiple: true },
    guided: { type: "string" },
    json: { type: "boolean", default: false },
    replay: { type: "string" },
  },
});

if (values.replay !== undefined) {
  const result = runFuzzCase(JSON.parse(readFileSync(values.replay, "utf8")));
  console.log(result.finding ?? `nothing found in ${result.packets} packets`);
  process.exit(result.finding === undefined ? 0 : 1);
}

const count = Number(values.count);
const guided = values.guided === undefined ? count / 10 : Number(values.guided);
for (const s of values.state ?? []) {
  if (!FUZZ_STATES.includes(s)) {
    console.error(`--state: got ${s}, expected one of ${FUZZ_STATES.join(", ")}`);
    process.exit(2);
  }
}

/** Counts blocks of the stack's code that ran for the first time, by V8's block coverage. */
class Coverage {
  #session = new Session();
  #seen = new Set();

  constructor() {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Blocks seen so far. */
  get size() {
    return this.#seen.size;
  }

  take() {
    const before = this.#seen.size;
    for (const script of this.#post("Profiler.takePreciseCoverage").result) {
      if (!/\/(sctp|wire|paths|congestion)\/dist\//.test(script.url)) continue;
      for (const f of script.functions) {
        for (const r of f.ranges) {
          if (r.count > 0) this.#seen.add(`${script.scriptId}:${r.startOffset}:${r.endOffset}`);
        }
      }
    }
    return this.#seen.size - before;
  }

  stop() {
    this.#post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  #post(method, params) {
    let answer;
    this.#session.post(method, params, (error, result) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      answer = result;
    });
    return answer;
  }
}

const coverage = guided > 0 ? new Coverage() : undefined;
coverage?.take();
const fuzzer = new SctpFuzzer({
  seed: Number(values.seed),
  ...(values.state === undefined ? {} : { states: values.state }),
  ...(coverage === undefined ? {} : { newCoverage: () => coverage.take() }),
});

const started = process.hrtime.bigint();
const seconds = () => Number(process.hrtime.bigint() - started) / 1e9;
const heap = () => {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
};
let slowest = 0;
let heapEarly = 0;
let told = 0;
while (fuzzer.packets < count && fuzzer.failures.length < 5) {
  if (fuzzer.newCoverage !== undefined && fuzzer.packets >= guided) {
    fuzzer.newCoverage = undefined;
    coverage.stop();
  }
  const before = seconds();
  fuzzer.step();
  slowest = Math.max(slowest, seconds() - before);
  if (heapEarly === 0 && fuzzer.packets >= count / 5) heapEarly = heap();
  if (!values.json && seconds() - told > 10) {
    told = seconds();
    const rate = Math.round(fuzzer.packets / told);
    console.error(
      `${fuzzer.packets} packets, ${fuzzer.cases} cases, ${rate}/s, ${coverage?.size ?? 0} blocks, ` +
        `${fuzzer.corpusSize} kept, ${fuzzer.failures.length} failures`,
    );
  }
}

const summary = {
  packets: fuzzer.packets,
  cases: fuzzer.cases,
  answers: fuzzer.answers,
  mostAnswersToOne: fuzzer.mostAnswers,
  packetsByState: Object.fromEntries(fuzzer.packetsByState),
  blocks: coverage?.size ?? 0,
  casesKept: fuzzer.corpusSize,
  seconds: Math.round(seconds()),
  slowestCaseMs: Math.round(slowest * 1000),
  heapMB: { early: heapEarly, end: heap() },
  counters: Object.fromEntries(fuzzer.counters),
  failures: fuzzer.failures.map((f) => ({ finding: f.finding, case: shrinkFuzzCase(f.case) })),
};
if (values.json) console.log(JSON.stringify(summary, null, 2));
else {
  const { failures, counters, ...rest } = summary;
  console.log(rest);
  console.log(counters);
  for (const f of failures) console.log(`${f.finding}\nreplay: ${JSON.stringify(f.case)}`);
}
process.exit(summary.failures.length === 0 ? 0 : 1);
