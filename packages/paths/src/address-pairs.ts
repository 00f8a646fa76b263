import { type IpAddress, ipScope, sameIp } from "@multihome/base";

/** A local and a remote address that a path may be made of. */
export interface AddressPair {
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

/**
 * True if a packet from `local` could reach `remote`: same family, and loopback only with loopback
 * (RFC 9260 s5.1.2 leaves the use of scopes to the implementation; RFC 4007 s9 forbids leaving a zone).
 */
export function canReach(local: IpAddress, remote: IpAddress): boolean {
  if (local.family !== remote.family) return false;
  const a = ipScope(local);
  const z = ipScope(remote);
  if (a === "multicast" || z === "multicast" || z === "unspecified") return false;
  if ((a === "loopback") !== (z === "loopback")) return false;
  return (a === "linkLocal") === (z === "linkLocal");
}

/**
 * Every pair that can work, the most useful first: pairs that share no end with those before them
 * come first (so that few paths already cover all interfaces), families in turn (RFC 8305 s4).
 *
 * @param max how many pairs at most
 */
export function choosePairs(
  locals: readonly IpAddress[],
  remotes: readonly IpAddress[],
  max: number,
): AddressPair[] {
  const pairs: AddressPair[] = [];
  const rest: AddressPair[] = [];
  for (const remote of alternateFamilies(remotes)) {
    for (const local of locals) if (canReach(local, remote)) rest.push({ local, remote });
  }
  while (pairs.length < max && rest.length > 0) {
    let best = 0;
    let bestShared = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rest.length; i++) {
      const candidate = rest[i] as AddressPair;
      const shared = pairs.reduce(
        (n, p) =>
          n +
          (sameIp(p.local, candidate.local) ? 1 : 0) +
          (sameIp(p.remote, candidate.remote) ? 1 : 0),
        0,
      );
      if (shared < bestShared) {
        best = i;
        bestShared = shared;
      }
    }
    pairs.push(...rest.splice(best, 1));
  }
  return pairs;
}

function alternateFamilies(addresses: readonly IpAddress[]): IpAddress[] {
  const first = addresses[0];
  if (first === undefined) return [];
  const same = addresses.filter((a) => a.family === first.family);
  const other = addresses.filter((a) => a.family !== first.family);
  const out: IpAddress[] = [];
  for (let i = 0; i < Math.max(same.length, other.length); i++) {
    out.push(...same.slice(i, i + 1), ...other.slice(i, i + 1));
  }
  return out;
}
