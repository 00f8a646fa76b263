import type { IpAddress } from "@multihome/base";
import type { PathAttachment } from "@multihome/paths";

/**
 * The addresses that may be used, in the order in which the peer is told of them: the first of each
 * interface, then the second of each. A peer that takes the next of its list when an address fails gets
 * to another interface then, not to the same one by its other address (RFC 9260 s6.4 leaves the choice to it).
 */
export function allowedAddresses(
  locals: readonly (PathAttachment & { readonly address: IpAddress })[],
): IpAddress[] {
  const taken = new Map<string, number>();
  const rounds: IpAddress[][] = [];
  for (const { address, interfaceName, allowed } of locals) {
    if (!allowed) continue;
    const round = taken.get(interfaceName) ?? 0;
    taken.set(interfaceName, round + 1);
    const list = rounds[round] ?? [];
    list.push(address);
    rounds[round] = list;
  }
  return rounds.flat();
}
