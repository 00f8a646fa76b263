// Installs each public package alone into an empty folder, from the tarball that npm would publish,
// and uses it there: import, require, and the first example of its README. Build first.
//   node tools/check-packed-install.mjs [NAME...]     only packages whose name contains a NAME
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { packWorkspaces, ROOT, withWorkspaceDependencies } from "./pack-workspaces.mjs";

const MAX_MS = 120_000;
const wanted = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "multihome-packed-"));
let passed = 0;
let failed = 0;

/** Runs a program in a folder; undefined when it is fine, else what is wrong with it. */
function fault(folder, command, ...args) {
  const run = spawnSync(command, args, { cwd: folder, encoding: "utf8", timeout: MAX_MS });
  if (run.status === 0) return undefined;
  const end = run.error?.message ?? `exit ${run.status ?? run.signal}`;
  return `${command} ${args.join(" ")}: ${end}\n${run.stdout}${run.stderr}`;
}

/** Files that must be in a tarball, and files that must not. */
function wrongFiles(files) {
  const stray = files.filter((f) => /\.test\.|\.tsbuildinfo$|(^|\/)(test|fixtures)\//.test(f));
  const absent = ["README.md", "package.json", "dist/index.js", "dist/index.d.ts"].filter(
    (f) => !files.includes(f),
  );
  if (stray.length + absent.length === 0) return undefined;
  return [...stray.map((f) => `must not hold ${f}`), ...absent.map((f) => `lacks ${f}`)].join("\n");
}

/** The first ```ts block of a README. */
const exampleOf = (readme) => /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];

function install(folder, name, packed) {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  const tarballs = withWorkspaceDependencies(name).map((each) => packed.get(each).tarball);
  return fault(
    folder,
    "npm",
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    ...tarballs,
  );
}

function importFault(folder, name) {
  writeFileSync(
    join(folder, "import.mjs"),
    `import * as all from "${name}";\nif (Object.keys(all).length === 0) throw "no exports";\n`,
  );
  return fault(folder, process.execPath, "import.mjs");
}

function requireFault(folder, name) {
  writeFileSync(
    join(folder, "require.cjs"),
    `if (Object.keys(require("${name}")).length === 0) throw "no exports";\n`,
  );
  return fault(folder, process.execPath, "require.cjs");
}

function exampleFault(folder, example) {
  writeFileSync(join(folder, "example.ts"), example);
  const types = fault(
    folder,
    join(ROOT, "node_modules", ".bin", "tsc"),
    ..."--noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node".split(" "),
    "--typeRoots",
    join(ROOT, "node_modules", "@types"),
    "example.ts",
  );
  if (types !== undefined) return types;
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  writeFileSync(join(folder, "example.mjs"), outputText);
  return fault(folder, process.execPath, "example.mjs");
}

function binFaults(folder, manifest) {
  return Object.keys(manifest.bin ?? {}).map((bin) => [
    `${bin} --help`,
    () => fault(folder, join(folder, "node_modules", ".bin", bin), "--help"),
  ]);
}

try {
  const packed = packWorkspaces(work);
  const chosen = [...packed.keys()].filter(
    (name) => wanted.length === 0 || wanted.some((w) => name.includes(w)),
  );
  if (chosen.length === 0) throw new Error(`no package is called ${wanted.join(", ")}`);
  for (const name of chosen) {
    const folder = join(work, name.replaceAll("/", "-"));
    const installFault = install(folder, name, packed);
    const here = join(folder, "node_modules", name);
    const checks = [
      ["contents", () => wrongFiles(packed.get(name).files)],
      ["install", () => installFault],
    ];
    if (installFault === undefined) {
      const example = packed.get(name).files.includes("README.md")
        ? exampleOf(readFileSync(join(here, "README.md"), "utf8"))
        : undefined;
      checks.push(
        ["import", () => importFault(folder, name)],
        ["require", () => requireFault(folder, name)],
        [
          "README example",
          () =>
            example === undefined ? "README.md has no ```ts block" : exampleFault(folder, example),
        ],
        ...binFaults(folder, JSON.parse(readFileSync(join(here, "package.json"), "utf8"))),
      );
    }
    const told = checks.map(([what, check]) => {
      const problem = check();
      if (problem === undefined) {
        passed++;
        return what;
      }
      failed++;
      console.error(`${name}: ${what} FAILED\n${problem.trimEnd()}`);
      return `${what} FAILED`;
    });
    console.log(`${name}: ${told.join(", ")}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
