import { etherTypeName } from "../ethernet/ether-type.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Packet type          |          ARPHRD type          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Address length         |                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
// |           Link-layer address of the sender (8 bytes)          |
// +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                               |         Protocol type         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// LINKTYPE_LINUX_SLL (113): the older form of LINUX_SLL2, without the interface. All big endian.
const ARPHRD_TYPE = 2;
const ADDRESS_LENGTH = 4;
const ADDRESS = 6;
const PROTOCOL = 14;
const PACKET_TYPES = ["to us", "broadcast", "multicast", "to others", "from us"];
const SHORT = ["In", "B", "M", "P", "Out"];

/** Bytes of the header; the packet follows. */
export const LINUX_SLL_LENGTH = 16;

export type LinuxSllCheck = "ok" | "truncated";

export const checkLinuxSll = (_view: DataView, at: number, end: number): LinuxSllCheck =>
  end - at < LINUX_SLL_LENGTH ? "truncated" : "ok";

/** 0 to us, 1 broadcast, 2 multicast, 3 to others, 4 from us. */
export const linuxSllPacketType = (view: DataView, at: number): number => view.getUint16(at);
/** Kind of the device, 1 for Ethernet. */
export const linuxSllArphrdType = (view: DataView, at: number): number =>
  view.getUint16(at + ARPHRD_TYPE);
/** Bytes of the address that count; may be above 8, then only 8 are there. */
export const linuxSllAddressLength = (view: DataView, at: number): number =>
  view.getUint16(at + ADDRESS_LENGTH);
/** An Ethernet type. */
export const linuxSllProtocol = (view: DataView, at: number): number =>
  view.getUint16(at + PROTOCOL);

/** Writes a header: 16 bytes. The 8 bytes of the address, at `at + 6`, are the caller's to write. */
export function writeLinuxSll(
  view: DataView,
  at: number,
  packetType: number,
  arphrdType: number,
  addressLength: number,
  protocol: number,
): number {
  view.setUint16(at, packetType);
  view.setUint16(at + ARPHRD_TYPE, arphrdType);
  view.setUint16(at + ADDRESS_LENGTH, addressLength);
  view.setUint16(at + PROTOCOL, protocol);
  return LINUX_SLL_LENGTH;
}

/** The header as a tree. */
export function describeLinuxSll(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("packetType", at, 2, (t) => PACKET_TYPES[t]);
  fields.uint("arphrdType", at + ARPHRD_TYPE, 2, (t) => (t === 1 ? "Ethernet" : undefined));
  fields.uint("addressLength", at + ADDRESS_LENGTH, 2);
  const length = Math.max(0, Math.min(LINUX_SLL_LENGTH, end - at));
  if (length === LINUX_SLL_LENGTH) {
    fields.hex("address", at + ADDRESS, Math.min(8, linuxSllAddressLength(view, at)));
  }
  fields.uint("protocol", at + PROTOCOL, 2, etherTypeName);
  return headerNode("linuxSll", at, length, fields, checkLinuxSll(view, at, end));
}

/** One line: `Out, IPv4`. */
export function summarizeLinuxSll(view: DataView, at: number, end: number): string {
  const state = checkLinuxSll(view, at, end);
  if (state !== "ok") return `SLL [${state}]`;
  const protocol = linuxSllProtocol(view, at);
  const name = etherTypeName(protocol) ?? `type 0x${protocol.toString(16).padStart(4, "0")}`;
  const type = linuxSllPacketType(view, at);
  return `${SHORT[type] ?? `type ${type}`}, ${name}`;
}
