/** Chunk types by name. RFC 9260 s3.2 unless another is named. */
export const ChunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  /** Reserved there; its format is in RFC 4960 appendix A. */
  ecne: 12,
  /** Reserved there; its format is in RFC 4960 appendix A. */
  cwr: 13,
  shutdownComplete: 14,
  /** RFC 4895 s5.1 */
  auth: 15,
  /** draft-tuexen-tsvwg-sctp-multipath s4.2; a suggested value that IANA has not assigned. */
  nrSack: 16,
  /** RFC 8260 s2.1 */
  iData: 64,
  /** RFC 5061 s4.1.2 */
  asconfAck: 128,
  /** RFC 6525 s3.1 */
  reConfig: 130,
  /** RFC 4820 s3 */
  pad: 132,
  /** RFC 3758 s3.2 */
  forwardTsn: 192,
  /** RFC 5061 s4.1.1 */
  asconf: 193,
  /** RFC 8260 s2.3.1 */
  iForwardTsn: 194,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [ChunkType.data, "DATA"],
  [ChunkType.init, "INIT"],
  [ChunkType.initAck, "INIT ACK"],
  [ChunkType.sack, "SACK"],
  [ChunkType.heartbeat, "HEARTBEAT"],
  [ChunkType.heartbeatAck, "HEARTBEAT ACK"],
  [ChunkType.abort, "ABORT"],
  [ChunkType.shutdown, "SHUTDOWN"],
  [ChunkType.shutdownAck, "SHUTDOWN ACK"],
  [ChunkType.error, "ERROR"],
  [ChunkType.cookieEcho, "COOKIE ECHO"],
  [ChunkType.cookieAck, "COOKIE ACK"],
  [ChunkType.ecne, "ECNE"],
  [ChunkType.cwr, "CWR"],
  [ChunkType.shutdownComplete, "SHUTDOWN COMPLETE"],
  [ChunkType.auth, "AUTH"],
  [ChunkType.nrSack, "NR-SACK"],
  [ChunkType.iData, "I-DATA"],
  [ChunkType.asconfAck, "ASCONF-ACK"],
  [ChunkType.reConfig, "RE-CONFIG"],
  [ChunkType.pad, "PAD"],
  [ChunkType.forwardTsn, "FORWARD TSN"],
  [ChunkType.asconf, "ASCONF"],
  [ChunkType.iForwardTsn, "I-FORWARD-TSN"],
]);

/** The RFC's name of a chunk type, such as `INIT ACK`; `chunk 62` for one without. */
export const chunkTypeName = (type: number): string => NAMES.get(type) ?? `chunk ${type}`;

/**
 * True if a receiver that does not know this type must leave the rest of the packet alone; false if it
 * skips just this chunk. RFC 9260 s3.2 table 2
 */
export const unknownChunkStops = (type: number): boolean => (type & 0x80) === 0;

/** True if a receiver that does not know this type reports it in an ERROR. RFC 9260 s3.2 table 2 */
export const unknownChunkIsReported = (type: number): boolean => (type & 0x40) !== 0;
