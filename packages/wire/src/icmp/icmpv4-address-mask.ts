import { writeIcmpEcho } from "./icmp-header.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Identifier          |       Sequence Number         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        Address Mask                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// After type, code and checksum. RFC 950 Appendix I.

/** Bytes of an address mask message. */
export const ICMPV4_ADDRESS_MASK_LENGTH = 12;

/** The mask's 32 bits; 0 in a request. */
export const icmpv4AddressMask = (view: DataView, at: number): number => view.getUint32(at + 8);

/** Writes an address mask request (type 17) or reply (18): 12 bytes, with a checksum of 0. */
export function writeIcmpv4AddressMask(
  view: DataView,
  at: number,
  type: number,
  identifier: number,
  sequence: number,
  mask: number,
): number {
  writeIcmpEcho(view, at, type, identifier, sequence);
  view.setUint32(at + 8, mask);
  return ICMPV4_ADDRESS_MASK_LENGTH;
}
