// +---------------+---------------+-------+-----------------------+
// |   Kind = 30   |    Length     |Subtype|                       |
// +---------------+---------------+-------+                       |
// |                     Subtype-specific data                     |
// +---------------------------------------------------------------+
// RFC 8684 s3; subtypes: s7.2.

/** Subtype: begins a connection. RFC 8684 s3.1 */
export const MPTCP_MP_CAPABLE = 0x0;
/** Subtype: adds a subflow. RFC 8684 s3.2 */
export const MPTCP_MP_JOIN = 0x1;
/** Subtype: data sequence signal. RFC 8684 s3.3 */
export const MPTCP_DSS = 0x2;
/** Subtype: announces an address. RFC 8684 s3.4.1 */
export const MPTCP_ADD_ADDR = 0x3;
/** Subtype: takes addresses back. RFC 8684 s3.4.2 */
export const MPTCP_REMOVE_ADDR = 0x4;
/** Subtype: makes a subflow a backup, or no longer. RFC 8684 s3.3.8 */
export const MPTCP_MP_PRIO = 0x5;
/** Subtype: a checksum failed. RFC 8684 s3.7 */
export const MPTCP_MP_FAIL = 0x6;
/** Subtype: ends the connection at once. RFC 8684 s3.5 */
export const MPTCP_MP_FASTCLOSE = 0x7;
/** Subtype: why a subflow is reset. RFC 8684 s3.6 */
export const MPTCP_MP_TCPRST = 0x8;
/** Subtype: private experiments. RFC 8684 s7.2 */
export const MPTCP_MP_EXPERIMENTAL = 0xf;

const KIND = 30;

/**
 * Why an MPTCP option is not used. `truncated`: it goes beyond the bytes there are. `badLength`: its length
 * is none that the subtype has.
 */
export type MptcpCheck = "ok" | "truncated" | "badLength";

/** The subtype, 0 .. 15, of the option at `at`, which must have 3 bytes or more. */
export const mptcpSubtype = (view: DataView, at: number): number => view.getUint8(at + 2) >>> 4;

/** Checks that the option at `at` is whole and long enough for a subtype and `minLength` bytes. */
export function checkMptcpLength(
  view: DataView,
  at: number,
  end: number,
  minLength: number,
): MptcpCheck {
  if (end - at < 3) return "truncated";
  const length = view.getUint8(at + 1);
  if (length < minLength) return "badLength";
  return end - at < length ? "truncated" : "ok";
}

/** Writes kind, length, subtype and the 4 bits after it. Returns 3. */
export function writeMptcpHead(
  view: DataView,
  at: number,
  length: number,
  subtype: number,
  bits: number,
): number {
  view.setUint16(at, (KIND << 8) | length);
  view.setUint8(at + 2, (subtype << 4) | bits);
  return 3;
}
