import { paddedLength } from "./chunk.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Parameter Type         |       Parameter Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                        Parameter Value                        /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 9260 s3.2.1
const LENGTH = 2;

/** Bytes of type and length, with which each parameter begins. */
export const PARAMETER_HEADER_LENGTH = 4;

/** Why a parameter, or a list of them, cannot be read; as for a chunk. */
export type ParameterCheck = "ok" | "truncated" | "badLength";

/** Checks that the parameter's header and value are there. Its padding may be missing. */
export function checkParameter(view: DataView, at: number, end: number): ParameterCheck {
  if (end - at < PARAMETER_HEADER_LENGTH) return "truncated";
  const length = view.getUint16(at + LENGTH);
  if (length < PARAMETER_HEADER_LENGTH) return "badLength";
  return length > end - at ? "truncated" : "ok";
}

/** {@link checkParameter}, and the length field is `length`: for parameters of one size. */
export function checkParameterOfLength(
  view: DataView,
  at: number,
  end: number,
  length: number,
): ParameterCheck {
  const state = checkParameter(view, at, end);
  return state === "ok" && view.getUint16(at + LENGTH) !== length ? "badLength" : state;
}

/** {@link checkParameter}, and the length field is at least `least`. */
export function checkParameterOfAtLeast(
  view: DataView,
  at: number,
  end: number,
  least: number,
): ParameterCheck {
  const state = checkParameter(view, at, end);
  return state === "ok" && view.getUint16(at + LENGTH) < least ? "badLength" : state;
}

/**
 * Checks that a list of parameters can be walked from `at` to `end`, the end of its chunk without
 * padding:
 *
 * ```ts
 * for (let p = at; p < end; p = nextParameter(view, p)) ...
 * ```
 *
 * The last one's padding may be counted in the chunk's length or not (RFC 9260 s3.2). What is inside a
 * parameter is checked by the functions for its type.
 */
export function checkParameters(view: DataView, at: number, end: number): ParameterCheck {
  let p = at;
  while (p < end) {
    const state = checkParameter(view, p, end);
    if (state !== "ok") return state;
    p = nextParameter(view, p);
  }
  return "ok";
}

export const parameterType = (view: DataView, at: number): number => view.getUint16(at);
/** Bytes of header and value, without padding. */
export const parameterLength = (view: DataView, at: number): number => view.getUint16(at + LENGTH);

/** Where the parameter after this one begins; at or beyond the list's end after the last. */
export const nextParameter = (view: DataView, at: number): number =>
  at + paddedLength(view.getUint16(at + LENGTH));

/**
 * Writes type and length (header and value, without padding); 4 bytes.
 * @returns 4
 */
export function writeParameterHeader(
  view: DataView,
  at: number,
  type: number,
  length: number,
): number {
  view.setUint16(at, type);
  view.setUint16(at + LENGTH, length);
  return PARAMETER_HEADER_LENGTH;
}
