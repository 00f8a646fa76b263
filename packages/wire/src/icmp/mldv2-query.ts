import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_MLD_QUERY } from "./icmpv6-types.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 130   |      Code     |           Checksum            |
// |    Maximum Response Code      |           Reserved            |
// |                Multicast Address (16 bytes)                   |
// | Resv  |S| QRV |     QQIC      |     Number of Sources (N)     |
// |               Source Address [1..N] (16 bytes each)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 3810 s5.1.
const MAX_RESPONSE_CODE = 4;
const MULTICAST_ADDRESS = 8;
const S_AND_QRV = 24;
const QQIC = 25;
const SOURCE_COUNT = 26;
const SOURCES = 28;

/** Why a query of version 2 cannot be read. */
export type Mldv2QueryCheck = "ok" | "truncated";

/** Checks header and sources; bytes after them are allowed (RFC 3810 s5.1.12). */
export function checkMldv2Query(view: DataView, at: number, end: number): Mldv2QueryCheck {
  if (end - at < SOURCES) return "truncated";
  return end - at < SOURCES + 16 * mldv2QuerySourceCount(view, at) ? "truncated" : "ok";
}

/** The code as it is sent; {@link mldv2MaxResponseDelay} makes milliseconds of it. */
export const mldv2QueryMaxResponseCode = (view: DataView, at: number): number =>
  view.getUint16(at + MAX_RESPONSE_CODE);
/** Milliseconds of a maximum response code, 0 .. 8,387,584. RFC 3810 s5.1.3 */
export const mldv2MaxResponseDelay = (code: number): number =>
  code < 32768 ? code : ((code & 0xfff) | 0x1000) << (((code >>> 12) & 7) + 3);
/** Seconds of a query interval code, 0 .. 31,744. RFC 3810 s5.1.9 */
export const mldv2QueryInterval = (code: number): number =>
  code < 128 ? code : ((code & 0xf) | 0x10) << (((code >>> 4) & 7) + 3);
/** The group; unspecified in a general query. Allocates. */
export const mldv2QueryMulticastAddress = (view: DataView, at: number): IpAddress =>
  IpAddress.readV6(view, at + MULTICAST_ADDRESS);
/** S: routers shall not update their timers. */
export const mldv2QuerySuppress = (view: DataView, at: number): boolean =>
  (view.getUint8(at + S_AND_QRV) & 8) !== 0;
/** The querier's robustness variable, 0 .. 7. */
export const mldv2QueryRobustness = (view: DataView, at: number): number =>
  view.getUint8(at + S_AND_QRV) & 7;
/** The code as it is sent; {@link mldv2QueryInterval} makes seconds of it. */
export const mldv2QueryIntervalCode = (view: DataView, at: number): number =>
  view.getUint8(at + QQIC);
/** How many sources are asked about; 0 in a general or address specific query. */
export const mldv2QuerySourceCount = (view: DataView, at: number): number =>
  view.getUint16(at + SOURCE_COUNT);
/** The source at `index`, 0 up to the count; allocates. */
export const mldv2QuerySource = (view: DataView, at: number, index: number): IpAddress =>
  IpAddress.readV6(view, at + SOURCES + 16 * index);

/** Writes a query, with a checksum of 0. Returns `28 + 16 * sources.length`. */
export function writeMldv2Query(
  view: DataView,
  at: number,
  maxResponseCode: number,
  multicastAddress: IpAddress,
  suppress: boolean,
  robustness: number,
  intervalCode: number,
  sources: readonly IpAddress[],
): number {
  writeIcmp(view, at, ICMPV6_MLD_QUERY, 0, maxResponseCode * 0x10000);
  multicastAddress.write(view, at + MULTICAST_ADDRESS);
  view.setUint8(at + S_AND_QRV, (suppress ? 8 : 0) | robustness);
  view.setUint8(at + QQIC, intervalCode);
  view.setUint16(at + SOURCE_COUNT, sources.length);
  let to = at + SOURCES;
  for (const source of sources) to += source.write(view, to);
  return to - at;
}

/** The message as a tree. */
export function describeMldv2Query(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  fields.uint("maximumResponseCode", at + MAX_RESPONSE_CODE, 2, (code) => {
    return `${mldv2MaxResponseDelay(code)} ms`;
  });
  fields.address("multicastAddress", at + MULTICAST_ADDRESS, 16);
  fields.flag("suppressRouterSideProcessing", at + S_AND_QRV, 1, 8);
  fields.bits("qrv", at + S_AND_QRV, 1, 0, 3);
  fields.uint("qqic", at + QQIC, 1, (code) => `${mldv2QueryInterval(code)} s`);
  fields.uint("numberOfSources", at + SOURCE_COUNT, 2);
  const count = fields.has(at, SOURCES) ? mldv2QuerySourceCount(view, at) : 0;
  for (let i = 0; i < count && fields.has(at + SOURCES + 16 * i, 16); i++) {
    fields.address("source", at + SOURCES + 16 * i, 16);
  }
  return headerNode(
    "mldv2Query",
    at,
    Math.max(0, end - at),
    fields,
    checkMldv2Query(view, at, end),
  );
}

/** `multicast listener query v2, ff02::1:ff00:1, 2 sources`; a general query has no group. */
export function summarizeMldv2Query(view: DataView, at: number, end: number): string {
  const state = checkMldv2Query(view, at, end);
  if (state !== "ok") return `multicast listener query v2 [${state}]`;
  const group = mldv2QueryMulticastAddress(view, at).toString();
  const sources = mldv2QuerySourceCount(view, at);
  return (
    `multicast listener query v2${group === "::" ? "" : `, ${group}`}` +
    `${sources === 0 ? "" : `, ${sources} sources`}`
  );
}
