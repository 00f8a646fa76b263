import type { Command } from "commander";
import { type Association, Host, type Server } from "multihome";
import { associationFailure } from "../association-failure.js";
import {
  addCommonOptions,
  associationOptions,
  type CommonOptions,
} from "../association-options.js";
import { CommandError, toCommandError, usageError } from "../command-error.js";
import { type CommandRunner, stopped } from "../command-runner.js";
import { parseListen } from "../endpoints.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import { describePathEvent } from "../output/describe-path-event.js";
import { printTransfer } from "../output/print-transfer.js";
import { TransferProgress } from "../output/transfer-progress.js";
import { checkOwnAddresses } from "../own-addresses.js";
import { PathLog } from "../path-log.js";
import { TraceOutput } from "../trace/trace-output.js";
import type { Offer } from "../transfer/file-protocol.js";
import type { OutputFile } from "../transfer/output-file.js";
import { findOutputPlace, type OutputPlace } from "../transfer/output-place.js";
import { receiveFile } from "../transfer/receive-file.js";

interface ReceiveOptions extends CommonOptions {
  readonly listen: string;
  readonly out: string;
  readonly keep?: boolean;
}

/** How long a sender may take to close when it has its receipt. */
const CLOSING_MS = 5000;

/** `multihome receive`: a file from a `multihome send`. */
export function addReceive(program: Command, runner: CommandRunner): void {
  const command = program
    .command("receive")
    .summary("receive a file from a multihome send")
    .description(
      `Waits for a file and stores it. Until all of it is there and its SHA-256 is right, nothing appears under
its name. Ends after one file, unless --keep is given.`,
    )
    .requiredOption(
      "--listen <address:port,...>",
      "our addresses, all with one port; a port alone: every address of this machine",
    )
    .requiredOption(
      "--out <file>",
      "where to store it; a folder: under the sender's name for it; -: standard output",
    )
    .option("--keep", "go on receiving until Ctrl-C")
    .option(
      "--udp-port <port>",
      "UDP port, if it is not the port of --listen (RFC 6951: 9899)",
      numberFrom(1, 65_535),
    );
  addCommonOptions(command)
    .option("--json", "one object per file")
    .addHelpText(
      "after",
      `
Examples:
  multihome receive --listen 192.0.2.1:5000,198.51.100.1:5000 --out photo.jpg
  multihome receive --listen 5000 --out inbox/ --keep
  multihome receive --listen 5000 --out - | tar x`,
    )
    .action((options: ReceiveOptions) =>
      runner.run(options.json === true, (console) => receive(console, options)),
    );
}

async function receive(console: Console, o: ReceiveOptions): Promise<ExitStatus> {
  const { io } = console;
  const { addresses, port } = parseListen(o.listen);
  if (console.json && o.out === "-") {
    throw usageError("invalidOption", "--json and --out - both write to standard output");
  }
  const place = await findOutputPlace(o.out, io.stdout);
  const trace = new TraceOutput(o);
  const host = await Host.open({
    ...associationOptions(o),
    ...trace.forHost,
    ...(addresses === undefined ? {} : { addresses }),
  });
  try {
    checkOwnAddresses("--listen", host, addresses);
    const server = await host.listen({
      port,
      ...(o.udpPort === undefined ? {} : { udpPort: o.udpPort }),
    });
    console.warn(`listening on ${server.addresses.join(", ")}`);
    return await new Receiver(console, place, o.keep === true, server).run();
  } finally {
    await host.close();
    trace.close(console);
  }
}

/** Takes associations as they come; one of them at a time stores a file. */
class Receiver {
  readonly #console: Console;
  readonly #place: OutputPlace;
  readonly #keep: boolean;
  readonly #server: Server;
  /** The association whose file is being stored. */
  #storing: Association | undefined;
  /** One for each association that is not over. */
  readonly #work: Set<Promise<void>>;
  #finish: (end: ExitStatus | CommandError) => void;

  constructor(console: Console, place: OutputPlace, keep: boolean, server: Server) {
    this.#console = console;
    this.#place = place;
    this.#keep = keep;
    this.#server = server;
    this.#storing = undefined;
    this.#work = new Set();
    this.#finish = () => {};
  }

  /** Ends after the first file that was offered, or with `keep` on Ctrl-C. */
  async run(): Promise<ExitStatus> {
    const { io } = this.#console;
    const finished = new Promise<ExitStatus | CommandError>((resolve) => {
      this.#finish = resolve;
    });
    const stop = (): void => {
      for (const association of this.#server.associations) {
        void association.abort("the receiver was stopped");
      }
      this.#finish(stopped(io));
    };
    if (io.stop.aborted) stop();
    io.stop.addEventListener("abort", stop);
    const arrivals = this.#server.associations$.subscribe((association) => {
      const work = this.#take(association);
      this.#work.add(work);
      void work.then(() => this.#work.delete(work));
    });
    const end = await finished;
    arrivals.unsubscribe();
    // Files that are not complete are to be taken away first.
    await Promise.all(this.#work);
    io.stop.removeEventListener("abort", stop);
    if (end instanceof CommandError) throw end;
    return end;
  }

  async #take(association: Association): Promise<void> {
    const { io } = this.#console;
    try {
      const done = await this.#receive(association);
      if (done && !this.#keep) this.#finish(EXIT.ok);
    } catch (error) {
      const failure = toCommandError(associationFailure(error, io, "the sender"));
      if (this.#storing === association && !this.#keep) {
        this.#finish(failure);
      } else if (!io.stop.aborted) {
        // Another peer's trouble, or one of many files: it is told, and we go on.
        this.#console.warn(`${failure.message} [${failure.code}]`);
        void association.abort(failure.message.slice(0, 200));
      }
    } finally {
      if (this.#storing === association) this.#storing = undefined;
    }
  }

  /** @returns true when a file was stored */
  async #receive(association: Association): Promise<boolean> {
    const console = this.#console;
    let offered: Offer | undefined;
    let began = performance.now();
    let progress: TransferProgress | undefined;
    const log = new PathLog(association, (event, atMs) =>
      progress?.event(atMs, describePathEvent(event)),
    );
    try {
      const got = await receiveFile(association, (offer) => this.#open(association, offer), {
        started: (offer) => {
          offered = offer;
          began = performance.now();
          progress = new TransferProgress(console, "received", offer.size, () =>
            association.paths().find((p) => p.current),
          );
        },
        stored: (bytes) => progress?.update(bytes),
      });
      if (got === undefined || offered === undefined) {
        await association.close();
        return false;
      }
      const elapsedMs = performance.now() - began;
      const paths = log.reports();
      // Whoever closes first waits a little; that is the sender, who now has its receipt.
      await untilClosed(association);
      progress?.stop();
      await printTransfer(console, "received", {
        file: this.#place.pathFor(offered),
        name: offered.name,
        ...got,
        elapsedMs,
        paths,
        switchovers: log.switchovers,
      });
      return true;
    } catch (error) {
      // The sender was told why, and closes.
      await untilClosed(association);
      throw error;
    } finally {
      progress?.stop();
    }
  }

  async #open(association: Association, offer: Offer): Promise<OutputFile> {
    if (this.#storing !== undefined) {
      throw new CommandError(EXIT.failed, "busy", "another file is being received");
    }
    this.#storing = association;
    return this.#place.open(offer);
  }
}

/** Waits for the peer's close or abort, but not for ever. */
async function untilClosed(association: Association): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS);
  });
  await Promise.race([association.closed, late]);
  clearTimeout(timer);
}
