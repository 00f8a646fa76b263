import type { EndCause as CoreCause } from "@multihome/association";
import { StackError } from "@multihome/base";

/** How an association ended. */
export type EndCause =
  /** Both sides agreed; all data was delivered. */
  | { readonly kind: "shutdown" }
  /** The peer ended it at once. `reason` is what its application gave, `causeCodes` those of RFC 9260 s3.3.10. */
  | {
      readonly kind: "abortedByPeer";
      readonly reason: Uint8Array | undefined;
      readonly causeCodes: readonly number[];
    }
  /** We ended it at once; `detail` says why when it was not the application. */
  | { readonly kind: "aborted"; readonly detail: string | undefined }
  /** The peer broke the protocol. */
  | { readonly kind: "protocolViolation"; readonly detail: string }
  /** Nothing was heard from any address for too long. */
  | { readonly kind: "unreachable"; readonly tried: readonly string[] }
  /** The peer refused, or could not be set up with. */
  | { readonly kind: "setupFailed"; readonly detail: string };

/** The application's form of a core's cause. */
export function endCause(cause: CoreCause, abortDetail: string | undefined): EndCause {
  if (cause.kind === "aborted") return { kind: "aborted", detail: abortDetail };
  if (cause.kind === "unreachable") {
    return { kind: "unreachable", tried: [...new Set(cause.tried.map(String))] };
  }
  return cause;
}

/** A cause in words. */
export function describeEnd(cause: EndCause): string {
  switch (cause.kind) {
    case "shutdown":
      return "it was closed";
    case "abortedByPeer":
      return cause.reason === undefined || cause.reason.length === 0
        ? "the peer aborted it"
        : `the peer aborted it: ${printable(cause.reason)}`;
    case "aborted":
      return cause.detail === undefined ? "we aborted it" : `we aborted it: ${cause.detail}`;
    case "protocolViolation":
      return `the peer broke the protocol: ${cause.detail}`;
    case "unreachable":
      return `nothing was heard from ${cause.tried.join(", ")}`;
    case "setupFailed":
      return cause.detail;
  }
}

/** The peer's words, without what could steer a terminal. */
const printable = (text: Uint8Array): string =>
  new TextDecoder().decode(text).replace(/[\p{Cc}\p{Cf}]/gu, "?");

/** What readers and writers of an association that is over are told. */
export const associationEnded = (
  code: "associationLost" | "notOpen",
  cause: EndCause,
): StackError => new StackError(code, `the association is over: ${describeEnd(cause)}`, { cause });
