import type { TreeNode } from "../tree.js";
import { paddedLength } from "./chunk.js";
import {
  checkParameter,
  PARAMETER_HEADER_LENGTH,
  type ParameterCheck,
  parameterLength,
  writeParameterHeader,
} from "./parameter.js";
import { ParameterType, parameterTypeName } from "./parameter-type.js";
import { badSuffix, parameterFields, parameterNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Type = 12           |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Address Type #1        |        Address Type #2        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                              ...                              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.2.1.5

/** Checks that it holds whole 16-bit entries. */
export function checkSupportedAddressTypesParameter(
  view: DataView,
  at: number,
  end: number,
): ParameterCheck {
  const state = checkParameter(view, at, end);
  if (state !== "ok") return state;
  return parameterLength(view, at) % 2 === 0 ? "ok" : "badLength";
}

/** How many address types it lists. */
export const addressTypesCount = (view: DataView, at: number): number =>
  (parameterLength(view, at) - PARAMETER_HEADER_LENGTH) >> 1;

/** Address type `i` (from 0): the parameter type of an address, such as `ParameterType.ipv4Address`. */
export const addressTypeAt = (view: DataView, at: number, i: number): number =>
  view.getUint16(at + PARAMETER_HEADER_LENGTH + 2 * i);

/** True if this parameter type of an address is in the list. */
export function listsAddressType(view: DataView, at: number, addressType: number): boolean {
  const count = addressTypesCount(view, at);
  for (let i = 0; i < count; i++) if (addressTypeAt(view, at, i) === addressType) return true;
  return false;
}

/**
 * Writes the list; 4 bytes and two for each entry, and up to 2 zeros of padding.
 * @returns bytes written, padding included
 */
export function writeSupportedAddressTypesParameter(
  view: DataView,
  at: number,
  addressTypes: readonly number[],
): number {
  const length = PARAMETER_HEADER_LENGTH + 2 * addressTypes.length;
  writeParameterHeader(view, at, ParameterType.supportedAddressTypes, length);
  let p = at + PARAMETER_HEADER_LENGTH;
  for (const addressType of addressTypes) {
    view.setUint16(p, addressType);
    p += 2;
  }
  if (p < at + paddedLength(length)) view.setUint16(p, 0);
  return paddedLength(length);
}

/** The parameter as a tree. */
export function describeSupportedAddressTypesParameter(
  view: DataView,
  at: number,
  end: number,
): TreeNode {
  const fields = parameterFields(view, at, end);
  const state = checkSupportedAddressTypesParameter(view, at, end);
  if (state === "ok") {
    const count = addressTypesCount(view, at);
    for (let i = 0; i < count; i++) {
      fields.uint("addressType", at + PARAMETER_HEADER_LENGTH + 2 * i, 2, parameterTypeName);
    }
  }
  return parameterNode(view, at, end, fields, state);
}

/** One line: `supportedAddressTypes(ipv4Address,ipv6Address)`. */
export function summarizeSupportedAddressTypesParameter(
  view: DataView,
  at: number,
  end: number,
): string {
  const state = checkSupportedAddressTypesParameter(view, at, end);
  if (state !== "ok") return `supportedAddressTypes${badSuffix(state)}`;
  const names: string[] = [];
  for (let i = 0; i < addressTypesCount(view, at); i++) {
    names.push(parameterTypeName(addressTypeAt(view, at, i)));
  }
  return `supportedAddressTypes(${names.join(",")})`;
}
