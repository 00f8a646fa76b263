// Checks that imports only go down the layers of layers.mjs, with no circles and no deep imports.
//   node tools/check-layers.mjs [FOLDER]      FOLDER: the repository to check (default: this one)
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { cruise } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import { MAY_IMPORT } from "./layers.mjs";

const root = resolve(process.argv[2] ?? new URL("..", import.meta.url).pathname);
const options = await extractDepcruiseOptions(
  new URL("../.dependency-cruiser.cjs", import.meta.url).pathname,
);

const packages = readdirSync(resolve(root, "packages"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const folders = ["packages", "test", "bench", "examples"].filter((f) =>
  existsSync(resolve(root, f)),
);

const problems = [];
for (const name of packages) {
  if (!(name in MAY_IMPORT)) problems.push(`packages/${name} has no place in tools/layers.mjs`);
}

const { output } = await cruise(folders, { ...options, baseDir: root });

// A cruise that reads nothing also finds nothing wrong: count what it read, in every package.
const read = output.modules.map((m) => m.source);
const edges = output.modules.reduce((n, m) => n + m.dependencies.length, 0);
for (const name of packages) {
  if (!read.some((source) => source.startsWith(`packages/${name}/src/`))) {
    problems.push(`no module of packages/${name}/src was read`);
  }
}
if (read.length === 0 || edges === 0)
  problems.push(`read ${read.length} modules, ${edges} imports`);

for (const violation of output.summary.violations) {
  const { rule, from, to, cycle } = violation;
  const way = cycle
    ? [from, ...cycle.map((step) => step.name ?? step)].join(" -> ")
    : `${from} -> ${to}`;
  const comment = output.summary.ruleSetUsed?.forbidden?.find((r) => r.name === rule.name)?.comment;
  problems.push(`${rule.name}: ${way}${comment ? ` (${comment})` : ""}`);
}

for (const problem of problems) console.error(problem);
console.log(
  `layers: ${read.length} modules, ${edges} imports, ${problems.length} problem${problems.length === 1 ? "" : "s"}`,
);
process.exit(problems.length === 0 ? 0 : 1);
