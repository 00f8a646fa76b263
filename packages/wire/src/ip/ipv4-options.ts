import {
  checkOptionList,
  nextOption,
  OPTION_END_OF_LIST,
  OPTION_NO_OPERATION,
  type OptionListCheck,
  optionLength,
} from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import {
  describeIpv4RouteOption,
  IPV4_OPTION_LOOSE_SOURCE_ROUTE,
  IPV4_OPTION_RECORD_ROUTE,
  IPV4_OPTION_STRICT_SOURCE_ROUTE,
  summarizeIpv4RouteOption,
} from "./ipv4-route-option.js";
import {
  describeIpv4RouterAlert,
  IPV4_OPTION_ROUTER_ALERT,
  summarizeIpv4RouterAlert,
} from "./ipv4-router-alert.js";
import {
  describeIpv4TimestampOption,
  IPV4_OPTION_TIMESTAMP,
  summarizeIpv4TimestampOption,
} from "./ipv4-timestamp-option.js";

/** Security labels of the 1980s; printed only. */
export const IPV4_OPTION_SECURITY = 130;
/** SATNET stream identifier; printed only. */
export const IPV4_OPTION_STREAM_ID = 136;

/** Checks that the options of a header can be read to their end, without looking into them. */
export const checkIpv4Options = (view: DataView, at: number, end: number): OptionListCheck =>
  checkOptionList(view, at, end);

/** RFC 791 s3.1: true if the option goes into every fragment, false if only into the first. */
export const ipv4OptionIsCopied = (view: DataView, at: number): boolean =>
  (view.getUint8(at) & 0x80) !== 0;

function describeOpaque(view: DataView, at: number, end: number, name: string): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.flag("copied", at, 1, 0x80);
  fields.bits("class", at, 1, 5, 2);
  fields.bits("number", at, 1, 0, 5);
  fields.uint("length", at + 1, 1);
  fields.hex("data", at + 2, end - at - 2);
  return headerNode(name, at, end - at, fields, "ok");
}

function describeIpv4Option(view: DataView, at: number, end: number): TreeNode {
  switch (view.getUint8(at)) {
    case OPTION_NO_OPERATION:
      return { name: "noOperation", at, length: 1 };
    case IPV4_OPTION_RECORD_ROUTE:
    case IPV4_OPTION_LOOSE_SOURCE_ROUTE:
    case IPV4_OPTION_STRICT_SOURCE_ROUTE:
      return describeIpv4RouteOption(view, at, end);
    case IPV4_OPTION_TIMESTAMP:
      return describeIpv4TimestampOption(view, at, end);
    case IPV4_OPTION_ROUTER_ALERT:
      return describeIpv4RouterAlert(view, at, end);
    case IPV4_OPTION_SECURITY:
      return describeOpaque(view, at, end, "security");
    case IPV4_OPTION_STREAM_ID:
      return describeOpaque(view, at, end, "streamId");
    default:
      return describeOpaque(view, at, end, "unknownOption");
  }
}

/** One node for each option in `at .. end`, the options of one header. */
export function describeIpv4Options(view: DataView, at: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let o = at; o < end; o = nextOption(view, o, end)) {
    const length = optionLength(view, o, end);
    if (view.getUint8(o) === OPTION_END_OF_LIST) {
      nodes.push({ name: "endOfOptionList", at: o, length: end - o });
    } else if (length === 0) {
      const malformed = checkOptionList(view, o, end);
      nodes.push({ name: "option", value: view.getUint8(o), at: o, length: end - o, malformed });
    } else {
      nodes.push(describeIpv4Option(view, o, o + length));
    }
  }
  return nodes;
}

function summarizeIpv4Option(view: DataView, at: number, end: number): string {
  const kind = view.getUint8(at);
  switch (kind) {
    case OPTION_NO_OPERATION:
      return "NOP";
    case IPV4_OPTION_RECORD_ROUTE:
    case IPV4_OPTION_LOOSE_SOURCE_ROUTE:
    case IPV4_OPTION_STRICT_SOURCE_ROUTE:
      return summarizeIpv4RouteOption(view, at, end);
    case IPV4_OPTION_TIMESTAMP:
      return summarizeIpv4TimestampOption(view, at, end);
    case IPV4_OPTION_ROUTER_ALERT:
      return summarizeIpv4RouterAlert(view, at, end);
    case IPV4_OPTION_SECURITY:
      return "security";
    case IPV4_OPTION_STREAM_ID:
      return "stream-id";
    default:
      return `unknown ${kind}`;
  }
}

/** The options of one header in one line, `RR 192.0.2.1 ^ 0.0.0.0,EOL`. */
export function summarizeIpv4Options(view: DataView, at: number, end: number): string {
  const words: string[] = [];
  for (let o = at; o < end; o = nextOption(view, o, end)) {
    const length = optionLength(view, o, end);
    if (view.getUint8(o) === OPTION_END_OF_LIST) words.push("EOL");
    else if (length === 0)
      words.push(`option ${view.getUint8(o)} [${checkOptionList(view, o, end)}]`);
    else words.push(summarizeIpv4Option(view, o, o + length));
  }
  return words.join(",");
}
