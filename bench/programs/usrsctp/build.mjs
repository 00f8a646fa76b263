// Compiles the usrsctp programs against Debian's libusrsctp-dev when they are first asked for.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function libraryVersion() {
  try {
    return (await run("pkg-config", ["--modversion", "usrsctp"])).stdout.trim();
  } catch {
    return "unknown";
  }
}

/** `{ path }` of the program of `name.c`, or `{ missing }`: why there is none, in one line. */
export async function usrsctpProgram(name) {
  const sources = [here(`${name}.c`), here("measure.h")];
  const version = await libraryVersion();
  const hash = createHash("sha256").update(version);
  for (const file of sources) hash.update(await readFile(file));
  const folder = join(tmpdir(), `multihome-bench-${process.getuid?.() ?? 0}`);
  const path = join(folder, `usrsctp-${name}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(path)) return { path };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = `${path}.${process.pid}`;
  try {
    await run("gcc", ["-O2", `-DVERSION="${version}"`, sources[0], "-o", made, "-lusrsctp"]);
  } catch (error) {
    const missing =
      error.code === "ENOENT"
        ? "there is no gcc"
        : error.stderr.includes("usrsctp")
          ? "gcc finds no usrsctp (Debian: apt install libusrsctp-dev)"
          : `gcc: ${error.stderr.split("\n")[0]}`;
    return { missing };
  }
  await rename(made, path);
  return { path };
}
