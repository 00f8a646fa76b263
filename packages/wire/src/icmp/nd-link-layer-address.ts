import { formatMac, type MacAddress, readMac, writeMac } from "../ethernet/mac-address.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |    Link-Layer Address ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 4861 s4.6.1; for Ethernet the length is 1 and the address has 6 bytes (RFC 2464 s6).
const LENGTH = 8;

/** Type of the option with the sender's address. */
export const ND_OPTION_SOURCE_LINK_LAYER_ADDRESS = 1;
/** Type of the option with the target's address. */
export const ND_OPTION_TARGET_LINK_LAYER_ADDRESS = 2;

/** Why the option is not used. `badLength`: its address is none of Ethernet. */
export type NdLinkLayerAddressCheck = "ok" | "truncated" | "badLength";

/** Checks that the option has an Ethernet address. */
export function checkNdLinkLayerAddress(
  view: DataView,
  at: number,
  end: number,
): NdLinkLayerAddressCheck {
  const length = ndOptionLength(view, at, end);
  if (length === 0) return "truncated";
  return length === LENGTH ? "ok" : "badLength";
}

/** The address. */
export const ndLinkLayerAddress = (view: DataView, at: number): MacAddress => readMac(view, at + 2);

/** Writes the option: 8 bytes. @param type 1 for the source's, 2 for the target's address */
export function writeNdLinkLayerAddress(
  view: DataView,
  at: number,
  type: number,
  mac: MacAddress,
): number {
  writeNdOptionHead(view, at, type, LENGTH);
  writeMac(view, at + 2, mac);
  return LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdLinkLayerAddress(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  const state = checkNdLinkLayerAddress(view, at, end);
  if (state === "ok") {
    fields.computed("linkLayerAddress", at + 2, 6, () => formatMac(ndLinkLayerAddress(view, at)));
  } else {
    fields.hex("linkLayerAddress", at + 2, end - at - 2);
  }
  const isSource = fields.has(at, 1) && view.getUint8(at) === ND_OPTION_SOURCE_LINK_LAYER_ADDRESS;
  const name = isSource ? "sourceLinkLayerAddress" : "targetLinkLayerAddress";
  return headerNode(name, at, end - at, fields, state);
}

/** `source 02:00:5e:10:00:01`. */
export function summarizeNdLinkLayerAddress(view: DataView, at: number, end: number): string {
  const state = checkNdLinkLayerAddress(view, at, end);
  if (state !== "ok") return `link-layer address [${state}]`;
  const isSource = view.getUint8(at) === ND_OPTION_SOURCE_LINK_LAYER_ADDRESS;
  return `${isSource ? "source" : "target"} ${formatMac(ndLinkLayerAddress(view, at))}`;
}
