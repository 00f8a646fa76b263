import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { describeNdDnssl, ND_OPTION_DNSSL, summarizeNdDnssl } from "./nd-dnssl.js";
import {
  describeNdLinkLayerAddress,
  ND_OPTION_SOURCE_LINK_LAYER_ADDRESS,
  ND_OPTION_TARGET_LINK_LAYER_ADDRESS,
  summarizeNdLinkLayerAddress,
} from "./nd-link-layer-address.js";
import { describeNdMtu, ND_OPTION_MTU, summarizeNdMtu } from "./nd-mtu.js";
import { checkNdOptions, ndOptionLength, nextNdOption } from "./nd-option-list.js";
import {
  describeNdPrefixInformation,
  ND_OPTION_PREFIX_INFORMATION,
  summarizeNdPrefixInformation,
} from "./nd-prefix-information.js";
import { describeNdRdnss, ND_OPTION_RDNSS, summarizeNdRdnss } from "./nd-rdnss.js";
import {
  describeNdRedirectedHeader,
  ND_OPTION_REDIRECTED_HEADER,
  summarizeNdRedirectedHeader,
} from "./nd-redirected-header.js";
import {
  describeNdRouteInformation,
  ND_OPTION_ROUTE_INFORMATION,
  summarizeNdRouteInformation,
} from "./nd-route-information.js";

interface Printer {
  readonly describe: (view: DataView, at: number, end: number) => TreeNode;
  readonly summarize: (view: DataView, at: number, end: number) => string;
}

const LINK_LAYER_ADDRESS: Printer = {
  describe: describeNdLinkLayerAddress,
  summarize: summarizeNdLinkLayerAddress,
};

const PRINTERS: ReadonlyMap<number, Printer> = new Map([
  [ND_OPTION_SOURCE_LINK_LAYER_ADDRESS, LINK_LAYER_ADDRESS],
  [ND_OPTION_TARGET_LINK_LAYER_ADDRESS, LINK_LAYER_ADDRESS],
  [
    ND_OPTION_PREFIX_INFORMATION,
    { describe: describeNdPrefixInformation, summarize: summarizeNdPrefixInformation },
  ],
  [
    ND_OPTION_REDIRECTED_HEADER,
    { describe: describeNdRedirectedHeader, summarize: summarizeNdRedirectedHeader },
  ],
  [ND_OPTION_MTU, { describe: describeNdMtu, summarize: summarizeNdMtu }],
  [
    ND_OPTION_ROUTE_INFORMATION,
    { describe: describeNdRouteInformation, summarize: summarizeNdRouteInformation },
  ],
  [ND_OPTION_RDNSS, { describe: describeNdRdnss, summarize: summarizeNdRdnss }],
  [ND_OPTION_DNSSL, { describe: describeNdDnssl, summarize: summarizeNdDnssl }],
]);

function describeUnknown(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  fields.hex("data", at + 2, end - at - 2);
  return headerNode("unknownOption", at, end - at, fields, "ok");
}

/** One node for each option in `at .. end`. */
export function describeNdOptions(view: DataView, at: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let o = at; o < end; o = nextNdOption(view, o, end)) {
    const length = ndOptionLength(view, o, end);
    const type = view.getUint8(o);
    if (length === 0) {
      const malformed = checkNdOptions(view, o, end);
      nodes.push({ name: "option", value: type, at: o, length: end - o, malformed });
    } else {
      const describe = PRINTERS.get(type)?.describe ?? describeUnknown;
      nodes.push(describe(view, o, o + length));
    }
  }
  return nodes;
}

/** The options in one line, each after a comma: `, source 02:00:5e:10:00:01, mtu 1500`. */
export function summarizeNdOptions(view: DataView, at: number, end: number): string {
  let line = "";
  for (let o = at; o < end; o = nextNdOption(view, o, end)) {
    const length = ndOptionLength(view, o, end);
    const type = view.getUint8(o);
    if (length === 0) line += `, option ${type} [${checkNdOptions(view, o, end)}]`;
    else line += `, ${PRINTERS.get(type)?.summarize(view, o, o + length) ?? `option ${type}`}`;
  }
  return line;
}
