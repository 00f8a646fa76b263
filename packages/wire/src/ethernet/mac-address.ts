import { type IpAddress, StackError } from "@multihome/base";

/** A link-layer address of 48 bits as a number, 0 .. 2^48 - 1: compared with `===`, no object. */
export type MacAddress = number;

/** ff:ff:ff:ff:ff:ff */
export const MAC_BROADCAST: MacAddress = 0xffffffffffff;

const TWO_32 = 0x1_0000_0000;

/** Reads the 6 bytes at `at`. */
export const readMac = (view: DataView, at: number): MacAddress =>
  view.getUint16(at) * TWO_32 + view.getUint32(at + 2);

/** Writes 6 bytes. */
export function writeMac(view: DataView, at: number, mac: MacAddress): number {
  view.setUint16(at, Math.floor(mac / TWO_32));
  view.setUint32(at + 2, mac % TWO_32);
  return 6;
}

/** `02:00:5e:10:00:ff` */
export const formatMac = (mac: MacAddress): string =>
  mac
    .toString(16)
    .padStart(12, "0")
    .replace(/(..)(?=.)/g, "$1:");

/**
 * Reads the form that {@link formatMac} gives, in lower or upper case.
 * @throws StackError `invalidAddress`
 */
export function parseMac(text: string): MacAddress {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new StackError(
      "invalidAddress",
      `not a MAC address: got ${JSON.stringify(text)}, expected six bytes such as 02:00:5e:10:00:ff`,
      { got: text },
    );
  }
  return Number.parseInt(text.replaceAll(":", ""), 16);
}

/** True for multicast and broadcast: the first byte's lowest bit is set. */
export const isGroupMac = (mac: MacAddress): boolean => (Math.floor(mac / 2 ** 40) & 1) === 1;

/**
 * The Ethernet address that a multicast IP address is sent to: 01-00-5e and the low 23 bits (RFC 1112
 * s6.4), or 33-33 and the low 32 bits (RFC 2464 s7).
 * @param group a multicast address
 */
export const multicastMac = (group: IpAddress): MacAddress =>
  group.family === 4 ? 0x01005e000000 + (group.w3 & 0x7fffff) : 0x333300000000 + group.w3;
