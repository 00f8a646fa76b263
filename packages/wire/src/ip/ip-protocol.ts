// IPv4 Protocol and IPv6 Next Header share one number space (RFC 8200 s3).

/** IPv6 Hop-by-Hop Options header. RFC 8200 s4.3 */
export const IP_PROTOCOL_HOP_BY_HOP = 0;
/** ICMP for IPv4. RFC 792 */
export const IP_PROTOCOL_ICMP = 1;
/** IGMP, the group management of IPv4. RFC 3376 s4 */
export const IP_PROTOCOL_IGMP = 2;
/** IPv4 within IP. */
export const IP_PROTOCOL_IPV4 = 4;
/** TCP. */
export const IP_PROTOCOL_TCP = 6;
/** UDP. RFC 768 */
export const IP_PROTOCOL_UDP = 17;
/** IPv6 within IP. */
export const IP_PROTOCOL_IPV6 = 41;
/** IPv6 Routing header. RFC 8200 s4.4 */
export const IP_PROTOCOL_ROUTING = 43;
/** IPv6 Fragment header. RFC 8200 s4.5 */
export const IP_PROTOCOL_FRAGMENT = 44;
/** Encapsulating Security Payload; not looked into. */
export const IP_PROTOCOL_ESP = 50;
/** Authentication Header; not looked into. */
export const IP_PROTOCOL_AH = 51;
/** ICMP for IPv6. RFC 4443 s2.1 */
export const IP_PROTOCOL_ICMPV6 = 58;
/** Nothing follows. RFC 8200 s4.7 */
export const IP_PROTOCOL_NO_NEXT_HEADER = 59;
/** IPv6 Destination Options header. RFC 8200 s4.6 */
export const IP_PROTOCOL_DESTINATION_OPTIONS = 60;
/** SCTP. RFC 9260 */
export const IP_PROTOCOL_SCTP = 132;
/** UDP-Lite. RFC 3828 */
export const IP_PROTOCOL_UDP_LITE = 136;

const NAMES: ReadonlyMap<number, string> = new Map([
  [IP_PROTOCOL_HOP_BY_HOP, "Hop-by-Hop Options"],
  [IP_PROTOCOL_ICMP, "ICMP"],
  [IP_PROTOCOL_IGMP, "IGMP"],
  [IP_PROTOCOL_IPV4, "IPv4"],
  [IP_PROTOCOL_TCP, "TCP"],
  [IP_PROTOCOL_UDP, "UDP"],
  [IP_PROTOCOL_IPV6, "IPv6"],
  [IP_PROTOCOL_ROUTING, "Routing"],
  [IP_PROTOCOL_FRAGMENT, "Fragment"],
  [IP_PROTOCOL_ESP, "ESP"],
  [IP_PROTOCOL_AH, "AH"],
  [IP_PROTOCOL_ICMPV6, "ICMPv6"],
  [IP_PROTOCOL_NO_NEXT_HEADER, "No Next Header"],
  [IP_PROTOCOL_DESTINATION_OPTIONS, "Destination Options"],
  [IP_PROTOCOL_SCTP, "SCTP"],
  [IP_PROTOCOL_UDP_LITE, "UDP-Lite"],
]);

/** The name of an IP protocol or extension header, `undefined` for one that is not known here. */
export const ipProtocolName = (protocol: number): string | undefined => NAMES.get(protocol);
