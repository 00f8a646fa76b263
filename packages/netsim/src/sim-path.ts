import { IpAddress, instantAdd, millis, sameIp } from "@multihome/base";
import type { DuplexLink } from "./duplex-link.js";
import type { Fault, PathLink, RampParam, Side } from "./fault.js";
import type { Nat } from "./nat.js";
import type { SimInterface } from "./sim-interface.js";
import type { Simulation } from "./simulation.js";

/** One path of a topology: the parts that its faults act on. */
export interface SimPath {
  readonly index: number;
  /** The link with the path's parameters: what is cut, set and captured. Hosts do not see it go. */
  readonly link: DuplexLink;
  /** The link between core and z; in a topology that is no mesh the same as `link`. */
  readonly zLink: DuplexLink;
  /** The links whose going down and up hosts are told of; often the same as `link`. */
  readonly aWire: DuplexLink;
  readonly zWire: DuplexLink;
  readonly a: SimInterface;
  readonly z: SimInterface;
  /** The addresses that the interfaces had at first. */
  readonly aAddresses: readonly IpAddress[];
  readonly zAddresses: readonly IpAddress[];
  readonly nat: Nat | undefined;
}

/** Applies a fault to its path; false if it did nothing. */
export function applyToPath(sim: Simulation, path: SimPath, fault: Fault): boolean {
  switch (fault.kind) {
    case "cut":
      return setMode(path, fault, "cut");
    case "icmpUnreachable":
      return setMode(path, fault, "unreachable");
    case "heal":
      return setMode(path, fault, "open");
    case "linkDown":
    case "linkUp":
      return setUp(fault.side === "z" ? path.zWire : path.aWire, fault.kind === "linkUp");
    case "setLink":
      linkOf(path, fault).set(fault.params, fault.direction);
      return true;
    case "ramp":
      ramp(sim, path, fault);
      return true;
    case "natRebind":
      path.nat?.rebind(fault.address);
      return path.nat !== undefined;
    case "addressRemoved":
      return removeAddress(path, fault.side ?? "a", fault.address);
    case "addressAdded":
      return addAddress(path, fault.side ?? "a", fault.address);
  }
}

const linkOf = (path: SimPath, which: PathLink): DuplexLink =>
  which.side === "z" ? path.zLink : path.link;

function setMode(path: SimPath, which: PathLink, mode: "open" | "cut" | "unreachable"): boolean {
  const links = linkOf(path, which).links(which.direction);
  const changes = links.some((link) => link.mode !== mode);
  for (const link of links) link.setMode(mode);
  return changes;
}

function setUp(wire: DuplexLink, up: boolean): boolean {
  const changes = wire.up !== up;
  wire.setUp(up);
  return changes;
}

function ramp(sim: Simulation, path: SimPath, fault: Extract<Fault, { kind: "ramp" }>): void {
  const steps = Math.max(1, Math.floor(fault.steps ?? 10));
  for (const link of linkOf(path, fault).links(fault.direction)) {
    const from = link.params[fault.param] ?? fault.to;
    const start = Number.isFinite(from) ? from : fault.to;
    for (let step = 1; step <= steps; step++) {
      const value = start + ((fault.to - start) * step) / steps;
      const at = instantAdd(sim.now, millis((fault.overMs * step) / steps));
      sim.schedule(at, () => link.set(paramOf(fault.param, value)));
    }
  }
}

function paramOf(
  param: RampParam,
  value: number,
): { rateBps: number } | { delayMs: number } | { loss: number } {
  switch (param) {
    case "rateBps":
      return { rateBps: Math.round(value) };
    case "delayMs":
      return { delayMs: value };
    case "loss":
      return { loss: value };
  }
}

function removeAddress(path: SimPath, side: Side, text: string | undefined): boolean {
  const on = side === "z" ? path.z : path.a;
  const address = text === undefined ? on.addresses[0] : IpAddress.parse(text);
  return address !== undefined && on.removeAddress(address);
}

function addAddress(path: SimPath, side: Side, text: string | undefined): boolean {
  const on = side === "z" ? path.z : path.a;
  const originals = side === "z" ? path.zAddresses : path.aAddresses;
  const address =
    text === undefined
      ? originals.find((original) => !on.addresses.some((own) => sameIp(own, original)))
      : IpAddress.parse(text);
  return address !== undefined && on.addAddress(address);
}
