import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { etherTypeName } from "./ether-type.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Protocol type         |           Reserved            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        Interface index                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          ARPHRD type          |  Packet type  |Address length |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               Link-layer address of the sender                |
// |                           (8 bytes)                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// LINKTYPE_LINUX_SLL2 (276): what Linux gives when all interfaces are captured at once. All big endian.
const INTERFACE_INDEX = 4;
const ARPHRD_TYPE = 8;
const PACKET_TYPE = 10;
const ADDRESS_LENGTH = 11;
const ADDRESS = 12;

/** Bytes of the header; the packet follows. */
export const LINUX_SLL2_LENGTH = 20;

/** Why a record cannot be read. */
export type LinuxSll2Check = "ok" | "truncated";

/** Checks that the 20 bytes of the header are there. */
export const checkLinuxSll2 = (_view: DataView, at: number, end: number): LinuxSll2Check =>
  end - at < LINUX_SLL2_LENGTH ? "truncated" : "ok";

/** An Ethernet type. */
export const linuxSll2Protocol = (view: DataView, at: number): number => view.getUint16(at);
/** Index of the interface; in the recording of a multihomed host it tells the path. */
export const linuxSll2InterfaceIndex = (view: DataView, at: number): number =>
  view.getUint32(at + INTERFACE_INDEX);
/** Kind of the device, 1 for Ethernet. */
export const linuxSll2ArphrdType = (view: DataView, at: number): number =>
  view.getUint16(at + ARPHRD_TYPE);
/** 0 to us, 1 broadcast, 2 multicast, 3 to others, 4 from us. */
export const linuxSll2PacketType = (view: DataView, at: number): number =>
  view.getUint8(at + PACKET_TYPE);
/** Bytes of the address that count; may be above 8, then only 8 are there. */
export const linuxSll2AddressLength = (view: DataView, at: number): number =>
  view.getUint8(at + ADDRESS_LENGTH);

/** Writes a header: 20 bytes. The 8 bytes of the address, at `at + 12`, are the caller's to write. */
export function writeLinuxSll2(
  view: DataView,
  at: number,
  protocol: number,
  interfaceIndex: number,
  arphrdType: number,
  packetType: number,
  addressLength: number,
): number {
  view.setUint16(at, protocol);
  view.setUint16(at + 2, 0);
  view.setUint32(at + INTERFACE_INDEX, interfaceIndex);
  view.setUint16(at + ARPHRD_TYPE, arphrdType);
  view.setUint8(at + PACKET_TYPE, packetType);
  view.setUint8(at + ADDRESS_LENGTH, addressLength);
  return LINUX_SLL2_LENGTH;
}

const PACKET_TYPES = ["to us", "broadcast", "multicast", "to others", "from us"];
const SHORT = ["In", "B", "M", "P", "Out"];

/** The header as a tree. */
export function describeLinuxSll2(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("protocol", at, 2, etherTypeName);
  fields.uint("interfaceIndex", at + INTERFACE_INDEX, 4);
  fields.uint("arphrdType", at + ARPHRD_TYPE, 2, (t) => (t === 1 ? "Ethernet" : undefined));
  fields.uint("packetType", at + PACKET_TYPE, 1, (t) => PACKET_TYPES[t]);
  fields.uint("addressLength", at + ADDRESS_LENGTH, 1);
  const length = Math.max(0, Math.min(LINUX_SLL2_LENGTH, end - at));
  if (length === LINUX_SLL2_LENGTH) {
    fields.hex("address", at + ADDRESS, Math.min(8, linuxSll2AddressLength(view, at)));
  }
  return headerNode("linuxSll2", at, length, fields, checkLinuxSll2(view, at, end));
}

/** One line: `if 2 Out, IPv4`. */
export function summarizeLinuxSll2(view: DataView, at: number, end: number): string {
  const state = checkLinuxSll2(view, at, end);
  if (state !== "ok") return `SLL2 [${state}]`;
  const protocol = linuxSll2Protocol(view, at);
  const name = etherTypeName(protocol) ?? `type 0x${protocol.toString(16).padStart(4, "0")}`;
  const type = linuxSll2PacketType(view, at);
  return `if ${linuxSll2InterfaceIndex(view, at)} ${SHORT[type] ?? `type ${type}`}, ${name}`;
}
