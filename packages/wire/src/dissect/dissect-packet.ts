import { ARP_LENGTH, checkArp, describeArp } from "../arp/arp.js";
import { linkTypeName } from "../capture/link-type.js";
import { describeEthernet } from "../ethernet/ethernet.js";
import { describeLinuxSll2 } from "../ethernet/linux-sll2.js";
import { describeIcmpv4 } from "../icmp/icmpv4.js";
import { describeIcmpv6 } from "../icmp/icmpv6.js";
import { describeIpv4 } from "../ip/ipv4.js";
import { checkIpv6Header, describeIpv6 } from "../ip/ipv6.js";
import { describeIpv6Extensions } from "../ip/ipv6-chain.js";
import { describeSctpPacket } from "../sctp/packet.js";
import { describeTcp } from "../tcp/tcp.js";
import type { TreeNode } from "../tree.js";
import { hexBytes } from "../tree-fields.js";
import { describeUdp } from "../udp/udp.js";
import { layerChecksum } from "./layer-checksum.js";
import { describeLinuxSll } from "./linux-sll.js";
import { type DissectOptions, findLayers, findQuotedLayers, type Layer } from "./packet-layers.js";

/**
 * A whole packet as a tree: link, IP and its extension headers, transport, every option, message and
 * chunk. Checksums are verified where all that they cover is there; each `checksum` node says whether it is
 * right, wrong (then SCTP's also what it should be), absent, or not verified. What an ICMP error quotes is under `quotedPacket`. Of IP fragments
 * but the first the payload stays bytes; nothing is reassembled. Any bytes are taken and nothing thrown:
 * what cannot be read has `malformed` set.
 *
 * @param bytes borrowed; while an SCTP checksum is verified its field is zero for a moment
 * @param view covers the same memory as `bytes`
 * @param at offset of the first byte
 * @param end offset after the last captured byte
 * @param linkType see {@link LINK_TYPE}; a packet of any other is shown as bytes
 * @example
 * const tree = dissectPacket(bytes, view, 0, bytes.length, LINK_TYPE.ipv4);
 * console.log(formatTree(tree));
 */
export function dissectPacket(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  linkType: number,
  options: DissectOptions = {},
): TreeNode {
  const children: TreeNode[] = [];
  const layers = findLayers(view, at, end, linkType, options);
  for (const layer of layers) describeLayer(bytes, view, layer, options, false, children);
  const trailer = layers.reduce((before, layer) => Math.min(before, carriedEnd(view, layer)), end);
  if (trailer < end) children.push(bytesNode("trailer", view, trailer, end));
  return {
    name: "packet",
    value: linkTypeName(linkType),
    at,
    length: Math.max(0, end - at),
    children,
  };
}

/** Where what is on the link ends: Ethernet pads short frames, and what follows belongs to nobody. */
function carriedEnd(view: DataView, layer: Layer): number {
  if (layer.kind === "arp" && checkArp(view, layer.at, layer.end) === "ok") {
    return layer.at + ARP_LENGTH;
  }
  return layer.kind === "ipv4" || layer.kind === "ipv6" ? layer.end : Number.POSITIVE_INFINITY;
}

function describeLayer(
  bytes: Uint8Array,
  view: DataView,
  layer: Layer,
  options: DissectOptions,
  isQuoted: boolean,
  into: TreeNode[],
): void {
  const { at, end } = layer;
  switch (layer.kind) {
    case "ethernet":
      into.push(describeEthernet(view, at, end));
      break;
    case "linuxSll":
      into.push(describeLinuxSll(view, at, end));
      break;
    case "linuxSll2":
      into.push(describeLinuxSll2(view, at, end));
      break;
    case "arp":
      into.push(describeArp(view, at, end));
      break;
    case "ipv4":
      into.push(describeIpv4(view, at, end));
      break;
    case "ipv6":
      into.push(describeIpv6(view, at, end));
      if (checkIpv6Header(view, at, end) === "ok") {
        into.push(...describeIpv6Extensions(view, at, end));
      }
      break;
    case "icmpv4":
      into.push(describeIcmp(bytes, view, layer, describeIcmpv4(view, at, end), options, isQuoted));
      break;
    case "icmpv6":
      into.push(describeIcmp(bytes, view, layer, describeIcmpv6(view, at, end), options, isQuoted));
      break;
    case "udp":
      into.push(withChecksum(bytes, view, layer, describeUdp(view, at, end)));
      break;
    case "tcp":
      into.push(withChecksum(bytes, view, layer, describeTcp(view, at, end)));
      break;
    case "sctp":
      into.push(withChecksum(bytes, view, layer, describeSctpPacket(bytes, view, at, end)));
      break;
    case "fragmentData":
    case "data":
      into.push(bytesNode(layer.kind, view, at, end));
  }
}

/**
 * The message with what it quotes taken apart: under `quotedPacket`, instead of bytes. A quote inside a quote
 * stays as it is, since nesting them deeply would cost more than any packet is worth.
 */
function describeIcmp(
  bytes: Uint8Array,
  view: DataView,
  layer: Layer,
  message: TreeNode,
  options: DissectOptions,
  isQuoted: boolean,
): TreeNode {
  const node = withChecksum(bytes, view, layer, message);
  const fields = node.children ?? [];
  const first = fields.findIndex((field) => field.name === "ipv4" || field.name === "ipv6");
  if (first < 0 || isQuoted) return node;
  const data = fields.findIndex((field) => field.name === "originalData");
  const stop = data < 0 ? fields.length : data + 1;
  const quoted: TreeNode[] = [];
  for (const inner of findQuotedLayers(view, layer, options)) {
    describeLayer(bytes, view, inner, options, true, quoted);
  }
  const inside = [...fields.slice(first, quoted.length > 0 && data >= 0 ? data : stop), ...quoted];
  const at = fields[first]?.at ?? layer.at;
  const length = inside.reduce((most, n) => Math.max(most, n.at + n.length), at) - at;
  const packet: TreeNode = { name: "quotedPacket", at, length, children: inside };
  return { ...node, children: [...fields.slice(0, first), packet, ...fields.slice(stop)] };
}

const MEANING = { right: "right", wrong: "wrong", absent: "absent", unknown: "not verified" };

/** The node with what its checksum was found to be. What the SCTP codec says in full stays. */
function withChecksum(bytes: Uint8Array, view: DataView, layer: Layer, node: TreeNode): TreeNode {
  if (node.children === undefined) return node;
  if (layer.kind === "sctp" && layer.whole) return node;
  const meaning = MEANING[layerChecksum(bytes, view, layer)];
  const children = node.children.map((field) =>
    field.name === "checksum" ? { ...field, meaning } : field,
  );
  return { ...node, children };
}

const bytesNode = (name: string, view: DataView, at: number, end: number): TreeNode => ({
  name,
  value: hexBytes(view, at, end - at),
  at,
  length: end - at,
});
