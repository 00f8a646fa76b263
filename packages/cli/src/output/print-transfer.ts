import type { PathReport, Switchover } from "../path-log.js";
import type { Console } from "./console.js";
import { pathText } from "./describe-path-event.js";
import { table } from "./table.js";
import { formatBytes, formatMs, formatRate } from "./units.js";

/** What a file on standard output is called. */
export const STDOUT_NAME = "standard output";

/** A transfer that is over. */
export interface TransferReport {
  /** Our name for the file. */
  readonly file: string;
  /** The sender's, on the receiver's side. */
  readonly name?: string;
  readonly size: number;
  readonly sha256: string;
  readonly elapsedMs: number;
  readonly paths: readonly PathReport[];
  readonly switchovers: readonly Switchover[];
}

/**
 * The result of a transfer: one object with `--json`, otherwise lines,
 * on stderr when the file itself is on stdout.
 */
export async function printTransfer(
  console: Console,
  what: "sent" | "received",
  r: TransferReport,
): Promise<void> {
  if (console.json) {
    await console.object({
      ok: true,
      file: r.file,
      ...(r.name === undefined ? {} : { name: r.name }),
      bytes: r.size,
      sha256: r.sha256,
      elapsedMs: Math.round(r.elapsedMs),
      paths: r.paths,
      switchovers: r.switchovers,
    });
    return;
  }
  // The file itself may be on stdout.
  const onStdout = r.file !== STDOUT_NAME;
  const sink = onStdout ? console : { colours: console.errColours, width: console.errWidth };
  const say = async (line = ""): Promise<void> => {
    if (onStdout) await console.line(line);
    else console.note(line);
  };
  const c = sink.colours;
  const rate = formatRate((r.size * 8000) / Math.max(1, r.elapsedMs));
  const moves = r.switchovers.length;
  await say(
    table(
      sink,
      ["path", "sent", "received", "round trip"],
      r.paths.map((p) => [
        pathText(p),
        formatBytes(p.bytesSent),
        formatBytes(p.bytesReceived),
        formatMs(p.srttMs),
      ]),
    ),
  );
  await say();
  await say(
    `${c.green(what)} ${c.bold(r.file)}: ${formatBytes(r.size)} in ${formatMs(r.elapsedMs)} (${rate})${
      moves === 0 ? "" : `, data changed its path ${moves === 1 ? "once" : `${moves} times`}`
    }`,
  );
  await say(
    `SHA-256 ${r.sha256} ${c.dim(what === "sent" ? "(confirmed by the receiver)" : "")}`.trimEnd(),
  );
}
