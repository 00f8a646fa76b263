import { FieldList } from "../tree-fields.js";
import { chunkTypeName } from "./chunk-type.js";
import { tlvEnd } from "./tlv-node.js";

/** Bits of a flags field and their names. */
export type FlagNames = readonly (readonly [bit: number, name: string])[];

/** The fields of a chunk's header; more are added up to `tlvEnd`. */
export function chunkFields(
  view: DataView,
  at: number,
  end: number,
  flags: FlagNames = [],
): FieldList {
  const fields = new FieldList(view, tlvEnd(view, at, end));
  fields.uint("type", at, 1, chunkTypeName);
  fields.uint("flags", at + 1, 1, (value) => flagText(value, flags));
  fields.uint("length", at + 2, 2);
  return fields;
}

/** The names of the set bits, such as `begin,end`; `undefined` when none has a name. */
function flagText(flags: number, names: FlagNames): string | undefined {
  const set = names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return set.length === 0 ? undefined : set.join(",");
}
