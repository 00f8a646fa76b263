/**
 * The one error that misuse throws. `code` is stable and listed in docs/errors.md; the message says
 * what was given and what is allowed.
 */
export class StackError extends Error {
  /** Stable machine-readable code, such as `invalidOption`. */
  readonly code: string;
  /** Values that belong to the error, such as the address or the option. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "StackError";
    this.code = code;
    this.details = details;
  }
}

/**
 * Checks a numeric option.
 * @throws StackError `invalidOption` unless `min <= value <= max` (and whole, if `integer`).
 */
export function checkNumber(
  option: string,
  value: unknown,
  min: number,
  max: number,
  integer = true,
): number {
  const ok =
    typeof value === "number" &&
    value >= min &&
    value <= max &&
    (!integer || Number.isInteger(value) || value === Number.POSITIVE_INFINITY);
  if (!ok) {
    throw new StackError(
      "invalidOption",
      `${option}: got ${String(value)}, expected ${integer ? "an integer" : "a number"} from ${min} to ${max}`,
      { option, got: value, min, max },
    );
  }
  return value;
}
