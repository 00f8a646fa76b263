import { type Tsn, tsn } from "@multihome/base";
import { type ChunkCheck, checkChunkOfAtLeast, writeChunkHeader } from "./chunk.js";

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
