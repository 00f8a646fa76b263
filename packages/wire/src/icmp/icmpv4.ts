import { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ICMP_HEADER_LENGTH, icmpIdentifier, icmpSequence, icmpType } from "./icmp-header.js";
import { ICMPV4_ADDRESS_MASK_LENGTH, icmpv4AddressMask } from "./icmpv4-address-mask.js";
import { describeIcmpv4ErrorBody, summarizeIcmpv4Error } from "./icmpv4-error.js";
import {
  icmpv4RouterAddress,
  icmpv4RouterAdvertisementLength,
  icmpv4RouterCount,
  icmpv4RouterEntryWords,
  icmpv4RouterLifetime,
  icmpv4RouterPreference,
} from "./icmpv4-router-advertisement.js";
import { ICMPV4_TIMESTAMP_LENGTH } from "./icmpv4-timestamp.js";
import {
  ICMPV4_ADDRESS_MASK_REPLY,
  ICMPV4_ADDRESS_MASK_REQUEST,
  ICMPV4_ECHO_REPLY,
  ICMPV4_ECHO_REQUEST,
  ICMPV4_INFORMATION_REPLY,
  ICMPV4_INFORMATION_REQUEST,
  ICMPV4_ROUTER_ADVERTISEMENT,
  ICMPV4_TIMESTAMP_REPLY,
  ICMPV4_TIMESTAMP_REQUEST,
  icmpv4CodeName,
  icmpv4TypeName,
  isIcmpv4Error,
} from "./icmpv4-types.js";

/** Why an ICMPv4 message cannot be read. */
export type Icmpv4Check = "ok" | "truncated" | "badLength";

const isTimestamp = (type: number): boolean =>
  type === ICMPV4_TIMESTAMP_REQUEST || type === ICMPV4_TIMESTAMP_REPLY;
const isAddressMask = (type: number): boolean =>
  type === ICMPV4_ADDRESS_MASK_REQUEST || type === ICMPV4_ADDRESS_MASK_REPLY;
const isEcho = (type: number): boolean =>
  type === ICMPV4_ECHO_REQUEST || type === ICMPV4_ECHO_REPLY;
const isInformation = (type: number): boolean =>
  type === ICMPV4_INFORMATION_REQUEST || type === ICMPV4_INFORMATION_REPLY;

/**
 * Checks the header and the fields that the type has; unknown types need the 8 bytes of the header. What an
 * error quotes is not looked at: `QuotedPacket.find` does that. The checksum is apart: `icmpChecksumOk`.
 */
export function checkIcmpv4(view: DataView, at: number, end: number): Icmpv4Check {
  if (end - at < ICMP_HEADER_LENGTH) return "truncated";
  const type = icmpType(view, at);
  if (isTimestamp(type)) return end - at < ICMPV4_TIMESTAMP_LENGTH ? "truncated" : "ok";
  if (isAddressMask(type)) return end - at < ICMPV4_ADDRESS_MASK_LENGTH ? "truncated" : "ok";
  if (type === ICMPV4_ROUTER_ADVERTISEMENT) {
    // RFC 1256 s5.2: at least one address, entries of at least two words.
    if (icmpv4RouterCount(view, at) < 1 || icmpv4RouterEntryWords(view, at) < 2) return "badLength";
    return end - at < icmpv4RouterAdvertisementLength(view, at) ? "truncated" : "ok";
  }
  return "ok";
}

function describeBody(fields: FieldList, view: DataView, at: number, end: number): void {
  const type = icmpType(view, at);
  if (isIcmpv4Error(type)) {
    describeIcmpv4ErrorBody(fields, view, at, end);
    return;
  }
  if (isEcho(type) || isTimestamp(type) || isAddressMask(type) || isInformation(type)) {
    fields.uint("identifier", at + 4, 2);
    fields.uint("sequenceNumber", at + 6, 2);
  }
  const bodyAt = at + ICMP_HEADER_LENGTH;
  if (isTimestamp(type)) {
    fields.uint("originateTimestamp", bodyAt, 4);
    fields.uint("receiveTimestamp", bodyAt + 4, 4);
    fields.uint("transmitTimestamp", bodyAt + 8, 4);
  } else if (isAddressMask(type)) {
    fields.address("addressMask", bodyAt, 4);
  } else if (type === ICMPV4_ROUTER_ADVERTISEMENT) {
    fields.uint("numAddrs", at + 4, 1);
    fields.uint("addrEntrySize", at + 5, 1);
    fields.uint("lifetime", at + 6, 2, (s) => `${s} s`);
    if (checkIcmpv4(view, at, end) !== "ok") return;
    for (let i = 0; i < icmpv4RouterCount(view, at); i++) {
      const entry = bodyAt + 4 * i * icmpv4RouterEntryWords(view, at);
      fields.address("routerAddress", entry, 4);
      fields.computed("preferenceLevel", entry + 4, 4, () => icmpv4RouterPreference(view, at, i));
    }
  } else if (end > bodyAt) {
    fields.hex("data", bodyAt, end - bodyAt);
  }
}

/** The whole message as a tree; an error with the header of the packet that it quotes. */
export function describeIcmpv4(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  const state = checkIcmpv4(view, at, end);
  fields.uint("type", at, 1, icmpv4TypeName);
  fields.uint("code", at + 1, 1, (code) => icmpv4CodeName(icmpType(view, at), code));
  fields.uint("checksum", at + 2, 2);
  if (end - at >= ICMP_HEADER_LENGTH) describeBody(fields, view, at, end);
  return headerNode("icmp", at, Math.max(0, end - at), fields, state);
}

/**
 * One line: `ICMP echo request, id 31585, seq 1, length 64`,
 * `ICMP destination unreachable, port unreachable, for UDP 192.0.2.1.7001 > 192.0.2.2.7000`.
 */
export function summarizeIcmpv4(view: DataView, at: number, end: number): string {
  const state = checkIcmpv4(view, at, end);
  if (state !== "ok") return `ICMP [${state}]`;
  const type = icmpType(view, at);
  if (isIcmpv4Error(type)) return `ICMP ${summarizeIcmpv4Error(view, at, end)}`;
  let line = `ICMP ${icmpv4TypeName(type) ?? `type ${type}`}`;
  if (isEcho(type) || isTimestamp(type) || isInformation(type)) {
    line += `, id ${icmpIdentifier(view, at)}, seq ${icmpSequence(view, at)}`;
  }
  if (isAddressMask(type)) line += ` ${IpAddress.v4(icmpv4AddressMask(view, at)).toString()}`;
  if (type === ICMPV4_ROUTER_ADVERTISEMENT) {
    line += `, lifetime ${icmpv4RouterLifetime(view, at)} s`;
    for (let i = 0; i < icmpv4RouterCount(view, at); i++) {
      line += `, ${icmpv4RouterAddress(view, at, i).toString()}`;
    }
  }
  return `${line}, length ${end - at}`;
}
