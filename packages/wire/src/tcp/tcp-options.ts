import { describeMptcpOption, summarizeMptcpOption } from "../mptcp/mptcp-option.js";
import {
  checkOptionList,
  findOption,
  nextOption,
  type OptionListCheck,
  optionLength,
} from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { describeTcpAo, summarizeTcpAo } from "./tcp-ao.js";
import { describeTcpExperimental, summarizeTcpExperimental } from "./tcp-experimental.js";
import { describeTcpFastOpen, summarizeTcpFastOpen } from "./tcp-fast-open.js";
import { describeTcpMd5, summarizeTcpMd5 } from "./tcp-md5.js";
import { describeTcpMss, summarizeTcpMss } from "./tcp-mss.js";
import {
  TCP_OPTION_AO,
  TCP_OPTION_END_OF_LIST,
  TCP_OPTION_EXPERIMENT_1,
  TCP_OPTION_EXPERIMENT_2,
  TCP_OPTION_FAST_OPEN,
  TCP_OPTION_MD5,
  TCP_OPTION_MPTCP,
  TCP_OPTION_MSS,
  TCP_OPTION_NO_OPERATION,
  TCP_OPTION_SACK,
  TCP_OPTION_SACK_PERMITTED,
  TCP_OPTION_TIMESTAMPS,
  TCP_OPTION_USER_TIMEOUT,
  TCP_OPTION_WINDOW_SCALE,
} from "./tcp-option-kind.js";
import { describeTcpSack, summarizeTcpSack } from "./tcp-sack.js";
import { describeTcpSackPermitted, summarizeTcpSackPermitted } from "./tcp-sack-permitted.js";
import { describeTcpTimestamps, summarizeTcpTimestamps } from "./tcp-timestamps.js";
import { describeTcpUserTimeout, summarizeTcpUserTimeout } from "./tcp-user-timeout.js";
import { describeTcpWindowScale, summarizeTcpWindowScale } from "./tcp-window-scale.js";

/** Checks that the options `at .. end` of a header can be read to their end, without looking into them. */
export const checkTcpOptions = (view: DataView, at: number, end: number): OptionListCheck =>
  checkOptionList(view, at, end);

/**
 * Bytes of the option at `at`, or 0 if it cannot be read: its length is missing, below 2 or beyond `end`.
 * `at` must be before `end`.
 */
export const tcpOptionLength = (view: DataView, at: number, end: number): number =>
  optionLength(view, at, end);

/**
 * Where the option after the one at `at` begins; `end` when there is none, or the one at `at` ends the list
 * or cannot be read. Allocates nothing:
 *
 * ```ts
 * for (let o = at + 20; o < end; o = nextTcpOption(view, o, end)) {
 *   if (view.getUint8(o) === TCP_OPTION_MSS && checkTcpMss(view, o, end) === "ok") mss = tcpMss(view, o);
 * }
 * ```
 */
export const nextTcpOption = (view: DataView, at: number, end: number): number =>
  nextOption(view, at, end);

/** Where the first whole option of this kind (2 .. 255) in the options `at .. end` begins, or -1. */
export const findTcpOption = (view: DataView, at: number, end: number, kind: number): number =>
  findOption(view, at, end, kind);

/** Fills `at .. at + length` with no-operations, as between options or up to a multiple of 4 bytes. */
export function writeTcpNoOperations(view: DataView, at: number, length: number): number {
  for (let i = 0; i < length; i++) view.setUint8(at + i, TCP_OPTION_NO_OPERATION);
  return length;
}

interface Printer {
  readonly describe: (view: DataView, at: number, end: number) => TreeNode;
  readonly summarize: (view: DataView, at: number, end: number) => string;
}

const EXPERIMENTAL: Printer = {
  describe: describeTcpExperimental,
  summarize: summarizeTcpExperimental,
};

const PRINTERS: ReadonlyMap<number, Printer> = new Map([
  [TCP_OPTION_MSS, { describe: describeTcpMss, summarize: summarizeTcpMss }],
  [
    TCP_OPTION_WINDOW_SCALE,
    { describe: describeTcpWindowScale, summarize: summarizeTcpWindowScale },
  ],
  [
    TCP_OPTION_SACK_PERMITTED,
    { describe: describeTcpSackPermitted, summarize: summarizeTcpSackPermitted },
  ],
  [TCP_OPTION_SACK, { describe: describeTcpSack, summarize: summarizeTcpSack }],
  [TCP_OPTION_TIMESTAMPS, { describe: describeTcpTimestamps, summarize: summarizeTcpTimestamps }],
  [TCP_OPTION_MD5, { describe: describeTcpMd5, summarize: summarizeTcpMd5 }],
  [
    TCP_OPTION_USER_TIMEOUT,
    { describe: describeTcpUserTimeout, summarize: summarizeTcpUserTimeout },
  ],
  [TCP_OPTION_AO, { describe: describeTcpAo, summarize: summarizeTcpAo }],
  [TCP_OPTION_MPTCP, { describe: describeMptcpOption, summarize: summarizeMptcpOption }],
  [TCP_OPTION_FAST_OPEN, { describe: describeTcpFastOpen, summarize: summarizeTcpFastOpen }],
  [TCP_OPTION_EXPERIMENT_1, EXPERIMENTAL],
  [TCP_OPTION_EXPERIMENT_2, EXPERIMENTAL],
]);

function describeUnknown(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  if (end - at > 2) fields.hex("data", at + 2, end - at - 2);
  return headerNode("unknownOption", at, end - at, fields, "ok");
}

/** One node for each option in `at .. end`, the options of one header. */
export function describeTcpOptions(view: DataView, at: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let o = at; o < end; o = nextOption(view, o, end)) {
    const kind = view.getUint8(o);
    const length = optionLength(view, o, end);
    if (kind === TCP_OPTION_END_OF_LIST) {
      nodes.push({ name: "endOfOptionList", at: o, length: end - o });
    } else if (kind === TCP_OPTION_NO_OPERATION) {
      nodes.push({ name: "noOperation", at: o, length: 1 });
    } else if (length === 0) {
      const malformed = checkOptionList(view, o, end);
      nodes.push({ name: "option", value: kind, at: o, length: end - o, malformed });
    } else {
      const describe = PRINTERS.get(kind)?.describe ?? describeUnknown;
      nodes.push(describe(view, o, o + length));
    }
  }
  return nodes;
}

/** The options of one header in one line: `mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 10`. */
export function summarizeTcpOptions(view: DataView, at: number, end: number): string {
  const words: string[] = [];
  for (let o = at; o < end; o = nextOption(view, o, end)) {
    const kind = view.getUint8(o);
    const length = optionLength(view, o, end);
    if (kind === TCP_OPTION_END_OF_LIST) words.push("eol");
    else if (kind === TCP_OPTION_NO_OPERATION) words.push("nop");
    else if (length === 0) words.push(`option ${kind} [${checkOptionList(view, o, end)}]`);
    else words.push(PRINTERS.get(kind)?.summarize(view, o, o + length) ?? `unknown-${kind}`);
  }
  return words.join(",");
}
