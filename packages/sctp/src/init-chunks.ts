import { type IpAddress, ipScope, sameIp } from "@multihome/base";
import {
  ChunkType,
  INIT_FIXED_LENGTH,
  PARAMETER_HEADER_LENGTH,
  ParameterType,
  writeInitFixed,
} from "@multihome/wire";
import {
  addressParameter,
  concat,
  lengthOfList,
  parameter,
  supportedAddressTypes,
} from "./control-chunks.js";

/** The numbers of an INIT or INIT ACK of ours. */
export interface InitNumbers {
  readonly initiateTag: number;
  readonly aRwnd: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly initialTsn: number;
}

/**
 * Our addresses that the peer may be told: none when there is only one (RFC 9260 s5.1.2 rule A), and
 * none that it could not reach from where it is (loopback and link-local stay on their link).
 */
export function addressesFor(locals: readonly IpAddress[], remote: IpAddress): IpAddress[] {
  const scope = ipScope(remote);
  const told = locals.filter((a) => {
    const s = ipScope(a);
    if (s === "loopback" || s === "linkLocal") return s === scope;
    return scope !== "loopback";
  });
  return told.length > 1 ? told : [];
}

/**
 * Bytes of an INIT chunk of ours at least. As large as most INIT ACKs, so that a server need not answer
 * with more than it got (RFC 5062 s9.2); every receiver skips the padding (RFC 4820 s4).
 */
const INIT_LENGTH = 244;

/** An INIT chunk. RFC 9260 s3.3.2 */
export function initChunk(
  n: InitNumbers,
  addresses: readonly IpAddress[],
  cookiePreservativeMs: number,
): Uint8Array {
  const parameters = addresses.map(addressParameter);
  if (cookiePreservativeMs > 0) {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, cookiePreservativeMs);
    parameters.push(parameter(ParameterType.cookiePreservative, value));
  }
  parameters.push(supportedAddressTypes());
  const missing = INIT_LENGTH - INIT_FIXED_LENGTH - totalLength(parameters);
  if (missing >= PARAMETER_HEADER_LENGTH) {
    const padding = new Uint8Array(missing - PARAMETER_HEADER_LENGTH);
    parameters.push(parameter(ParameterType.padding, padding));
  }
  return build(ChunkType.init, n, parameters);
}

/**
 * An INIT ACK chunk, with our addresses and what the INIT had that we do not know, as far as they fit.
 * RFC 9260 s3.3.3
 * @param from the address that it leaves from, which the peer knows without a list
 * @param maxBytes of the chunk. RFC 9260 s12.4 lets unrecognized parameters be left out for its sake
 * @returns `undefined` when not even the cookie fits
 */
export function initAckChunk(
  n: InitNumbers,
  addresses: readonly IpAddress[],
  cookie: Uint8Array,
  unrecognized: readonly Uint8Array[],
  from: IpAddress,
  maxBytes: number,
): Uint8Array | undefined {
  const cookieParameter = parameter(ParameterType.stateCookie, cookie);
  let length = INIT_FIXED_LENGTH + cookieParameter.length;
  if (length > maxBytes) return undefined;
  const parameters: Uint8Array[] = [];
  let listed = addresses.map(addressParameter);
  if (length + totalLength(listed) > maxBytes) {
    listed = addresses.filter((a) => !sameIp(a, from)).map(addressParameter);
  }
  for (const p of listed) {
    if (length + p.length > maxBytes) break;
    length += p.length;
    parameters.push(p);
  }
  parameters.push(cookieParameter);
  for (const quoted of unrecognized) {
    const p = parameter(ParameterType.unrecognizedParameter, quoted);
    if (length + p.length > maxBytes) break;
    length += p.length;
    parameters.push(p);
  }
  return build(ChunkType.initAck, n, parameters);
}

const totalLength = (parameters: readonly Uint8Array[]): number =>
  parameters.reduce((sum, p) => sum + p.length, 0);

function build(type: number, n: InitNumbers, parameters: readonly Uint8Array[]): Uint8Array {
  const rest = concat(parameters);
  const length = INIT_FIXED_LENGTH + lengthOfList(parameters);
  const chunk = new Uint8Array(INIT_FIXED_LENGTH + rest.length);
  writeInitFixed(
    new DataView(chunk.buffer),
    0,
    type,
    length,
    n.initiateTag,
    n.aRwnd,
    n.outboundStreams,
    n.inboundStreams,
    n.initialTsn,
  );
  chunk.set(rest, INIT_FIXED_LENGTH);
  return chunk;
}
