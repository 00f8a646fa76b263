import { checkFixedOption, type OptionListCheck } from "../option-list.js";
import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { TCP_OPTION_USER_TIMEOUT } from "./tcp-option-kind.js";

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Kind = 28   |   Length = 4  |G|        User Timeout         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 5482 s3. G: the timeout is in minutes, not seconds.
const MINUTES = 0x8000;

/** Bytes of the option. */
export const TCP_USER_TIMEOUT_LENGTH = 4;

/** Why the option is not used. `reservedValue`: a timeout of zero must be ignored (RFC 5482 s3.4). */
export type TcpUserTimeoutCheck = OptionListCheck | "reservedValue";

/** Checks that the option has 4 bytes and a timeout. */
export function checkTcpUserTimeout(view: DataView, at: number, end: number): TcpUserTimeoutCheck {
  const state = checkFixedOption(view, at, end, TCP_USER_TIMEOUT_LENGTH);
  if (state !== "ok") return state;
  return (view.getUint16(at + 2) & 0x7fff) === 0 ? "reservedValue" : "ok";
}

/** True if the timeout is in minutes. */
export const tcpUserTimeoutInMinutes = (view: DataView, at: number): boolean =>
  (view.getUint16(at + 2) & MINUTES) !== 0;
/** The timeout in seconds, 1 .. 1,966,020. */
export function tcpUserTimeoutSeconds(view: DataView, at: number): number {
  const field = view.getUint16(at + 2);
  return (field & 0x7fff) * ((field & MINUTES) === 0 ? 1 : 60);
}

/** Writes the option: 4 bytes. @param timeout 1 .. 32,767 seconds, or minutes if `inMinutes` */
export function writeTcpUserTimeout(
  view: DataView,
  at: number,
  timeout: number,
  inMinutes: boolean,
): number {
  view.setUint16(at, (TCP_OPTION_USER_TIMEOUT << 8) | TCP_USER_TIMEOUT_LENGTH);
  view.setUint16(at + 2, (inMinutes ? MINUTES : 0) | timeout);
  return TCP_USER_TIMEOUT_LENGTH;
}

/** The option as a tree; `end` is the end of the option. */
export function describeTcpUserTimeout(view: DataView, at: number, end: number): TreeNode {
  const fields = new FieldList(view, end);
  fields.uint("kind", at, 1);
  fields.uint("length", at + 1, 1);
  fields.flag("granularity", at + 2, 2, MINUTES);
  fields.bits("userTimeout", at + 2, 2, 0, 15, () => `${tcpUserTimeoutSeconds(view, at)} s`);
  return headerNode("userTimeout", at, end - at, fields, checkTcpUserTimeout(view, at, end));
}

/** `uto 30 s`. */
export function summarizeTcpUserTimeout(view: DataView, at: number, end: number): string {
  const state = checkTcpUserTimeout(view, at, end);
  return state === "ok" ? `uto ${tcpUserTimeoutSeconds(view, at)} s` : `uto [${state}]`;
}
