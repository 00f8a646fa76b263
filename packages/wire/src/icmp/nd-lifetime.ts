/** A lifetime of seconds for people; all ones are forever. RFC 4861 s4.6.2 */
export const ndLifetime = (seconds: number): string =>
  seconds === 0xffffffff ? "infinity" : `${seconds} s`;
