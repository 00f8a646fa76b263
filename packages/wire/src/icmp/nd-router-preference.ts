/** How much a router or route is preferred: high, medium, low. RFC 4191 s2.1 */
export type RouterPreference = 1 | 0 | -1;

const MEANINGS = ["medium", "high", "reserved", "low"];

/** The two bits of a preference for people; 2 is reserved. */
export const routerPreferenceName = (bits: number): string => MEANINGS[bits & 3] ?? "medium";

/** The meaning of the two bits of a preference; the reserved value counts as medium. RFC 4191 s2.2 */
export const routerPreference = (bits: number): RouterPreference =>
  bits === 1 ? 1 : bits === 3 ? -1 : 0;
