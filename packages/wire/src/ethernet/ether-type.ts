/** RFC 894 */
export const ETHER_TYPE_IPV4 = 0x0800;
/** RFC 826 */
export const ETHER_TYPE_ARP = 0x0806;
/** RFC 2464 s3 */
export const ETHER_TYPE_IPV6 = 0x86dd;
/** A tag of IEEE 802.1Q follows. */
export const ETHER_TYPE_VLAN = 0x8100;
/** A service tag of IEEE 802.1ad follows, usually with a second tag inside. */
export const ETHER_TYPE_SERVICE_VLAN = 0x88a8;

const NAMES: ReadonlyMap<number, string> = new Map([
  [ETHER_TYPE_IPV4, "IPv4"],
  [ETHER_TYPE_ARP, "ARP"],
  [ETHER_TYPE_IPV6, "IPv6"],
  [ETHER_TYPE_VLAN, "802.1Q"],
  [ETHER_TYPE_SERVICE_VLAN, "802.1ad"],
]);

/** The name of an Ethernet type, `undefined` for one that is not known here. */
export const etherTypeName = (etherType: number): string | undefined => NAMES.get(etherType);
