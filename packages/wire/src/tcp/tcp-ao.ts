import type { OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_AO } from "./tcp-option-kind.js";

// +------------+------------+------------+------------+
// |  Kind=29   |   Length   |   KeyID    | RNextKeyID |
// +------------+------------+------------+------------+
// |                     MAC           ...
// +-----------------------------------...
// RFC 5925 s2.2.

/** Offset of the MAC from the option's first byte, the bytes before it. */
export const TCP_AO_MAC_OFFSET = 4;

/** RFC 5925 s2.2: a segment whose option has a length below 4, or beyond the header, must be discarded. */
export function checkTcpAo(view: DataView, at: number, end: number): OptionListCheck {
  if (end - at < 2) return "truncated";
  const length = view.getUint8(at + 1);
  if (length < TCP_AO_MAC_OFFSET) return "badLength";
  return end - at < length ? "truncated" : "ok";
}

/** The key that the MAC was made with. */
export const tcpAoKeyId = (view: DataView, at: number): number => view.getUint8(at + 2);
/** The key that the sender would like to receive with. */
export const tcpAoRNextKeyId = (view: DataView, at: number): number => view.getUint8(at + 3);
/** Bytes of the MAC, which begins at `at + 4`. */
export const tcpAoMacLength = (view: DataView, at: number): number =>
  view.getUint8(at + 1) - TCP_AO_MAC_OFFSET;

/** Writes the first 4 bytes; the MAC of `macLength` bytes is the caller's to write. Returns 4. */
export function writeTcpAo(
  view: DataView,
  at: number,
  keyId: number,
  rNextKeyId: number,
  macLength: number,
): number {
  view.setUint16(at, (TCP_OPTION_AO << 8) | (TCP_AO_MAC_OFFSET + macLength));
  view.setUint8(at + 2, keyId);
  view.setUint8(at + 3, rNextKeyId);
  return TCP_AO_MAC_OFFSET;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpAo(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.uint("keyId", at + 2, 1);
  fields.uint("rNextKeyId", at + 3, 1);
  fields.hex("mac", at + TCP_AO_MAC_OFFSET, end - at - TCP_AO_MAC_OFFSET);
  return headerNode("tcpAo", at, end - at, fields, checkTcpAo(view, at, end));
}

/** `tcp-ao keyid 1 rnextkeyid 2 mac 12 bytes`. */
export function summarizeTcpAo(view: DataView, at: number, end: number): string {
  const state = checkTcpAo(view, at, end);
  if (state !== "ok") return `tcp-ao [${state}]`;
  const keys = `keyid ${tcpAoKeyId(view, at)} rnextkeyid ${tcpAoRNextKeyId(view, at)}`;
  return `tcp-ao ${keys} mac ${tcpAoMacLength(view, at)} bytes`;
}
