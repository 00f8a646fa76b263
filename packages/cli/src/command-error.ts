import { StackError } from "@multihome/base";
import { EXIT, type ExitStatus } from "./exit-status.js";

/** What a command fails with: a stable code, what happened in words, and the exit status. */
export class CommandError extends StackError {
  readonly exit: ExitStatus;

  constructor(
    exit: ExitStatus,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(code, message, details);
    this.name = "CommandError";
    this.exit = exit;
  }
}

/** Wrong arguments. */
export const usageError = (
  code: string,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): CommandError => new CommandError(EXIT.usage, code, message, details);

/** Codes of the stack that say that the arguments were wrong. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  "invalidAddress",
  "invalidOption",
  "invalidPort",
  "invalidFault",
  "invalidSchedule",
  "noUsableAddress",
  "portsDiffer",
]);

/** Any error as one that a command ends with. */
export function toCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof StackError) {
    const exit = USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
    return new CommandError(exit, error.code, error.message, error.details);
  }
  if (isSystemError(error)) return new CommandError(EXIT.failed, error.code, error.message);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CommandError(EXIT.failed, "internal", `this is a defect: ${message}`);
}

/** What errors of the operating system and of Node's modules have. */
export interface SystemError {
  readonly code: string;
  readonly message: string;
}

/**
 * True for an error of the operating system, such as `ENOSPC`, or of Node, such as
 * `ERR_FS_FILE_TOO_LARGE`. Told by its shape: it may come from another realm.
 */
export const isSystemError = (error: unknown): error is SystemError =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  typeof error.code === "string" &&
  /^E[A-Z0-9_]+$/.test(error.code) &&
  "message" in error;
