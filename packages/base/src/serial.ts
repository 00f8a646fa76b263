// Serial number arithmetic (RFC 1982) for every sequence number of the stack. Two numbers exactly
// half the circle apart are neither less nor greater (RFC 1982 s3.2): both comparisons are false.

/** A transmission sequence number of SCTP, 32 bits. RFC 9260 s3.3.1 */
export type Tsn = number & { readonly __tsn: "Tsn" };
/** A stream sequence number of SCTP, 16 bits. RFC 9260 s3.3.1 */
export type Ssn = number & { readonly __ssn: "Ssn" };
/** A sequence number of TCP, 32 bits. RFC 9293 s3.4 */
export type SeqNum = number & { readonly __seqNum: "SeqNum" };

/** `n` (any integer) as a TSN, modulo 2^32. */
export const tsn = (n: number): Tsn => (n >>> 0) as Tsn;
/** `n` (any integer) as an SSN, modulo 2^16. */
export const ssn = (n: number): Ssn => (n & 0xffff) as Ssn;
/** `n` (any integer) as a TCP sequence number, modulo 2^32. */
export const seqNum = (n: number): SeqNum => (n >>> 0) as SeqNum;

/** True if `a` precedes `b` on the 2^32 circle; false both ways at 2^31 apart. RFC 1982 s3.2 */
export const tsnLt = (a: Tsn, b: Tsn): boolean => {
  const d = (a - b) | 0;
  return d < 0 && d !== -0x80000000;
};
/** True if `a` follows `b` on the 2^32 circle; false both ways at 2^31 apart. RFC 1982 s3.2 */
export const tsnGt = (a: Tsn, b: Tsn): boolean => ((a - b) | 0) > 0;
/** True if `a` equals or precedes `b`. */
export const tsnLeq = (a: Tsn, b: Tsn): boolean => a === b || tsnLt(a, b);
/** True if `a` equals or follows `b`. */
export const tsnGeq = (a: Tsn, b: Tsn): boolean => ((a - b) | 0) >= 0;
/** `a` moved by `n` (any integer below 2^31 in size). */
export const tsnAdd = (a: Tsn, n: number): Tsn => ((a + n) >>> 0) as Tsn;
/** The signed distance from `b` to `a`: -2^31 .. 2^31 - 1. */
export const tsnDiff = (a: Tsn, b: Tsn): number => (a - b) | 0;

/** True if `a` precedes `b` on the 2^16 circle; false both ways at 2^15 apart. RFC 1982 s3.2 */
export const ssnLt = (a: Ssn, b: Ssn): boolean => ssnGt(b, a);
/** True if `a` follows `b` on the 2^16 circle; false both ways at 2^15 apart. RFC 1982 s3.2 */
export const ssnGt = (a: Ssn, b: Ssn): boolean => {
  const d = (a - b) & 0xffff;
  return d !== 0 && d < 0x8000;
};
/** `a` moved by `n`. */
export const ssnAdd = (a: Ssn, n: number): Ssn => ((a + n) & 0xffff) as Ssn;

/** True if `a` precedes `b` on the 2^32 circle. RFC 9293 s3.4 */
export const seqLt = (a: SeqNum, b: SeqNum): boolean =>
  tsnLt(a as unknown as Tsn, b as unknown as Tsn);
/** True if `a` follows `b` on the 2^32 circle. RFC 9293 s3.4 */
export const seqGt = (a: SeqNum, b: SeqNum): boolean => ((a - b) | 0) > 0;
/** `a` moved by `n`. */
export const seqAdd = (a: SeqNum, n: number): SeqNum => ((a + n) >>> 0) as SeqNum;
/** The signed distance from `b` to `a`. */
export const seqDiff = (a: SeqNum, b: SeqNum): number => (a - b) | 0;
