import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";
import {
  checkMptcpLength,
  MPTCP_MP_CAPABLE,
  type MptcpCheck,
  writeMptcpHead,
} from "./mptcp-subtype.js";

// +---------------+---------------+-------+-------+---------------+
// |     Kind      |    Length     |Subtype|Version|A|B|C|D|E|F|G|H|
// +---------------+---------------+-------+-------+---------------+
// |        Option Sender's Key (64 bits, if Length > 4)           |
// |       Option Receiver's Key (64 bits, if Length > 12)         |
// +-------------------------------+-------------------------------+
// |  Data-Level Length (16 bits)  |  Checksum (16 bits, optional) |
// +-------------------------------+-------------------------------+
// RFC 8684 s3.1. In a SYN 4 bytes, in a SYN/ACK 12, in an ACK 20, with the first data 22 or 24.
const FLAGS = 3;
const SENDER_KEY = 4;
const RECEIVER_KEY = 12;
const DATA_LEVEL_LENGTH = 20;
const CHECKSUM = 22;

/** Length of the option in a SYN. */
export const MP_CAPABLE_SYN_LENGTH = 4;
/** Length of the option in a SYN/ACK. */
export const MP_CAPABLE_SYN_ACK_LENGTH = 12;
/** Length of the option in an ACK without data. */
export const MP_CAPABLE_ACK_LENGTH = 20;
/** Length of the option with the first data, without checksum. */
export const MP_CAPABLE_DATA_LENGTH = 22;
/** Length of the option with the first data and its checksum. */
export const MP_CAPABLE_DATA_CHECKSUM_LENGTH = 24;

/** A: checksums are required. */
export const MP_CAPABLE_CHECKSUM_REQUIRED = 0x80;
/** B: for extensions; one who does not know it must ignore the option. */
export const MP_CAPABLE_EXTENSIBILITY = 0x40;
/** C: no subflows to the source address and port. */
export const MP_CAPABLE_DENY_JOIN_INITIAL = 0x20;
/** H: HMAC-SHA256. Of D to H one bit must be set. */
export const MP_CAPABLE_HMAC_SHA256 = 0x01;
/** D to H: the algorithms. */
export const MP_CAPABLE_ALGORITHMS = 0x1f;

/** Checks that the option has one of the five lengths. Version and flags are not looked at. */
export function checkMpCapable(view: DataView, at: number, end: number): MptcpCheck {
  const state = checkMptcpLength(view, at, end, MP_CAPABLE_SYN_LENGTH);
  if (state !== "ok") return state;
  const length = view.getUint8(at + 1);
  return length === MP_CAPABLE_SYN_LENGTH ||
    length === MP_CAPABLE_SYN_ACK_LENGTH ||
    length === MP_CAPABLE_ACK_LENGTH ||
    length === MP_CAPABLE_DATA_LENGTH ||
    length === MP_CAPABLE_DATA_CHECKSUM_LENGTH
    ? "ok"
    : "badLength";
}

/** Bytes of the option, which tell its form. */
export const mpCapableLength = (view: DataView, at: number): number => view.getUint8(at + 1);
/** Version of MPTCP, 0 .. 15; 1 is RFC 8684. */
export const mpCapableVersion = (view: DataView, at: number): number => view.getUint8(at + 2) & 15;
/** The eight flags A to H, A being 0x80. */
export const mpCapableFlags = (view: DataView, at: number): number => view.getUint8(at + FLAGS);
/** Key of the sender of the packet, if the length is above 4. */
export const mpCapableSenderKey = (view: DataView, at: number): bigint =>
  view.getBigUint64(at + SENDER_KEY);
/** Key of the receiver of the packet, if the length is above 12. */
export const mpCapableReceiverKey = (view: DataView, at: number): bigint =>
  view.getBigUint64(at + RECEIVER_KEY);
/** Bytes of data that the option maps, if the length is above 20. */
export const mpCapableDataLength = (view: DataView, at: number): number =>
  view.getUint16(at + DATA_LEVEL_LENGTH);
/** Checksum of that data, if the length is 24; -1 otherwise. */
export const mpCapableChecksum = (view: DataView, at: number): number =>
  mpCapableLength(view, at) === MP_CAPABLE_DATA_CHECKSUM_LENGTH
    ? view.getUint16(at + CHECKSUM)
    : -1;

function writeHead(
  view: DataView,
  at: number,
  length: number,
  version: number,
  flags: number,
): number {
  writeMptcpHead(view, at, length, MPTCP_MP_CAPABLE, version);
  view.setUint8(at + FLAGS, flags);
  return length;
}

/** Writes the option of a SYN: 4 bytes. */
export const writeMpCapableSyn = (
  view: DataView,
  at: number,
  version: number,
  flags: number,
): number => writeHead(view, at, MP_CAPABLE_SYN_LENGTH, version, flags);

/** Writes the option of a SYN/ACK: 12 bytes. */
export function writeMpCapableSynAck(
  view: DataView,
  at: number,
  version: number,
  flags: number,
  senderKey: bigint,
): number {
  view.setBigUint64(at + SENDER_KEY, senderKey);
  return writeHead(view, at, MP_CAPABLE_SYN_ACK_LENGTH, version, flags);
}

/** Writes the option of an ACK without data: 20 bytes. */
export function writeMpCapableAck(
  view: DataView,
  at: number,
  version: number,
  flags: number,
  senderKey: bigint,
  receiverKey: bigint,
): number {
  view.setBigUint64(at + SENDER_KEY, senderKey);
  view.setBigUint64(at + RECEIVER_KEY, receiverKey);
  return writeHead(view, at, MP_CAPABLE_ACK_LENGTH, version, flags);
}

/** Writes the option with the first data: 22 bytes, or 24 unless `checksum` is -1. */
export function writeMpCapableData(
  view: DataView,
  at: number,
  version: number,
  flags: number,
  senderKey: bigint,
  receiverKey: bigint,
  dataLength: number,
  checksum: number,
): number {
  writeMpCapableAck(view, at, version, flags, senderKey, receiverKey);
  view.setUint16(at + DATA_LEVEL_LENGTH, dataLength);
  if (checksum < 0) return writeHead(view, at, MP_CAPABLE_DATA_LENGTH, version, flags);
  view.setUint16(at + CHECKSUM, checksum);
  return writeHead(view, at, MP_CAPABLE_DATA_CHECKSUM_LENGTH, version, flags);
}

/** The letters of the flags that are set, `AH`. */
function flagLetters(flags: number): string {
  let letters = "";
  for (let bit = 0; bit < 8; bit++) {
    if ((flags & (0x80 >>> bit)) !== 0) letters += "ABCDEFGH".charAt(bit);
  }
  return letters;
}

/** The option as a tree; `end` is the end of the option. */
export function describeMpCapable(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_CAPABLE");
  fields.bits("version", at + 2, 1, 0, 4);
  fields.uint("flags", at + FLAGS, 1, flagLetters);
  fields.hex("senderKey", at + SENDER_KEY, 8);
  fields.hex("receiverKey", at + RECEIVER_KEY, 8);
  fields.uint("dataLevelLength", at + DATA_LEVEL_LENGTH, 2);
  fields.uint("checksum", at + CHECKSUM, 2);
  return headerNode("mpCapable", at, end - at, fields, checkMpCapable(view, at, end));
}

/** `mptcp capable v1 AH {0x0123456789abcdef,0xfedcba9876543210} len 100`. */
export function summarizeMpCapable(view: DataView, at: number, end: number): string {
  const state = checkMpCapable(view, at, end);
  if (state !== "ok") return `mptcp capable [${state}]`;
  const length = mpCapableLength(view, at);
  const flags = flagLetters(mpCapableFlags(view, at));
  let line = `mptcp capable v${mpCapableVersion(view, at)} ${flags}`.trimEnd();
  if (length > SENDER_KEY) line += ` {0x${hexBytes(view, at + SENDER_KEY, 8)}`;
  if (length > RECEIVER_KEY) line += `,0x${hexBytes(view, at + RECEIVER_KEY, 8)}`;
  if (length > SENDER_KEY) line += "}";
  if (length > DATA_LEVEL_LENGTH) line += ` len ${mpCapableDataLength(view, at)}`;
  const checksum = mpCapableChecksum(view, at);
  return checksum < 0 ? line : `${line} csum 0x${checksum.toString(16).padStart(4, "0")}`;
}
