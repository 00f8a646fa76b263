import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";
import {
  checkMptcpLength,
  MPTCP_ADD_ADDR,
  type MptcpCheck,
  writeMptcpHead,
} from "./mptcp-subtype.js";

// +---------------+---------------+-------+-------+---------------+
// |     Kind      |    Length     |Subtype|(rsv)|E|  Address ID   |
// +---------------+---------------+-------+-------+---------------+
// |           Address (IPv4: 4 octets / IPv6: 16 octets)          |
// +-------------------------------+-------------------------------+
// |   Port (2 octets, optional)   |                               |
// +-------------------------------+                               |
// |                Truncated HMAC (8 octets, if E=0)              |
// +-------------------------------+-------------------------------+
// RFC 8684 s3.4.1. What is there is told by E and the length: with E 8, 10, 20 or 22, else 8 more.
const ADDRESS_ID = 3;
const ADDRESS = 4;
const ECHO = 0x1;

/** Bytes of the HMAC: its rightmost. RFC 8684 s3.4.1 */
export const ADD_ADDR_HMAC_LENGTH = 8;

/** Bytes of address and port, 4, 6, 16 or 18 when the option is right. */
const contentLength = (view: DataView, at: number): number =>
  view.getUint8(at + 1) - ADDRESS - (addAddrIsEcho(view, at) ? 0 : ADD_ADDR_HMAC_LENGTH);

/** Checks that the length is one that the E flag allows. */
export function checkAddAddr(view: DataView, at: number, end: number): MptcpCheck {
  const state = checkMptcpLength(view, at, end, ADDRESS);
  if (state !== "ok") return state;
  const length = contentLength(view, at);
  return length === 4 || length === 6 || length === 16 || length === 18 ? "ok" : "badLength";
}

/** E: says that the announcement was received; then there is no HMAC. */
export const addAddrIsEcho = (view: DataView, at: number): boolean =>
  (view.getUint8(at + 2) & ECHO) !== 0;
/** The sender's id of the address. */
export const addAddrAddressId = (view: DataView, at: number): number =>
  view.getUint8(at + ADDRESS_ID);
const addressLength = (view: DataView, at: number): 4 | 16 =>
  contentLength(view, at) < 16 ? 4 : 16;
/** The address that is announced; allocates. */
export const addAddrAddress = (view: DataView, at: number): IpAddress =>
  addressLength(view, at) === 4
    ? IpAddress.readV4(view, at + ADDRESS)
    : IpAddress.readV6(view, at + ADDRESS);
/** The port that is announced, or -1 for that of the connection. */
export function addAddrPort(view: DataView, at: number): number {
  const length = addressLength(view, at);
  return contentLength(view, at) > length ? view.getUint16(at + ADDRESS + length) : -1;
}
/** Offset of the HMAC from the option's first byte, -1 in an echo. */
export const addAddrHmacOffset = (view: DataView, at: number): number =>
  addAddrIsEcho(view, at) ? -1 : view.getUint8(at + 1) - ADD_ADDR_HMAC_LENGTH;

/**
 * Writes the option. Without `echo` its last 8 bytes, the HMAC, are the caller's to write.
 * @param port the port, or -1 for none
 * @returns its length: 8, 10, 20 or 22 as an echo, else 8 more
 */
export function writeAddAddr(
  view: DataView,
  at: number,
  echo: boolean,
  addressId: number,
  address: IpAddress,
  port: number,
): number {
  let to = at + ADDRESS;
  to += address.write(view, to);
  if (port >= 0) {
    view.setUint16(to, port);
    to += 2;
  }
  const length = to - at + (echo ? 0 : ADD_ADDR_HMAC_LENGTH);
  writeMptcpHead(view, at, length, MPTCP_ADD_ADDR, echo ? ECHO : 0);
  view.setUint8(at + ADDRESS_ID, addressId);
  return length;
}

/** The option as a tree; `end` is the end of the option. */
export function describeAddAddr(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "ADD_ADDR");
  fields.flag("echo", at + 2, 1, ECHO);
  fields.uint("addressId", at + ADDRESS_ID, 1);
  const state = checkAddAddr(view, at, end);
  if (state === "ok") {
    const length = addressLength(view, at);
    fields.address("address", at + ADDRESS, length);
    if (addAddrPort(view, at) >= 0) fields.uint("port", at + ADDRESS + length, 2);
    const hmac = addAddrHmacOffset(view, at);
    if (hmac >= 0) fields.hex("hmac", at + hmac, ADD_ADDR_HMAC_LENGTH);
  }
  return headerNode("addAddr", at, end - at, fields, state);
}

/** `mptcp add-addr id 2 10.2.1.2:5300 hmac 0x0123456789abcdef`, or with `echo` and no HMAC. */
export function summarizeAddAddr(view: DataView, at: number, end: number): string {
  const state = checkAddAddr(view, at, end);
  if (state !== "ok") return `mptcp add-addr [${state}]`;
  const address = addAddrAddress(view, at);
  const port = addAddrPort(view, at);
  const shown = address.family === 6 && port >= 0 ? `[${address.toString()}]` : address.toString();
  const hmac = addAddrHmacOffset(view, at);
  return (
    `mptcp add-addr${hmac < 0 ? " echo" : ""} id ${addAddrAddressId(view, at)} ` +
    `${shown}${port < 0 ? "" : `:${port}`}` +
    `${hmac < 0 ? "" : ` hmac 0x${hexBytes(view, at + hmac, ADD_ADDR_HMAC_LENGTH)}`}`
  );
}
