import { finishChecksum, internetChecksum } from "../checksum/internet-checksum.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

//  0      7 8     15 16    23 24    31
// +--------+--------+--------+--------+
// |   Source Port   | Destination Port|
// +--------+--------+--------+--------+
// |     Length      |    Checksum     |
// +--------+--------+--------+--------+
// RFC 768.
const DESTINATION_PORT = 2;
const LENGTH = 4;
const CHECKSUM = 6;

/** Bytes of the UDP header. */
export const UDP_HEADER_LENGTH = 8;

/** Why a datagram cannot be read. `badLength`: its length is less than its header's. */
export type UdpCheck = "ok" | "truncated" | "badLength";

/**
 * Checks header and length: once this returns `ok`, `udpLength` bytes are there. Bytes after them are
 * allowed. The checksum is apart: {@link udpChecksumState}.
 */
export function checkUdp(view: DataView, at: number, end: number): UdpCheck {
  if (end - at < UDP_HEADER_LENGTH) return "truncated";
  const length = view.getUint16(at + LENGTH);
  if (length < UDP_HEADER_LENGTH) return "badLength";
  return end - at < length ? "truncated" : "ok";
}

/** Port of the sender, 0 if it wants no answer. */
export const udpSourcePort = (view: DataView, at: number): number => view.getUint16(at);
/** Port of the receiver. */
export const udpDestinationPort = (view: DataView, at: number): number =>
  view.getUint16(at + DESTINATION_PORT);
/** Bytes of header and data. */
export const udpLength = (view: DataView, at: number): number => view.getUint16(at + LENGTH);
/** The checksum as sent, 0 for none. */
export const udpChecksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);

/**
 * Whether the checksum is right. `absent` means that the sender computed none: fine over IPv4 (RFC 768),
 * to be dropped over IPv6 unless the port is excepted (RFC 8200 s8.1).
 *
 * @param pseudoSum `pseudoHeaderSum` of the addresses, protocol 17 and `udpLength`
 */
export function udpChecksumState(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  pseudoSum: number,
): "ok" | "absent" | "bad" {
  if (udpChecksum(view, at) === 0) return "absent";
  const sum = internetChecksum(bytes, at, at + udpLength(view, at), pseudoSum);
  return sum === 0xffff ? "ok" : "bad";
}

/**
 * Computes the checksum of the datagram at `at`, whose header and data are written, and writes it.
 * @param pseudoSum `pseudoHeaderSum` of the addresses, protocol 17 and `udpLength`
 */
export function setUdpChecksum(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  pseudoSum: number,
): void {
  view.setUint16(at + CHECKSUM, 0);
  const value = finishChecksum(internetChecksum(bytes, at, at + udpLength(view, at), pseudoSum));
  // RFC 768: a computed zero is sent as all ones, since zero says that there is none.
  view.setUint16(at + CHECKSUM, value === 0 ? 0xffff : value);
}

/**
 * Writes a header: 8 bytes.
 * @param length bytes of header and data
 * @param checksum 0 when {@link setUdpChecksum} follows, or when there shall be none
 */
export function writeUdp(
  view: DataView,
  at: number,
  sourcePort: number,
  destinationPort: number,
  length: number,
  checksum: number,
): number {
  view.setUint16(at, sourcePort);
  view.setUint16(at + DESTINATION_PORT, destinationPort);
  view.setUint16(at + LENGTH, length);
  view.setUint16(at + CHECKSUM, checksum);
  return UDP_HEADER_LENGTH;
}

/** The header as a tree. */
export function describeUdp(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("sourcePort", at, 2);
  fields.uint("destinationPort", at + DESTINATION_PORT, 2);
  fields.uint("length", at + LENGTH, 2);
  fields.uint("checksum", at + CHECKSUM, 2, (c) => (c === 0 ? "absent" : undefined));
  const length = Math.max(0, Math.min(UDP_HEADER_LENGTH, end - at));
  return headerNode("udp", at, length, fields, checkUdp(view, at, end));
}

/** One line: `UDP 5001 > 9899, length 52` (bytes of data). */
export function summarizeUdp(view: DataView, at: number, end: number): string {
  const state = checkUdp(view, at, end);
  if (end - at < UDP_HEADER_LENGTH) return `UDP [${state}]`;
  const line = `UDP ${udpSourcePort(view, at)} > ${udpDestinationPort(view, at)}`;
  if (state !== "ok") return `${line} [${state}]`;
  return `${line}, length ${udpLength(view, at) - UDP_HEADER_LENGTH}`;
}
