import ipaddr from "ipaddr.js";
import { StackError } from "./stack-error.js";

/**
 * An IPv4 or IPv6 address as four 32-bit words, compared by value with {@link sameIp}. Immutable.
 * An IPv4 address has its bits in `w3` and zeros before.
 */
export class IpAddress {
  readonly family: 4 | 6;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  #text: string | undefined;

  private constructor(family: 4 | 6, w0: number, w1: number, w2: number, w3: number) {
    this.family = family;
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
    this.#text = undefined;
  }

  /** From the 32 bits of an IPv4 address. */
  static v4(bits: number): IpAddress {
    return new IpAddress(4, 0, 0, 0, bits >>> 0);
  }

  /** From the four 32-bit words of an IPv6 address, first word first. */
  static v6(w0: number, w1: number, w2: number, w3: number): IpAddress {
    return new IpAddress(6, w0 >>> 0, w1 >>> 0, w2 >>> 0, w3 >>> 0);
  }

  /** Reads the 4 bytes at `at`. */
  static readV4(view: DataView, at: number): IpAddress {
    return IpAddress.v4(view.getUint32(at));
  }

  /** Reads the 16 bytes at `at`. */
  static readV6(view: DataView, at: number): IpAddress {
    return IpAddress.v6(
      view.getUint32(at),
      view.getUint32(at + 4),
      view.getUint32(at + 8),
      view.getUint32(at + 12),
    );
  }

  /**
   * Parses the usual text forms of both families. A zone (`%eth0`) is not part of an address here;
   * an IPv4-mapped IPv6 address becomes its IPv4 address.
   * @throws StackError `invalidAddress`
   */
  static parse(text: string): IpAddress {
    const found = IpAddress.tryParse(text);
    if (found === undefined) {
      throw new StackError(
        "invalidAddress",
        `not an IP address: got ${JSON.stringify(text)}, expected an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1`,
        { got: text },
      );
    }
    return found;
  }

  /** As {@link IpAddress.parse}, but `undefined` for what is no address. */
  static tryParse(text: string): IpAddress | undefined {
    // ipaddr.js takes octal and single-number forms too; an address here has four decimal parts.
    if (ipaddr.IPv4.isValidFourPartDecimal(text)) return fromIpaddr(ipaddr.IPv4.parse(text));
    if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
    return fromIpaddr(ipaddr.IPv6.parse(text));
  }

  /** Writes 4 or 16 bytes at `at`; returns how many. */
  write(view: DataView, at: number): number {
    if (this.family === 4) {
      view.setUint32(at, this.w3);
      return 4;
    }
    view.setUint32(at, this.w0);
    view.setUint32(at + 4, this.w1);
    view.setUint32(at + 8, this.w2);
    view.setUint32(at + 12, this.w3);
    return 16;
  }

  /** Canonical text (RFC 5952), made once. */
  toString(): string {
    this.#text ??= this.#format();
    return this.#text;
  }

  toJSON(): string {
    return this.toString();
  }

  #format(): string {
    if (this.family === 4) {
      const b = this.w3;
      return `${b >>> 24}.${(b >>> 16) & 255}.${(b >>> 8) & 255}.${b & 255}`;
    }
    const words = [this.w0, this.w1, this.w2, this.w3].flatMap((w) => [w >>> 16, w & 0xffff]);
    return new ipaddr.IPv6(words).toRFC5952String();
  }
}

function fromIpaddr(a: ipaddr.IPv4 | ipaddr.IPv6): IpAddress {
  const bytes = a.toByteArray();
  const view = new DataView(Uint8Array.from(bytes).buffer);
  if (bytes.length === 4) return IpAddress.readV4(view, 0);
  const v6 = IpAddress.readV6(view, 0);
  return v6.w0 === 0 && v6.w1 === 0 && v6.w2 === 0xffff ? IpAddress.v4(v6.w3) : v6;
}

/** True if both are the same address of the same family. */
export const sameIp = (a: IpAddress, b: IpAddress): boolean =>
  a === b ||
  (a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0 && a.family === b.family);

/** Order for sorting: IPv4 first, then by value. */
export const compareIp = (a: IpAddress, b: IpAddress): number =>
  a.family - b.family || a.w0 - b.w0 || a.w1 - b.w1 || a.w2 - b.w2 || a.w3 - b.w3;

/** How far an address reaches. RFC 4007 s4, RFC 6890 */
export type IpScope = "unspecified" | "loopback" | "linkLocal" | "private" | "multicast" | "global";

/** The scope of an address; `private` is RFC 1918 and RFC 4193 (unique local) space. */
export function ipScope(a: IpAddress): IpScope {
  if (a.family === 4) {
    const b0 = a.w3 >>> 24;
    if (a.w3 === 0) return "unspecified";
    if (b0 === 127) return "loopback";
    if (a.w3 >>> 16 === 0xa9fe) return "linkLocal";
    if (b0 === 10 || a.w3 >>> 20 === 0xac1 || a.w3 >>> 16 === 0xc0a8) return "private";
    if (b0 >= 224) return "multicast";
    return "global";
  }
  if (a.w0 === 0 && a.w1 === 0 && a.w2 === 0) {
    if (a.w3 === 0) return "unspecified";
    if (a.w3 === 1) return "loopback";
  }
  if (a.w0 >>> 24 === 0xff) return "multicast";
  if (a.w0 >>> 22 === 0x3fa) return "linkLocal";
  if (a.w0 >>> 25 === 0x7e) return "private";
  return "global";
}
