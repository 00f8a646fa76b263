// Runs one example against the built packages: node tools/run-example.mjs examples/01-name.ts
// Types are stripped, nothing else changes; the example stays where it is, so its imports resolve.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import ts from "typescript";

const file = process.argv[2];
if (file === undefined) {
  console.error("usage: node tools/run-example.mjs FILE [ARGUMENT...]");
  process.exit(2);
}
let run = resolve(file);
let stripped;
if (file.endsWith(".ts")) {
  const { outputText } = ts.transpileModule(readFileSync(run, "utf8"), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  stripped = join(dirname(run), `.${basename(run, ".ts")}-${process.pid}.mjs`);
  writeFileSync(stripped, outputText);
  run = stripped;
}
try {
  const { status } = spawnSync(process.execPath, [run, ...process.argv.slice(3)], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  if (stripped !== undefined) rmSync(stripped);
}
