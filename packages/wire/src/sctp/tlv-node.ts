import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { paddedLength } from "./chunk.js";
import { errorCauseName } from "./error-cause.js";
import { parameterTypeName } from "./parameter-type.js";

// Chunks, parameters and causes have their length at the same place and are padded alike, so their
// nodes are made alike.
const HEADER_LENGTH = 4;
const LENGTH = 2;

/** Where the chunk, parameter or cause ends by its own length field, as far as there are bytes. */
export function tlvEnd(view: DataView, at: number, end: number): number {
  if (end - at < HEADER_LENGTH) return end;
  return Math.min(end, at + Math.max(HEADER_LENGTH, view.getUint16(at + LENGTH)));
}

/** The node of a whole chunk, parameter or cause, padding included. */
export function tlvNode(
  name: string,
  view: DataView,
  at: number,
  end: number,
  fields: FieldList,
  state: string,
): TreeNode {
  let stop = tlvEnd(view, at, end);
  const padded = Math.min(end, at + paddedLength(stop - at));
  if (padded > stop) {
    const padding = new FieldList(view, padded);
    padding.hex("padding", stop, padded - stop);
    for (const node of padding.nodes) fields.push(node);
    stop = padded;
  }
  return headerNode(name, at, Math.max(0, stop - at), fields, state);
}

/** The fields of a parameter's header; more are added up to {@link tlvEnd}. */
export function parameterFields(view: DataView, at: number, end: number): FieldList {
  const fields = new FieldList(view, tlvEnd(view, at, end));
  fields.uint("type", at, 2, hex16);
  fields.uint("length", at + LENGTH, 2);
  return fields;
}

/** The node of a whole parameter, named by its type. */
export function parameterNode(
  view: DataView,
  at: number,
  end: number,
  fields: FieldList,
  state: string,
): TreeNode {
  const name = end - at >= 2 ? parameterTypeName(view.getUint16(at)) : "parameter";
  return tlvNode(name, view, at, end, fields, state);
}

/** The fields of a cause's header; more are added up to {@link tlvEnd}. */
export function causeFields(view: DataView, at: number, end: number): FieldList {
  const fields = new FieldList(view, tlvEnd(view, at, end));
  fields.uint("code", at, 2);
  fields.uint("length", at + LENGTH, 2);
  return fields;
}

/** The node of a whole cause, named by its code. */
export function causeNode(
  view: DataView,
  at: number,
  end: number,
  fields: FieldList,
  state: string,
): TreeNode {
  const name = end - at >= 2 ? errorCauseName(view.getUint16(at)) : "cause";
  return tlvNode(name, view, at, end, fields, state);
}

/** Describes each element of a list that may be malformed: stops at what has no readable length. */
export function describeList(
  view: DataView,
  at: number,
  end: number,
  describe: (view: DataView, at: number, end: number) => TreeNode,
): TreeNode[] {
  const nodes: TreeNode[] = [];
  let p = at;
  while (p < end) {
    nodes.push(describe(view, p, end));
    if (end - p < HEADER_LENGTH || view.getUint16(p + LENGTH) < HEADER_LENGTH) break;
    p += paddedLength(view.getUint16(p + LENGTH));
  }
  return nodes;
}

/** One-line forms of each element of a list, as {@link describeList}. */
export function summarizeList(
  view: DataView,
  at: number,
  end: number,
  summarize: (view: DataView, at: number, end: number) => string,
): string {
  let text = "";
  let p = at;
  while (p < end) {
    text += ` ${summarize(view, p, end)}`;
    if (end - p < HEADER_LENGTH || view.getUint16(p + LENGTH) < HEADER_LENGTH) break;
    p += paddedLength(view.getUint16(p + LENGTH));
  }
  return text;
}

/** ` [badLength]` for what cannot be read, otherwise nothing: for one-line summaries. */
export const badSuffix = (state: string): string => (state === "ok" ? "" : ` [${state}]`);

const hex16 = (n: number): string => `0x${n.toString(16).padStart(4, "0")}`;
export const hex32 = (n: number): string => `0x${n.toString(16).padStart(8, "0")}`;
