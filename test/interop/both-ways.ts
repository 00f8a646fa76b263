import { join } from "node:path";
import { expect } from "@jest/globals";
import type { LabProcess } from "../lab/lab-process.js";
import {
  assoc,
  type Ends,
  type Interop,
  type StackPeer,
  sha256OfFile,
  sha256OfMessages,
  WAIT_MS,
} from "./interop-lab.js";

/** Who sends INIT. */
export type Opener = "we" | "usrsctp";

export const OPENERS: readonly Opener[] = ["we", "usrsctp"];

/** The end of the lab that our side is at: who opens is the host. */
export const ourEnd = (opener: Opener): "host" | "server" => (opener === "we" ? "host" : "server");

/** What usrsctp sends, and options for either side. */
export interface Load {
  readonly count: number;
  readonly size: number;
  /** How many messages we send. Default: until usrsctp's have all arrived. */
  readonly ourCount?: number;
  readonly ourArguments?: readonly string[];
  readonly usrsctpArguments?: readonly string[];
}

const MIB = 1 << 20;
const SENT_AHEAD = String(4 << 20);
const NO_END = 1_000_000;

/**
 * An association over which both sides send as fast as they can, each its own messages, not waiting
 * for the other. Neither ends it.
 */
export class BothWays {
  readonly ours: StackPeer;
  readonly usrsctp: LabProcess;
  readonly #load: Load;
  readonly #file: string;

  private constructor(ours: StackPeer, usrsctp: LabProcess, load: Load, file: string) {
    this.ours = ours;
    this.usrsctp = usrsctp;
    this.#load = load;
    this.#file = file;
  }

  /** Opens it and lets both begin. */
  static async begin(run: Interop, opener: Opener, at: Ends, load: Load): Promise<BothWays> {
    const file = join(run.lab.folder, "received-by-usrsctp");
    const { count, size, ourCount = NO_END, ourArguments = [], usrsctpArguments = [] } = load;
    const sends = ["--count", String(count), "--size", String(size), "--end", "none", "--quiet"];
    const options = [...sends, "--out", file, "--sndbuf", SENT_AHEAD, ...usrsctpArguments];
    let ours: StackPeer;
    let usrsctp: LabProcess;
    if (opener === "we") {
      usrsctp = await run.usrsctpServer("source", at, ...options);
      ours = run.connect(at, ...ourArguments);
    } else {
      ours = await run.listen(at, ...ourArguments);
      usrsctp = await run.usrsctpClient(at, ...options);
    }
    await ours.waitFor("up");
    ours.command({ do: "send", count: ourCount, sizes: [size] });
    return new BothWays(ours, usrsctp, load, file);
  }

  /** Waits until so many bytes have come to us, and as many of ours are acknowledged. */
  async waitForBytes(bytes: number): Promise<void> {
    await this.ours.waitForBytes("received", bytes);
    await this.ours.waitForBytes("acked", bytes);
  }

  /** Waits until each direction has carried about one MiB more. */
  async waitForMore(): Promise<void> {
    const [received, acked] = [this.#told("received"), this.#told("acked")];
    await this.ours.waitForBytes("received", received + MIB);
    await this.ours.waitForBytes("acked", acked + MIB);
  }

  /** True while usrsctp has something left that we have not received; we send until then in any case. */
  get underWay(): boolean {
    return this.#told("received") < this.#load.count * this.#load.size;
  }

  #told(what: "received" | "acked"): number {
    return Number(this.ours.process.events(what).at(-1)?.["bytes"] ?? 0);
  }

  /** Waits until all has arrived, lets our side close, and compares the hashes of both directions. */
  async finish(timeoutMs = WAIT_MS): Promise<void> {
    const { count, size, ourCount } = this.#load;
    await this.ours.waitForBytes("received", count * size, timeoutMs);
    if (ourCount === undefined) this.ours.command({ do: "enough" });
    const { messages, sha256 } = await this.ours.waitFor("sent", 0, timeoutMs);
    this.ours.command({ do: "close" });
    expect(await this.ours.waitFor("ended", 0, timeoutMs)).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: ourCount ?? messages, failed: 0, abandoned: 0 },
      received: { messages: count, sha256: sha256OfMessages(count, size) },
    });
    await this.usrsctp.waitFor(assoc("shutdown-complete"));
    await this.usrsctp.end();
    expect(sha256OfFile(this.#file)).toBe(sha256);
    expect(this.usrsctp.events("stats")[0]).toMatchObject({ bad_checksum: 0, bad_vtag: 0 });
  }
}
