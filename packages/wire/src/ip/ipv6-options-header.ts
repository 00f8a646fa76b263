import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ipProtocolName } from "./ip-protocol.js";
import { checkIpv6Options, describeIpv6Options, summarizeIpv6Options } from "./ipv6-options.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |  Hdr Ext Len  |                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
// .                            Options                            .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// Hop-by-Hop Options (RFC 8200 s4.3) and Destination Options (s4.6).
const HDR_EXT_LEN = 1;
const OPTIONS = 2;

/** Why an options header cannot be read. `badOptions`: an option goes beyond the header. */
export type Ipv6OptionsHeaderCheck = "ok" | "truncated" | "badOptions";

/** Checks the header and that its options fill it. */
export function checkIpv6OptionsHeader(
  view: DataView,
  at: number,
  end: number,
): Ipv6OptionsHeaderCheck {
  if (end - at < 8) return "truncated";
  const length = ipv6OptionsHeaderLength(view, at);
  if (end - at < length) return "truncated";
  return checkIpv6Options(view, at + OPTIONS, at + length) === "ok" ? "ok" : "badOptions";
}

/** Bytes of the header with its options, a multiple of 8, 8 .. 2048. */
export const ipv6OptionsHeaderLength = (view: DataView, at: number): number =>
  8 + 8 * view.getUint8(at + HDR_EXT_LEN);
/** What follows. */
export const ipv6OptionsNextHeader = (view: DataView, at: number): number => view.getUint8(at);

/**
 * Writes the first two bytes; the options, padded to `headerLength - 2` bytes, are the caller's to write.
 * @param headerLength bytes with options, a multiple of 8, 8 .. 2048
 * @returns 2
 */
export function writeIpv6OptionsHeader(
  view: DataView,
  at: number,
  nextHeader: number,
  headerLength: number,
): number {
  view.setUint8(at, nextHeader);
  view.setUint8(at + HDR_EXT_LEN, (headerLength >>> 3) - 1);
  return OPTIONS;
}

/** The header with its options as a tree. @param name `hopByHopOptions` or `destinationOptions` */
export function describeIpv6OptionsHeader(
  view: DataView,
  at: number,
  end: number,
  name = "options",
): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("nextHeader", at, 1, ipProtocolName);
  fields.uint("hdrExtLen", at + HDR_EXT_LEN, 1, (n) => `${8 + 8 * n} bytes`);
  const length = fields.has(at, OPTIONS)
    ? Math.min(ipv6OptionsHeaderLength(view, at), end - at)
    : end - at;
  for (const node of describeIpv6Options(view, at + OPTIONS, at + length)) fields.push(node);
  return headerNode(name, at, length, fields, checkIpv6OptionsHeader(view, at, end));
}

/** One line: `RA`, the options without padding. */
export function summarizeIpv6OptionsHeader(view: DataView, at: number, end: number): string {
  const state = checkIpv6OptionsHeader(view, at, end);
  if (state !== "ok") return `[${state}]`;
  return summarizeIpv6Options(view, at + OPTIONS, at + ipv6OptionsHeaderLength(view, at));
}
