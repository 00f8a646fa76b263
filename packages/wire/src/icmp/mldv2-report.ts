import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_MLDV2_REPORT } from "./icmpv6-types.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 143   |    Reserved   |           Checksum            |
// |           Reserved            |Nr of Mcast Address Records (M)|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Record Type  |  Aux Data Len |     Number of Sources (N)     |   each record
// |                Multicast Address (16 bytes)                   |
// |               Source Address [1..N] (16 bytes each)           |
// |           Auxiliary Data (4 * Aux Data Len bytes)             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 3810 s5.2.
const RECORD_COUNT = 6;
const AUX_LENGTH = 1;
const SOURCE_COUNT = 2;
const GROUP = 4;
const SOURCES = 20;

// Kinds of records: RFC 3810 s5.2.12.
/** Only the sources named are listened to. */
export const MLDV2_MODE_IS_INCLUDE = 1;
/** The group is listened to but for the sources named. */
export const MLDV2_MODE_IS_EXCLUDE = 2;
/** From now on only the sources named are listened to. */
export const MLDV2_CHANGE_TO_INCLUDE_MODE = 3;
/** From now on all but the sources named are listened to. */
export const MLDV2_CHANGE_TO_EXCLUDE_MODE = 4;
/** The sources named are listened to as well. */
export const MLDV2_ALLOW_NEW_SOURCES = 5;
/** The sources named are no longer listened to. */
export const MLDV2_BLOCK_OLD_SOURCES = 6;

/** Why a report of version 2 cannot be read. */
export type Mldv2ReportCheck = "ok" | "truncated";

/** Bytes of the record at `at`, or 0 if it goes beyond `end`. */
export function mldv2RecordLength(view: DataView, at: number, end: number): number {
  if (end - at < SOURCES) return 0;
  const length =
    SOURCES + 16 * view.getUint16(at + SOURCE_COUNT) + 4 * view.getUint8(at + AUX_LENGTH);
  return length <= end - at ? length : 0;
}

/** Checks that all records are there; bytes after them are allowed (RFC 3810 s5.2.11). */
export function checkMldv2Report(view: DataView, at: number, end: number): Mldv2ReportCheck {
  if (end - at < MLDV2_REPORT_HEADER_LENGTH) return "truncated";
  let record = at + MLDV2_REPORT_HEADER_LENGTH;
  for (let left = mldv2ReportRecordCount(view, at); left > 0; left--) {
    const length = mldv2RecordLength(view, record, end);
    if (length === 0) return "truncated";
    record += length;
  }
  return "ok";
}

/** How many records there are. */
export const mldv2ReportRecordCount = (view: DataView, at: number): number =>
  view.getUint16(at + RECORD_COUNT);
/** Offset of the first record from the report's first byte. */
export const MLDV2_REPORT_HEADER_LENGTH = 8;
/** Kind of the record at `at`, 1 .. 6. */
export const mldv2RecordType = (view: DataView, at: number): number => view.getUint8(at);
/** How many sources the record at `at` names. */
export const mldv2RecordSourceCount = (view: DataView, at: number): number =>
  view.getUint16(at + SOURCE_COUNT);
/** Bytes of auxiliary data, which is to be ignored. */
export const mldv2RecordAuxLength = (view: DataView, at: number): number =>
  4 * view.getUint8(at + AUX_LENGTH);
/** Allocates. */
export const mldv2RecordMulticastAddress = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + GROUP);
/** The source at `index` of the record at `at`; allocates. */
export const mldv2RecordSource = (view: DataView, at: number, index: number): IpAddress =>
  IpAddress.readV6(view, at + SOURCES + 16 * index);

/** Writes the 8 bytes before the records, with a checksum of 0. */
export const writeMldv2Report = (view: DataView, at: number, recordCount: number): number =>
  writeIcmp(view, at, ICMPV6_MLDV2_REPORT, 0, recordCount);

/** Writes a record without auxiliary data. Returns `20 + 16 * sources.length`. */
export function writeMldv2Record(
  view: DataView,
  at: number,
  type: number,
  multicastAddress: IpAddress,
  sources: readonly IpAddress[],
): number {
  view.setUint8(at, type);
  view.setUint8(at + AUX_LENGTH, 0);
  view.setUint16(at + SOURCE_COUNT, sources.length);
  multicastAddress.write(view, at + GROUP);
  let to = at + SOURCES;
  for (const source of sources) to += source.write(view, to);
  return to - at;
}

const RECORD_TYPES = [
  undefined,
  "MODE_IS_INCLUDE",
  "MODE_IS_EXCLUDE",
  "CHANGE_TO_INCLUDE_MODE",
  "CHANGE_TO_EXCLUDE_MODE",
  "ALLOW_NEW_SOURCES",
  "BLOCK_OLD_SOURCES",
];
const SHORT = [undefined, "is_in", "is_ex", "to_in", "to_ex", "allow", "block"];

function describeRecord(view: DataView, at: number, length: number): TreeNode {
  const fields = new FieldList(view, at + length);
  fields.uint("recordType", at, 1, (type) => RECORD_TYPES[type]);
  fields.uint("auxDataLen", at + AUX_LENGTH, 1);
  fields.uint("numberOfSources", at + SOURCE_COUNT, 2);
  fields.address("multicastAddress", at + GROUP, 16);
  const count = mldv2RecordSourceCount(view, at);
  for (let i = 0; i < count; i++) fields.address("source", at + SOURCES + 16 * i, 16);
  const auxLength = mldv2RecordAuxLength(view, at);
  if (auxLength > 0) fields.hex("auxiliaryData", at + length - auxLength, auxLength);
  return headerNode("multicastAddressRecord", at, length, fields, "ok");
}

/** The message as a tree. */
export function describeMldv2Report(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("checksum", at + 2, 2);
  fields.uint("numberOfRecords", at + RECORD_COUNT, 2);
  let record = at + MLDV2_REPORT_HEADER_LENGTH;
  for (
    let left = fields.has(at, MLDV2_REPORT_HEADER_LENGTH) ? mldv2ReportRecordCount(view, at) : 0;
    left > 0;
    left--
  ) {
    const length = mldv2RecordLength(view, record, end);
    if (length === 0) break;
    fields.push(describeRecord(view, record, length));
    record += length;
  }
  const state = checkMldv2Report(view, at, end);
  return headerNode("mldv2Report", at, Math.max(0, end - at), fields, state);
}

/** `multicast listener report v2, to_ex ff02::1:ff00:2, allow ff02::5 (1 sources)`. */
export function summarizeMldv2Report(view: DataView, at: number, end: number): string {
  const state = checkMldv2Report(view, at, end);
  if (state !== "ok") return `multicast listener report v2 [${state}]`;
  let line = "multicast listener report v2";
  let record = at + MLDV2_REPORT_HEADER_LENGTH;
  for (let left = mldv2ReportRecordCount(view, at); left > 0; left--) {
    const type = mldv2RecordType(view, record);
    const count = mldv2RecordSourceCount(view, record);
    const group = mldv2RecordMulticastAddress(view, record).toString();
    const sources = count === 0 ? "" : ` (${count} sources)`;
    line += `, ${SHORT[type] ?? `type ${type}`} ${group}${sources}`;
    record += mldv2RecordLength(view, record, end);
  }
  return line;
}
