import type { TreeNode } from "../tree.js";
import { FieldList, headerNode, hexBytes } from "../tree-fields.js";
import {
  checkMptcpLength,
  MPTCP_MP_JOIN,
  type MptcpCheck,
  writeMptcpHead,
} from "./mptcp-subtype.js";

// +---------------+---------------+-------+-----+-+---------------+
// |     Kind      |    Length     |Subtype|(rsv)|B|   Address ID  |
// +---------------+---------------+-------+-----+-+---------------+
// SYN, length 12:      |       Receiver's Token (32 bits)         |
//                      |     Sender's Random Number (32 bits)     |
// SYN/ACK, length 16:  |   Sender's Truncated HMAC (64 bits)      |
//                      |     Sender's Random Number (32 bits)     |
// ACK, length 24:      |   Sender's Truncated HMAC (160 bits)     |   no B, no Address ID
// +---------------------------------------------------------------+
// RFC 8684 s3.2.
const ADDRESS_ID = 3;
const TOKEN = 4;
const SYN_NONCE = 8;
const SYN_ACK_NONCE = 12;

/** Length of the option in a SYN. */
export const MP_JOIN_SYN_LENGTH = 12;
/** Length of the option in a SYN/ACK. */
export const MP_JOIN_SYN_ACK_LENGTH = 16;
/** Length of the option in the initiator's first ACK. */
export const MP_JOIN_ACK_LENGTH = 24;
/** Offset of the HMAC from the option's first byte, in SYN/ACK and ACK. */
export const MP_JOIN_HMAC_OFFSET = 4;
/** Bytes of the HMAC in a SYN/ACK: its leftmost. */
export const MP_JOIN_SYN_ACK_HMAC_LENGTH = 8;
/** Bytes of the HMAC in an ACK: its leftmost. */
export const MP_JOIN_ACK_HMAC_LENGTH = 20;

/** Checks that the option has one of the three lengths. */
export function checkMpJoin(view: DataView, at: number, end: number): MptcpCheck {
  const state = checkMptcpLength(view, at, end, MP_JOIN_SYN_LENGTH);
  if (state !== "ok") return state;
  const length = mpJoinLength(view, at);
  return length === MP_JOIN_SYN_LENGTH ||
    length === MP_JOIN_SYN_ACK_LENGTH ||
    length === MP_JOIN_ACK_LENGTH
    ? "ok"
    : "badLength";
}

/** Bytes of the option, which tell its form. */
export const mpJoinLength = (view: DataView, at: number): number => view.getUint8(at + 1);
/** B, in SYN and SYN/ACK: to be used only when no other subflow can be. */
export const mpJoinBackup = (view: DataView, at: number): boolean =>
  (view.getUint8(at + 2) & 1) !== 0;
/** The sender's id of the source address, in SYN and SYN/ACK. */
export const mpJoinAddressId = (view: DataView, at: number): number =>
  view.getUint8(at + ADDRESS_ID);
/** The receiver's token of the connection, in a SYN. */
export const mpJoinToken = (view: DataView, at: number): number => view.getUint32(at + TOKEN);
/** The sender's random number, in SYN and SYN/ACK. */
export const mpJoinNonce = (view: DataView, at: number): number =>
  view.getUint32(at + (mpJoinLength(view, at) === MP_JOIN_SYN_LENGTH ? SYN_NONCE : SYN_ACK_NONCE));

/** Writes the option of a SYN: 12 bytes. */
export function writeMpJoinSyn(
  view: DataView,
  at: number,
  backup: boolean,
  addressId: number,
  token: number,
  nonce: number,
): number {
  writeMptcpHead(view, at, MP_JOIN_SYN_LENGTH, MPTCP_MP_JOIN, backup ? 1 : 0);
  view.setUint8(at + ADDRESS_ID, addressId);
  view.setUint32(at + TOKEN, token);
  view.setUint32(at + SYN_NONCE, nonce);
  return MP_JOIN_SYN_LENGTH;
}

/** Writes the option of a SYN/ACK: 16 bytes, of which the 8 of the HMAC are the caller's to write. */
export function writeMpJoinSynAck(
  view: DataView,
  at: number,
  backup: boolean,
  addressId: number,
  nonce: number,
): number {
  writeMptcpHead(view, at, MP_JOIN_SYN_ACK_LENGTH, MPTCP_MP_JOIN, backup ? 1 : 0);
  view.setUint8(at + ADDRESS_ID, addressId);
  view.setUint32(at + SYN_ACK_NONCE, nonce);
  return MP_JOIN_SYN_ACK_LENGTH;
}

/** Writes the option of an ACK: 24 bytes, of which the 20 of the HMAC are the caller's to write. */
export function writeMpJoinAck(view: DataView, at: number): number {
  writeMptcpHead(view, at, MP_JOIN_ACK_LENGTH, MPTCP_MP_JOIN, 0);
  view.setUint8(at + ADDRESS_ID, 0);
  return MP_JOIN_ACK_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeMpJoin(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.bits("subtype", at + 2, 1, 4, 4, "MP_JOIN");
  const state = checkMpJoin(view, at, end);
  const length = state === "ok" ? mpJoinLength(view, at) : 0;
  if (length === MP_JOIN_ACK_LENGTH) {
    fields.hex("hmac", at + MP_JOIN_HMAC_OFFSET, MP_JOIN_ACK_HMAC_LENGTH);
  } else {
    fields.flag("backup", at + 2, 1, 1);
    fields.uint("addressId", at + ADDRESS_ID, 1);
  }
  if (length === MP_JOIN_SYN_LENGTH) {
    fields.hex("token", at + TOKEN, 4);
    fields.hex("randomNumber", at + SYN_NONCE, 4);
  }
  if (length === MP_JOIN_SYN_ACK_LENGTH) {
    fields.hex("hmac", at + MP_JOIN_HMAC_OFFSET, MP_JOIN_SYN_ACK_HMAC_LENGTH);
    fields.hex("randomNumber", at + SYN_ACK_NONCE, 4);
  }
  return headerNode("mpJoin", at, end - at, fields, state);
}

/** `mptcp join backup id 2 token 0x01234567 nonce 0x89abcdef`, `mptcp join hmac 0x...`. */
export function summarizeMpJoin(view: DataView, at: number, end: number): string {
  const state = checkMpJoin(view, at, end);
  if (state !== "ok") return `mptcp join [${state}]`;
  const length = mpJoinLength(view, at);
  const hmac = (bytes: number): string =>
    `hmac 0x${hexBytes(view, at + MP_JOIN_HMAC_OFFSET, bytes)}`;
  if (length === MP_JOIN_ACK_LENGTH) return `mptcp join ${hmac(MP_JOIN_ACK_HMAC_LENGTH)}`;
  const proof =
    length === MP_JOIN_SYN_LENGTH
      ? `token 0x${hexBytes(view, at + TOKEN, 4)}`
      : hmac(MP_JOIN_SYN_ACK_HMAC_LENGTH);
  const nonce = mpJoinNonce(view, at).toString(16).padStart(8, "0");
  const backup = mpJoinBackup(view, at) ? " backup" : "";
  return `mptcp join${backup} id ${mpJoinAddressId(view, at)} ${proof} nonce 0x${nonce}`;
}
