import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LabProcess, runCommand } from "./lab-process.js";

/** The lab's paths, in the order in which `paths: n` takes them. */
const LAB_PATHS = ["wifi", "lte", "bt"] as const;
export type LabPath = (typeof LAB_PATHS)[number];

/** `host` and `server` are the two ends; `mid` is the router, `wire` the cable between it and the server. */
export type LabNamespace = "host" | "mid" | "wire" | "server";

/** What {@link requireTools} has to find for a lab with usrsctp peers in it. */
export const LAB_NEEDS = [
  "root",
  "netns",
  "bash",
  "ip",
  "nft",
  "tc",
  "ethtool",
  "cc",
  "libusrsctp",
] as const;

export interface CutOptions {
  /** Whose access link is cut. Default both: the whole path. */
  readonly side?: "both" | "host" | "server";
  /** `drop` (default) says nothing; `icmp` answers host unreachable. */
  readonly how?: "drop" | "icmp";
  /** One way only: `up` is host to server. Default both. */
  readonly direction?: "both" | "up" | "down";
}

export interface ShapeOptions {
  /** Both ways, such as `10mbit`. */
  readonly rate?: string;
  /** Latency limit of the rate's queue, such as `50ms` (default). */
  readonly queue?: string;
  /** One way, applied in both directions. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  readonly reorderPercent?: number;
  readonly duplicatePercent?: number;
  /** Bytes; the router says so by ICMP. Default 1500. */
  readonly mtu?: number;
}

const SCRIPT = fileURLToPath(new URL("./lab.sh", import.meta.url));
const PEER_SOURCE = fileURLToPath(new URL("./usrsctp_peer.c", import.meta.url));
const PREFIX = "mhlab";
let labs = 0;

/**
 * A network of its own for one test file: a host and a server with one to three separate paths
 * between them, in network namespaces (README.md in this folder draws it). Needs root.
 *
 * @example
 * const lab = await Lab.up({ paths: 2 });
 * const server = await lab.usrsctp("server", ["echo", "--local", "10.1.1.2,10.2.1.2", "--encaps", "9899"]);
 * await server.waitFor("listening");
 * await lab.cut("wifi");
 * await lab.down();
 */
export class Lab {
  /** Name of the lab; the namespaces are `PREFIX-host` and so on. */
  readonly prefix: string;
  /** How many paths it has. */
  readonly paths: readonly LabPath[];
  /** A folder for the test's files, removed by {@link Lab.down}. */
  readonly folder: string;
  readonly #processes: LabProcess[] = [];
  readonly #broken = new Set<LabPath>();
  readonly #shaped = new Set<LabPath>();

  private constructor(prefix: string, paths: readonly LabPath[]) {
    this.prefix = prefix;
    this.paths = paths;
    this.folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  }

  /** Builds a lab with as many paths: wifi, lte, bt. `tun` adds TUN devices on the host. */
  static async up({
    paths = 2,
    tun = false,
  }: {
    readonly paths?: 1 | 2 | 3;
    readonly tun?: boolean;
  } = {}): Promise<Lab> {
    await removeAbandoned();
    const lab = new Lab(`${PREFIX}-${process.pid}-${++labs}`, LAB_PATHS.slice(0, paths));
    try {
      await lab.#script("up", `paths=${paths}`, `tun=${tun ? "on" : "off"}`);
    } catch (error) {
      rmSync(lab.folder, { recursive: true, force: true });
      throw error;
    }
    return lab;
  }

  /** The address of an end on a path. */
  static address(end: "host" | "server", path: LabPath, family: 4 | 6 = 4): string {
    const i = LAB_PATHS.indexOf(path) + 1;
    if (family === 4) return end === "host" ? `10.${i}.0.2` : `10.${i}.1.2`;
    return end === "host" ? `fd00:${i}::2` : `fd00:${i}:1::2`;
  }

  /** The path that an address of either end is on; `undefined` for any other address. */
  static pathOf(address: string): LabPath | undefined {
    return LAB_PATHS.find((path) =>
      (["host", "server"] as const).some(
        (end) => Lab.address(end, path) === address || Lab.address(end, path, 6) === address,
      ),
    );
  }

  /** All IPv4 addresses of an end, in the order of the paths. */
  addresses(end: "host" | "server"): string[] {
    return this.paths.map((path) => Lab.address(end, path));
  }

  /** Starts a program in a namespace. It is ended by {@link Lab.down} at the latest. */
  spawn(
    namespace: LabNamespace,
    command: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): LabProcess {
    const child = new LabProcess(
      `${namespace}: ${command.join(" ")}`,
      "ip",
      ["netns", "exec", `${this.prefix}-${namespace}`, ...command],
      { ...process.env, ...env },
    );
    this.#processes.push(child);
    return child;
  }

  /** Starts a Node program (a JavaScript file) in a namespace. */
  node(namespace: LabNamespace, file: string, ...args: readonly string[]): LabProcess {
    return this.spawn(namespace, [process.execPath, file, ...args]);
  }

  /** Starts the usrsctp peer in a namespace; `usrsctp_peer --help` tells its arguments. */
  async usrsctp(namespace: LabNamespace, args: readonly string[]): Promise<LabProcess> {
    return this.spawn(namespace, [await usrsctpPeer(), ...args]);
  }

  /** Runs a command in a namespace to its end and returns its stdout. */
  run(namespace: LabNamespace, command: readonly string[]): Promise<string> {
    return runCommand("ip", ["netns", "exec", `${this.prefix}-${namespace}`, ...command]);
  }

  /**
   * Records a device into a pcapng file (needs `dumpcap`, part of tshark) from return until `stop`.
   * @param device such as `wifi` on host and server; `any` for all
   */
  async capture(namespace: LabNamespace, device: string, file: string): Promise<LabProcess> {
    const capture = this.spawn(namespace, ["dumpcap", "-i", device, "-w", file]);
    await capture.waitForText(/^File: /m);
    return capture;
  }

  /** Cuts a path, silently unless `how` says otherwise. The devices stay up. */
  cut(
    path: LabPath,
    { side = "both", how = "drop", direction = "both" }: CutOptions = {},
  ): Promise<void> {
    this.#broken.add(path);
    return this.#script("cut", path, `side=${side}`, `how=${how}`, `dir=${direction}`);
  }

  /** Takes the link of an end's interface down, as a pulled cable does. */
  linkdown(path: LabPath, side: "host" | "server" = "host"): Promise<void> {
    this.#broken.add(path);
    return this.#script("linkdown", path, `side=${side}`);
  }

  /** Undoes {@link Lab.cut} and {@link Lab.linkdown}. */
  heal(path: LabPath): Promise<void> {
    this.#broken.delete(path);
    return this.#script("heal", path);
  }

  /** Makes every path whole again, and as fast as it is without a shape. */
  async restore(): Promise<void> {
    for (const path of [...this.#broken]) await this.heal(path);
    for (const path of [...this.#shaped]) {
      await this.shape(path, {});
      this.#shaped.delete(path);
    }
  }

  /** Gives a path a shape in place of its former one; with no option, none. */
  shape(path: LabPath, shape: ShapeOptions): Promise<void> {
    this.#shaped.add(path);
    const args: [string, string | undefined][] = [
      ["rate", shape.rate],
      ["queue", shape.queue],
      ["delay", withUnit(shape.delayMs, "ms")],
      ["jitter", withUnit(shape.jitterMs, "ms")],
      ["loss", withUnit(shape.lossPercent, "%")],
      ["reorder", withUnit(shape.reorderPercent, "%")],
      ["dup", withUnit(shape.duplicatePercent, "%")],
      ["mtu", shape.mtu?.toString()],
    ];
    return this.#script(
      "shape",
      path,
      ...args.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
    );
  }

  /** Ends every program of the lab, removes its namespaces and its folder. */
  async down(): Promise<void> {
    for (const child of this.#processes) child.signal("SIGTERM");
    await this.#script("down");
    await Promise.all(this.#processes.map((child) => child.stop("SIGKILL")));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #script(...args: readonly string[]): Promise<void> {
    await runCommand(SCRIPT, args, { ...process.env, LAB_PREFIX: this.prefix });
  }
}

const withUnit = (value: number | undefined, unit: string): string | undefined =>
  value === undefined ? undefined : `${value}${unit}`;

/** Removes labs of test processes that were killed before they could. */
async function removeAbandoned(): Promise<void> {
  const folder = "/run/netns";
  if (!existsSync(folder)) return;
  const found = readdirSync(folder).flatMap((name) => {
    const match = new RegExp(`^(${PREFIX}-(\\d+)-\\d+)-host$`).exec(name);
    const [, prefix, pid] = match ?? [];
    return prefix === undefined || existsSync(`/proc/${pid}`) ? [] : [prefix];
  });
  for (const prefix of found) {
    await runCommand(SCRIPT, ["down"], { ...process.env, LAB_PREFIX: prefix });
  }
}

let peer: Promise<string> | undefined;

/** The compiled usrsctp peer: built once for each version of its source, kept in the temporary folder. */
function usrsctpPeer(): Promise<string> {
  peer ??= buildPeer();
  return peer;
}

async function buildPeer(): Promise<string> {
  const version = createHash("sha256").update(readFileSync(PEER_SOURCE)).digest("hex").slice(0, 16);
  const folder = join(tmpdir(), "multihome-lab");
  const file = join(folder, `usrsctp_peer-${version}`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const fresh = `${file}.${process.pid}`;
  await runCommand("cc", ["-O2", "-o", fresh, PEER_SOURCE, "-lusrsctp", "-lpthread"]);
  renameSync(fresh, file); // atomic: another test file may build it at the same time
  return file;
}
