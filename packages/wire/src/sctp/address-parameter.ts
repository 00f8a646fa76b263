import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import {
  checkParameter,
  type ParameterCheck,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Type = 5, 6           |        Length = 8, 20         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /            IPv4 Address (4 bytes) or IPv6 Address (16)        /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.2.1.1 and s3.3.2.1.2
const ADDRESS = 4;

/** Length of an IPv4 Address parameter. */
export const IPV4_ADDRESS_PARAMETER_LENGTH = 8;
/** Length of an IPv6 Address parameter. */
export const IPV6_ADDRESS_PARAMETER_LENGTH = 20;

/** Why it cannot be read; `notAnAddress`: it is neither an IPv4 nor an IPv6 Address parameter. */
export type AddressParameterCheck = ParameterCheck | "notAnAddress";

/** Checks that it is an address of one of the two families, with that family's length. */
export function checkAddressParameter(
  view: DataView,
  at: number,
  end: number,
): AddressParameterCheck {
  const state = checkParameter(view, at, end);
  if (state !== "ok") return state;
  switch (parameterType(view, at)) {
    case ParameterType.ipv4Address:
      return parameterLength(view, at) === IPV4_ADDRESS_PARAMETER_LENGTH ? "ok" : "badLength";
    case ParameterType.ipv6Address:
      return parameterLength(view, at) === IPV6_ADDRESS_PARAMETER_LENGTH ? "ok" : "badLength";
    default:
      return "notAnAddress";
  }
}

/**
 * The address; `undefined` for another parameter, or one whose length is not its type's. Safe after
 * `checkParameters` of the list it is in.
 */
export function readAddressParameter(view: DataView, at: number): IpAddress | undefined {
  const type = parameterType(view, at);
  const length = parameterLength(view, at);
  if (type === ParameterType.ipv4Address && length === IPV4_ADDRESS_PARAMETER_LENGTH) {
    return IpAddress.readV4(view, at + ADDRESS);
  }
  if (type === ParameterType.ipv6Address && length === IPV6_ADDRESS_PARAMETER_LENGTH) {
    return IpAddress.readV6(view, at + ADDRESS);
  }
  return undefined;
}

/** Bytes that {@link writeAddressParameter} takes for this address: 8 or 20. */
export const addressParameterLength = (ip: IpAddress): number =>
  ip.family === 4 ? IPV4_ADDRESS_PARAMETER_LENGTH : IPV6_ADDRESS_PARAMETER_LENGTH;

/**
 * Writes an IPv4 or IPv6 Address parameter.
 * @returns 8 or 20
 */
export function writeAddressParameter(view: DataView, at: number, ip: IpAddress): number {
  const length = addressParameterLength(ip);
  const type = ip.family === 4 ? ParameterType.ipv4Address : ParameterType.ipv6Address;
  writeParameterHeader(view, at, type, length);
  ip.write(view, at + ADDRESS);
  return length;
}

/** The parameter as a tree. */
export function describeAddressParameter(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  const state = checkAddressParameter(view, at, end);
  if (state === "ok") {
    fields.address("address", at + ADDRESS, parameterLength(view, at) === 8 ? 4 : 16);
  }
  return parameterNode(view, at, end, fields, state);
}

/** One line: the address. */
export function summarizeAddressParameter(view: DataView, at: number, end: number): string {
  const state = checkAddressParameter(view, at, end);
  return state === "ok" ? String(readAddressParameter(view, at)) : `address${badSuffix(state)}`;
}
