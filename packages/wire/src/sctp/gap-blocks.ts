import { type Tsn, tsn } from "@multihome/base";
import type { FieldList } from "../tree-fields.js";

/** Adds a node per gap ack block from `first` on: `gapAckBlock: 2-3 (tsn 14-15)`. */
export function pushGapBlocks(
  fields: FieldList,
  view: DataView,
  name: string,
  cumTsnAck: Tsn,
  first: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = first + 4 * i;
    const start = view.getUint16(at);
    const end = view.getUint16(at + 2);
    const meaning = `tsn ${tsn(cumTsnAck + start)}-${tsn(cumTsnAck + end)}`;
    fields.push({ name, value: `${start}-${end}`, meaning, at, length: 4 });
  }
}

/** `label` and the gap ack blocks from `first` on: ` gaps=2-3,5-5`; nothing when there are none. */
export function gapText(view: DataView, label: string, first: number, count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) {
    const at = first + 4 * i;
    text += `${i === 0 ? label : ","}${view.getUint16(at)}-${view.getUint16(at + 2)}`;
  }
  return text;
}
