// RFC 4443 s2.1, RFC 4861 s4, RFC 2710 s3.1, RFC 3810 s5.

/** Type of a destination that cannot be reached; the code says why. */
export const ICMPV6_UNREACHABLE = 1;
/** Type of a packet beyond the next link's MTU. */
export const ICMPV6_PACKET_TOO_BIG = 2;
/** Type of a packet whose hop limit or reassembly time was over. */
export const ICMPV6_TIME_EXCEEDED = 3;
/** Type of a header that cannot be processed. */
export const ICMPV6_PARAMETER_PROBLEM = 4;
/** Type of an echo request. */
export const ICMPV6_ECHO_REQUEST = 128;
/** Type of the answer to it. */
export const ICMPV6_ECHO_REPLY = 129;
/** Type of a multicast listener query, both versions. */
export const ICMPV6_MLD_QUERY = 130;
/** Type of a multicast listener report, version 1. */
export const ICMPV6_MLD_REPORT = 131;
/** Type of a multicast listener done, version 1. */
export const ICMPV6_MLD_DONE = 132;
/** Type of a question for routers. */
export const ICMPV6_ROUTER_SOLICITATION = 133;
/** Type of a router's announcement. */
export const ICMPV6_ROUTER_ADVERTISEMENT = 134;
/** Type of a question for a neighbor. */
export const ICMPV6_NEIGHBOR_SOLICITATION = 135;
/** Type of a neighbor's answer. */
export const ICMPV6_NEIGHBOR_ADVERTISEMENT = 136;
/** Type of a hint at a better first hop. */
export const ICMPV6_REDIRECT = 137;
/** Type of a multicast listener report, version 2. */
export const ICMPV6_MLDV2_REPORT = 143;

/** Code of destination unreachable: no route matches. RFC 4443 s3.1 */
export const ICMPV6_NO_ROUTE = 0;
/** Code of destination unreachable: forbidden, such as by a filter. RFC 4443 s3.1 */
export const ICMPV6_ADMIN_PROHIBITED = 1;
/** Code of destination unreachable: no other code fits. RFC 4443 s3.1 */
export const ICMPV6_ADDRESS_UNREACHABLE = 3;
/** Code of destination unreachable: nothing listens on the port. RFC 4443 s3.1 */
export const ICMPV6_PORT_UNREACHABLE = 4;
/** Code of parameter problem: a header field that cannot be. RFC 4443 s3.4 */
export const ICMPV6_ERRONEOUS_HEADER = 0;
/** Code of parameter problem: an unknown Next Header. RFC 4443 s3.4 */
export const ICMPV6_UNRECOGNIZED_NEXT_HEADER = 1;
/** Code of parameter problem: an unknown option. RFC 4443 s3.4 */
export const ICMPV6_UNRECOGNIZED_OPTION = 2;

const TYPES: ReadonlyMap<number, string> = new Map([
  [ICMPV6_UNREACHABLE, "destination unreachable"],
  [ICMPV6_PACKET_TOO_BIG, "packet too big"],
  [ICMPV6_TIME_EXCEEDED, "time exceeded"],
  [ICMPV6_PARAMETER_PROBLEM, "parameter problem"],
  [ICMPV6_ECHO_REQUEST, "echo request"],
  [ICMPV6_ECHO_REPLY, "echo reply"],
  [ICMPV6_MLD_QUERY, "multicast listener query"],
  [ICMPV6_MLD_REPORT, "multicast listener report"],
  [ICMPV6_MLD_DONE, "multicast listener done"],
  [ICMPV6_ROUTER_SOLICITATION, "router solicitation"],
  [ICMPV6_ROUTER_ADVERTISEMENT, "router advertisement"],
  [ICMPV6_NEIGHBOR_SOLICITATION, "neighbor solicitation"],
  [ICMPV6_NEIGHBOR_ADVERTISEMENT, "neighbor advertisement"],
  [ICMPV6_REDIRECT, "redirect"],
  [ICMPV6_MLDV2_REPORT, "multicast listener report v2"],
]);

const CODES: ReadonlyMap<number, readonly string[]> = new Map([
  [
    ICMPV6_UNREACHABLE,
    [
      "no route to destination",
      "communication administratively prohibited",
      "beyond scope of source address",
      "address unreachable",
      "port unreachable",
      "source address failed ingress/egress policy",
      "reject route to destination",
    ],
  ],
  [ICMPV6_TIME_EXCEEDED, ["hop limit exceeded in transit", "fragment reassembly time exceeded"]],
  [
    ICMPV6_PARAMETER_PROBLEM,
    [
      "erroneous header field encountered",
      "unrecognized Next Header type encountered",
      "unrecognized IPv6 option encountered",
      // RFC 7112 s5, s7
      "first fragment has incomplete IPv6 header chain",
    ],
  ],
]);

/** The name of an ICMPv6 type, `undefined` for one that is not known here. */
export const icmpv6TypeName = (type: number): string | undefined => TYPES.get(type);

/** The name of a code of that type, `undefined` for one that has none. */
export const icmpv6CodeName = (type: number, code: number): string | undefined =>
  CODES.get(type)?.[code];

/** True for errors, which quote a packet: types below 128. RFC 4443 s2.1 */
export const isIcmpv6Error = (type: number): boolean => type < 128;
