import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The public packages, in alphabetical order of their folders.
 * @returns {{ folder: string, name: string, manifest: object }[]}
 */
function publicPackages() {
  return readdirSync(join(ROOT, "packages"))
    .map((folder) => {
      const path = join(ROOT, "packages", folder);
      const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
      return { folder: path, name: manifest.name, manifest };
    })
    .filter(({ manifest }) => !manifest.private);
}

/**
 * Packs every public package into `destination`, as npm would publish it. Build first.
 * @returns {Map<string, { tarball: string, files: string[] }>} by package name
 */
export function packWorkspaces(destination) {
  const names = publicPackages().map(({ name }) => name);
  const said = execFileSync(
    "npm",
    ["pack", "--json", "--pack-destination", destination, ...names.flatMap((n) => ["-w", n])],
    { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  const packed = new Map();
  for (const entry of Object.values(JSON.parse(said))) {
    packed.set(entry.name, {
      tarball: join(destination, entry.filename.replace(/^@/, "").replace("/", "-")),
      files: entry.files.map((file) => file.path),
    });
  }
  for (const name of names) if (!packed.has(name)) throw new Error(`npm pack left out ${name}`);
  return packed;
}

/** A package with all workspace packages that it needs, directly or through others. */
export function withWorkspaceDependencies(name) {
  const manifests = new Map(publicPackages().map((p) => [p.name, p.manifest]));
  const wanted = new Set([name]);
  for (const each of wanted) {
    const { dependencies = {}, optionalDependencies = {} } = manifests.get(each);
    for (const needed of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) {
      if (manifests.has(needed)) wanted.add(needed);
    }
  }
  return [...wanted];
}
