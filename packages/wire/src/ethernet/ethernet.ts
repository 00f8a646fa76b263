import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ETHER_TYPE_SERVICE_VLAN, ETHER_TYPE_VLAN, etherTypeName } from "./ether-type.js";
import { formatMac, type MacAddress, readMac, writeMac } from "./mac-address.js";

// +--------+--------+--------+--------+--------+--------+
// |              Destination (6 bytes)                  |
// +--------+--------+--------+--------+--------+--------+
// |                 Source (6 bytes)                    |
// +--------+--------+--------+--------+--------+--------+
// |      Type       |   for 0x8100 and 0x88a8 a tag: priority, drop eligible, VLAN (2 bytes), Type
// +--------+--------+
// Ethernet II; RFC 894 and RFC 2464 say how IP goes into it.
const SOURCE = 6;
const TYPE = 12;
const TAG_LENGTH = 4;
const MAX_TAGS = 2;

/** Bytes of the header without tags. */
export const ETHERNET_HEADER_LENGTH = 14;

/** Why a frame cannot be read. */
export type EthernetCheck = "ok" | "truncated";

const isTag = (etherType: number): boolean =>
  etherType === ETHER_TYPE_VLAN || etherType === ETHER_TYPE_SERVICE_VLAN;

/** Checks that the header and its tags (at most two) are there. */
export function checkEthernet(view: DataView, at: number, end: number): EthernetCheck {
  if (end - at < ETHERNET_HEADER_LENGTH) return "truncated";
  let type = at + TYPE;
  for (let tags = 0; tags < MAX_TAGS && isTag(view.getUint16(type)); tags++) {
    type += TAG_LENGTH;
    if (end - type < 2) return "truncated";
  }
  return "ok";
}

/** Who the frame is for. */
export const ethernetDestination = (view: DataView, at: number): MacAddress => readMac(view, at);
/** Who sent the frame. */
export const ethernetSource = (view: DataView, at: number): MacAddress =>
  readMac(view, at + SOURCE);

/** Bytes up to the payload: 14, and 4 more for each tag, of which two are passed. */
export function ethernetHeaderLength(view: DataView, at: number): number {
  let length = ETHERNET_HEADER_LENGTH;
  for (let tags = 0; tags < MAX_TAGS && isTag(view.getUint16(at + length - 2)); tags++) {
    length += TAG_LENGTH;
  }
  return length;
}

/** The type of the payload, after any tags. Below 1536 it is the length of an IEEE 802.3 frame. */
export const ethernetPayloadType = (view: DataView, at: number): number =>
  view.getUint16(at + ethernetHeaderLength(view, at) - 2);

/** VLAN of the outermost tag, 0 .. 4095, or -1 without tag. */
export const ethernetVlan = (view: DataView, at: number): number =>
  isTag(view.getUint16(at + TYPE)) ? view.getUint16(at + ETHERNET_HEADER_LENGTH) & 0xfff : -1;

/** Writes a header: 14 bytes. With a type that announces a tag, {@link writeVlanTag} follows. */
export function writeEthernet(
  view: DataView,
  at: number,
  destination: MacAddress,
  source: MacAddress,
  etherType: number,
): number {
  writeMac(view, at, destination);
  writeMac(view, at + SOURCE, source);
  view.setUint16(at + TYPE, etherType);
  return ETHERNET_HEADER_LENGTH;
}

/**
 * Writes what follows the type 0x8100 or 0x88a8: 4 bytes.
 * @param control priority (3 bits), drop eligible (1 bit) and VLAN (12 bits)
 * @param etherType what follows the tag
 */
export function writeVlanTag(
  view: DataView,
  at: number,
  control: number,
  etherType: number,
): number {
  view.setUint16(at, control);
  view.setUint16(at + 2, etherType);
  return TAG_LENGTH;
}

const typeMeaning = (etherType: number): string | undefined =>
  etherType < 1536 ? "length of an 802.3 frame" : etherTypeName(etherType);

/** The header with its tags as a tree. */
export function describeEthernet(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.computed("destination", at, 6, () => formatMac(readMac(view, at)));
  fields.computed("source", at + SOURCE, 6, () => formatMac(readMac(view, at + SOURCE)));
  fields.uint("type", at + TYPE, 2, typeMeaning);
  const state = checkEthernet(view, at, end);
  const length = state === "ok" ? ethernetHeaderLength(view, at) : end - at;
  for (let tag = at + ETHERNET_HEADER_LENGTH; tag < at + length; tag += TAG_LENGTH) {
    fields.bits("priority", tag, 2, 13, 3);
    fields.flag("dropEligible", tag, 2, 0x1000);
    fields.bits("vlan", tag, 2, 0, 12);
    fields.uint("type", tag + 2, 2, typeMeaning);
  }
  return headerNode("ethernet", at, length, fields, state);
}

/** One line: `02:00:5e:10:00:01 > ff:ff:ff:ff:ff:ff, ARP`, with the VLAN if there is one. */
export function summarizeEthernet(view: DataView, at: number, end: number): string {
  const state = checkEthernet(view, at, end);
  if (state !== "ok") return `Ethernet [${state}]`;
  const type = ethernetPayloadType(view, at);
  const vlan = ethernetVlan(view, at);
  const payload = etherTypeName(type) ?? `type 0x${type.toString(16).padStart(4, "0")}`;
  return (
    `${formatMac(ethernetSource(view, at))} > ${formatMac(ethernetDestination(view, at))}` +
    `${vlan < 0 ? "" : `, vlan ${vlan}`}, ${payload}`
  );
}
