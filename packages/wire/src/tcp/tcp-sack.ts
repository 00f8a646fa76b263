import { type SeqNum, seqNum } from "@multihome/base";
import type { OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_SACK } from "./tcp-option-kind.js";

// +--------+--------+
// | Kind=5 | Length |
// +--------+--------+--------+--------+
// |      Left Edge of 1st Block       |
// |      Right Edge of 1st Block      |
// |               . . .               |
// +--------+--------+--------+--------+
// RFC 2018 s3.
const BLOCKS = 2;
const BLOCK_LENGTH = 8;

/** Checks that the option has one block or more, all of them there. Their order is not looked at. */
export function checkTcpSack(view: DataView, at: number, end: number): OptionListCheck {
  if (end - at < BLOCKS) return "truncated";
  const length = view.getUint8(at + 1);
  if (length < BLOCKS + BLOCK_LENGTH || (length - BLOCKS) % BLOCK_LENGTH !== 0) return "badLength";
  return end - at < length ? "truncated" : "ok";
}

/** How many blocks there are, 1 .. 4 in a header. */
export const tcpSackCount = (view: DataView, at: number): number =>
  (view.getUint8(at + 1) - BLOCKS) >>> 3;
/** First sequence number of the block at `index`. */
export const tcpSackLeft = (view: DataView, at: number, index: number): SeqNum =>
  seqNum(view.getUint32(at + BLOCKS + BLOCK_LENGTH * index));
/** Sequence number after the last one of the block at `index`. */
export const tcpSackRight = (view: DataView, at: number, index: number): SeqNum =>
  seqNum(view.getUint32(at + BLOCKS + BLOCK_LENGTH * index + 4));

/** Writes kind and length for `count` blocks, 1 .. 4. Returns 2; {@link writeTcpSackBlock} follows for each. */
export function writeTcpSack(view: DataView, at: number, count: number): number {
  view.setUint16(at, (TCP_OPTION_SACK << 8) | (BLOCKS + BLOCK_LENGTH * count));
  return BLOCKS;
}

/** Writes one block: 8 bytes. */
export function writeTcpSackBlock(view: DataView, at: number, left: SeqNum, right: SeqNum): number {
  view.setUint32(at, left);
  view.setUint32(at + 4, right);
  return BLOCK_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpSack(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  for (let o = at + BLOCKS; o + BLOCK_LENGTH <= end; o += BLOCK_LENGTH) {
    fields.uint("leftEdge", o, 4);
    fields.uint("rightEdge", o + 4, 4);
  }
  return headerNode("sack", at, end - at, fields, checkTcpSack(view, at, end));
}

/** `sack 2 {1449:2897}{5793:7241}`. */
export function summarizeTcpSack(view: DataView, at: number, end: number): string {
  const state = checkTcpSack(view, at, end);
  if (state !== "ok") return `sack [${state}]`;
  const count = tcpSackCount(view, at);
  let line = `sack ${count} `;
  for (let i = 0; i < count; i++) {
    line += `{${tcpSackLeft(view, at, i)}:${tcpSackRight(view, at, i)}}`;
  }
  return line;
}
