import { useCrc32c } from "@multihome/wire";

let tried: Promise<boolean> | undefined;

/**
 * Has the codecs use `@multihome/crc32c-native` if it is installed and works here; once per process.
 * @returns whether it does
 */
export function accelerateCrc32c(): Promise<boolean> {
  tried ??= load();
  return tried;
}

async function load(): Promise<boolean> {
  try {
    const { loadCrc32c } = await import("@multihome/crc32c-native");
    const loaded = loadCrc32c();
    if (!loaded.ok) return false;
    useCrc32c(loaded.native.crc32c);
    return true;
  } catch {
    // Not installed, no build for this platform, or one that computes wrongly: TypeScript does.
    return false;
  }
}
