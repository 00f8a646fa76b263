// RFC 792, with RFC 1256 (9, 10) and RFC 950 (17, 18).

/** Type of the answer to an echo request. */
export const ICMPV4_ECHO_REPLY = 0;
/** Type of a destination that cannot be reached; the code says why. */
export const ICMPV4_UNREACHABLE = 3;
/** Type of a request to slow down, deprecated by RFC 6633. */
export const ICMPV4_SOURCE_QUENCH = 4;
/** Type of a hint at a better gateway. */
export const ICMPV4_REDIRECT = 5;
/** Type of an echo request. */
export const ICMPV4_ECHO_REQUEST = 8;
/** Type of a router's announcement. RFC 1256 */
export const ICMPV4_ROUTER_ADVERTISEMENT = 9;
/** Type of a question for routers. RFC 1256 */
export const ICMPV4_ROUTER_SOLICITATION = 10;
/** Type of a packet whose TTL or reassembly time was over. */
export const ICMPV4_TIME_EXCEEDED = 11;
/** Type of a header that cannot be processed. */
export const ICMPV4_PARAMETER_PROBLEM = 12;
/** Type of a question for the time. */
export const ICMPV4_TIMESTAMP_REQUEST = 13;
/** Type of the answer to it. */
export const ICMPV4_TIMESTAMP_REPLY = 14;
/** Type of a question for the network's number. */
export const ICMPV4_INFORMATION_REQUEST = 15;
/** Type of the answer to it. */
export const ICMPV4_INFORMATION_REPLY = 16;
/** Type of a question for the network's mask. RFC 950 */
export const ICMPV4_ADDRESS_MASK_REQUEST = 17;
/** Type of the answer to it. RFC 950 */
export const ICMPV4_ADDRESS_MASK_REPLY = 18;

/** Code of destination unreachable: no way to the network. RFC 792 */
export const ICMPV4_NET_UNREACHABLE = 0;
/** Code of destination unreachable: no way to the host. */
export const ICMPV4_HOST_UNREACHABLE = 1;
/** Code of destination unreachable: the host lacks the protocol. */
export const ICMPV4_PROTOCOL_UNREACHABLE = 2;
/** Code of destination unreachable: nothing listens on the port. */
export const ICMPV4_PORT_UNREACHABLE = 3;
/** Code of destination unreachable with the next hop's MTU. RFC 1191 s4 */
export const ICMPV4_FRAGMENTATION_NEEDED = 4;
/** Code of destination unreachable: the source route leads nowhere. */
export const ICMPV4_SOURCE_ROUTE_FAILED = 5;

const TYPES: ReadonlyMap<number, string> = new Map([
  [ICMPV4_ECHO_REPLY, "echo reply"],
  [ICMPV4_UNREACHABLE, "destination unreachable"],
  [ICMPV4_SOURCE_QUENCH, "source quench"],
  [ICMPV4_REDIRECT, "redirect"],
  [ICMPV4_ECHO_REQUEST, "echo request"],
  [ICMPV4_ROUTER_ADVERTISEMENT, "router advertisement"],
  [ICMPV4_ROUTER_SOLICITATION, "router solicitation"],
  [ICMPV4_TIME_EXCEEDED, "time exceeded"],
  [ICMPV4_PARAMETER_PROBLEM, "parameter problem"],
  [ICMPV4_TIMESTAMP_REQUEST, "timestamp request"],
  [ICMPV4_TIMESTAMP_REPLY, "timestamp reply"],
  [ICMPV4_INFORMATION_REQUEST, "information request"],
  [ICMPV4_INFORMATION_REPLY, "information reply"],
  [ICMPV4_ADDRESS_MASK_REQUEST, "address mask request"],
  [ICMPV4_ADDRESS_MASK_REPLY, "address mask reply"],
]);

const CODES: ReadonlyMap<number, readonly string[]> = new Map([
  [
    ICMPV4_UNREACHABLE,
    [
      "net unreachable",
      "host unreachable",
      "protocol unreachable",
      "port unreachable",
      "fragmentation needed and DF set",
      "source route failed",
      // RFC 1122 s3.2.2.1
      "destination network unknown",
      "destination host unknown",
      "source host isolated",
      "network administratively prohibited",
      "host administratively prohibited",
      "network unreachable for type of service",
      "host unreachable for type of service",
      // RFC 1812 s5.2.7.1
      "communication administratively prohibited",
      "host precedence violation",
      "precedence cutoff in effect",
    ],
  ],
  [
    ICMPV4_REDIRECT,
    [
      "for the network",
      "for the host",
      "for type of service and network",
      "for type of service and host",
    ],
  ],
  [ICMPV4_TIME_EXCEEDED, ["time to live exceeded in transit", "fragment reassembly time exceeded"]],
  [ICMPV4_PARAMETER_PROBLEM, ["pointer indicates the error", "required option is missing"]],
]);

/** The name of an ICMPv4 type, `undefined` for one that is not known here. */
export const icmpv4TypeName = (type: number): string | undefined => TYPES.get(type);

/** The name of a code of that type, `undefined` for one that has none. */
export const icmpv4CodeName = (type: number, code: number): string | undefined =>
  CODES.get(type)?.[code];

/** True for the types that quote a packet: 3, 4, 5, 11, 12. */
export const isIcmpv4Error = (type: number): boolean =>
  (type >= ICMPV4_UNREACHABLE && type <= ICMPV4_REDIRECT) ||
  type === ICMPV4_TIME_EXCEEDED ||
  type === ICMPV4_PARAMETER_PROBLEM;
