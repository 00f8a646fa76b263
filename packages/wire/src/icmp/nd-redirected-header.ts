import {
  checkIpv6Header,
  describeIpv6Header,
  IPV6_HEADER_LENGTH,
  summarizeIpv6,
} from "../ip/ipv6.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |            Reserved           |
// |                           Reserved                            |
// ~                       IP header + data                        ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4861 s4.6.3.

/** Type of the option. */
export const ND_OPTION_REDIRECTED_HEADER = 4;

/** Offset of the redirected packet from the option's first byte. */
export const ND_REDIRECTED_PACKET_OFFSET = 8;

/** Why the option is not used. */
export type NdRedirectedHeaderCheck = "ok" | "truncated";

/** Checks that the option is there; what it quotes can be of any length. */
export const checkNdRedirectedHeader = (
  view: DataView,
  at: number,
  end: number,
): NdRedirectedHeaderCheck => (ndOptionLength(view, at, end) === 0 ? "truncated" : "ok");

/**
 * Writes the option's first 8 bytes; the packet, cut to a multiple of 8 bytes, is the caller's to write.
 * @param length bytes of the whole option, a multiple of 8
 * @returns 8
 */
export function writeNdRedirectedHeader(view: DataView, at: number, length: number): number {
  writeNdOptionHead(view, at, ND_OPTION_REDIRECTED_HEADER, length);
  view.setUint16(at + 2, 0);
  view.setUint32(at + 4, 0);
  return ND_REDIRECTED_PACKET_OFFSET;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdRedirectedHeader(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  const packetAt = at + ND_REDIRECTED_PACKET_OFFSET;
  if (checkIpv6Header(view, packetAt, end) === "ok") {
    fields.push(describeIpv6Header(view, packetAt, end));
    fields.hex("data", packetAt + IPV6_HEADER_LENGTH, end - packetAt - IPV6_HEADER_LENGTH);
  } else {
    fields.hex("data", packetAt, end - packetAt);
  }
  return headerNode(
    "redirectedHeader",
    at,
    end - at,
    fields,
    checkNdRedirectedHeader(view, at, end),
  );
}

/** `redirected packet (IP6 ...)`. */
export function summarizeNdRedirectedHeader(view: DataView, at: number, end: number): string {
  const state = checkNdRedirectedHeader(view, at, end);
  if (state !== "ok") return `redirected packet [${state}]`;
  return `redirected packet (${summarizeIpv6(view, at + ND_REDIRECTED_PACKET_OFFSET, end)})`;
}
