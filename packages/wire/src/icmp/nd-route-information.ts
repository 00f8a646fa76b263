import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndLifetime } from "./nd-lifetime.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";
import { routerPreferenceName } from "./nd-router-preference.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     | Prefix Length |Resvd|Prf|Resvd|
// |                        Route Lifetime                         |
// |                Prefix (0, 8 or 16 bytes)                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4191 s2.3.
const PREFIX_LENGTH = 2;
const FLAGS = 3;
const LIFETIME = 4;
const PREFIX = 8;

/** Type of the option. */
export const ND_OPTION_ROUTE_INFORMATION = 24;

/** Why the option is not used. `reservedPreference`: RFC 4191 s2.3 has it ignored. */
export type NdRouteInformationCheck =
  | "ok"
  | "truncated"
  | "badLength"
  | "badPrefixLength"
  | "reservedPreference";

/** Checks prefix length, preference, and that the option has the bits of its prefix. */
export function checkNdRouteInformation(
  view: DataView,
  at: number,
  end: number,
): NdRouteInformationCheck {
  const length = ndOptionLength(view, at, end);
  if (length === 0) return "truncated";
  const bits = view.getUint8(at + PREFIX_LENGTH);
  if (bits > 128) return "badPrefixLength";
  // RFC 4191 s2.3: 1 .. 3 units, as many as the prefix needs.
  if (length > 24 || length < (bits > 64 ? 24 : bits > 0 ? 16 : 8)) return "badLength";
  return ndRoutePreferenceBits(view, at) === 2 ? "reservedPreference" : "ok";
}

/** How many leading bits of the prefix count, 0 .. 128. */
export const ndRoutePrefixLength = (view: DataView, at: number): number =>
  view.getUint8(at + PREFIX_LENGTH);
/** 0 medium, 1 high, 3 low, 2 reserved. */
export const ndRoutePreferenceBits = (view: DataView, at: number): number =>
  (view.getUint8(at + FLAGS) >>> 3) & 3;
/** Seconds; 0xffffffff is forever. */
export const ndRouteLifetime = (view: DataView, at: number): number =>
  view.getUint32(at + LIFETIME);
/** The prefix, bits that are not in the option as zeros; allocates. */
export function ndRoutePrefix(view: DataView, at: number): IpAddress {
  const length = 8 * view.getUint8(at + 1);
  const word = (i: number): number =>
    PREFIX + 4 * i < length ? view.getUint32(at + PREFIX + 4 * i) : 0;
  return IpAddress.v6(word(0), word(1), word(2), word(3));
}

/**
 * Writes the option.
 * @param length bytes of the whole option: 8, 16 or 24, as the prefix length needs
 * @param preferenceBits 0 medium, 1 high, 3 low
 * @returns `length`
 */
export function writeNdRouteInformation(
  view: DataView,
  at: number,
  length: number,
  prefixLength: number,
  preferenceBits: number,
  lifetime: number,
  prefix: IpAddress,
): number {
  writeNdOptionHead(view, at, ND_OPTION_ROUTE_INFORMATION, length);
  view.setUint8(at + PREFIX_LENGTH, prefixLength);
  view.setUint8(at + FLAGS, preferenceBits << 3);
  view.setUint32(at + LIFETIME, lifetime);
  if (length > PREFIX) {
    view.setUint32(at + PREFIX, prefix.w0);
    view.setUint32(at + PREFIX + 4, prefix.w1);
  }
  if (length > 16) {
    view.setUint32(at + PREFIX + 8, prefix.w2);
    view.setUint32(at + PREFIX + 12, prefix.w3);
  }
  return length;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdRouteInformation(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  fields.uint("prefixLength", at + PREFIX_LENGTH, 1);
  fields.bits("preference", at + FLAGS, 1, 3, 2, routerPreferenceName);
  fields.uint("routeLifetime", at + LIFETIME, 4, ndLifetime);
  const state = checkNdRouteInformation(view, at, end);
  if (state === "ok") {
    const prefix = (): string => ndRoutePrefix(view, at).toString();
    fields.computed("prefix", at + PREFIX, end - at - PREFIX, prefix);
  } else {
    fields.hex("prefix", at + PREFIX, end - at - PREFIX);
  }
  return headerNode("routeInformation", at, end - at, fields, state);
}

/** `route 2001:db8:1::/48 high, lifetime 1800 s`. */
export function summarizeNdRouteInformation(view: DataView, at: number, end: number): string {
  const state = checkNdRouteInformation(view, at, end);
  if (state !== "ok") return `route [${state}]`;
  return (
    `route ${ndRoutePrefix(view, at).toString()}/${ndRoutePrefixLength(view, at)} ` +
    `${routerPreferenceName(ndRoutePreferenceBits(view, at))}, ` +
    `lifetime ${ndLifetime(ndRouteLifetime(view, at))}`
  );
}
