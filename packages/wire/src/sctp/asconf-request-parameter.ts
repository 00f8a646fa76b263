import type { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import {
  type AddressParameterCheck,
  addressParameterLength,
  checkAddressParameter,
  describeAddressParameter,
  readAddressParameter,
  summarizeAddressParameter,
  writeAddressParameter,
} from "./address-parameter.js";
import {
  checkParameterOfAtLeast,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { parameterTypeName } from "./parameter-type.js";
import { badSuffix, hex32, parameterFields, parameterNode, tlvEnd } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 0xC001, 0xC002, 0xC004 |    Length = Variable          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               ASCONF-Request Correlation ID                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Address Parameter                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 5061 s4.2.1 (addIpAddress), s4.2.2 (deleteIpAddress), s4.2.4 (setPrimaryAddress)
const CORRELATION_ID = 4;
const ADDRESS = 8;

/** Checks an addIpAddress, deleteIpAddress or setPrimaryAddress parameter and the address in it. */
export function checkAsconfRequest(view: DataView, at: number, end: number): AddressParameterCheck {
  const state = checkParameterOfAtLeast(view, at, end, ADDRESS);
  if (state !== "ok") return state;
  // What is inside cannot be cut by the packet's end, only by the length around it.
  const inner = checkAddressParameter(view, at + ADDRESS, at + parameterLength(view, at));
  return inner === "truncated" ? "badLength" : inner;
}

/** The number that the answer to this request repeats. */
export const asconfCorrelationId = (view: DataView, at: number): number =>
  view.getUint32(at + CORRELATION_ID);

/**
 * The address to add, delete or prefer; the unspecified one stands for the packet's source address (add,
 * set primary) or all others (delete). `undefined` if `checkAsconfRequest` would not say `ok`.
 */
export const asconfRequestAddress = (view: DataView, at: number): IpAddress | undefined =>
  checkAsconfRequest(view, at, at + parameterLength(view, at)) === "ok"
    ? readAddressParameter(view, at + ADDRESS)
    : undefined;

/**
 * Writes one request; 16 bytes for an IPv4 address, 28 for IPv6.
 * @param type `ParameterType.addIpAddress`, `.deleteIpAddress` or `.setPrimaryAddress`
 * @returns 16 or 28
 */
export function writeAsconfRequest(
  view: DataView,
  at: number,
  type: number,
  correlationId: number,
  ip: IpAddress,
): number {
  const length = ADDRESS + addressParameterLength(ip);
  writeParameterHeader(view, at, type, length);
  view.setUint32(at + CORRELATION_ID, correlationId);
  writeAddressParameter(view, at + ADDRESS, ip);
  return length;
}

/** The parameter as a tree. */
export function describeAsconfRequest(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("correlationId", at + CORRELATION_ID, 4, hex32);
  const stop = tlvEnd(view, at, end);
  if (stop > at + ADDRESS) fields.push(describeAddressParameter(view, at + ADDRESS, stop));
  return parameterNode(view, at, end, fields, checkAsconfRequest(view, at, end));
}

/** One line: `addIpAddress(10.2.0.2)`. */
export function summarizeAsconfRequest(view: DataView, at: number, end: number): string {
  const state = checkAsconfRequest(view, at, end);
  if (state !== "ok") return `asconf request${badSuffix(state)}`;
  const stop = at + parameterLength(view, at);
  const address = summarizeAddressParameter(view, at + ADDRESS, stop);
  return `${parameterTypeName(parameterType(view, at))}(${address})`;
}
