import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +--------+--------+--------+---------//--------+
// |  type  | length | pointer|     route data    |
// +--------+--------+--------+---------//--------+
// Record Route, Loose and Strict Source and Record Route. RFC 791 s3.1.
const LENGTH = 1;
const POINTER = 2;
const ROUTE_DATA = 3;

/** Kind of Record Route. */
export const IPV4_OPTION_RECORD_ROUTE = 7;
/** Kind of Loose Source and Record Route. */
export const IPV4_OPTION_LOOSE_SOURCE_ROUTE = 131;
/** Kind of Strict Source and Record Route. */
export const IPV4_OPTION_STRICT_SOURCE_ROUTE = 137;

/** Why a route option cannot be used. `badPointer`: not at an address, nor after the last one. */
export type Ipv4RouteOptionCheck = "ok" | "truncated" | "badLength" | "badPointer";

/** Checks any of the three route options. */
export function checkIpv4RouteOption(
  view: DataView,
  at: number,
  end: number,
): Ipv4RouteOptionCheck {
  if (end - at < ROUTE_DATA) return "truncated";
  const length = view.getUint8(at + LENGTH);
  if (length < ROUTE_DATA || (length - ROUTE_DATA) % 4 !== 0) return "badLength";
  if (end - at < length) return "truncated";
  // RFC 791 s3.1: the smallest legal pointer is 4; beyond the length the route is empty or full.
  const pointer = view.getUint8(at + POINTER);
  if (pointer < 4 || (pointer <= length && pointer % 4 !== 0)) return "badPointer";
  return "ok";
}

/** From the option's first byte, counted from 1, to the next address to be used or filled in. */
export const ipv4RoutePointer = (view: DataView, at: number): number => view.getUint8(at + POINTER);
/** How many addresses there is room for, 0 .. 9 in a header. */
export const ipv4RouteCount = (view: DataView, at: number): number =>
  (view.getUint8(at + LENGTH) - ROUTE_DATA) >>> 2;
/** The address at `index`, 0 up to the count. */
export const ipv4RouteAddress = (view: DataView, at: number, index: number): IpAddress =>
  IpAddress.readV4(view, at + ROUTE_DATA + 4 * index);

/**
 * Writes a route option.
 * @param kind one of the three kinds
 * @param route the addresses, 0.0.0.0 for room to be filled in; at most 9 fit in a header
 * @returns `3 + 4 * route.length`
 */
export function writeIpv4RouteOption(
  view: DataView,
  at: number,
  kind: number,
  pointer: number,
  route: readonly IpAddress[],
): number {
  const length = ROUTE_DATA + 4 * route.length;
  view.setUint8(at, kind);
  view.setUint8(at + LENGTH, length);
  view.setUint8(at + POINTER, pointer);
  let next = at + ROUTE_DATA;
  for (const address of route) next += address.write(view, next);
  return length;
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [IPV4_OPTION_RECORD_ROUTE, "recordRoute"],
  [IPV4_OPTION_LOOSE_SOURCE_ROUTE, "looseSourceRoute"],
  [IPV4_OPTION_STRICT_SOURCE_ROUTE, "strictSourceRoute"],
]);

/** The option as a tree; `end` is the end of the option. */
export function describeIpv4RouteOption(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + LENGTH, 1);
  fields.uint("pointer", at + POINTER, 1);
  const pointer = fields.has(at + POINTER, 1) ? ipv4RoutePointer(view, at) : 0;
  for (let o = at + ROUTE_DATA; o + 4 <= end; o += 4) {
    fields.address("address", o, 4, o - at + 1 < pointer ? "passed" : undefined);
  }
  const name = fields.has(at, 1) ? NAMES.get(view.getUint8(at)) : undefined;
  const state = checkIpv4RouteOption(view, at, end);
  return headerNode(name ?? "route", at, end - at, fields, state);
}

const SHORT: ReadonlyMap<number, string> = new Map([
  [IPV4_OPTION_RECORD_ROUTE, "RR"],
  [IPV4_OPTION_LOOSE_SOURCE_ROUTE, "LSRR"],
  [IPV4_OPTION_STRICT_SOURCE_ROUTE, "SSRR"],
]);

/** `RR 192.0.2.1 ^ 0.0.0.0`: `^` stands where the pointer does. */
export function summarizeIpv4RouteOption(view: DataView, at: number, end: number): string {
  const state = checkIpv4RouteOption(view, at, end);
  const name = end > at ? (SHORT.get(view.getUint8(at)) ?? "route") : "route";
  if (state !== "ok") return `${name} [${state}]`;
  const words = [name];
  const next = (ipv4RoutePointer(view, at) - 4) / 4;
  for (let i = 0; i < ipv4RouteCount(view, at); i++) {
    if (i === next) words.push("^");
    words.push(ipv4RouteAddress(view, at, i).toString());
  }
  return words.join(" ");
}
