import type { IpAddress, Tsn } from "@multihome/base";
import {
  CHUNK_HEADER_LENGTH,
  ChunkType,
  ErrorCause,
  PARAMETER_HEADER_LENGTH,
  ParameterType,
  writeAddressParameter,
  writeCauseHeader,
  writeChunkHeader,
} from "@multihome/wire";

const CAUSE_HEADER_LENGTH = 4;
const padded = (n: number): number => (n + 3) & ~3;

/** A chunk of only a header. */
export function bareChunk(type: number, flags = 0): Uint8Array {
  const chunk = new Uint8Array(CHUNK_HEADER_LENGTH);
  writeChunkHeader(new DataView(chunk.buffer), 0, type, flags, CHUNK_HEADER_LENGTH);
  return chunk;
}

/** A chunk around `value`, padded with zeros; the length field does not count the padding. */
export function chunkAround(type: number, flags: number, value: Uint8Array): Uint8Array {
  const length = CHUNK_HEADER_LENGTH + value.length;
  const chunk = new Uint8Array(padded(length));
  writeChunkHeader(new DataView(chunk.buffer), 0, type, flags, length);
  chunk.set(value, CHUNK_HEADER_LENGTH);
  return chunk;
}

/**
 * A chunk around causes or parameters, each padded. The chunk's length does not count the padding of the
 * last one. RFC 9260 s3.2
 */
function chunkAroundList(type: number, flags: number, list: readonly Uint8Array[]): Uint8Array {
  const chunk = chunkAround(type, flags, concat(list));
  const length = CHUNK_HEADER_LENGTH + lengthOfList(list);
  writeChunkHeader(new DataView(chunk.buffer), 0, type, flags, length);
  return chunk;
}

/** Bytes of padded causes or parameters one after the other, without the padding of the last. */
export function lengthOfList(list: readonly Uint8Array[]): number {
  let length = 0;
  let padding = 0;
  for (const tlv of list) {
    length += tlv.length;
    padding = tlv.length - new DataView(tlv.buffer, tlv.byteOffset).getUint16(2);
  }
  return length - padding;
}

/** An ERROR chunk with these causes. RFC 9260 s3.3.10 */
export const errorChunk = (...causes: readonly Uint8Array[]): Uint8Array =>
  chunkAroundList(ChunkType.error, 0, causes);

/**
 * An ABORT chunk with these causes. RFC 9260 s3.3.7
 * @param reflected the verification tag is the peer's own (T bit)
 */
export const abortChunk = (reflected: boolean, ...causes: readonly Uint8Array[]): Uint8Array =>
  chunkAroundList(ChunkType.abort, reflected ? 1 : 0, causes);

/** A SHUTDOWN chunk. RFC 9260 s3.3.8 */
export function shutdownChunk(cumTsnAck: Tsn): Uint8Array {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, cumTsnAck);
  return chunkAround(ChunkType.shutdown, 0, value);
}

/** An error cause around `info`. RFC 9260 s3.3.10 */
export function cause(code: number, info: Uint8Array = new Uint8Array(0)): Uint8Array {
  const length = CAUSE_HEADER_LENGTH + info.length;
  const out = new Uint8Array(padded(length));
  writeCauseHeader(new DataView(out.buffer), 0, code, length);
  out.set(info, CAUSE_HEADER_LENGTH);
  return out;
}

/** Cause 1. RFC 9260 s3.3.10.1 */
export const invalidStreamCause = (streamId: number): Uint8Array =>
  cause(ErrorCause.invalidStreamIdentifier, Uint8Array.of(streamId >> 8, streamId & 255, 0, 0));

/** Cause 2. RFC 9260 s3.3.10.2 */
export function missingParametersCause(types: readonly number[]): Uint8Array {
  const info = new Uint8Array(4 + 2 * types.length);
  const view = new DataView(info.buffer);
  view.setUint32(0, types.length);
  for (const [i, type] of types.entries()) view.setUint16(4 + 2 * i, type);
  return cause(ErrorCause.missingMandatoryParameter, info);
}

/** Cause 3. `stalenessUs`: how long after its life the cookie came. RFC 9260 s3.3.10.3 */
export function staleCookieCause(stalenessUs: number): Uint8Array {
  const info = new Uint8Array(4);
  new DataView(info.buffer).setUint32(0, Math.min(stalenessUs, 0xffff_ffff));
  return cause(ErrorCause.staleCookie, info);
}

/** Cause 9: the TSN of a DATA chunk without data. RFC 9260 s3.3.10.9 */
export function noUserDataCause(t: number): Uint8Array {
  const info = new Uint8Array(4);
  new DataView(info.buffer).setUint32(0, t);
  return cause(ErrorCause.noUserData, info);
}

/** Cause 11 with the addresses that are new. RFC 9260 s3.3.10.11 */
export const newAddressesCause = (addresses: readonly IpAddress[]): Uint8Array =>
  cause(ErrorCause.restartWithNewAddresses, concat(addresses.map(addressParameter)));

/** An IPv4 or IPv6 address parameter. RFC 9260 s3.3.2.1.1, s3.3.2.1.2 */
export function addressParameter(a: IpAddress): Uint8Array {
  const out = new Uint8Array(a.family === 4 ? 8 : 20);
  writeAddressParameter(new DataView(out.buffer), 0, a);
  return out;
}

/** A parameter around `value`, padded with zeros. RFC 9260 s3.2.1 */
export function parameter(type: number, value: Uint8Array): Uint8Array {
  const length = PARAMETER_HEADER_LENGTH + value.length;
  const out = new Uint8Array(padded(length));
  const view = new DataView(out.buffer);
  view.setUint16(0, type);
  view.setUint16(2, length);
  out.set(value, PARAMETER_HEADER_LENGTH);
  return out;
}

/** Supported Address Types: both families. RFC 9260 s3.3.2.1.5 */
export const supportedAddressTypes = (): Uint8Array =>
  parameter(
    ParameterType.supportedAddressTypes,
    Uint8Array.of(0, ParameterType.ipv4Address, 0, ParameterType.ipv6Address),
  );

/** Text as the information of a cause: one byte for a character, others as `?`. */
export function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => (c.charCodeAt(0) < 128 ? c.charCodeAt(0) : 63));
}

/** The pieces, one after the other. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (const p of pieces) total += p.length;
  const out = new Uint8Array(total);
  let at = 0;
  for (const p of pieces) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}
