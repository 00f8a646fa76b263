import { checkFixedOption, type OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_TIMESTAMPS } from "./tcp-option-kind.js";

// +-------+-------+---------------------+---------------------+
// |Kind=8 |  10   |   TS Value (TSval)  |TS Echo Reply (TSecr)|
// +-------+-------+---------------------+---------------------+
// RFC 7323 s3.2.

/** Bytes of the option. */
export const TCP_TIMESTAMPS_LENGTH = 10;

/** Checks that the option has 10 bytes. */
export const checkTcpTimestamps = (view: DataView, at: number, end: number): OptionListCheck =>
  checkFixedOption(view, at, end, TCP_TIMESTAMPS_LENGTH);

/** The sender's clock. */
export const tcpTsVal = (view: DataView, at: number): number => view.getUint32(at + 2);
/** The clock value that is echoed; means something only with ACK set. */
export const tcpTsEcr = (view: DataView, at: number): number => view.getUint32(at + 6);

/** Writes the option: 10 bytes. */
export function writeTcpTimestamps(
  view: DataView,
  at: number,
  tsVal: number,
  tsEcr: number,
): number {
  view.setUint16(at, (TCP_OPTION_TIMESTAMPS << 8) | TCP_TIMESTAMPS_LENGTH);
  view.setUint32(at + 2, tsVal);
  view.setUint32(at + 6, tsEcr);
  return TCP_TIMESTAMPS_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpTimestamps(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.uint("tsVal", at + 2, 4);
  fields.uint("tsEcr", at + 6, 4);
  return headerNode("timestamps", at, end - at, fields, checkTcpTimestamps(view, at, end));
}

/** `TS val 2780509914 ecr 0`. */
export function summarizeTcpTimestamps(view: DataView, at: number, end: number): string {
  const state = checkTcpTimestamps(view, at, end);
  if (state !== "ok") return `TS [${state}]`;
  return `TS val ${tcpTsVal(view, at)} ecr ${tcpTsEcr(view, at)}`;
}
