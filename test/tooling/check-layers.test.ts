import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { FixtureRepository } from "./fixture-repository.js";

const TOOL = "check-layers.mjs";
let repo: FixtureRepository;
beforeEach(() => {
  repo = new FixtureRepository();
});
afterEach(() => repo.remove());

describe("the layer check", () => {
  test("passes imports that go down, and counts what it read", () => {
    repo.write("packages/sctp/src/down.ts", `export { own as base } from "@multihome/base";\n`);
    repo.write(
      "packages/sctp/src/down.test.ts",
      `import { own } from "@multihome/testkit";\nimport { test } from "node:test";\nexport { own, test };\n`,
    );
    const { status, output } = repo.check(TOOL);
    expect(output).toMatch(/layers: \d\d modules, \d\d imports, 0 problems/);
    expect(status).toBe(0);
  });

  test("finds each kind of planted violation", () => {
    const planted: [file: string, text: string, finding: string][] = [
      [
        "packages/wire/src/up.ts",
        `export { own } from "@multihome/sctp";`,
        "layer-wire: packages/wire/src/up.ts -> packages/sctp/src/index.ts",
      ],
      [
        "packages/base/src/up-type.ts",
        `import type { own } from "@multihome/wire";\nexport type T = typeof own;`,
        "layer-base: packages/base/src/up-type.ts -> packages/wire/src/index.ts",
      ],
      [
        "packages/netsim/src/aside.ts",
        `export { own } from "@multihome/congestion";`,
        "layer-netsim: packages/netsim/src/aside.ts -> packages/congestion/src/index.ts",
      ],
      [
        "packages/congestion/src/aside.test.ts",
        `export { own } from "@multihome/driver-node";`,
        "layer-congestion-test: packages/congestion/src/aside.test.ts -> packages/driver-node/src/index.ts",
      ],
      [
        "packages/association/src/deep.ts",
        `export { own } from "../../sctp/src/own.js";`,
        "no-deep-import: packages/association/src/deep.ts -> packages/sctp/src/own.ts",
      ],
      [
        "test/deep.test.ts",
        `export { own } from "../packages/sctp/src/own.js";`,
        "no-deep-import-from-outside: test/deep.test.ts -> packages/sctp/src/own.ts",
      ],
      [
        "packages/paths/src/io.ts",
        `export { readFileSync } from "node:fs";`,
        "no-node-in-core: packages/paths/src/io.ts -> fs",
      ],
      [
        "packages/sctp/src/uses-test.ts",
        `export { x } from "./x.test.js";`,
        "no-test-in-source: packages/sctp/src/uses-test.ts -> packages/sctp/src/x.test.ts",
      ],
      [
        "packages/cli/src/one.ts",
        `import { two } from "./two.js";\nexport const one = (): unknown => two;`,
        "no-circular: packages/cli/src/one.ts -> packages/cli/src/two.ts",
      ],
      [
        "packages/multihome/src/lost.ts",
        `export { x } from "no-such-package";`,
        "resolvable: packages/multihome/src/lost.ts -> no-such-package",
      ],
    ];
    for (const [file, text] of planted) repo.write(file, `${text}\n`);
    repo.write("packages/sctp/src/x.test.ts", "export const x = 1;\n");
    repo.write(
      "packages/cli/src/two.ts",
      `import { one } from "./one.js";\nexport const two = (): unknown => one;\n`,
    );
    const { status, output } = repo.check(TOOL);
    for (const [, , finding] of planted) expect(output).toContain(finding);
    expect(status).toBe(1);
  });

  test("refuses a package without a place and a package it read nothing of", () => {
    repo.write("packages/new/package.json", `{ "name": "@multihome/new" }\n`);
    const { status, output } = repo.check(TOOL);
    expect(output).toContain("packages/new has no place in tools/layers.mjs");
    expect(output).toContain("no module of packages/new/src was read");
    expect(status).toBe(1);
  });
});
