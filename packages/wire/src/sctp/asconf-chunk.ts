import type { IpAddress } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import {
  checkAddressParameter,
  describeAddressParameter,
  readAddressParameter,
  summarizeAddressParameter,
  writeAddressParameter,
} from "./address-parameter.js";
import { type ChunkCheck, checkChunkOfAtLeast, chunkLength, writeChunkHeader } from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeParameter, summarizeParameter } from "./describe-parameter.js";
import { checkParameters, nextParameter } from "./parameter.js";
import { describeList, summarizeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 0xC1   |  Chunk Flags  |      Chunk Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Sequence Number                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Address Parameter                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                     ASCONF Parameters                         /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 5061 s4.1.1
const SEQUENCE_NUMBER = 4;
const ADDRESS = 8;

/** Bytes before the Address parameter. */
export const ASCONF_FIXED_LENGTH = 8;

/** Why it cannot be read; `noAddress`: the mandatory Address parameter does not come first. */
export type AsconfCheck = ChunkCheck | "noAddress";

/**
 * Checks the fixed fields, the Address parameter and the walk over the requests, which are from
 * {@link asconfParametersStart} to `at + chunkLength`. What is in each is for `checkAsconfRequest`.
 */
export function checkAsconf(view: DataView, at: number, end: number): AsconfCheck {
  const state = checkChunkOfAtLeast(view, at, end, ASCONF_FIXED_LENGTH);
  if (state !== "ok") return state;
  const stop = at + chunkLength(view, at);
  // Parameters are bounded by the chunk's length, not by the packet's end.
  if (checkParameters(view, at + ADDRESS, stop) !== "ok") return "badLength";
  return checkAddressParameter(view, at + ADDRESS, stop) === "ok" ? "ok" : "noAddress";
}

export const asconfSequenceNumber = (view: DataView, at: number): number =>
  view.getUint32(at + SEQUENCE_NUMBER);

/** An address of the sender by which its association can be found; unspecified if it names none. */
export const asconfAddress = (view: DataView, at: number): IpAddress | undefined =>
  readAddressParameter(view, at + ADDRESS);

/** Where the first request begins. */
export const asconfParametersStart = (view: DataView, at: number): number =>
  nextParameter(view, at + ADDRESS);

/**
 * Writes all before the requests; 16 bytes with an IPv4 address, 28 with IPv6.
 * @param length of the whole chunk: this and the requests, without padding of the last
 * @returns 16 or 28
 */
export function writeAsconfHeader(
  view: DataView,
  at: number,
  length: number,
  sequenceNumber: number,
  address: IpAddress,
): number {
  writeChunkHeader(view, at, ChunkType.asconf, 0, length);
  view.setUint32(at + SEQUENCE_NUMBER, sequenceNumber);
  return ADDRESS + writeAddressParameter(view, at + ADDRESS, address);
}

/** The whole chunk as a tree. */
export function describeAsconf(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("sequenceNumber", at + SEQUENCE_NUMBER, 4);
  const stop = tlvEnd(view, at, end);
  for (const node of describeList(view, at + ADDRESS, stop, describeFirstAsAddress(at + ADDRESS))) {
    fields.push(node);
  }
  return tlvNode("asconf", view, at, end, fields, checkAsconf(view, at, end));
}

/** One line: `ASCONF seq=7 10.1.0.2 addIpAddress(10.2.0.2)`. */
export function summarizeAsconf(view: DataView, at: number, end: number): string {
  const state = checkAsconf(view, at, end);
  if (state !== "ok") return `ASCONF [${state}]`;
  const stop = at + chunkLength(view, at);
  const address = summarizeAddressParameter(view, at + ADDRESS, stop);
  const first = asconfParametersStart(view, at);
  const requests = summarizeList(view, first, stop, summarizeParameter);
  return `ASCONF seq=${asconfSequenceNumber(view, at)} ${address}${requests}`;
}

const describeFirstAsAddress =
  (first: number) =>
  (view: DataView, at: number, end: number): TreeNode =>
    at === first ? describeAddressParameter(view, at, end) : describeParameter(view, at, end);
