import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+- - - - - - - - -
// |  Option Type  |  Opt Data Len |  Option Data
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+- - - - - - - - -
// In Hop-by-Hop and Destination Options headers; type 0 (Pad1) is a single byte. RFC 8200 s4.2.
const DATA_LENGTH = 1;
const DATA = 2;

/** One byte of padding, without length. RFC 8200 s4.2 */
export const IPV6_OPTION_PAD1 = 0;
/** Two bytes of padding or more. RFC 8200 s4.2 */
export const IPV6_OPTION_PADN = 1;
/** Asks routers to look at the packet; MLD carries it. RFC 3542 s2.1.2 lists the value. */
export const IPV6_OPTION_ROUTER_ALERT = 5;
/** Length of a packet beyond 65,575 bytes. RFC 2675 s2 */
export const IPV6_OPTION_JUMBO_PAYLOAD = 0xc2;

/** What to do with an option that is not known, from the type's two highest bits. RFC 8200 s4.2 */
export type Ipv6UnknownOptionAction =
  | "skip"
  | "discard"
  | "discardAndReport"
  | "discardAndReportUnlessMulticast";

const ACTIONS: readonly Ipv6UnknownOptionAction[] = [
  "skip",
  "discard",
  "discardAndReport",
  "discardAndReportUnlessMulticast",
];

/** What to do with an option of this type (0 .. 255) if it is not known. */
export const ipv6UnknownOptionAction = (type: number): Ipv6UnknownOptionAction =>
  ACTIONS[type >>> 6] ?? "skip";

/**
 * Bytes of the option at `at`, its type and length included, or 0 if it goes beyond `end`. `at` must be
 * before `end`. So `for (let o = at; o < end; o += length)` walks the options if it stops at 0.
 */
export function ipv6OptionLength(view: DataView, at: number, end: number): number {
  if (view.getUint8(at) === IPV6_OPTION_PAD1) return 1;
  if (end - at < DATA) return 0;
  const length = DATA + view.getUint8(at + DATA_LENGTH);
  return length <= end - at ? length : 0;
}

/** Why options cannot be read to their end. */
export type Ipv6OptionsCheck = "ok" | "truncated";

/** Checks that options fill `at .. end` exactly. */
export function checkIpv6Options(view: DataView, at: number, end: number): Ipv6OptionsCheck {
  for (let o = at; o < end; ) {
    const length = ipv6OptionLength(view, o, end);
    if (length === 0) return "truncated";
    o += length;
  }
  return "ok";
}

/** Writes padding of `length` bytes, 0 .. 257: nothing, a Pad1, or a PadN. Returns `length`. */
export function writeIpv6Padding(view: DataView, at: number, length: number): number {
  for (let i = 0; i < length; i++) view.setUint8(at + i, 0);
  if (length < DATA) return length;
  view.setUint8(at, IPV6_OPTION_PADN);
  view.setUint8(at + DATA_LENGTH, length - DATA);
  return length;
}

/** Writes a Router Alert: 4 bytes. `value` 0 says that the packet is MLD (RFC 3542 s2.1.2). */
export function writeIpv6RouterAlert(view: DataView, at: number, value: number): number {
  view.setUint8(at, IPV6_OPTION_ROUTER_ALERT);
  view.setUint8(at + DATA_LENGTH, 2);
  view.setUint16(at + DATA, value);
  return 4;
}

/** Writes type and length of an option with `dataLength` bytes, 0 .. 255, that the caller writes. Returns 2. */
export function writeIpv6OptionHead(
  view: DataView,
  at: number,
  type: number,
  dataLength: number,
): number {
  view.setUint8(at, type);
  view.setUint8(at + DATA_LENGTH, dataLength);
  return DATA;
}

const ROUTER_ALERTS = ["MLD", "RSVP", "Active Networks"];

function describeIpv6Option(view: DataView, at: number, end: number): TreeNode {
  const type = view.getUint8(at);
  if (type === IPV6_OPTION_PAD1) return { name: "pad1", at, length: 1 };
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("dataLength", at + DATA_LENGTH, 1);
  const dataLength = end - at - DATA;
  switch (type) {
    case IPV6_OPTION_PADN:
      fields.hex("padding", at + DATA, dataLength);
      return headerNode("padN", at, end - at, fields, "ok");
    case IPV6_OPTION_ROUTER_ALERT:
      fields.uint("value", at + DATA, 2, (v) => ROUTER_ALERTS[v]);
      return headerNode("routerAlert", at, end - at, fields, dataLength === 2 ? "ok" : "badLength");
    case IPV6_OPTION_JUMBO_PAYLOAD:
      fields.uint("jumboPayloadLength", at + DATA, 4);
      return headerNode(
        "jumboPayload",
        at,
        end - at,
        fields,
        dataLength === 4 ? "ok" : "badLength",
      );
    default:
      fields.computed("ifUnknown", at, 1, () => ipv6UnknownOptionAction(type));
      fields.flag("changesEnRoute", at, 1, 0x20);
      fields.hex("data", at + DATA, dataLength);
      return headerNode("unknownOption", at, end - at, fields, "ok");
  }
}

/** One node for each option in `at .. end`. */
export function describeIpv6Options(view: DataView, at: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let o = at; o < end; ) {
    const length = ipv6OptionLength(view, o, end);
    if (length === 0) {
      const value = view.getUint8(o);
      nodes.push({ name: "option", value, at: o, length: end - o, malformed: "truncated" });
      break;
    }
    nodes.push(describeIpv6Option(view, o, o + length));
    o += length;
  }
  return nodes;
}

const SHORT: ReadonlyMap<number, string> = new Map([
  [IPV6_OPTION_ROUTER_ALERT, "RA"],
  [IPV6_OPTION_JUMBO_PAYLOAD, "jumbo"],
]);

/** The options in one line without padding, `RA,option 30`; empty for padding alone. */
export function summarizeIpv6Options(view: DataView, at: number, end: number): string {
  const words: string[] = [];
  for (let o = at; o < end; ) {
    const type = view.getUint8(o);
    const length = ipv6OptionLength(view, o, end);
    if (length === 0) {
      words.push(`option ${type} [truncated]`);
      break;
    }
    if (type !== IPV6_OPTION_PAD1 && type !== IPV6_OPTION_PADN) {
      words.push(SHORT.get(type) ?? `option ${type}`);
    }
    o += length;
  }
  return words.join(",");
}
