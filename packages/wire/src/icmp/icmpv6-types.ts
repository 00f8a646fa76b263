// RFC 4443 s2.1, RFC 4861 s4, RFC 2710 s3.1, RFC 3810 s5.

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_MLD_QUERY = 130;
export const ICMPV6_MLD_REPORT = 131;
export const ICMPV6_MLD_DONE = 132;
export const ICMPV6_ROUTER_SOLICITATION = 133;
export const ICMPV6_ROUTER_ADVERTISEMENT = 134;
export const ICMPV6_NEIGHBOR_SOLICITATION = 135;
export const ICMPV6_NEIGHBOR_ADVERTISEMENT = 136;
export const ICMPV6_REDIRECT = 137;
export const ICMPV6_MLDV2_REPORT = 143;

/** Code of destination unreachable. RFC 4443 s3.1 */
export const ICMPV6_NO_ROUTE = 0;
export const ICMPV6_ADMIN_PROHIBITED = 1;
export const ICMPV6_ADDRESS_UNREACHABLE = 3;
export const ICMPV6_PORT_UNREACHABLE = 4;
/** Code of parameter problem. RFC 4443 s3.4 */
export const ICMPV6_ERRONEOUS_HEADER = 0;
export const ICMPV6_UNRECOGNIZED_NEXT_HEADER = 1;
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
