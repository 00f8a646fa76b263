import type { networkInterfaces } from "node:os";
import { IpAddress, ipScope, sameIp } from "@multihome/base";
import type { HostInterface } from "@multihome/paths";
import { interfaceKind } from "./interface-kind.js";
import { costOf, type InterfaceRules, isAllowed, isMetered } from "./interface-rules.js";

/** What `os.networkInterfaces()` returns. */
export type SystemInterfaces = ReturnType<typeof networkInterfaces>;

// The system tells plain Node no MTU; Ethernet's is the one to begin with.
const ASSUMED_MTU = 1500;

/**
 * The interfaces as they are now, with the application's rules applied. Link-local addresses are left
 * out: they mean nothing without a zone.
 *
 * @param only use these addresses only, the preferred first. Loopback addresses among them count as the loopback
 *   interface's even when the system does not list them, as Linux has all of 127.0.0.0/8.
 */
export function readInterfaces(
  system: SystemInterfaces,
  rules: InterfaceRules,
  only: readonly IpAddress[] | undefined,
): HostInterface[] {
  const found: HostInterface[] = [];
  let loopback: string | undefined;
  const listed: IpAddress[] = [];
  for (const [name, entries] of Object.entries(system)) {
    const addresses: IpAddress[] = [];
    for (const entry of entries ?? []) {
      const address = IpAddress.tryParse(entry.address);
      if (address === undefined || ipScope(address) === "linkLocal") continue;
      if (entry.internal && ipScope(address) === "loopback") loopback ??= name;
      listed.push(address);
      if (only === undefined || only.some((o) => sameIp(o, address))) addresses.push(address);
    }
    found.push(describe(name, addresses, rules));
  }
  if (only === undefined) return found;
  const unlisted = only.filter(
    (o) => ipScope(o) === "loopback" && !listed.some((l) => sameIp(l, o)),
  );
  if (unlisted.length > 0) {
    const name = loopback ?? "lo";
    const at = found.findIndex((i) => i.name === name);
    const addresses = [...(found[at]?.addresses ?? []), ...unlisted];
    if (at < 0) found.push(describe(name, addresses, rules));
    else found[at] = describe(name, addresses, rules);
  }
  return byPreference(found, only);
}

/** In the order of the application's list. */
function byPreference(interfaces: HostInterface[], only: readonly IpAddress[]): HostInterface[] {
  const place = (a: IpAddress | undefined): number =>
    a === undefined ? only.length : only.findIndex((o) => sameIp(o, a));
  return interfaces
    .map((i) => ({ ...i, addresses: [...i.addresses].sort((a, b) => place(a) - place(b)) }))
    .sort((a, b) => place(a.addresses[0]) - place(b.addresses[0]));
}

function describe(
  name: string,
  addresses: readonly IpAddress[],
  rules: InterfaceRules,
): HostInterface {
  return {
    name,
    kind: interfaceKind(name),
    addresses,
    // The system lists addresses of interfaces that are up.
    up: true,
    mtu: ASSUMED_MTU,
    metered: isMetered(name, rules),
    cost: costOf(name, rules),
    allowed: isAllowed(name, rules),
  };
}

/** True if nothing that a core is told about the interfaces differs. */
export function sameInterfaces(a: readonly HostInterface[], b: readonly HostInterface[]): boolean {
  return a.length === b.length && a.every((x, i) => sameInterface(x, b[i]));
}

function sameInterface(x: HostInterface, y: HostInterface | undefined): boolean {
  return (
    y !== undefined &&
    x.name === y.name &&
    x.up === y.up &&
    x.metered === y.metered &&
    x.cost === y.cost &&
    x.allowed === y.allowed &&
    x.addresses.length === y.addresses.length &&
    x.addresses.every((address, i) => {
      const other = y.addresses[i];
      return other !== undefined && sameIp(address, other);
    })
  );
}
