import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ipProtocolName } from "./ip-protocol.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Identification                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8200 s4.5. Both reserved fields are zero when sent, ignored when received.
const OFFSET_AND_FLAGS = 2;
const IDENTIFICATION = 4;

/** Bytes of the Fragment header. */
export const IPV6_FRAGMENT_LENGTH = 8;

/** Why a Fragment header cannot be read. */
export type Ipv6FragmentCheck = "ok" | "truncated";

/** Checks that the 8 bytes are there. */
export const checkIpv6Fragment = (_view: DataView, at: number, end: number): Ipv6FragmentCheck =>
  end - at < IPV6_FRAGMENT_LENGTH ? "truncated" : "ok";

/** Type of the first header of the fragmentable part. */
export const ipv6FragmentNextHeader = (view: DataView, at: number): number => view.getUint8(at);
/** Where this fragment belongs in the fragmentable part, in bytes (a multiple of 8). */
export const ipv6FragmentOffset = (view: DataView, at: number): number =>
  view.getUint16(at + OFFSET_AND_FLAGS) & 0xfff8;
/** M: this is not the last fragment. */
export const ipv6FragmentMore = (view: DataView, at: number): boolean =>
  (view.getUint16(at + OFFSET_AND_FLAGS) & 1) !== 0;
/** True for a whole packet with a Fragment header, to be processed alone. RFC 6946 s4 */
export const ipv6FragmentIsAtomic = (view: DataView, at: number): boolean =>
  (view.getUint16(at + OFFSET_AND_FLAGS) & 0xfff9) === 0;
/** What fragments of one packet have in common, 32 bits. */
export const ipv6FragmentIdentification = (view: DataView, at: number): number =>
  view.getUint32(at + IDENTIFICATION);

/**
 * Writes the header: 8 bytes.
 * @param offset in bytes, a multiple of 8, 0 .. 65,528
 */
export function writeIpv6Fragment(
  view: DataView,
  at: number,
  nextHeader: number,
  offset: number,
  more: boolean,
  identification: number,
): number {
  view.setUint16(at, nextHeader << 8);
  view.setUint16(at + OFFSET_AND_FLAGS, offset | (more ? 1 : 0));
  view.setUint32(at + IDENTIFICATION, identification);
  return IPV6_FRAGMENT_LENGTH;
}

/** The header as a tree. */
export function describeIpv6Fragment(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("nextHeader", at, 1, ipProtocolName);
  fields.bits("fragmentOffset", at + OFFSET_AND_FLAGS, 2, 3, 13, (n) => `byte ${n * 8}`);
  fields.flag("moreFragments", at + OFFSET_AND_FLAGS, 2, 1);
  fields.uint("identification", at + IDENTIFICATION, 4);
  const length = Math.max(0, Math.min(IPV6_FRAGMENT_LENGTH, end - at));
  return headerNode("fragment", at, length, fields, checkIpv6Fragment(view, at, end));
}

/** One line: `id 0x79654b57 1448:60+`, offset and bytes that follow; `+` if more fragments follow. */
export function summarizeIpv6Fragment(view: DataView, at: number, end: number): string {
  const state = checkIpv6Fragment(view, at, end);
  if (state !== "ok") return `[${state}]`;
  const id = ipv6FragmentIdentification(view, at).toString(16).padStart(8, "0");
  const length = end - at - IPV6_FRAGMENT_LENGTH;
  return `id 0x${id} ${ipv6FragmentOffset(view, at)}:${length}${ipv6FragmentMore(view, at) ? "+" : ""}`;
}
