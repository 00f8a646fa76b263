import { StackError } from "@multihome/base";
import type { EndCause } from "multihome";
import type { CliIo } from "./cli-io.js";
import { CommandError } from "./command-error.js";
import { stopped } from "./command-runner.js";
import { EXIT } from "./exit-status.js";

/**
 * What went wrong with an association, as a command tells it: Ctrl-C before everything else, silence of
 * the peer as `unreachable`, an abort with the peer's words.
 *
 * @param who the peer's part: "the receiver"
 */
export function associationFailure(error: unknown, io: CliIo, who: string): unknown {
  if (io.stop.aborted) return stopped(io);
  if (!(error instanceof StackError) || error instanceof CommandError) return error;
  switch (error.code) {
    case "connectFailed":
    case "timeout":
      return new CommandError(EXIT.unreachable, "unreachable", error.message, error.details);
    case "nameNotFound":
      return new CommandError(EXIT.unreachable, error.code, error.message, error.details);
    case "associationLost":
    case "notOpen": {
      const cause = causeOf(error.details);
      return cause === undefined ? error : endFailure(cause, who);
    }
    default:
      return error;
  }
}

/** How an association ended, as the error of a command that still needed it. */
export function endFailure(cause: EndCause, who: string): CommandError {
  switch (cause.kind) {
    case "unreachable":
      return new CommandError(
        EXIT.unreachable,
        "peerLost",
        `${who} fell silent on every path: ${cause.tried.join(", ")}`,
        { tried: cause.tried },
      );
    case "abortedByPeer": {
      const reason = new TextDecoder().decode(cause.reason ?? new Uint8Array(0));
      return new CommandError(
        EXIT.failed,
        "peerAborted",
        reason === ""
          ? `${who} ended the association at once`
          : `${who} ended the association: ${reason.replace(/[\p{Cc}\p{Cf}]/gu, "?")}`,
        { reason, causeCodes: cause.causeCodes },
      );
    }
    case "shutdown":
      return new CommandError(EXIT.failed, "peerClosed", `${who} closed the association too early`);
    case "aborted":
      return new CommandError(EXIT.failed, "aborted", "we ended the association");
    case "protocolViolation":
    case "setupFailed":
      return new CommandError(EXIT.failed, cause.kind, `${who}: ${cause.detail}`);
  }
}

function causeOf(details: Readonly<Record<string, unknown>>): EndCause | undefined {
  const { cause } = details;
  return isEndCause(cause) ? cause : undefined;
}

const KINDS: ReadonlySet<unknown> = new Set<EndCause["kind"]>([
  "shutdown",
  "abortedByPeer",
  "aborted",
  "protocolViolation",
  "unreachable",
  "setupFailed",
]);

const isEndCause = (value: unknown): value is EndCause =>
  typeof value === "object" && value !== null && "kind" in value && KINDS.has(value.kind);
