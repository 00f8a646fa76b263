import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "@jest/globals";

/**
 * What a test can need beside Node: `root` (user id 0), or the name of a command on the PATH, or a path to
 * a file (a name with a slash), such as `/dev/net/tun`.
 */
export type Requirement = "root" | (string & {});

const PATH = "PATH";
const REQUIRE_INTEROP = "MULTIHOME_REQUIRE_INTEROP";

type Describe = typeof describe | typeof describe.skip;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Those of `names` that this machine does not have, in their order. */
export function missingTools(
  names: readonly Requirement[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const folders = (env[PATH] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.filter((name) => {
    if (name === "root") return process.getuid?.() !== 0;
    if (name.includes("/")) return !existsSync(name);
    return !folders.some((folder) => isExecutable(join(folder, name)));
  });
}

/**
 * `describe` where every one of `names` is there. Elsewhere one line says what is missing and the result is
 * `describe.skip`, so that the tests count as skipped. With MULTIHOME_REQUIRE_INTEROP=1 the result is
 * always `describe`: tests that need what is missing then fail.
 *
 * @example
 * requireTools('root', 'ip', 'tshark')('an association over two namespaces', () => { ... });
 */
export function requireTools(...names: Requirement[]): Describe {
  const missing = missingTools(names);
  if (missing.length === 0 || process.env[REQUIRE_INTEROP] === "1") return describe;
  process.stderr.write(`skipped: needs ${missing.join(", ")}\n`);
  return describe.skip;
}
