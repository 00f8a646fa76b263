import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { FixtureRepository } from "./fixture-repository.js";

const TOOL = "check-core-purity.mjs";
let repo: FixtureRepository;
beforeEach(() => {
  repo = new FixtureRepository();
});
afterEach(() => repo.remove());

describe("the core purity check", () => {
  test("passes members that only share a name with a global, tests, and edge packages", () => {
    repo.write(
      "packages/sctp/src/fine.ts",
      `import { hmac } from "@noble/hashes/hmac.js";
export interface Inputs { readonly process: number; setTimeout(at: number): void }
export class Core { Date = 1; process(x: Inputs): number { return x.process + this.Date; } }
export const f = ({ process: p }: Inputs): number => Math.max(p, Math.imul(p, 3));
export const text = "await Date.now()"; // Date, Promise
export { hmac };
`,
    );
    repo.write("packages/sctp/src/fine.test.ts", "export const now = async () => Date.now();\n");
    repo.write(
      "packages/driver-node/src/clock.ts",
      "export const now = () => performance.now();\n",
    );
    const { status, output } = repo.check(TOOL);
    expect(output).toMatch(/^purity: 1[0-9] files of 8 packages, 0 problems\n$/);
    expect(status).toBe(0);
  });

  const violations: [what: string, source: string, finding: string][] = [
    ["Date", "export const t = Date.now();", "Date reads a clock"],
    ["a Date type", "export type T = Date;", "Date reads a clock"],
    ["performance", "export const t = performance.now();", "performance reads a clock"],
    ["Math.random", "export const t = Math.random();", "Math.random draws chance"],
    ["Math by key", `export const t = Math["random"]();`, "Math is used only as Math.name"],
    ["Math taken apart", "const { random } = Math;\nexport { random };", "Math is used only"],
    ["crypto", "export const t = crypto.randomUUID();", "crypto draws chance"],
    ["setTimeout", "setTimeout(() => {}, 1);", "setTimeout schedules"],
    ["setInterval", "export const f = setInterval;", "setInterval schedules"],
    ["setImmediate", "setImmediate(() => {});", "setImmediate schedules"],
    ["queueMicrotask", "queueMicrotask(() => {});", "queueMicrotask schedules"],
    ["process", "export const e = process.env;", "process does I/O"],
    ["a shorthand property", "export const o = { process };", "process does I/O"],
    ["console", "console.log(1);", "console does I/O"],
    ["Buffer", "export const b = Buffer.alloc(1);", "Buffer does I/O"],
    ["globalThis", `export const n = globalThis["Date"];`, "globalThis can reach any global"],
    ["a Promise type", "export type P = Promise<number>;", "Promise is asynchronous"],
    ["an async function", "export async function f() {}", "async is asynchronous"],
    ["an async method", "export class C { async m() {} }", "async is asynchronous"],
    ["an async arrow", "export const f = async () => 1;", "async is asynchronous"],
    ["await", "export const f = async () => { await 1; };", "await is asynchronous"],
    ["for await", "async function f(x) { for await (const y of x) y; }", "await is asynchronous"],
    ["import()", `export const m = import("./own.js");`, "import() is asynchronous"],
    ["rxjs", `export { Subject } from "rxjs";`, `import of "rxjs"`],
    ["node:", `import { now } from "node:timers";\nexport { now };`, `import of "node:timers"`],
    ["a bare built-in", `export { hrtime } from "process";`, `import of "process"`],
    ["an import type", `export type S = import("node:net").Socket;`, `import of "node:net"`],
    ["another core's dependency", `export { x } from "ipaddr.js";`, `import of "ipaddr.js"`],
    ["Intl", "export const c = new Intl.Collator();", "Intl depends on the machine's locale"],
    ["localeCompare", `export const c = "a".localeCompare("b");`, "localeCompare depends on"],
    ["WeakRef", "export const w = new WeakRef({});", "WeakRef shows when garbage"],
    ["eval", `export const w = eval("1");`, "eval can reach any global"],
  ];

  test("finds each planted violation, with its place", () => {
    violations.forEach(([, source], i) => {
      repo.write(`packages/sctp/src/planted-${i}.ts`, `${source}\n`);
    });
    const { status, output } = repo.check(TOOL);
    const missed = violations
      .filter(([, , finding], i) => {
        const lines = output.split("\n").filter((line) => line.includes(`/planted-${i}.ts:`));
        return !lines.some((line) => / (.*)$/.exec(line)?.[1]?.includes(finding) === true);
      })
      .map(([what]) => what);
    expect(missed).toEqual([]);
    expect(output).toContain("packages/sctp/src/planted-0.ts:1:18 Date reads a clock");
    expect(status).toBe(1);
  });

  test("looks at every pure package", () => {
    const pure = [
      "base",
      "wire",
      "congestion",
      "paths",
      "sctp",
      "association",
      "netsim",
      "testkit",
    ];
    for (const name of pure) repo.write(`packages/${name}/src/t.ts`, "export const t = Date;\n");
    const { output } = repo.check(TOOL);
    for (const name of pure) expect(output).toContain(`packages/${name}/src/t.ts:1:18 Date`);
    expect(output).toContain(" of 8 packages, 8 problems");
  });
});
