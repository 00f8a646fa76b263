import type { IpAddress } from "@multihome/base";
import {
  checkParameters,
  INIT_FIXED_LENGTH,
  initARwnd,
  initInboundStreams,
  initInitialTsn,
  initInitiateTag,
  initOutboundStreams,
  listsAddressType,
  nextParameter,
  PARAMETER_HEADER_LENGTH,
  ParameterType,
  parameterLength,
  parameterType,
  readAddressParameter,
} from "@multihome/wire";

/** What an INIT or INIT ACK says. */
export interface InitContents {
  /** Bytes of the chunk. */
  readonly length: number;
  readonly initiateTag: number;
  readonly aRwnd: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly initialTsn: number;
  /** Unicast addresses listed, at most as many as asked for. */
  readonly addresses: readonly IpAddress[];
  /** Families that the sender takes: all, unless it says which; those that it uses in any case. RFC 9260 s5.1.2 */
  readonly supportsIpv4: boolean;
  readonly supportsIpv6: boolean;
  /** The State Cookie (INIT ACK only); a copy. */
  readonly cookie: Uint8Array | undefined;
  /** Milliseconds; 0 when absent. */
  readonly cookiePreservative: number;
  /** The Host Name Address parameter with its header, if there is one; a copy. */
  readonly hostName: Uint8Array | undefined;
  /** Parameters to be reported (RFC 9260 s3.2.2), each with its header; copies. */
  readonly unrecognized: readonly Uint8Array[];
}

const MAX_REPORTED_BYTES = 1024;
const MAX_HOST_NAME_BYTES = 4 + 256;

/**
 * Reads an INIT or INIT ACK that passed `checkInit`. Unknown parameters are treated by the two upper
 * bits of their type (RFC 9260 s3.2.1).
 *
 * @returns `undefined` when the parameters do not fit into the chunk
 */
export function readInit(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  maxAddresses: number,
): InitContents | undefined {
  const first = at + INIT_FIXED_LENGTH;
  if (checkParameters(view, first, end) !== "ok") return undefined;
  const addresses: IpAddress[] = [];
  const unrecognized: Uint8Array[] = [];
  let reported = 0;
  let cookie: Uint8Array | undefined;
  let cookiePreservative = 0;
  let supported = -1;
  let hostName: Uint8Array | undefined;
  let stopped = false;
  for (let p = first; p < end; p = nextParameter(view, p)) {
    const type = parameterType(view, p);
    const length = parameterLength(view, p);
    // RFC 9260 s3.2.1: a COOKIE ECHO is sent whatever stands in front of the cookie.
    if (stopped && type !== ParameterType.stateCookie) continue;
    if (type === ParameterType.ipv4Address || type === ParameterType.ipv6Address) {
      const address = readAddressParameter(view, p);
      if (address === undefined || !isUnicast(address)) continue;
      if (addresses.length < maxAddresses) addresses.push(address);
    } else if (type === ParameterType.stateCookie) {
      cookie = bytes.slice(p + PARAMETER_HEADER_LENGTH, p + length);
    } else if (type === ParameterType.cookiePreservative) {
      if (length === 8) cookiePreservative = view.getUint32(p + PARAMETER_HEADER_LENGTH);
    } else if (type === ParameterType.hostNameAddress) {
      hostName = bytes.slice(p, p + Math.min(length, MAX_HOST_NAME_BYTES));
    } else if (type === ParameterType.supportedAddressTypes) {
      supported = p;
    } else if (type !== ParameterType.unrecognizedParameter) {
      if ((type & 0x4000) !== 0 && reported + length <= MAX_REPORTED_BYTES) {
        unrecognized.push(bytes.slice(p, p + length));
        reported += length;
      }
      if ((type & 0x8000) === 0) stopped = true;
    }
  }
  return {
    length: end - at,
    initiateTag: initInitiateTag(view, at),
    aRwnd: initARwnd(view, at),
    outboundStreams: initOutboundStreams(view, at),
    inboundStreams: initInboundStreams(view, at),
    initialTsn: initInitialTsn(view, at),
    addresses,
    supportsIpv4:
      supported < 0 ||
      listsAddressType(view, supported, ParameterType.ipv4Address) ||
      addresses.some((a) => a.family === 4),
    supportsIpv6:
      supported < 0 ||
      listsAddressType(view, supported, ParameterType.ipv6Address) ||
      addresses.some((a) => a.family === 6),
    cookie,
    cookiePreservative,
    hostName,
    unrecognized,
  };
}

/** The smallest a_rwnd that an INIT may have. RFC 9260 s3.3.2 */
export const MIN_INITIAL_ARWND = 1500;

/** What is wrong with the fixed part, as RFC 9260 s3.3.2 and s3.3.3 list it. */
export function initFault(i: InitContents): string | undefined {
  if (i.initiateTag === 0) return "Initiate Tag 0";
  if (i.aRwnd < MIN_INITIAL_ARWND) return "a_rwnd below 1500";
  if (i.outboundStreams === 0) return "no outbound streams";
  if (i.inboundStreams === 0) return "no inbound streams";
  return undefined;
}

/** An address in an INIT that cannot be anybody's is not used. */
export const isUnicast = (a: IpAddress): boolean =>
  !(a.family === 4
    ? a.w3 >>> 28 === 0xe || a.w3 === 0xffff_ffff || a.w3 === 0
    : a.w0 >>> 24 === 0xff || (a.w0 === 0 && a.w1 === 0 && a.w2 === 0 && a.w3 === 0));
