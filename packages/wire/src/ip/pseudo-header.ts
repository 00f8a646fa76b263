import type { IpAddress } from "@multihome/base";

const halves = (word: number): number => (word >>> 16) + (word & 0xffff);

const addressSum = (a: IpAddress): number =>
  halves(a.w0) + halves(a.w1) + halves(a.w2) + halves(a.w3);

/**
 * The sum of the pseudo header of UDP, TCP and ICMPv6, for the `initial` of the Internet checksum. Not
 * folded, below 2^21. RFC 768 (Fields) for IPv4; RFC 8200 s8.1 for IPv6. The sum is the same in both
 * directions, so source and destination may come in either order.
 *
 * @param local one address; with a Routing header the packet's final destination counts (RFC 8200 s8.1)
 * @param remote the other address, of the same family
 * @param protocol of the header that carries the checksum, not of an extension header before it
 * @param length bytes of that header and what follows it, 0 .. 65,535
 */
export const pseudoHeaderSum = (
  local: IpAddress,
  remote: IpAddress,
  protocol: number,
  length: number,
): number => addressSum(local) + addressSum(remote) + protocol + halves(length);

/** As {@link pseudoHeaderSum}, with the addresses of the IPv4 header at `ipAt`. Allocates nothing. */
export const ipv4PseudoHeaderSum = (
  view: DataView,
  ipAt: number,
  protocol: number,
  length: number,
): number =>
  halves(view.getUint32(ipAt + 12)) + halves(view.getUint32(ipAt + 16)) + protocol + halves(length);

/** As {@link pseudoHeaderSum}, with the addresses of the IPv6 header at `ipAt`. Allocates nothing. */
export function ipv6PseudoHeaderSum(
  view: DataView,
  ipAt: number,
  protocol: number,
  length: number,
): number {
  let sum = protocol + halves(length);
  for (let at = ipAt + 8; at < ipAt + 40; at += 4) sum += halves(view.getUint32(at));
  return sum;
}
