import { type SeqNum, seqNum } from "@multihome/base";
import { finishChecksum, internetChecksum } from "../checksum/internet-checksum.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { checkTcpOptions, describeTcpOptions, summarizeTcpOptions } from "./tcp-options.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Source Port          |       Destination Port        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        Sequence Number                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Acknowledgment Number                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Data |       |C|E|U|A|P|R|S|F|                               |
// | Offset| Rsrvd |W|C|R|C|S|S|Y|I|            Window             |
// |       |       |R|E|G|K|H|T|N|N|                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Checksum            |         Urgent Pointer        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           [Options]                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9293 s3.1.
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const OFFSET_AND_FLAGS = 12;
const FLAGS = 13;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT_POINTER = 18;

/** Bytes of the header without options. */
export const TCP_MIN_HEADER_LENGTH = 20;
/** Bytes of the header at most. */
export const TCP_MAX_HEADER_LENGTH = 60;

/** No more data from the sender. */
export const TCP_FIN = 0x01;
/** Synchronize sequence numbers. */
export const TCP_SYN = 0x02;
/** Reset the connection. */
export const TCP_RST = 0x04;
/** Push function. */
export const TCP_PSH = 0x08;
/** The acknowledgment number means something. */
export const TCP_ACK = 0x10;
/** The urgent pointer means something. */
export const TCP_URG = 0x20;
/** ECN-Echo. RFC 3168 s6.1 */
export const TCP_ECE = 0x40;
/** Congestion window reduced. RFC 3168 s6.1 */
export const TCP_CWR = 0x80;

/** Why a segment cannot be read. */
export type TcpCheck = "ok" | "truncated" | "badDataOffset";

/**
 * Checks that the header is there; data and options follow in `end`. The checksum is apart
 * ({@link tcpChecksumOk}), and so are the options (`checkTcpOptions`).
 */
export function checkTcp(view: DataView, at: number, end: number): TcpCheck {
  if (end - at < TCP_MIN_HEADER_LENGTH) return "truncated";
  const headerLength = tcpHeaderLength(view, at);
  if (headerLength < TCP_MIN_HEADER_LENGTH) return "badDataOffset";
  return end - at < headerLength ? "truncated" : "ok";
}

/** Port of the sender. */
export const tcpSourcePort = (view: DataView, at: number): number => view.getUint16(at);
/** Port of the receiver. */
export const tcpDestinationPort = (view: DataView, at: number): number =>
  view.getUint16(at + DESTINATION_PORT);
/** Sequence number of the first byte of data, or of the SYN. */
export const tcpSeq = (view: DataView, at: number): SeqNum => seqNum(view.getUint32(at + SEQUENCE));
/** The next sequence number the sender expects; means something only with ACK set. */
export const tcpAck = (view: DataView, at: number): SeqNum =>
  seqNum(view.getUint32(at + ACKNOWLEDGMENT));
/** Bytes of the header with its options, 20 .. 60. */
export const tcpHeaderLength = (view: DataView, at: number): number =>
  (view.getUint8(at + OFFSET_AND_FLAGS) >>> 4) * 4;
/** The four reserved bits, to be ignored. */
export const tcpReserved = (view: DataView, at: number): number =>
  view.getUint8(at + OFFSET_AND_FLAGS) & 15;
/** The eight control bits: {@link TCP_FIN} to {@link TCP_CWR}. */
export const tcpFlags = (view: DataView, at: number): number => view.getUint8(at + FLAGS);
/** The window as sent, not scaled. */
export const tcpWindow = (view: DataView, at: number): number => view.getUint16(at + WINDOW);
/** The checksum as sent. */
export const tcpChecksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);
/** Means something only with URG set. */
export const tcpUrgentPointer = (view: DataView, at: number): number =>
  view.getUint16(at + URGENT_POINTER);

/**
 * True if the checksum of the segment `at .. end` is right.
 * @param pseudoSum `pseudoHeaderSum` of the addresses, protocol 6 and `end - at`
 */
export const tcpChecksumOk = (
  bytes: Uint8Array,
  at: number,
  end: number,
  pseudoSum: number,
): boolean => internetChecksum(bytes, at, end, pseudoSum) === 0xffff;

/** Computes the checksum of the segment `at .. end`, whose header and data are written, and writes it. */
export function setTcpChecksum(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  pseudoSum: number,
): void {
  view.setUint16(at + CHECKSUM, 0);
  view.setUint16(at + CHECKSUM, finishChecksum(internetChecksum(bytes, at, end, pseudoSum)));
}

/**
 * Writes a header with a checksum of 0; {@link setTcpChecksum} follows. Options, `headerLength - 20` bytes
 * at `at + 20`, are the caller's to write, before or after.
 *
 * @param headerLength bytes of header and options, a multiple of 4, 20 .. 60
 * @param flags control bits; reserved bits as bits 8 .. 11
 * @param window as sent, not scaled
 * @returns 20
 */
export function writeTcp(
  view: DataView,
  at: number,
  headerLength: number,
  sourcePort: number,
  destinationPort: number,
  seq: SeqNum,
  ack: SeqNum,
  flags: number,
  window: number,
  urgentPointer: number,
): number {
  view.setUint16(at, sourcePort);
  view.setUint16(at + DESTINATION_PORT, destinationPort);
  view.setUint32(at + SEQUENCE, seq);
  view.setUint32(at + ACKNOWLEDGMENT, ack);
  view.setUint16(at + OFFSET_AND_FLAGS, (headerLength << 10) | flags);
  view.setUint16(at + WINDOW, window);
  view.setUint16(at + CHECKSUM, 0);
  view.setUint16(at + URGENT_POINTER, urgentPointer);
  return TCP_MIN_HEADER_LENGTH;
}

const FLAG_NAMES = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"] as const;

/** The header and its options as a tree. */
export function describeTcp(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("sourcePort", at, 2);
  fields.uint("destinationPort", at + DESTINATION_PORT, 2);
  fields.uint("sequenceNumber", at + SEQUENCE, 4);
  fields.uint("acknowledgmentNumber", at + ACKNOWLEDGMENT, 4);
  fields.bits("dataOffset", at + OFFSET_AND_FLAGS, 1, 4, 4, (n) => `${n * 4} bytes`);
  fields.bits("reserved", at + OFFSET_AND_FLAGS, 1, 0, 4);
  fields.uint("flags", at + FLAGS, 1, (flags) =>
    FLAG_NAMES.filter((_, bit) => (flags & (1 << bit)) !== 0).join(","),
  );
  fields.uint("window", at + WINDOW, 2);
  fields.uint("checksum", at + CHECKSUM, 2);
  fields.uint("urgentPointer", at + URGENT_POINTER, 2);
  const state = checkTcp(view, at, end);
  if (state !== "ok") {
    const length = Math.max(0, Math.min(TCP_MIN_HEADER_LENGTH, end - at));
    return headerNode("tcp", at, length, fields, state);
  }
  const headerLength = tcpHeaderLength(view, at);
  const optionsAt = at + TCP_MIN_HEADER_LENGTH;
  for (const node of describeTcpOptions(view, optionsAt, at + headerLength)) fields.push(node);
  const options = checkTcpOptions(view, optionsAt, at + headerLength);
  return headerNode("tcp", at, headerLength, fields, options);
}

const FLAG_LETTERS = "FSRP.UEW";

function flagLetters(flags: number): string {
  let letters = "";
  for (let bit = 0; bit < 8; bit++) {
    if ((flags & (1 << bit)) !== 0) letters += FLAG_LETTERS.charAt(bit);
  }
  return letters === "" ? "none" : letters;
}

/**
 * One line in the manner of tcpdump: `TCP 42768 > 5201: Flags [P.], seq 1:65, ack 1, win 63, options
 * [nop,nop,TS val 1 ecr 2], length 64`. Numbers are as sent.
 */
export function summarizeTcp(view: DataView, at: number, end: number): string {
  const state = checkTcp(view, at, end);
  if (state !== "ok") return `TCP [${state}]`;
  const flags = tcpFlags(view, at);
  const headerLength = tcpHeaderLength(view, at);
  const length = end - at - headerLength;
  const seq = tcpSeq(view, at);
  let line = `TCP ${tcpSourcePort(view, at)} > ${tcpDestinationPort(view, at)}`;
  line += `: Flags [${flagLetters(flags)}], seq ${seq}`;
  if (length > 0) line += `:${(seq + length) >>> 0}`;
  if ((flags & TCP_ACK) !== 0) line += `, ack ${tcpAck(view, at)}`;
  line += `, win ${tcpWindow(view, at)}`;
  if ((flags & TCP_URG) !== 0) line += `, urg ${tcpUrgentPointer(view, at)}`;
  if (headerLength > TCP_MIN_HEADER_LENGTH) {
    const options = summarizeTcpOptions(view, at + TCP_MIN_HEADER_LENGTH, at + headerLength);
    line += `, options [${options}]`;
  }
  return `${line}, length ${length}`;
}
