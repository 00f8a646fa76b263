import type { Instant } from "@multihome/base";

/** Names of the states of a path. Data: RFC 9260 s14.3; unconfirmed: RFC 9260 s5.4; potentially failed: RFC 7829 s3. */
export type PathStateKind = "unconfirmed" | "active" | "potentiallyFailed" | "inactive";

/** The state of one path. */
export type PathState =
  | { readonly kind: "unconfirmed" }
  | { readonly kind: "active" }
  | { readonly kind: "potentiallyFailed"; readonly since: Instant }
  | { readonly kind: "inactive"; readonly since: Instant };
