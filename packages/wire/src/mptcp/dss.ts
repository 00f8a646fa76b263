import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { checkMptcpLength, MPTCP_DSS, type MptcpCheck, writeMptcpHead } from "./mptcp-subtype.js";

// +---------------+---------------+-------+----------------------+
// |     Kind      |    Length     |Subtype| (reserved) |F|m|M|a|A|
// +---------------+---------------+-------+----------------------+
// |           Data ACK (4 or 8 octets, if A)                     |
// +--------------------------------------------------------------+
// |   Data Sequence Number (4 or 8 octets, if M)                 |
// |   Subflow Sequence Number (4 octets, if M)                   |
// +-------------------------------+------------------------------+
// |  Data-Level Length (2, if M)  | Checksum (2, if negotiated)  |
// +-------------------------------+------------------------------+
// RFC 8684 s3.3.
const FLAGS = 3;
const HEAD = 4;

/** A: there is a data ACK. */
export const DSS_ACK = 0x01;
/** a: the data ACK has 8 bytes; means nothing without A. */
export const DSS_ACK_64 = 0x02;
/** M: there is a mapping. */
export const DSS_MAP = 0x04;
/** m: the data sequence number has 8 bytes; means nothing without M. */
export const DSS_DSN_64 = 0x08;
/** F: the mapping covers the last data of the sender. */
export const DSS_DATA_FIN = 0x10;
const FLAG_BITS = 0x1f;

/** Bytes of the option at most. */
export const DSS_MAX_LENGTH = 28;

const ackLength = (flags: number): number =>
  (flags & DSS_ACK) === 0 ? 0 : (flags & DSS_ACK_64) === 0 ? 4 : 8;
const dsnLength = (flags: number): number => ((flags & DSS_DSN_64) === 0 ? 4 : 8);

/** Bytes of an option with these flags, with or without checksum: 4 .. 28. Without a mapping none has one. */
export function dssLength(flags: number, checksum: boolean): number {
  const mapLength = (flags & DSS_MAP) === 0 ? 0 : dsnLength(flags) + 6 + (checksum ? 2 : 0);
  return HEAD + ackLength(flags) + mapLength;
}

/** Checks that the length is what the flags ask for, with or without checksum. */
export function checkDss(view: DataView, at: number, end: number): MptcpCheck {
  const state = checkMptcpLength(view, at, end, HEAD);
  if (state !== "ok") return state;
  const length = view.getUint8(at + 1);
  const flags = dssFlags(view, at);
  return length === dssLength(flags, false) || length === dssLength(flags, true)
    ? "ok"
    : "badLength";
}

/** The five flags {@link DSS_ACK} .. {@link DSS_DATA_FIN}; reserved bits are left out. */
export const dssFlags = (view: DataView, at: number): number =>
  view.getUint8(at + FLAGS) & FLAG_BITS;
/** True if the option has a checksum, which its length tells. */
export const dssHasChecksum = (view: DataView, at: number): boolean => {
  const flags = dssFlags(view, at);
  return (flags & DSS_MAP) !== 0 && view.getUint8(at + 1) === dssLength(flags, true);
};

/** Low 32 bits of the data ACK. With A. */
export const dssDataAckLow = (view: DataView, at: number): number =>
  view.getUint32(at + ((dssFlags(view, at) & DSS_ACK_64) === 0 ? HEAD : HEAD + 4));
/** High 32 bits of the data ACK. With A and a. */
export const dssDataAckHigh = (view: DataView, at: number): number => view.getUint32(at + HEAD);

const mapAt = (view: DataView, at: number): number => at + HEAD + ackLength(dssFlags(view, at));
const subflowSeqAt = (view: DataView, at: number): number =>
  mapAt(view, at) + dsnLength(dssFlags(view, at));

/** Low 32 bits of the data sequence number. With M. */
export const dssDsnLow = (view: DataView, at: number): number =>
  view.getUint32(subflowSeqAt(view, at) - 4);
/** High 32 bits of the data sequence number. With M and m. */
export const dssDsnHigh = (view: DataView, at: number): number => view.getUint32(mapAt(view, at));
/** Where the mapping begins in the subflow, relative to its first sequence number. With M. */
export const dssSubflowSeq = (view: DataView, at: number): number =>
  view.getUint32(subflowSeqAt(view, at));
/** Bytes that the mapping covers; 0 is the infinite mapping of a fallback (RFC 8684 s3.7). With M. */
export const dssDataLength = (view: DataView, at: number): number =>
  view.getUint16(subflowSeqAt(view, at) + 4);
/** The checksum, if {@link dssHasChecksum}. */
export const dssChecksum = (view: DataView, at: number): number =>
  view.getUint16(subflowSeqAt(view, at) + 6);

/**
 * Writes the option. Arguments of what the flags leave out are not looked at.
 * @param flags {@link DSS_ACK} .. {@link DSS_DATA_FIN}
 * @param checksum the checksum, or -1 for an option without
 * @returns `dssLength(flags, checksum >= 0)`
 */
export function writeDss(
  view: DataView,
  at: number,
  flags: number,
  dataAckHigh: number,
  dataAckLow: number,
  dsnHigh: number,
  dsnLow: number,
  subflowSeq: number,
  dataLength: number,
  checksum: number,
): number {
  const length = dssLength(flags, checksum >= 0);
  writeMptcpHead(view, at, length, MPTCP_DSS, 0);
  view.setUint8(at + FLAGS, flags);
  let to = at + HEAD;
  if ((flags & DSS_ACK) !== 0) {
    if ((flags & DSS_ACK_64) !== 0) {
      view.setUint32(to, dataAckHigh);
      to += 4;
    }
    view.setUint32(to, dataAckLow);
    to += 4;
  }
  if ((flags & DSS_MAP) === 0) return length;
  if ((flags & DSS_DSN_64) !== 0) {
    view.setUint32(to, dsnHigh);
    to += 4;
  }
  view.setUint32(to, dsnLow);
  view.setUint32(to + 4, subflowSeq);
  view.setUint16(to + 8, dataLength);
  if (checksum >= 0) view.setUint16(to + 10, checksum);
  return length;
}

const halves = (word: number): number => (word >>> 16) + (word & 0xffff);

/**
 * The sum of the pseudo header of the DSS checksum, for the `initial` of the Internet checksum over the
 * mapped data. Not folded, below 2^20. RFC 8684 s3.3.1; the same for the checksum of an MP_CAPABLE with data.
 *
 * @param dsnHigh high 32 bits of the data sequence number, also where the option has only the low ones
 * @param subflowSeq as the option has it
 * @param dataLength as the option has it
 */
export const dssPseudoHeaderSum = (
  dsnHigh: number,
  dsnLow: number,
  subflowSeq: number,
  dataLength: number,
): number => halves(dsnHigh) + halves(dsnLow) + halves(subflowSeq) + dataLength;

const FLAG_NAMES = ["A", "a", "M", "m", "F"] as const;

/** The option as a tree; `end` is the end of the option. */
export function describeDss(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "DSS");
  fields.bits("flags", at + FLAGS, 1, 0, 5, (flags) =>
    FLAG_NAMES.filter((_, bit) => (flags & (1 << bit)) !== 0).join(""),
  );
  const state = checkDss(view, at, end);
  if (state === "ok") {
    const flags = dssFlags(view, at);
    number(fields, "dataAck", at + HEAD, ackLength(flags));
    if ((flags & DSS_MAP) !== 0) {
      number(fields, "dataSequenceNumber", mapAt(view, at), dsnLength(flags));
      const o = subflowSeqAt(view, at);
      fields.uint("subflowSequenceNumber", o, 4);
      fields.uint("dataLevelLength", o + 4, 2, (n) => (n === 0 ? "infinite mapping" : undefined));
      if (dssHasChecksum(view, at)) fields.uint("checksum", o + 6, 2);
    }
  }
  return headerNode("dss", at, end - at, fields, state);
}

function number(fields: FieldList, name: string, at: number, length: number): void {
  if (length === 8) fields.uint64(name, at);
  else if (length === 4) fields.uint(name, at, 4);
}

const text = (view: DataView, at: number, length: number): string =>
  (length === 8 ? view.getBigUint64(at) : view.getUint32(at)).toString();

/** `mptcp dss fin ack 12345 seq 678 subseq 1 len 100 csum 0x1234`. */
export function summarizeDss(view: DataView, at: number, end: number): string {
  const state = checkDss(view, at, end);
  if (state !== "ok") return `mptcp dss [${state}]`;
  const flags = dssFlags(view, at);
  let line = "mptcp dss";
  if ((flags & DSS_DATA_FIN) !== 0) line += " fin";
  if ((flags & DSS_ACK) !== 0) line += ` ack ${text(view, at + HEAD, ackLength(flags))}`;
  if ((flags & DSS_MAP) === 0) return line;
  line += ` seq ${text(view, mapAt(view, at), dsnLength(flags))}`;
  line += ` subseq ${dssSubflowSeq(view, at)} len ${dssDataLength(view, at)}`;
  if (!dssHasChecksum(view, at)) return line;
  return `${line} csum 0x${dssChecksum(view, at).toString(16).padStart(4, "0")}`;
}
