import { crc32c } from "../checksum/crc32c.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Source Port Number       |    Destination Port Number    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Verification Tag                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           Checksum                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.1
const DESTINATION_PORT = 2;
const VERIFICATION_TAG = 4;
const CHECKSUM = 8;

/** Bytes of the common header; the first chunk follows. */
export const SCTP_HEADER_LENGTH = 12;

/** Whether the common header is there. The checksum is apart: {@link sctpChecksumOk}. */
export type SctpHeaderCheck = "ok" | "truncated";

/** Checks that the common header is there. Chunks are checked one by one with `checkChunk`. */
export const checkSctpHeader = (_view: DataView, at: number, end: number): SctpHeaderCheck =>
  end - at < SCTP_HEADER_LENGTH ? "truncated" : "ok";

export const sctpSourcePort = (view: DataView, at: number): number => view.getUint16(at);
export const sctpDestinationPort = (view: DataView, at: number): number =>
  view.getUint16(at + DESTINATION_PORT);
/** 0 .. 2^32 - 1; 0 only in packets that carry an INIT. RFC 9260 s8.5.1 (A) */
export const sctpVerificationTag = (view: DataView, at: number): number =>
  view.getUint32(at + VERIFICATION_TAG);
/** The four bytes of the checksum field as a big-endian number. */
export const sctpChecksumField = (view: DataView, at: number): number =>
  view.getUint32(at + CHECKSUM);

/**
 * Writes the common header with a checksum of zero; 12 bytes. {@link writeSctpChecksum} fills the
 * checksum in when the chunks are there.
 * @returns 12
 */
export function writeSctpHeader(
  view: DataView,
  at: number,
  sourcePort: number,
  destinationPort: number,
  verificationTag: number,
): number {
  view.setUint16(at, sourcePort);
  view.setUint16(at + DESTINATION_PORT, destinationPort);
  view.setUint32(at + VERIFICATION_TAG, verificationTag);
  view.setUint32(at + CHECKSUM, 0);
  return SCTP_HEADER_LENGTH;
}

/**
 * Computes the CRC32c of the whole packet `start .. end` and writes it into the header. RFC 9260 s6.8
 *
 * `bytes` and `view` must cover the same memory.
 */
export function writeSctpChecksum(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): void {
  view.setUint32(start + CHECKSUM, 0);
  // RFC 9260 appendix A: the least significant byte of the usual CRC32c value goes first.
  view.setUint32(start + CHECKSUM, crc32c(bytes, start, end), true);
}

/**
 * True if the checksum of the packet `start .. end` is right. The bytes are the same after as before,
 * though the field is zero for a moment. RFC 9260 s6.8
 *
 * A packet whose field is zero is no exception: who accepts those (RFC 9653) asks
 * {@link sctpChecksumField} first.
 */
export function sctpChecksumOk(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): boolean {
  const field = view.getUint32(start + CHECKSUM, true);
  view.setUint32(start + CHECKSUM, 0);
  const crc = crc32c(bytes, start, end);
  view.setUint32(start + CHECKSUM, field, true);
  return crc === field;
}

/** The header as a tree, without the chunks. */
export function describeSctpHeader(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("sourcePort", at, 2);
  fields.uint("destinationPort", at + DESTINATION_PORT, 2);
  fields.uint("verificationTag", at + VERIFICATION_TAG, 4, hex32);
  fields.uint("checksum", at + CHECKSUM, 4, hex32);
  const length = Math.max(0, Math.min(SCTP_HEADER_LENGTH, end - at));
  return headerNode("sctp", at, length, fields, checkSctpHeader(view, at, end));
}

/** One line: `sctp 5001 > 5002 vtag 0x1a2b3c4d`. */
export function summarizeSctpHeader(view: DataView, at: number, end: number): string {
  if (checkSctpHeader(view, at, end) !== "ok") return "sctp [truncated]";
  const tag = hex32(sctpVerificationTag(view, at));
  return `sctp ${sctpSourcePort(view, at)} > ${sctpDestinationPort(view, at)} vtag ${tag}`;
}

const hex32 = (n: number): string => `0x${n.toString(16).padStart(8, "0")}`;
