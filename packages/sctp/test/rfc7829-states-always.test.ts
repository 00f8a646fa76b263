import { fc, test } from "@fast-check/jest";
import { describe, expect } from "@jest/globals";
import type { PathView } from "@multihome/paths";
import type { SctpEvent } from "../src/index.js";
import { LivePeer } from "./support/live-peer.js";
import { Script } from "./support/scripted-peer.js";

// What RFC 9260 s8.2 and RFC 7829 say of states, counters and the path in use holds at every moment, whichever
// paths die and come back. Strict timing.

const ROUTES = ["10.1.0.1>10.1.0.2", "10.2.0.1>10.2.0.2", "10.3.0.1>10.3.0.2"];

type Op =
  | { readonly op: "kill" | "revive" | "primary"; readonly path: number }
  | { readonly op: "send"; readonly count: number }
  | { readonly op: "run"; readonly ms: number };

const path = fc.nat({ max: 2 });
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ op: fc.constantFrom("kill" as const, "revive" as const), path }),
  fc.record({ op: fc.constantFrom("kill" as const, "primary" as const), path }),
  fc.record({ op: fc.constant("send" as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    op: fc.constant("run" as const),
    ms: fc.constantFrom(20, 200, 1000, 1000, 4000, 15_000, 60_000),
  }),
  fc.record({ op: fc.constant("run" as const), ms: fc.constantFrom(1000, 2000, 4000) }),
);

interface Limits {
  readonly pfmr: number;
  readonly pmr: number;
}

const limits: fc.Arbitrary<Limits> = fc.record({
  pfmr: fc.constantFrom(0, 0, 1, 2, 5),
  pmr: fc.constantFrom(0, 1, 2, 5),
});

class Model {
  readonly s: Script;
  readonly #peer: LivePeer;
  readonly #limits: Limits;
  /** States as the events tell them. */
  readonly #told = new Map<number, string>();
  #toldCurrent = 1;
  readonly faults: string[] = [];

  constructor(l: Limits) {
    this.#limits = l;
    this.s = new Script({
      local: ["10.1.0.1", "10.2.0.1", "10.3.0.1"],
      peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2"],
      sctp: {
        maxPaths: 3,
        hbIntervalMs: 5000,
        pathMaxRetrans: l.pmr,
        potentiallyFailedMaxRetrans: l.pfmr,
        associationMaxRetrans: 10_000,
      },
    });
    this.s.openFromPeer({ aRwnd: 1_000_000 });
    this.s.advanceAnswering(10_000);
    for (const p of this.s.endpoint.paths(this.s.id)) this.#told.set(p.id, "active");
    this.s.onEvent = (e) => this.#hear(e);
    this.#peer = new LivePeer(this.s, Object.fromEntries(ROUTES.map((r) => [r, 50])));
  }

  apply(o: Op): void {
    const { s } = this;
    const route = "path" in o ? (ROUTES[o.path] ?? "") : "";
    if (o.op === "kill") this.#peer.kill(route);
    else if (o.op === "revive") this.#peer.revive(route);
    else if (o.op === "primary") {
      const p = s.endpoint.paths(s.id)[o.path];
      if (p !== undefined) s.endpoint.setPrimary(s.now, s.id, p.id);
      s.drain();
    } else if (o.op === "send") {
      for (let i = 0; i < o.count; i++) s.endpoint.send(s.now, s.id, new Uint8Array(500));
      s.drain();
    } else if (o.op === "run") this.#peer.run(o.ms, Math.max(10, o.ms / 100), () => this.check());
    this.check();
  }

  #hear(e: SctpEvent): void {
    if (e.kind !== "path") return;
    const { event } = e;
    if (event.kind === "switched") {
      if (event.from.id !== this.#toldCurrent) this.faults.push(`switched from ${event.from.id}`);
      this.#toldCurrent = event.to.id;
      return;
    }
    const state = event.kind === "recovered" ? "active" : event.kind;
    if (this.#told.get(event.path.id) === state) this.faults.push(`${state} told twice`);
    this.#told.set(event.path.id, state);
  }

  check(): void {
    const { s } = this;
    s.drain();
    const paths = s.endpoint.paths(s.id);
    for (const p of paths) {
      expect(p.stateKind).toBe(this.#stateFor(p.errorCount));
      expect(this.#told.get(p.id)).toBe(p.stateKind);
    }
    expect(this.faults).toEqual([]);
    const current = s.endpoint.currentPath(s.id);
    if (current === undefined) throw new Error("no path in use");
    const rank = (p: PathView): number =>
      p.stateKind === "active" ? 0 : p.stateKind === "potentiallyFailed" ? 1 : 2;
    const best = Math.min(...paths.map(rank));
    expect(rank(current)).toBe(best);
    // s3.2 rule 4, s4.1 rule 3
    if (best > 0) {
      const among = paths.filter((p) => rank(p) === best);
      expect(current.errorCount).toBe(Math.min(...among.map((p) => p.errorCount)));
    } else expect(this.#toldCurrent).toBe(current.id);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  }

  #stateFor(errors: number): string {
    const { pfmr, pmr } = this.#limits;
    if (errors > pmr) return "inactive";
    return errors > pfmr ? "potentiallyFailed" : "active";
  }

  /** All paths live again: everything arrives, and every path is active. */
  heal(): void {
    for (const r of ROUTES) this.#peer.revive(r);
    this.#peer.run(200_000, 5000, () => this.check());
    expect(this.s.endpoint.status(this.s.id)).toMatchObject({ bufferedBytes: 0, errorCount: 0 });
    expect(this.s.endpoint.paths(this.s.id).map((p) => p.stateKind)).toEqual([
      "active",
      "active",
      "active",
    ]);
  }
}

describe("RFC 7829 s3.2, s4.1 at every moment", () => {
  test.prop([limits, fc.array(op, { maxLength: 25 })], { numRuns: 25 })(
    "the state is what the counter says, changes are told once, data goes where the rules say",
    (l, ops) => {
      const model = new Model(l);
      for (const o of ops) model.apply(o);
      model.heal();
    },
    20_000,
  );
});
