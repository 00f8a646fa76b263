/**
 * What the bytes of a captured packet begin with. Values: draft-ietf-opsawg-pcaplinktype s3.
 * Others can be read from a file and written to one, but are not dissected.
 */
export const LINK_TYPE = {
  ethernet: 1,
  /** An IPv4 or IPv6 header; its version tells which. */
  raw: 101,
  /** Linux cooked capture, 16-byte header. */
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  /** An SCTP common header with nothing below it. */
  sctp: 248,
  /** Linux cooked capture, version 2: 20-byte header with the interface index. */
  linuxSll2: 276,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [LINK_TYPE.ethernet, "ETHERNET"],
  [LINK_TYPE.raw, "RAW"],
  [LINK_TYPE.linuxSll, "LINUX_SLL"],
  [LINK_TYPE.ipv4, "IPV4"],
  [LINK_TYPE.ipv6, "IPV6"],
  [LINK_TYPE.sctp, "SCTP"],
  [LINK_TYPE.linuxSll2, "LINUX_SLL2"],
]);

/** The registry's name without `LINKTYPE_`, such as `ETHERNET`; the number for those not known here. */
export const linkTypeName = (linkType: number): string =>
  NAMES.get(linkType) ?? `LINKTYPE_${linkType}`;
