import { IpAddress } from "@multihome/base";
import type { TreeNode } from "./tree.js";

/** What a value means: a text, or a look-up that may find none. */
export type Meaning = string | ((value: number) => string | undefined);

const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** `length` bytes at `at` as lower-case hexadecimal. All of them must lie in `view`. */
export function hexBytes(view: DataView, at: number, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += HEX_BYTES[view.getUint8(at + i)] ?? "";
  return text;
}

/**
 * Collects the fields of one header for printing. A field that does not lie wholly before `end` is left
 * out, so a description can name all of its fields and stays safe on cut bytes. Allocates; not for each packet.
 */
export class FieldList {
  readonly nodes: TreeNode[];
  readonly #view: DataView;
  readonly #end: number;

  /** @param end offset after the last byte that may be read */
  constructor(view: DataView, end: number) {
    this.nodes = [];
    this.#view = view;
    this.#end = Math.min(end, view.byteLength);
  }

  /** True if `length` bytes at `at` may be read. */
  has(at: number, length: number): boolean {
    return length >= 0 && at + length <= this.#end;
  }

  /** A whole number of `length` bytes (1 .. 6), most significant byte first. */
  uint(name: string, at: number, length: number, meaning?: Meaning): void {
    if (!this.has(at, length)) return;
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + this.#view.getUint8(at + i);
    this.#add(name, at, length, value, meaning);
  }

  /** `width` bits of the number of `length` bytes (1, 2 or 4) at `at`, the lowest being bit `shift`. */
  bits(
    name: string,
    at: number,
    length: 1 | 2 | 4,
    shift: number,
    width: number,
    meaning?: Meaning,
  ): void {
    if (!this.has(at, length)) return;
    const mask = 2 ** width - 1;
    this.#add(name, at, length, (this.#number(at, length) >>> shift) & mask, meaning);
  }

  /** One bit of the number of `length` bytes (1 or 2) at `at`, as a boolean. */
  flag(name: string, at: number, length: 1 | 2, mask: number, meaning?: string): void {
    if (!this.has(at, length)) return;
    this.#add(name, at, length, (this.#number(at, length) & mask) !== 0, meaning);
  }

  /** A number of 64 bits, in decimal digits. */
  uint64(name: string, at: number): void {
    if (this.has(at, 8)) this.#add(name, at, 8, this.#view.getBigUint64(at).toString(), undefined);
  }

  /** Bytes in hexadecimal. */
  hex(name: string, at: number, length: number, meaning?: string): void {
    if (this.has(at, length))
      this.#add(name, at, length, hexBytes(this.#view, at, length), meaning);
  }

  /** An IPv4 (4 bytes) or IPv6 (16 bytes) address. */
  address(name: string, at: number, length: 4 | 16, meaning?: string): void {
    if (!this.has(at, length)) return;
    const ip = length === 4 ? IpAddress.readV4(this.#view, at) : IpAddress.readV6(this.#view, at);
    this.#add(name, at, length, ip.toString(), meaning);
  }

  /** A value that the caller makes from bytes which are known to be there; called only when they are. */
  computed(
    name: string,
    at: number,
    length: number,
    value: () => number | string | boolean,
    meaning?: Meaning,
  ): void {
    if (this.has(at, length)) this.#add(name, at, length, value(), meaning);
  }

  /** A node made elsewhere, such as an option. */
  push(node: TreeNode): void {
    this.nodes.push(node);
  }

  #number(at: number, length: 1 | 2 | 4): number {
    if (length === 1) return this.#view.getUint8(at);
    return length === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #add(
    name: string,
    at: number,
    length: number,
    value: number | string | boolean,
    meaning: Meaning | undefined,
  ): void {
    const said =
      typeof meaning === "function" && typeof value === "number" ? meaning(value) : meaning;
    this.nodes.push(
      typeof said === "string"
        ? { name, value, meaning: said, at, length }
        : { name, value, at, length },
    );
  }
}

/**
 * The node of a header with its fields below.
 * @param state what the header's check said; anything but `ok` becomes `malformed`
 * @param meaning a short text after the name, none by default
 */
export function headerNode(
  name: string,
  at: number,
  length: number,
  fields: FieldList,
  state: string,
  meaning?: string,
): TreeNode {
  return {
    name,
    ...(meaning === undefined ? {} : { meaning }),
    at,
    length,
    ...(fields.nodes.length === 0 ? {} : { children: fields.nodes }),
    ...(state === "ok" ? {} : { malformed: state }),
  };
}
