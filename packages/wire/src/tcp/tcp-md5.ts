import { checkFixedOption, type OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";

// +---------+---------+-------------------+
// | Kind=19 |Length=18|   MD5 digest...   |
// +---------+---------+-------------------+
// RFC 5925 s2.1, which obsoletes it: printed, never written.
const LENGTH = 18;
const DIGEST = 2;

/** Checks that the option has 18 bytes. */
export const checkTcpMd5 = (view: DataView, at: number, end: number): OptionListCheck =>
  checkFixedOption(view, at, end, LENGTH);

/** The option as a tree; `end` is the end of the option. */
export function describeTcpMd5(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.hex("digest", at + DIGEST, end - at - DIGEST);
  return headerNode("md5Signature", at, end - at, fields, checkTcpMd5(view, at, end));
}

/** `md5`. */
export function summarizeTcpMd5(view: DataView, at: number, end: number): string {
  const state = checkTcpMd5(view, at, end);
  return state === "ok" ? "md5" : `md5 [${state}]`;
}
