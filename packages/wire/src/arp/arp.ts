import { IpAddress } from "@multihome/base";
import { ETHER_TYPE_IPV4, etherTypeName } from "../ethernet/ether-type.js";
import { formatMac, type MacAddress, readMac, writeMac } from "../ethernet/mac-address.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +--------+--------+--------+--------+
// |   ar$hrd = 1    | ar$pro = 0x0800 |
// +--------+--------+--------+--------+
// |ar$hln=6|ar$pln=4|      ar$op      |
// +--------+--------+--------+--------+
// | ar$sha (6)  ar$spa (4)            |
// +--------+--------+--------+--------+
// | ar$tha (6)  ar$tpa (4)            |
// +--------+--------+--------+--------+
// RFC 826 (Packet format), for Ethernet and IPv4.
const PROTOCOL = 2;
const HARDWARE_LENGTH = 4;
const PROTOCOL_LENGTH = 5;
const OPERATION = 6;
const SENDER_MAC = 8;
const SENDER_IP = 14;
const TARGET_MAC = 18;
const TARGET_IP = 24;
const HARDWARE_ETHERNET = 1;

/** Bytes of an ARP packet for Ethernet and IPv4. */
export const ARP_LENGTH = 28;
/** Operation: who has the target's address. */
export const ARP_REQUEST = 1;
/** Operation: the sender has it. */
export const ARP_REPLY = 2;

/** Why an ARP packet is not used. */
export type ArpCheck =
  | "ok"
  | "truncated"
  | "unknownHardware"
  | "unknownProtocol"
  | "badAddressLength";

/** Checks, in the order of RFC 826 (Packet Reception), that the packet is about Ethernet and IPv4. */
export function checkArp(view: DataView, at: number, end: number): ArpCheck {
  if (end - at < SENDER_MAC) return "truncated";
  if (view.getUint16(at) !== HARDWARE_ETHERNET) return "unknownHardware";
  if (view.getUint16(at + PROTOCOL) !== ETHER_TYPE_IPV4) return "unknownProtocol";
  if (view.getUint8(at + HARDWARE_LENGTH) !== 6) return "badAddressLength";
  if (view.getUint8(at + PROTOCOL_LENGTH) !== 4) return "badAddressLength";
  return end - at < ARP_LENGTH ? "truncated" : "ok";
}

/** {@link ARP_REQUEST}, {@link ARP_REPLY} or another number. */
export const arpOperation = (view: DataView, at: number): number => view.getUint16(at + OPERATION);
/** Link-layer address of the sender. */
export const arpSenderMac = (view: DataView, at: number): MacAddress =>
  readMac(view, at + SENDER_MAC);
/** Allocates. */
export const arpSenderIp = (view: DataView, at: number): IpAddress =>
  IpAddress.readV4(view, at + SENDER_IP);
/** Link-layer address of the target; means nothing in a request. */
export const arpTargetMac = (view: DataView, at: number): MacAddress =>
  readMac(view, at + TARGET_MAC);
/** Allocates. */
export const arpTargetIp = (view: DataView, at: number): IpAddress =>
  IpAddress.readV4(view, at + TARGET_IP);

/** Writes a packet: 28 bytes. Both IP addresses are IPv4; 0.0.0.0 as sender makes it a probe (RFC 5227 s1.1). */
export function writeArp(
  view: DataView,
  at: number,
  operation: number,
  senderMac: MacAddress,
  senderIp: IpAddress,
  targetMac: MacAddress,
  targetIp: IpAddress,
): number {
  view.setUint16(at, HARDWARE_ETHERNET);
  view.setUint16(at + PROTOCOL, ETHER_TYPE_IPV4);
  view.setUint8(at + HARDWARE_LENGTH, 6);
  view.setUint8(at + PROTOCOL_LENGTH, 4);
  view.setUint16(at + OPERATION, operation);
  writeMac(view, at + SENDER_MAC, senderMac);
  senderIp.write(view, at + SENDER_IP);
  writeMac(view, at + TARGET_MAC, targetMac);
  targetIp.write(view, at + TARGET_IP);
  return ARP_LENGTH;
}

const OPERATIONS = [undefined, "request", "reply"];

/** The packet as a tree. */
export function describeArp(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("hardwareType", at, 2, (t) => (t === HARDWARE_ETHERNET ? "Ethernet" : undefined));
  fields.uint("protocolType", at + PROTOCOL, 2, etherTypeName);
  fields.uint("hardwareLength", at + HARDWARE_LENGTH, 1);
  fields.uint("protocolLength", at + PROTOCOL_LENGTH, 1);
  fields.uint("operation", at + OPERATION, 2, (op) => OPERATIONS[op]);
  const state = checkArp(view, at, end);
  if (state === "ok") {
    fields.computed("senderMac", at + SENDER_MAC, 6, () => formatMac(arpSenderMac(view, at)));
    fields.address("senderIp", at + SENDER_IP, 4);
    fields.computed("targetMac", at + TARGET_MAC, 6, () => formatMac(arpTargetMac(view, at)));
    fields.address("targetIp", at + TARGET_IP, 4);
  } else {
    fields.hex("addresses", at + SENDER_MAC, end - at - SENDER_MAC);
  }
  const length = Math.max(0, state === "ok" ? ARP_LENGTH : end - at);
  return headerNode("arp", at, length, fields, state);
}

/** One line: `ARP, Request who-has 10.1.0.1 tell 10.1.0.2`, `ARP, Reply 10.1.0.1 is-at 02:00:5e:10:00:01`. */
export function summarizeArp(view: DataView, at: number, end: number): string {
  const state = checkArp(view, at, end);
  if (state !== "ok") return `ARP [${state}]`;
  const sender = arpSenderIp(view, at).toString();
  switch (arpOperation(view, at)) {
    case ARP_REQUEST:
      return `ARP, Request who-has ${arpTargetIp(view, at).toString()} tell ${sender}`;
    case ARP_REPLY:
      return `ARP, Reply ${sender} is-at ${formatMac(arpSenderMac(view, at))}`;
    default:
      return `ARP, operation ${arpOperation(view, at)}`;
  }
}
