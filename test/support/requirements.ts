import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "@jest/globals";

const PATH = "PATH";
const REQUIRE_INTEROP = "MULTIHOME_REQUIRE_INTEROP";

/** What a test may need beyond Node: one of these, or the name of any program on the PATH. */
const SPECIAL: Readonly<Record<string, () => boolean>> = {
  /** Runs as root. */
  root: () => process.getuid?.() === 0,
  /** May make network namespaces. */
  netns: () => spawnSync("unshare", ["--net", "true"]).status === 0,
  /** libusrsctp can be compiled against. */
  libusrsctp: () =>
    ["/usr/include/usrsctp.h", "/usr/local/include/usrsctp.h"].some((file) => existsSync(file)),
};

function onPath(program: string): boolean {
  return (process.env[PATH] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Those of the named requirements that this machine does not meet. */
export function missingTools(...names: readonly string[]): string[] {
  return names.filter((name) => !(SPECIAL[name]?.() ?? onPath(name)));
}

/**
 * A `describe` for tests that need programs or rights which a machine may lack. Where one is missing
 * it says so in one line and skips; with MULTIHOME_REQUIRE_INTEROP=1, as in CI, it fails instead.
 *
 * @param names programs on the PATH (`tshark`), or `root`, `netns`, `libusrsctp`
 * @example
 * requireTools("root", "netns", "ip", "nft")("over two paths", () => { test(...) });
 */
export function requireTools(
  ...names: readonly string[]
): (title: string, body: () => void) => void {
  const missing = missingTools(...names);
  if (missing.length === 0) return describe;
  if (process.env[REQUIRE_INTEROP] === "1") {
    throw new Error(`required and missing here: ${missing.join(", ")}`);
  }
  return (title, body) => {
    process.stderr.write(`skipped: "${title}" needs ${missing.join(", ")}\n`);
    describe.skip(title, body);
  };
}
