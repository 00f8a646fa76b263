import { type Tsn, tsn } from "@multihome/base";
import type { TreeNode } from "../tree.js";
import {
  type ChunkCheck,
  checkChunkOfAtLeast,
  chunkLength,
  chunkType,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeParameter, summarizeParameter } from "./describe-parameter.js";
import { checkParameters } from "./parameter.js";
import { describeList, hex32, summarizeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 1, 2  |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Initiate Tag                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Advertised Receiver Window Credit (a_rwnd)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Number of Outbound Streams   |   Number of Inbound Streams   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          Initial TSN                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /              Optional/Variable-Length Parameters              /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.3.2 and s3.3.3, which differ in the type and in which parameters may follow.
const INITIATE_TAG = 4;
const A_RWND = 8;
const OUTBOUND_STREAMS = 12;
const INBOUND_STREAMS = 14;
const INITIAL_TSN = 16;

/** Bytes before the first parameter of INIT and INIT ACK. */
export const INIT_FIXED_LENGTH = 20;

/**
 * Checks the fixed fields' room of an INIT or INIT ACK. Its parameters, `at + 20` to
 * `at + chunkLength`, are for `checkParameters`; values that the RFC forbids (tag 0, no streams, small
 * window) for the association.
 */
export const checkInit = (view: DataView, at: number, end: number): ChunkCheck =>
  checkChunkOfAtLeast(view, at, end, INIT_FIXED_LENGTH);

export const initInitiateTag = (view: DataView, at: number): number =>
  view.getUint32(at + INITIATE_TAG);
/** Bytes, 0 .. 2^32 - 1. */
export const initARwnd = (view: DataView, at: number): number => view.getUint32(at + A_RWND);
/** Streams that the sender wishes to have outbound (OS). */
export const initOutboundStreams = (view: DataView, at: number): number =>
  view.getUint16(at + OUTBOUND_STREAMS);
/** Streams that the sender allows its peer (MIS). */
export const initInboundStreams = (view: DataView, at: number): number =>
  view.getUint16(at + INBOUND_STREAMS);
export const initInitialTsn = (view: DataView, at: number): Tsn =>
  tsn(view.getUint32(at + INITIAL_TSN));

/**
 * Writes all but the parameters; 20 bytes.
 * @param type `ChunkType.init` or `ChunkType.initAck`
 * @param length of the whole chunk: 20 and the parameters, without padding of the last
 * @returns 20
 */
export function writeInitFixed(
  view: DataView,
  at: number,
  type: number,
  length: number,
  initiateTag: number,
  aRwnd: number,
  outboundStreams: number,
  inboundStreams: number,
  initialTsn: number,
): number {
  writeChunkHeader(view, at, type, 0, length);
  view.setUint32(at + INITIATE_TAG, initiateTag);
  view.setUint32(at + A_RWND, aRwnd);
  view.setUint16(at + OUTBOUND_STREAMS, outboundStreams);
  view.setUint16(at + INBOUND_STREAMS, inboundStreams);
  view.setUint32(at + INITIAL_TSN, initialTsn);
  return INIT_FIXED_LENGTH;
}

/** The whole chunk as a tree, with its parameters. */
export function describeInit(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  fields.uint("initiateTag", at + INITIATE_TAG, 4, hex32);
  fields.uint("aRwnd", at + A_RWND, 4);
  fields.uint("outboundStreams", at + OUTBOUND_STREAMS, 2);
  fields.uint("inboundStreams", at + INBOUND_STREAMS, 2);
  fields.uint("initialTsn", at + INITIAL_TSN, 4);
  const first = at + INIT_FIXED_LENGTH;
  const stop = tlvEnd(view, at, end);
  for (const node of describeList(view, first, stop, describeParameter)) fields.push(node);
  const state = checkInit(view, at, end);
  const whole = state === "ok" ? checkParameters(view, first, stop) : state;
  return tlvNode(initName(view, at, end, "init", "initAck"), view, at, end, fields, whole);
}

/** One line: `INIT tag=0x1a2b3c4d rwnd=131072 os=10 mis=2048 tsn=7 10.1.0.2 10.2.0.2`. */
export function summarizeInit(view: DataView, at: number, end: number): string {
  const name = initName(view, at, end, "INIT", "INIT ACK");
  const state = checkInit(view, at, end);
  if (state !== "ok") return `${name} [${state}]`;
  const streams = `os=${initOutboundStreams(view, at)} mis=${initInboundStreams(view, at)}`;
  const window = `tag=${hex32(initInitiateTag(view, at))} rwnd=${initARwnd(view, at)}`;
  const stop = at + chunkLength(view, at);
  const parameters = summarizeList(view, at + INIT_FIXED_LENGTH, stop, summarizeParameter);
  return `${name} ${window} ${streams} tsn=${initInitialTsn(view, at)}${parameters}`;
}

function initName(view: DataView, at: number, end: number, init: string, ack: string): string {
  return end > at && chunkType(view, at) === ChunkType.initAck ? ack : init;
}
