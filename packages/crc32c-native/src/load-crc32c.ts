import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { isNativeCrc32c, type NativeCrc32c } from "./native-crc32c.js";

/** The add-on, or why there is none. */
export type Crc32cLoad =
  | { readonly ok: true; readonly native: NativeCrc32c }
  | { readonly ok: false; readonly reason: string };

let loaded: Crc32cLoad | undefined;

/**
 * Loads the add-on on the first call and answers the same ever after; never throws. `ok: false` means that
 * there is no build for this platform and none could be compiled at installation: go on without.
 *
 * @example
 * const load = loadCrc32c();
 * if (load.ok) useCrc32c(load.native.crc32c); // of @multihome/wire
 */
export function loadCrc32c(): Crc32cLoad {
  loaded ??= loadFrom(fileURLToPath(new URL("..", import.meta.url)));
  return loaded;
}

/** Loads the build in a package's directory. */
export function loadFrom(directory: string): Crc32cLoad {
  try {
    const load: (directory: string) => unknown = createRequire(import.meta.url)("node-gyp-build");
    const addon = load(directory);
    return isNativeCrc32c(addon)
      ? { ok: true, native: addon }
      : { ok: false, reason: `the build in ${directory} is not of this version` };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
