import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { writeIcmp } from "./icmp-header.js";
import { ICMPV6_ROUTER_ADVERTISEMENT } from "./icmpv6-types.js";
import { checkNdOptions, type NdOptionsCheck } from "./nd-option-list.js";
import { describeNdOptions, summarizeNdOptions } from "./nd-options.js";
import {
  type RouterPreference,
  routerPreference,
  routerPreferenceName,
} from "./nd-router-preference.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// | Cur Hop Limit |M|O|H|Prf|Resvd|       Router Lifetime         |
// |                         Reachable Time                        |
// |                          Retrans Timer                        |
// |   Options ...
// +-+-+-+-+-+-+-+-+-+-+-+-
// RFC 4861 s4.2, with the preference of RFC 4191 s2.2.
const CUR_HOP_LIMIT = 4;
const FLAGS = 5;
const ROUTER_LIFETIME = 6;
const REACHABLE_TIME = 8;
const RETRANS_TIMER = 12;

/** Offset of the options, the bytes before them. */
export const ROUTER_ADVERTISEMENT_LENGTH = 16;
/** M: addresses are to be had by DHCPv6. */
export const ROUTER_ADVERTISEMENT_MANAGED = 0x80;
/** O: other configuration is to be had by DHCPv6. */
export const ROUTER_ADVERTISEMENT_OTHER = 0x40;

/** Checks length and options (RFC 4861 s6.1.2); source, hop limit, code and checksum are the stack's to check. */
export function checkRouterAdvertisement(view: DataView, at: number, end: number): NdOptionsCheck {
  if (end - at < ROUTER_ADVERTISEMENT_LENGTH) return "truncated";
  return checkNdOptions(view, at + ROUTER_ADVERTISEMENT_LENGTH, end);
}

/** Hop limit to send with, 0 if not said. */
export const routerAdvertisementCurHopLimit = (view: DataView, at: number): number =>
  view.getUint8(at + CUR_HOP_LIMIT);
/** The byte of flags and preference, as {@link writeRouterAdvertisement} takes it. */
export const routerAdvertisementFlags = (view: DataView, at: number): number =>
  view.getUint8(at + FLAGS);
/** Preference as a default router; the reserved value counts as medium. */
export const routerAdvertisementPreference = (view: DataView, at: number): RouterPreference =>
  routerPreference((view.getUint8(at + FLAGS) >>> 3) & 3);
/** Seconds as a default router; 0: it is none. */
export const routerAdvertisementLifetime = (view: DataView, at: number): number =>
  view.getUint16(at + ROUTER_LIFETIME);
/** Milliseconds for which a neighbor counts as reachable, 0 if not said. */
export const routerAdvertisementReachableTime = (view: DataView, at: number): number =>
  view.getUint32(at + REACHABLE_TIME);
/** Milliseconds between neighbor solicitations, 0 if not said. */
export const routerAdvertisementRetransTimer = (view: DataView, at: number): number =>
  view.getUint32(at + RETRANS_TIMER);

/** Writes the message without options: 16 bytes, with a checksum of 0. */
export function writeRouterAdvertisement(
  view: DataView,
  at: number,
  curHopLimit: number,
  flags: number,
  lifetime: number,
  reachableTime: number,
  retransTimer: number,
): number {
  const rest = curHopLimit * 0x1000000 + (flags << 16) + lifetime;
  writeIcmp(view, at, ICMPV6_ROUTER_ADVERTISEMENT, 0, rest);
  view.setUint32(at + REACHABLE_TIME, reachableTime);
  view.setUint32(at + RETRANS_TIMER, retransTimer);
  return ROUTER_ADVERTISEMENT_LENGTH;
}

/** The message as a tree. */
export function describeRouterAdvertisement(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("code", at + 1, 1);
  fields.uint("checksum", at + 2, 2);
  fields.uint("curHopLimit", at + CUR_HOP_LIMIT, 1);
  fields.flag("managed", at + FLAGS, 1, ROUTER_ADVERTISEMENT_MANAGED);
  fields.flag("other", at + FLAGS, 1, ROUTER_ADVERTISEMENT_OTHER);
  fields.bits("preference", at + FLAGS, 1, 3, 2, routerPreferenceName);
  fields.uint("routerLifetime", at + ROUTER_LIFETIME, 2, (s) => `${s} s`);
  fields.uint("reachableTime", at + REACHABLE_TIME, 4, (ms) => `${ms} ms`);
  fields.uint("retransTimer", at + RETRANS_TIMER, 4, (ms) => `${ms} ms`);
  for (const node of describeNdOptions(view, at + ROUTER_ADVERTISEMENT_LENGTH, end)) {
    fields.push(node);
  }
  const state = checkRouterAdvertisement(view, at, end);
  return headerNode("routerAdvertisement", at, end - at, fields, state);
}

/** `router advertisement, hop limit 64, medium, lifetime 1800 s, prefix 2001:db8::/64 ...`. */
export function summarizeRouterAdvertisement(view: DataView, at: number, end: number): string {
  const state = checkRouterAdvertisement(view, at, end);
  if (state !== "ok") return `router advertisement [${state}]`;
  const flags = routerAdvertisementFlags(view, at);
  const managed = (flags & ROUTER_ADVERTISEMENT_MANAGED) !== 0 ? " managed" : "";
  const other = (flags & ROUTER_ADVERTISEMENT_OTHER) !== 0 ? " other" : "";
  return (
    `router advertisement${managed}${other}, ` +
    `hop limit ${routerAdvertisementCurHopLimit(view, at)}, ` +
    `${routerPreferenceName((flags >>> 3) & 3)}, ` +
    `lifetime ${routerAdvertisementLifetime(view, at)} s` +
    summarizeNdOptions(view, at + ROUTER_ADVERTISEMENT_LENGTH, end)
  );
}
