import { EPOCH, IpAddress, instantAdd, millis, StackError } from "@multihome/base";
import type { DuplexOptions } from "./duplex-link.js";
import type { Fault, TimedFault } from "./fault.js";
import type { LinkOptions } from "./link-params.js";
import type { Nat, NatOptions } from "./nat.js";
import type { Router } from "./router.js";
import type { RouterPort } from "./router-port.js";
import type { SimHost } from "./sim-host.js";
import type { SimInterface } from "./sim-interface.js";
import type { InterfaceKind } from "./sim-node.js";
import { applyToPath, type SimPath } from "./sim-path.js";
import { Simulation, type SimulationOptions } from "./simulation.js";
import { ConstantTraffic, type TrafficOptions } from "./traffic.js";

/** Address families of a path. */
export type Family = "ipv4" | "ipv6" | "dual";

/** One path: the parameters of its link, the same both ways unless `zToA` says otherwise. */
export interface PathOptions extends LinkOptions {
  /** What differs on the way back. */
  readonly zToA?: LinkOptions;
  /** Name of both interfaces. @defaultValue `if` and the number of the path */
  readonly name?: string;
  /** Kind of a's interface. @defaultValue "other" */
  readonly kind?: InterfaceKind;
  /** @defaultValue false */
  readonly metered?: boolean;
  /** @defaultValue that of the topology */
  readonly family?: Family;
  /** Puts a NAT between a and the link: 198.51.100.(path + 1) outside, unless addresses are given. */
  readonly nat?: Partial<NatOptions> | boolean;
  /** MTU that the hosts' interfaces tell. @defaultValue the link's, but at least 1500 */
  readonly interfaceMtu?: number;
}

/** Two hosts and what is between them. */
export interface TwoHostsOptions extends SimulationOptions {
  /** One or more, up to 200. */
  readonly paths: readonly PathOptions[];
  /** @defaultValue "ipv4" */
  readonly family?: Family;
  /**
   * False: path i is a link of its own between interface i of a and interface i of z. True: behind each
   * interface of a stands a router, path i is the link from it to a core router, and from there each
   * interface of z is reached, so that every address of a reaches every address of z.
   * @defaultValue false
   */
  readonly mesh?: boolean;
  /** In a mesh, the links between core and z. @defaultValue as many perfect ones as paths */
  readonly zLinks?: readonly LinkOptions[];
}

const MAX_PATHS = 200;
const MAX_MTU = 65_535;

/**
 * Two multihomed hosts, `a` and `z`, with several paths between them: the usual topology of a test.
 *
 * Interface i of a has 10.i.0.2 and fd00:i::2, interface i of z has 10.i.1.2 and fd00:i:1::2 (i as a
 * hexadecimal number).
 *
 * @example
 * const net = new TwoHosts({ seed: 7, paths: [{ delayMs: 10 }, { delayMs: 40, loss: 0.01 }] });
 * net.a.attach(nodeA);
 * net.z.attach(nodeZ);
 * net.schedule([{ atMs: 500, fault: { kind: "cut", path: 0 } }]);
 * net.sim.runUntil(instantAdd(EPOCH, millis(2000)));
 */
export class TwoHosts {
  readonly sim: Simulation;
  readonly a: SimHost;
  readonly z: SimHost;
  readonly paths: readonly SimPath[];
  /** The router between all paths, in a mesh. */
  readonly core: Router | undefined;
  readonly #routers: (Router | undefined)[];
  #trafficHosts: number;

  /** @throws StackError `invalidOption`, `invalidAddress` */
  constructor(options: TwoHostsOptions) {
    const { paths, family, mesh, zLinks, ...simulation } = options;
    const zCount = zLinks?.length ?? paths.length;
    if (!(paths.length >= 1 && paths.length <= MAX_PATHS) || zCount < 1 || zCount > MAX_PATHS) {
      throw new StackError(
        "invalidOption",
        `paths: got ${paths.length} and ${zCount} links of z, expected 1 to ${MAX_PATHS} of each`,
        { paths: paths.length, zLinks: zCount },
      );
    }
    this.sim = new Simulation(simulation);
    this.a = this.sim.addHost("a");
    this.z = this.sim.addHost("z");
    this.#routers = [];
    this.#trafficHosts = 0;
    const families = paths.map((path) => path.family ?? family ?? "ipv4");
    if (mesh === true) {
      this.core = this.sim.addRouter("core");
      this.paths = this.#mesh(
        this.core,
        paths,
        families,
        zLinks ?? paths.map(() => ({ mtu: null })),
      );
    } else {
      this.core = undefined;
      this.paths = paths.map((path, i) => this.#direct(i, path, families[i] ?? "ipv4"));
    }
  }

  /** Makes a fault happen now; false if it did nothing. @throws StackError for bad values in it */
  applyFault(fault: Fault): boolean {
    this.sim.note("fault", { fault: JSON.stringify(fault) });
    const path = this.paths[fault.path];
    return path !== undefined && applyToPath(this.sim, path, fault);
  }

  /** Makes faults happen at their times; one in the past happens at once, when the simulation runs on. */
  schedule(faults: readonly TimedFault[]): void {
    for (const { atMs, fault } of faults) {
      this.sim.schedule(instantAdd(EPOCH, millis(atMs)), () => {
        this.applyFault(fault);
      });
    }
  }

  /** Ends cuts, brings links up, and gives missing original addresses back. Parameters stay. */
  repairAll(): void {
    for (const path of this.paths) {
      for (const link of [path.link, path.zLink]) link.setMode("open");
      for (const wire of [path.aWire, path.zWire]) wire.setUp(true);
      for (const address of path.aAddresses) path.a.addAddress(address);
      for (const address of path.zAddresses) path.z.addAddress(address);
    }
  }

  /**
   * In a mesh: adds two hosts whose traffic shares the link of a path, and returns the sending and the
   * receiving node.
   * @param towards `z`: from a's router to the core; `a`: the other way
   * @throws StackError `invalidOption` without a mesh, or for a path with a NAT
   */
  addCrossTraffic(
    path: number,
    towards: "a" | "z",
    traffic: Omit<TrafficOptions, "local" | "remote">,
  ): { readonly sender: ConstantTraffic; readonly receiver: ConstantTraffic } {
    const near = this.#routers[path];
    const core = this.core;
    if (near === undefined || core === undefined) {
      throw new StackError(
        "invalidOption",
        `cross traffic on path ${path}: expected a path of a mesh, without NAT`,
        { path },
      );
    }
    const number = this.#trafficHosts++;
    const nearText = `10.${path}.2.${2 + number}`;
    const farText = `10.${path}.3.${2 + number}`;
    const nearHost = this.#trafficHost(`x${number}a`, nearText, near);
    const farHost = this.#trafficHost(`x${number}z`, farText, core);
    const [from, to] = towards === "z" ? [nearText, farText] : [farText, nearText];
    const sender = new ConstantTraffic({
      ...traffic,
      local: IpAddress.parse(from),
      remote: IpAddress.parse(to),
    });
    const receiver = new ConstantTraffic();
    (towards === "z" ? nearHost : farHost).attach(sender);
    (towards === "z" ? farHost : nearHost).attach(receiver);
    return { sender, receiver };
  }

  #trafficHost(name: string, address: string, router: Router): SimHost {
    const host = this.sim.addHost(name);
    const port = router.addPort();
    this.sim.connect(host.addInterface({ addresses: [address] }), port, {}, name);
    router.addRoute(`${address}/32`, port);
    return host;
  }

  #direct(i: number, options: PathOptions, family: Family): SimPath {
    const a = this.#interfaceOfA(i, options, family);
    const z = this.#interfaceOfZ(i, options, family);
    const params = duplexOf(options);
    const nat = this.#natOf(i, options);
    if (nat === undefined) {
      const link = this.sim.connect(a, z, params, `path${i}`);
      return pathOf(i, { link, zLink: link, aWire: link, zWire: link, a, z, nat });
    }
    const aWire = this.sim.connect(a, nat.inside, { mtu: null }, `wire${i}`);
    const link = this.sim.connect(nat.outside, z, params, `path${i}`);
    return pathOf(i, { link, zLink: link, aWire, zWire: link, a, z, nat });
  }

  #mesh(
    core: Router,
    paths: readonly PathOptions[],
    families: readonly Family[],
    zLinks: readonly LinkOptions[],
  ): SimPath[] {
    const zEnds = zLinks.map((params, j) => {
      const z = this.#interfaceOfZ(j, paths[j] ?? {}, families[j] ?? families[0] ?? "ipv4");
      const port = core.addPort();
      core.addRoute(`10.${j}.1.0/24`, port);
      core.addRoute(`fd00:${j.toString(16)}:1::/48`, port);
      return { z, link: this.sim.connect(port, z, params, `z${j}`) };
    });
    return paths.map((options, i) => {
      const a = this.#interfaceOfA(i, options, families[i] ?? "ipv4");
      const nat = this.#natOf(i, options);
      const [inside, outside] = this.#nearEnds(i, nat);
      const aWire = this.sim.connect(a, inside, { mtu: null }, `wire${i}`);
      const port = core.addPort();
      const link = this.sim.connect(outside, port, duplexOf(options), `path${i}`);
      core.addRoute(`10.${i}.0.0/24`, port);
      core.addRoute(`10.${i}.2.0/24`, port);
      core.addRoute(`fd00:${i.toString(16)}::/48`, port);
      for (const address of nat?.addresses ?? []) {
        core.addRoute(`${address}/${address.family === 4 ? 32 : 128}`, port);
      }
      const end = zEnds[i % zEnds.length];
      if (end === undefined) throw new StackError("invalidOption", "zLinks: expected at least one");
      return pathOf(i, { link, zLink: end.link, aWire, zWire: end.link, a, z: end.z, nat });
    });
  }

  /** The ends of what stands between a and the link of a path in a mesh: its NAT, or a router. */
  #nearEnds(i: number, nat: Nat | undefined): readonly [RouterPort, RouterPort] {
    if (nat !== undefined) {
      this.#routers.push(undefined);
      return [nat.inside, nat.outside];
    }
    const router = this.sim.addRouter(`router${i}`);
    const inside = router.addPort();
    const outside = router.addPort();
    router.addRoute(`10.${i}.0.0/24`, inside);
    router.addRoute(`fd00:${i.toString(16)}::/48`, inside);
    router.addRoute("0.0.0.0/0", outside);
    router.addRoute("::/0", outside);
    this.#routers.push(router);
    return [inside, outside];
  }

  #natOf(i: number, { nat }: PathOptions): Nat | undefined {
    if (nat === undefined || nat === false) return undefined;
    const options = nat === true ? {} : nat;
    return this.sim.addNat(`nat${i}`, { addresses: [`198.51.100.${i + 1}`], ...options });
  }

  #interfaceOfA(i: number, options: PathOptions, family: Family): SimInterface {
    return this.a.addInterface({
      name: options.name ?? `if${i}`,
      kind: options.kind ?? "other",
      metered: options.metered ?? false,
      mtu: interfaceMtu(options),
      addresses: addressesOf(family, `10.${i}.0.2`, `fd00:${i.toString(16)}::2`),
    });
  }

  #interfaceOfZ(i: number, options: PathOptions, family: Family): SimInterface {
    return this.z.addInterface({
      name: options.name ?? `if${i}`,
      mtu: interfaceMtu(options),
      addresses: addressesOf(family, `10.${i}.1.2`, `fd00:${i.toString(16)}:1::2`),
    });
  }
}

/** Two multihomed hosts; see {@link TwoHosts}. @throws StackError `invalidOption`, `invalidAddress` */
export const twoHosts = (options: TwoHostsOptions): TwoHosts => new TwoHosts(options);

function pathOf(
  index: number,
  parts: Omit<SimPath, "index" | "aAddresses" | "zAddresses">,
): SimPath {
  const aAddresses = [...parts.a.addresses];
  const zAddresses = [...parts.z.addresses];
  return { index, ...parts, aAddresses, zAddresses };
}

function addressesOf(family: Family, v4: string, v6: string): readonly string[] {
  switch (family) {
    case "ipv4":
      return [v4];
    case "ipv6":
      return [v6];
    case "dual":
      return [v4, v6];
  }
}

function interfaceMtu({ interfaceMtu: told, mtu }: PathOptions): number {
  if (told !== undefined) return told;
  if (mtu === undefined) return 1500;
  return Math.min(MAX_MTU, Math.max(1500, mtu ?? MAX_MTU));
}

/** The link's parameters out of a path's options. */
function duplexOf(options: PathOptions): DuplexOptions {
  const { zToA, name, kind, metered, family, nat, interfaceMtu: told, ...aToZ } = options;
  return { aToZ, zToA: { ...aToZ, ...zToA } };
}
