import { ICMP_HEADER_LENGTH, writeIcmpEcho } from "./icmp-header.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Identifier          |        Sequence Number        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Originate Timestamp                       |
// |                      Receive Timestamp                        |
// |                     Transmit Timestamp                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// After type, code and checksum. RFC 792 (Timestamp). Milliseconds since midnight UT; with the high bit
// set, any other unit.

/** Bytes of a timestamp message. */
export const ICMPV4_TIMESTAMP_LENGTH = 20;

/** When the sender last touched the request. */
export const icmpv4OriginateTimestamp = (view: DataView, at: number): number =>
  view.getUint32(at + 8);
/** When the echoer first touched it. */
export const icmpv4ReceiveTimestamp = (view: DataView, at: number): number =>
  view.getUint32(at + 12);
/** When the echoer last touched the reply. */
export const icmpv4TransmitTimestamp = (view: DataView, at: number): number =>
  view.getUint32(at + 16);

/** Writes a timestamp request (type 13) or reply (14): 20 bytes, with a checksum of 0. */
export function writeIcmpv4Timestamp(
  view: DataView,
  at: number,
  type: number,
  identifier: number,
  sequence: number,
  originate: number,
  receive: number,
  transmit: number,
): number {
  writeIcmpEcho(view, at, type, identifier, sequence);
  view.setUint32(at + ICMP_HEADER_LENGTH, originate);
  view.setUint32(at + 12, receive);
  view.setUint32(at + 16, transmit);
  return ICMPV4_TIMESTAMP_LENGTH;
}
