import { IpAddress, tsn } from "@multihome/base";
import {
  ChunkType,
  DATA_HEADER_LENGTH,
  DataFlag,
  INIT_FIXED_LENGTH,
  ParameterType,
  writeDataHeader,
  writeInitFixed,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
} from "@multihome/wire";
import {
  abortChunk,
  addressParameter,
  bareChunk,
  cause,
  chunkAround,
  concat,
  errorChunk,
  parameter,
  shutdownChunk,
} from "../../src/control-chunks.js";

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

/** An INIT, or with a cookie an INIT ACK, with any parameters. */
export function init(o: {
  readonly tag?: number;
  readonly aRwnd?: number;
  readonly os?: number;
  readonly mis?: number;
  readonly tsn?: number;
  readonly addresses?: readonly string[];
  readonly cookie?: Uint8Array | undefined;
  readonly ack?: boolean;
  /** Parameters after the addresses and the cookie. */
  readonly parameters?: readonly Uint8Array[];
}): Uint8Array {
  const rest = concat([
    ...(o.addresses ?? []).map((a) => addressParameter(IpAddress.parse(a))),
    ...(o.cookie === undefined ? [] : [parameter(ParameterType.stateCookie, o.cookie)]),
    ...(o.parameters ?? []),
  ]);
  const chunk = new Uint8Array(INIT_FIXED_LENGTH + rest.length);
  writeInitFixed(
    new DataView(chunk.buffer),
    0,
    o.ack === true || o.cookie !== undefined ? ChunkType.initAck : ChunkType.init,
    chunk.length,
    o.tag ?? 0x7ee7_0001,
    o.aRwnd ?? 100_000,
    o.os ?? 10,
    o.mis ?? 10,
    o.tsn ?? 1000,
  );
  chunk.set(rest, INIT_FIXED_LENGTH);
  return chunk;
}

/** An unknown parameter with a value of 4 bytes, or another value. */
export const param = (type: number, value = Uint8Array.of(1, 2, 3, 4)): Uint8Array =>
  parameter(type, value);

/** A HEARTBEAT with this information. */
export const heartbeat = (info: Uint8Array): Uint8Array =>
  chunkAround(ChunkType.heartbeat, 0, parameter(ParameterType.heartbeatInfo, info));

/** An ABORT; `reflected` sets the T bit. */
export const abort = (reflected = false, ...causes: readonly Uint8Array[]): Uint8Array =>
  abortChunk(reflected, ...causes);
export const error = errorChunk;
export { cause };

export const cookieEcho = (cookie: Uint8Array): Uint8Array =>
  chunkAround(ChunkType.cookieEcho, 0, cookie);
export const bare = bareChunk;
export const shutdown = (cum: number): Uint8Array => shutdownChunk(tsn(cum));
export const around = chunkAround;
