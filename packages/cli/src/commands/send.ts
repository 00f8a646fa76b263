import type { Command } from "commander";
import { type Association, Host } from "multihome";
import { associationFailure } from "../association-failure.js";
import {
  addCommonOptions,
  associationOptions,
  type CommonOptions,
} from "../association-options.js";
import { type CommandRunner, throwIfStopped } from "../command-runner.js";
import { parseFrom, parsePeer } from "../endpoints.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { describePathEvent } from "../output/describe-path-event.js";
import { printTransfer } from "../output/print-transfer.js";
import { TransferProgress } from "../output/transfer-progress.js";
import { checkOwnAddresses } from "../own-addresses.js";
import { PathLog } from "../path-log.js";
import { TraceOutput } from "../trace/trace-output.js";
import { CHUNK_BYTES } from "../transfer/file-protocol.js";
import { type InputFile, openInputFile, streamInput } from "../transfer/input-file.js";
import { sendFile } from "../transfer/send-file.js";

interface SendOptions extends CommonOptions {
  readonly to: string;
  readonly from?: string;
  readonly timeout: number;
}

/** `multihome send`: a file to a `multihome receive`. */
export function addSend(program: Command, runner: CommandRunner): void {
  const command = program
    .command("send")
    .summary("send a file to a multihome receive")
    .description(
      `Sends a file over all paths between two hosts, and ends when the receiver has confirmed its SHA-256.`,
    )
    .argument("<file>", "what to send, or - for standard input")
    .requiredOption(
      "--to <address:port,...>",
      "the receiver's addresses, the preferred first; names are looked up",
    )
    .option("--from <address,...>", "use these of our addresses only (default: all)")
    .option(
      "--udp-port <port>",
      "the receiver's UDP port, if it is not the port of --to (RFC 6951: 9899)",
      numberFrom(1, 65_535),
    )
    .option("--timeout <seconds>", "how long to try to connect", numberFrom(0.1, 3600, false), 10);
  addCommonOptions(command)
    .option("--json", "end with one object")
    .addHelpText(
      "after",
      `
Examples:
  multihome send photo.jpg --to 192.0.2.1:5000,198.51.100.1:5000
  tar c folder | multihome send - --to server.example:5000 --from 10.0.0.2,10.1.0.2`,
    )
    .action((file: string, options: SendOptions) =>
      runner.run(options.json === true, (console) => send(console, file, options)),
    );
}

async function send(console: Console, file: string, o: SendOptions): Promise<ExitStatus> {
  const { io } = console;
  const to = parsePeer("--to", o.to);
  const from = o.from === undefined ? undefined : parseFrom(o.from);
  const input =
    file === "-" ? streamInput(io.stdin, CHUNK_BYTES) : await openInputFile(file, CHUNK_BYTES);
  const trace = new TraceOutput(o);
  const host = await Host.open({
    ...associationOptions(o),
    ...trace.forHost,
    ...(from === undefined ? {} : { addresses: from }),
  });
  try {
    checkOwnAddresses("--from", host, from);
    const association = await host.connect(to, {
      signal: io.stop,
      timeoutMs: o.timeout * 1000,
      ...(o.udpPort === undefined ? {} : { udpPort: o.udpPort }),
    });
    await transfer(console, file, input, association);
    return EXIT.ok;
  } catch (error) {
    throw associationFailure(error, io, "the receiver");
  } finally {
    await input.close();
    await host.close();
    trace.close(console);
  }
}

async function transfer(
  console: Console,
  file: string,
  input: InputFile,
  association: Association,
): Promise<void> {
  const { io } = console;
  const began = performance.now();
  const progress = new TransferProgress(console, "sent", input.offer.size, () =>
    association.paths().find((p) => p.current),
  );
  const log = new PathLog(association, (event, atMs) =>
    progress.event(atMs, describePathEvent(event)),
  );
  const stop = (): void => void association.abort("the sender was stopped");
  io.stop.addEventListener("abort", stop);
  try {
    const sent = await sendFile(association, input.offer, input.chunks(), (bytes) =>
      progress.update(bytes),
    );
    const elapsedMs = performance.now() - began;
    const paths = log.reports();
    await association.close();
    progress.stop();
    await printTransfer(console, "sent", {
      file,
      ...sent,
      elapsedMs,
      paths,
      switchovers: log.switchovers,
    });
  } catch (error) {
    // What we could not read, or the receiver refused, ends the association; it tells the other side.
    await association.abort("the sender failed");
    throwIfStopped(io);
    throw error;
  } finally {
    progress.stop();
    io.stop.removeEventListener("abort", stop);
  }
}
