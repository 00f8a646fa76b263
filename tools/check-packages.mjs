// Checks each public package as its consumers will see it: types resolve (attw), manifest and files
// are in order (publint). Build first.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packWorkspaces, ROOT } from "./pack-workspaces.mjs";

const folder = mkdtempSync(join(tmpdir(), "multihome-packages-"));
let failed = 0;
try {
  const packed = packWorkspaces(folder);
  for (const [name, { tarball }] of packed) {
    for (const [tool, ...args] of [
      ["attw", tarball, "--profile", "esm-only", "--no-emoji", "--no-color", "--format", "ascii"],
      ["publint", "run", tarball, "--strict"],
    ]) {
      const bin = join(ROOT, "node_modules", ".bin", tool);
      const run = spawnSync(bin, args, { encoding: "utf8" });
      if (run.status === 0) continue;
      failed++;
      console.error(`${name}: ${tool} found\n${run.stdout}${run.stderr}`);
    }
  }
  console.log(`packages: ${packed.size} checked by attw and publint, ${failed} findings`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
