/** Microseconds since the driver's epoch; integer, 0 <= t < 2^53, or {@link NEVER}. */
export type Instant = number & { readonly __brand: "Instant" };

/** A length of time in microseconds; integer. */
export type Micros = number & { readonly __micros: "Micros" };

/** Later than every other instant: a deadline that is not armed. */
export const NEVER: Instant = Number.POSITIVE_INFINITY as Instant;

/** The driver's epoch. */
export const EPOCH: Instant = 0 as Instant;

/** Milliseconds (may have a fraction) as microseconds, rounded to the nearest. */
export const millis = (ms: number): Micros => Math.round(ms * 1000) as Micros;

/** A plain number of microseconds as {@link Micros}, rounded to the nearest. */
export const micros = (us: number): Micros => Math.round(us) as Micros;

/** Microseconds as milliseconds, with the fraction: for logs and events. */
export const toMillis = (us: number): number => us / 1000;

/** The instant `d` after `t`. */
export const instantAdd = (t: Instant, d: Micros): Instant => (t + d) as Instant;

/** How long after `from` the instant `to` is; negative when it is before. */
export const elapsed = (from: Instant, to: Instant): Micros => (to - from) as Micros;

/** The earlier of two instants. */
export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
