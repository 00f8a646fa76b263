import { tsn } from "@multihome/base";
import {
  ChunkType,
  DATA_HEADER_LENGTH,
  DataFlag,
  writeDataHeader,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
} from "@multihome/wire";
import { bareChunk, chunkAround, shutdownChunk } from "../../src/control-chunks.js";

// Chunks as a script writes them: what the peer sends.

/** A DATA chunk; by default a whole message on stream 0. */
export function data(
  t: number,
  o: {
    readonly stream?: number;
    readonly ssn?: number;
    readonly ppid?: number;
    readonly bytes?: Uint8Array;
    readonly flags?: number;
  } = {},
): Uint8Array {
  const bytes = o.bytes ?? Uint8Array.of(1, 2, 3, 4);
  const length = DATA_HEADER_LENGTH + bytes.length;
  const chunk = new Uint8Array((length + 3) & ~3);
  const flags = o.flags ?? DataFlag.begin | DataFlag.end;
  writeDataHeader(
    new DataView(chunk.buffer),
    0,
    flags,
    length,
    tsn(t),
    o.stream ?? 0,
    (o.ssn ?? 0) as never,
    o.ppid ?? 0,
  );
  chunk.set(bytes, DATA_HEADER_LENGTH);
  return chunk;
}

/** A SACK; gaps as pairs of offsets from cumTsnAck. */
export function sack(
  cumTsnAck: number,
  o: {
    readonly aRwnd?: number;
    readonly gaps?: readonly (readonly [number, number])[];
    readonly dups?: readonly number[];
  } = {},
): Uint8Array {
  const gaps = o.gaps ?? [];
  const dups = o.dups ?? [];
  const chunk = new Uint8Array(16 + 4 * (gaps.length + dups.length));
  const view = new DataView(chunk.buffer);
  writeSackFixed(view, 0, 0, tsn(cumTsnAck), o.aRwnd ?? 100_000, gaps.length, dups.length);
  for (const [i, [start, end]] of gaps.entries()) writeSackGap(view, 0, i, start, end);
  for (const [i, t] of dups.entries()) writeSackDup(view, 0, gaps.length, i, tsn(t));
  return chunk;
}

export const cookieEcho = (cookie: Uint8Array): Uint8Array =>
  chunkAround(ChunkType.cookieEcho, 0, cookie);
export const bare = bareChunk;
export const shutdown = (cum: number): Uint8Array => shutdownChunk(tsn(cum));
export const around = chunkAround;
