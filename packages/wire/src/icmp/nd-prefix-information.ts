import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndLifetime } from "./nd-lifetime.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     | Prefix Length |L|A| Reserved1 |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Valid Lifetime                        |
// |                       Preferred Lifetime                      |
// |                           Reserved2                           |
// |                       Prefix (16 bytes)                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4861 s4.6.2.
const PREFIX_LENGTH = 2;
const FLAGS = 3;
const VALID_LIFETIME = 4;
const PREFERRED_LIFETIME = 8;
const RESERVED2 = 12;
const PREFIX = 16;
const LENGTH = 32;

/** Type of the option. */
export const ND_OPTION_PREFIX_INFORMATION = 3;
/** L: the prefix can be used to tell what is on the link. */
export const ND_PREFIX_ON_LINK = 0x80;
/** A: the prefix can be used for stateless address configuration. */
export const ND_PREFIX_AUTONOMOUS = 0x40;

/** Why the option is not used. `badPrefixLength`: above 128. */
export type NdPrefixInformationCheck = "ok" | "truncated" | "badLength" | "badPrefixLength";

/** Checks that the option has 32 bytes and a prefix length that can be. */
export function checkNdPrefixInformation(
  view: DataView,
  at: number,
  end: number,
): NdPrefixInformationCheck {
  const length = ndOptionLength(view, at, end);
  if (length === 0) return "truncated";
  if (length !== LENGTH) return "badLength";
  return view.getUint8(at + PREFIX_LENGTH) > 128 ? "badPrefixLength" : "ok";
}

/** How many leading bits of the prefix count, 0 .. 128. */
export const ndPrefixLength = (view: DataView, at: number): number =>
  view.getUint8(at + PREFIX_LENGTH);
/** L: the prefix can be used to tell what is on the link. */
export const ndPrefixOnLink = (view: DataView, at: number): boolean =>
  (view.getUint8(at + FLAGS) & ND_PREFIX_ON_LINK) !== 0;
/** A: the prefix can be used for stateless address configuration. */
export const ndPrefixAutonomous = (view: DataView, at: number): boolean =>
  (view.getUint8(at + FLAGS) & ND_PREFIX_AUTONOMOUS) !== 0;
/** Seconds; 0xffffffff is forever. */
export const ndPrefixValidLifetime = (view: DataView, at: number): number =>
  view.getUint32(at + VALID_LIFETIME);
/** Seconds; 0xffffffff is forever. */
export const ndPrefixPreferredLifetime = (view: DataView, at: number): number =>
  view.getUint32(at + PREFERRED_LIFETIME);
/** The prefix as it stands, bits after the prefix length included; allocates. */
export const ndPrefix = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + PREFIX);

/** Writes the option: 32 bytes. @param flags {@link ND_PREFIX_ON_LINK} and {@link ND_PREFIX_AUTONOMOUS} */
export function writeNdPrefixInformation(
  view: DataView,
  at: number,
  prefixLength: number,
  flags: number,
  validLifetime: number,
  preferredLifetime: number,
  prefix: IpAddress,
): number {
  writeNdOptionHead(view, at, ND_OPTION_PREFIX_INFORMATION, LENGTH);
  view.setUint8(at + PREFIX_LENGTH, prefixLength);
  view.setUint8(at + FLAGS, flags);
  view.setUint32(at + VALID_LIFETIME, validLifetime);
  view.setUint32(at + PREFERRED_LIFETIME, preferredLifetime);
  view.setUint32(at + RESERVED2, 0);
  prefix.write(view, at + PREFIX);
  return LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdPrefixInformation(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  fields.uint("prefixLength", at + PREFIX_LENGTH, 1);
  fields.flag("onLink", at + FLAGS, 1, ND_PREFIX_ON_LINK);
  fields.flag("autonomous", at + FLAGS, 1, ND_PREFIX_AUTONOMOUS);
  fields.uint("validLifetime", at + VALID_LIFETIME, 4, ndLifetime);
  fields.uint("preferredLifetime", at + PREFERRED_LIFETIME, 4, ndLifetime);
  fields.address("prefix", at + PREFIX, 16);
  const state = checkNdPrefixInformation(view, at, end);
  return headerNode("prefixInformation", at, end - at, fields, state);
}

/** `prefix 2001:db8::/64 onlink auto, valid 86400 s, preferred 14400 s`. */
export function summarizeNdPrefixInformation(view: DataView, at: number, end: number): string {
  const state = checkNdPrefixInformation(view, at, end);
  if (state !== "ok") return `prefix [${state}]`;
  const flags =
    (ndPrefixOnLink(view, at) ? " onlink" : "") + (ndPrefixAutonomous(view, at) ? " auto" : "");
  return (
    `prefix ${ndPrefix(view, at).toString()}/${ndPrefixLength(view, at)}${flags}, ` +
    `valid ${ndLifetime(ndPrefixValidLifetime(view, at))}, ` +
    `preferred ${ndLifetime(ndPrefixPreferredLifetime(view, at))}`
  );
}
