import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Repository root, where the tools are. */
const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** Our packages, by folder, as the fixture has them. */
const FOLDERS = [
  "base",
  "wire",
  "congestion",
  "paths",
  "sctp",
  "association",
  "netsim",
  "testkit",
  "crc32c-native",
  "driver-node",
  "multihome",
  "cli",
];

const npmName = (folder: string): string =>
  folder === "multihome" ? folder : `@multihome/${folder}`;

/** What a checker said. */
export interface Verdict {
  readonly status: number | null;
  readonly output: string;
}

/** A small repository in a temporary folder, with the same packages as ours and nothing wrong in it. */
export class FixtureRepository {
  readonly root: string;

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), "multihome-tooling-"));
    for (const folder of FOLDERS) {
      this.write(
        `packages/${folder}/package.json`,
        JSON.stringify({
          name: npmName(folder),
          version: "0.1.0",
          type: "module",
          exports: { ".": { "@multihome/source": "./src/index.ts" } },
          dependencies: Object.fromEntries(
            FOLDERS.filter((f) => f !== folder).map((f) => [npmName(f), "0.1.0"]),
          ),
        }),
      );
      this.write(`packages/${folder}/src/index.ts`, `export { own } from "./own.js";\n`);
      this.write(`packages/${folder}/src/own.ts`, `export const own: string = "${folder}";\n`);
      const link = join(this.root, "node_modules", npmName(folder));
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(this.root, "packages", folder), link);
    }
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Runs one of our tools on this repository. */
  check(tool: string): Verdict {
    const run = spawnSync(process.execPath, [join(ROOT, "tools", tool), this.root], {
      encoding: "utf8",
    });
    return { status: run.status, output: run.stdout + run.stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
