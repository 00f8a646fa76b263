import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ndLifetime } from "./nd-lifetime.js";
import { ndOptionLength, writeNdOptionHead } from "./nd-option-list.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Length    |           Reserved            |
// |                           Lifetime                            |
// :                Domain Names of DNS Search List                :
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 8106 s5.2: each name is labels with a length byte, ended by a zero byte; zeros pad to 8 bytes.
const LIFETIME = 4;
const NAMES = 8;
const MAX_LABEL = 63;

/** Type of the option. */
export const ND_OPTION_DNSSL = 31;

/** Why the option is not used. `badName`: a label goes beyond the option, or is compressed. */
export type NdDnsslCheck = "ok" | "truncated" | "badLength" | "badName";

/** Offset after the name at `at`, or -1 if it does not end before `end`. */
function nameEnd(view: DataView, at: number, end: number): number {
  for (let o = at; o < end; ) {
    const label = view.getUint8(o);
    if (label === 0) return o + 1;
    if (label > MAX_LABEL) return -1;
    o += 1 + label;
  }
  return -1;
}

/** Offset after the last name: a zero where a name would begin is padding. -1 for a bad name. */
function namesEnd(view: DataView, at: number, end: number): number {
  let o = at;
  while (o < end && view.getUint8(o) !== 0) {
    o = nameEnd(view, o, end);
    if (o < 0) return -1;
  }
  return o;
}

/** Checks the length and that there is a name, each of them whole. */
export function checkNdDnssl(view: DataView, at: number, end: number): NdDnsslCheck {
  const length = ndOptionLength(view, at, end);
  if (length === 0) return "truncated";
  // RFC 8106 s5.2: the least length is 2 units, for one name.
  if (length < 16) return "badLength";
  const after = namesEnd(view, at + NAMES, at + length);
  return after <= at + NAMES ? "badName" : "ok";
}

/** Seconds; 0 takes the names back, 0xffffffff is forever. */
export const ndDnsslLifetime = (view: DataView, at: number): number =>
  view.getUint32(at + LIFETIME);

/** The names, such as `example.com`; bytes that are no printable ASCII as `\ddd`. Allocates. */
export function ndDnsslNames(view: DataView, at: number): string[] {
  const end = at + 8 * view.getUint8(at + 1);
  const names: string[] = [];
  for (let o = at + NAMES; o < end && view.getUint8(o) !== 0; o = nameEnd(view, o, end)) {
    names.push(readName(view, o));
  }
  return names;
}

function readName(view: DataView, at: number): string {
  const labels: string[] = [];
  for (let o = at; view.getUint8(o) !== 0; ) {
    const length = view.getUint8(o);
    let label = "";
    for (let i = 1; i <= length; i++) label += nameCharacter(view.getUint8(o + i));
    labels.push(label);
    o += 1 + length;
  }
  return labels.join(".");
}

const nameCharacter = (byte: number): string =>
  byte > 32 && byte < 127 && byte !== 46 && byte !== 92
    ? String.fromCharCode(byte)
    : `\\${byte.toString().padStart(3, "0")}`;

/**
 * Writes the option's first 8 bytes; names and padding, `length - 8` bytes, are the caller's to write.
 * @param length bytes of the whole option, a multiple of 8, at least 16
 * @returns 8
 */
export function writeNdDnssl(view: DataView, at: number, length: number, lifetime: number): number {
  writeNdOptionHead(view, at, ND_OPTION_DNSSL, length);
  view.setUint16(at + 2, 0);
  view.setUint32(at + LIFETIME, lifetime);
  return NAMES;
}

/** The option as a tree; `end` is the end of the option. */
export function describeNdDnssl(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1);
  fields.uint("length", at + 1, 1, (n) => `${8 * n} bytes`);
  fields.uint("lifetime", at + LIFETIME, 4, ndLifetime);
  const state = checkNdDnssl(view, at, end);
  if (state === "ok") {
    const stop = at + 8 * view.getUint8(at + 1);
    for (let o = at + NAMES; o < stop && view.getUint8(o) !== 0; ) {
      const start = o;
      o = nameEnd(view, o, stop);
      fields.computed("domainName", start, o - start, () => readName(view, start));
    }
  } else {
    fields.hex("domainNames", at + NAMES, end - at - NAMES);
  }
  return headerNode("dnssl", at, end - at, fields, state);
}

/** `dnssl example.com, lifetime 1800 s`. */
export function summarizeNdDnssl(view: DataView, at: number, end: number): string {
  const state = checkNdDnssl(view, at, end);
  if (state !== "ok") return `dnssl [${state}]`;
  const lifetime = ndLifetime(ndDnsslLifetime(view, at));
  return `dnssl ${ndDnsslNames(view, at).join(" ")}, lifetime ${lifetime}`;
}
