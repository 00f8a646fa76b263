import { finishChecksum, internetChecksum } from "../checksum/internet-checksum.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               Rest: what it is depends on the type            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// The same in both families. RFC 792 (Message Formats), RFC 4443 s2.1.
const CODE = 1;
const CHECKSUM = 2;
const REST = 4;

/** Bytes that every ICMP message begins with. */
export const ICMP_HEADER_LENGTH = 8;

/** Type of the message; `ICMPV4_` and `ICMPV6_` constants name them. */
export const icmpType = (view: DataView, at: number): number => view.getUint8(at);
/** Code within the type. */
export const icmpCode = (view: DataView, at: number): number => view.getUint8(at + CODE);
/** The checksum as sent. */
export const icmpChecksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);
/** The second word of the header, 0 .. 2^32 - 1. */
export const icmpRest = (view: DataView, at: number): number => view.getUint32(at + REST);
/** Of an echo, and of the old information, timestamp and address mask messages. */
export const icmpIdentifier = (view: DataView, at: number): number => view.getUint16(at + REST);
/** Of the messages that have an identifier. */
export const icmpSequence = (view: DataView, at: number): number => view.getUint16(at + REST + 2);

/**
 * Writes the first 8 bytes, with a checksum of 0: {@link setIcmpChecksum} follows when all is written.
 * @param rest the second word: 0, or what the type's own function makes of its fields
 */
export function writeIcmp(
  view: DataView,
  at: number,
  type: number,
  code: number,
  rest: number,
): number {
  view.setUint8(at, type);
  view.setUint8(at + CODE, code);
  view.setUint16(at + CHECKSUM, 0);
  view.setUint32(at + REST, rest);
  return ICMP_HEADER_LENGTH;
}

/** Writes the first 8 bytes of an echo, or another message with an identifier, as {@link writeIcmp} does. */
export const writeIcmpEcho = (
  view: DataView,
  at: number,
  type: number,
  identifier: number,
  sequence: number,
): number => writeIcmp(view, at, type, 0, identifier * 0x10000 + sequence);

/**
 * True if the checksum of the message `at .. end` is right.
 * @param pseudoSum 0 for ICMPv4; for ICMPv6 `pseudoHeaderSum` of the addresses, protocol 58 and the length
 */
export const icmpChecksumOk = (
  bytes: Uint8Array,
  at: number,
  end: number,
  pseudoSum: number,
): boolean => internetChecksum(bytes, at, end, pseudoSum) === 0xffff;

/** Computes the checksum of the message `at .. end` and writes it. `pseudoSum` as {@link icmpChecksumOk} has it. */
export function setIcmpChecksum(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  pseudoSum: number,
): void {
  view.setUint16(at + CHECKSUM, 0);
  view.setUint16(at + CHECKSUM, finishChecksum(internetChecksum(bytes, at, end, pseudoSum)));
}
