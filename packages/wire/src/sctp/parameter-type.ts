/** Parameter types by name. RFC 9260 s3.3 unless another is named. */
export const ParameterType = {
  heartbeatInfo: 1,
  ipv4Address: 5,
  ipv6Address: 6,
  stateCookie: 7,
  unrecognizedParameter: 8,
  cookiePreservative: 9,
  /** Deprecated: who gets one aborts. RFC 9260 s3.3.2.1.4 */
  hostNameAddress: 11,
  supportedAddressTypes: 12,
  /** RFC 6525 s4.1 */
  outgoingSsnResetRequest: 13,
  /** RFC 6525 s4.2 */
  incomingSsnResetRequest: 14,
  /** RFC 6525 s4.3 */
  ssnTsnResetRequest: 15,
  /** RFC 6525 s4.4 */
  reconfigurationResponse: 16,
  /** RFC 6525 s4.5 */
  addOutgoingStreamsRequest: 17,
  /** RFC 6525 s4.6 */
  addIncomingStreamsRequest: 18,
  /** Reserved there; its format is in RFC 4960 appendix A. */
  ecnCapable: 0x8000,
  /** RFC 9653 s4 */
  zeroChecksumAcceptable: 0x8001,
  /** RFC 4895 s3.1 */
  random: 0x8002,
  /** RFC 4895 s3.2 */
  chunkList: 0x8003,
  /** RFC 4895 s3.3 */
  requestedHmacAlgorithm: 0x8004,
  /** RFC 4820 s4 */
  padding: 0x8005,
  /** RFC 5061 s4.2.7 */
  supportedExtensions: 0x8008,
  /** RFC 3758 s3.1 */
  forwardTsnSupported: 0xc000,
  /** RFC 5061 s4.2.1 */
  addIpAddress: 0xc001,
  /** RFC 5061 s4.2.2 */
  deleteIpAddress: 0xc002,
  /** RFC 5061 s4.2.3 */
  errorCauseIndication: 0xc003,
  /** RFC 5061 s4.2.4 */
  setPrimaryAddress: 0xc004,
  /** RFC 5061 s4.2.5 */
  successIndication: 0xc005,
  /** RFC 5061 s4.2.6 */
  adaptationLayerIndication: 0xc006,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ParameterType).map(([name, type]) => [type, name]),
);

/** The name of a parameter type as in {@link ParameterType}; `parameter 0x8fff` for one without. */
export const parameterTypeName = (type: number): string =>
  NAMES.get(type) ?? `parameter 0x${type.toString(16).padStart(4, "0")}`;

/**
 * True if a receiver that does not know this type must leave the chunk's further parameters alone; false
 * if it skips just this one. RFC 9260 s3.2.1 table 3
 */
export const unknownParameterStops = (type: number): boolean => (type & 0x8000) === 0;

/** True if a receiver that does not know this type reports it. RFC 9260 s3.2.1 table 3 */
export const unknownParameterIsReported = (type: number): boolean => (type & 0x4000) !== 0;
