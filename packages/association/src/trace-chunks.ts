import type { TraceValue } from "@multihome/base";
import {
  CHUNK_HEADER_LENGTH,
  ChunkType,
  checkChunk,
  checkData,
  checkSack,
  chunkFlags,
  chunkLength,
  chunkType,
  chunkTypeName,
  DATA_HEADER_LENGTH,
  DataFlag,
  dataPpid,
  dataSsn,
  dataStreamId,
  dataTsn,
  nextChunk,
  SCTP_HEADER_LENGTH,
  sackARwnd,
  sackCumTsnAck,
  sackDupCount,
  sackGapCount,
  sackGapEnd,
  sackGapStart,
} from "@multihome/wire";

/** Gap Ack Blocks that are listed; more are only counted. */
const MAX_GAPS = 64;

/** The chunks of a packet for a trace: types, and what DATA and SACK say; no byte of user data. */
export function traceChunks(view: DataView, start: number, end: number): TraceValue {
  const chunks: TraceValue[] = [];
  for (let at = start + SCTP_HEADER_LENGTH; at < end; at = nextChunk(view, at)) {
    if (checkChunk(view, at, end) !== "ok") {
      chunks.push({ type: "malformed", bytes: end - at });
      break;
    }
    chunks.push(chunkValue(view, at, end));
  }
  return chunks;
}

function chunkValue(view: DataView, at: number, end: number): TraceValue {
  const type = chunkType(view, at);
  if (type === ChunkType.data && checkData(view, at, end) === "ok") {
    const flags = chunkFlags(view, at);
    return {
      type: "DATA",
      tsn: dataTsn(view, at),
      stream: dataStreamId(view, at),
      ssn: dataSsn(view, at),
      ppid: dataPpid(view, at),
      flags:
        ((flags & DataFlag.unordered) !== 0 ? "U" : "") +
        ((flags & DataFlag.begin) !== 0 ? "B" : "") +
        ((flags & DataFlag.end) !== 0 ? "E" : "") +
        ((flags & DataFlag.immediate) !== 0 ? "I" : ""),
      bytes: chunkLength(view, at) - DATA_HEADER_LENGTH,
    };
  }
  if (type === ChunkType.sack && checkSack(view, at, end) === "ok") {
    const count = sackGapCount(view, at);
    const gaps: TraceValue[] = [];
    for (let i = 0; i < count && i < MAX_GAPS; i++) {
      gaps.push([sackGapStart(view, at, i), sackGapEnd(view, at, i)]);
    }
    return {
      type: "SACK",
      cumTsnAck: sackCumTsnAck(view, at),
      aRwnd: sackARwnd(view, at),
      ...(count === 0 ? {} : { gaps }),
      ...(count > MAX_GAPS ? { moreGaps: count - MAX_GAPS } : {}),
      ...(sackDupCount(view, at) === 0 ? {} : { duplicates: sackDupCount(view, at) }),
    };
  }
  return { type: chunkTypeName(type), bytes: chunkLength(view, at) - CHUNK_HEADER_LENGTH };
}
