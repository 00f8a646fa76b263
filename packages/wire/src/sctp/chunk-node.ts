import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { CHUNK_HEADER_LENGTH, checkChunk, chunkLength, paddedLength } from "./chunk.js";
import { chunkTypeName } from "./chunk-type.js";

/** Bits of a flags field and their names. */
export type FlagNames = readonly (readonly [bit: number, name: string])[];

/** The names of the set bits, such as `begin,end`; `undefined` when none has a name. */
export function flagText(flags: number, names: FlagNames): string | undefined {
  const set = names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return set.length === 0 ? undefined : set.join(",");
}

/** Where the chunk ends by its own length field, as far as there are bytes. */
export function chunkEnd(view: DataView, at: number, end: number): number {
  if (end - at < CHUNK_HEADER_LENGTH) return end;
  return Math.min(end, at + Math.max(CHUNK_HEADER_LENGTH, chunkLength(view, at)));
}

/** The fields of a chunk's header; more are added up to {@link chunkEnd}. */
export function chunkFields(
  view: DataView,
  at: number,
  end: number,
  flags: FlagNames = [],
): FieldList {
  const fields = new FieldList(view, chunkEnd(view, at, end));
  fields.uint("type", at, 1, chunkTypeName);
  fields.uint("flags", at + 1, 1, (f) => flagText(f, flags));
  fields.uint("length", at + 2, 2);
  return fields;
}

/** The node of a whole chunk, padding included. */
export function chunkNode(
  name: string,
  view: DataView,
  at: number,
  end: number,
  fields: FieldList,
  state: string,
): TreeNode {
  let stop = chunkEnd(view, at, end);
  if (checkChunk(view, at, end) === "ok") {
    const padded = Math.min(end, at + paddedLength(chunkLength(view, at)));
    if (padded > stop) {
      const padding = new FieldList(view, padded);
      padding.hex("padding", stop, padded - stop);
      for (const node of padding.nodes) fields.push(node);
      stop = padded;
    }
  }
  return headerNode(name, at, Math.max(0, stop - at), fields, state);
}

/** ` [badLength]` for a chunk that cannot be read, otherwise nothing: for one-line summaries. */
export const badSuffix = (state: string): string => (state === "ok" ? "" : ` [${state}]`);
