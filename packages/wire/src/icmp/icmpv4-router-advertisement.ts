import { IpAddress } from "@multihome/base";
import { ICMP_HEADER_LENGTH, writeIcmp } from "./icmp-header.js";
import { ICMPV4_ROUTER_ADVERTISEMENT } from "./icmpv4-types.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Num Addrs   |Addr Entry Size|           Lifetime            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Router Address[1]                       |
// |                      Preference Level[1]                      |
// |                              ...                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// After type, code and checksum. RFC 1256 (ICMP Router Advertisement Message).
const ENTRY_WORDS = 2;

/** Bytes of header and entries, from the message's own numbers. */
export const icmpv4RouterAdvertisementLength = (view: DataView, at: number): number =>
  ICMP_HEADER_LENGTH + 4 * icmpv4RouterCount(view, at) * icmpv4RouterEntryWords(view, at);
/** How many routers are advertised. */
export const icmpv4RouterCount = (view: DataView, at: number): number => view.getUint8(at + 4);
/** 32-bit words of each entry, at least 2. */
export const icmpv4RouterEntryWords = (view: DataView, at: number): number => view.getUint8(at + 5);
/** Seconds for which the addresses are valid. */
export const icmpv4RouterLifetime = (view: DataView, at: number): number => view.getUint16(at + 6);

const entryAt = (view: DataView, at: number, index: number): number =>
  at + ICMP_HEADER_LENGTH + 4 * index * icmpv4RouterEntryWords(view, at);

/** Address of the router at `index`, 0 up to the count; allocates. */
export const icmpv4RouterAddress = (view: DataView, at: number, index: number): IpAddress =>
  IpAddress.readV4(view, entryAt(view, at, index));
/** How much that router is preferred, signed; -2^31 means never as a default router. */
export const icmpv4RouterPreference = (view: DataView, at: number, index: number): number =>
  view.getInt32(entryAt(view, at, index) + 4);

/**
 * Writes header and entries, with a checksum of 0.
 * @returns `8 + 8 * routers.length`
 */
export function writeIcmpv4RouterAdvertisement(
  view: DataView,
  at: number,
  lifetime: number,
  routers: readonly { readonly address: IpAddress; readonly preference: number }[],
): number {
  const rest = routers.length * 0x1000000 + (ENTRY_WORDS << 16) + lifetime;
  let to = at + writeIcmp(view, at, ICMPV4_ROUTER_ADVERTISEMENT, 0, rest);
  for (const router of routers) {
    router.address.write(view, to);
    view.setInt32(to + 4, router.preference);
    to += 4 * ENTRY_WORDS;
  }
  return to - at;
}
