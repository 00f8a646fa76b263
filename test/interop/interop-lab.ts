import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import { LAB_NEEDS, Lab, type LabPath } from "../lab/lab.js";
import type { LabLine, LabProcess } from "../lab/lab-process.js";
import { requireTools } from "../support/requirements.js";

const STACK_PEER = fileURLToPath(new URL("./stack-peer.mjs", import.meta.url));
const BUILT = fileURLToPath(new URL("../../packages/multihome/dist/index.js", import.meta.url));

/** The UDP port of both sides (RFC 6951 section 6). */
const UDP_PORT = "9899";

/** Far longer than anything takes, on a busy machine, too. */
export const WAIT_MS = 60_000;

/**
 * usrsctp with timers that leave a dead path in about three seconds; its defaults take half a minute. With an RTO.Min
 * nearer to the round trip it forgets T3-rtx now and then (docs/interop.md).
 */
export const FAST_USRSCTP = ["--rto", "500,500,1000", "--hb", "500", "--path-rtx", "2"];

/** A test that fails is to say so before its usrsctp ends by itself. */
const PATIENT = ["--max-time", "170"];

/** What our side is told on its stdin; stack-peer.mjs explains. */
export type StackCommand =
  | {
      readonly do: "send";
      readonly count: number;
      /** Bytes of each message, in turn. */
      readonly sizes: readonly number[];
      /** Message n goes on stream n % streams. Default 1. */
      readonly streams?: number;
      readonly unordered?: boolean;
      readonly ppid?: number;
      readonly gapMs?: number;
      /** Every message is to come back; the line `echoed` tells when. */
      readonly echo?: boolean;
    }
  /** Ends what `send` has begun; the line `sent` tells what that was. */
  | { readonly do: "enough" }
  | { readonly do: "read"; readonly on: boolean }
  | { readonly do: "report" }
  | { readonly do: "close" }
  | { readonly do: "abort"; readonly reason?: string };

/** Addresses of one end, on the paths in their order. */
export interface Ends {
  readonly host: string;
  readonly server: string;
}

/**
 * The ends' addresses over some paths of a family, or of both: family by family, since usrsctp goes from an address that
 * fails to the next of its list and does not leave that one again (docs/interop.md).
 */
export function ends(paths: readonly LabPath[], ...families: readonly (4 | 6)[]): Ends {
  const list = (end: "host" | "server"): string =>
    families.flatMap((family) => paths.map((path) => Lab.address(end, path, family))).join();
  return { host: list("host"), server: list("server") };
}

/** One of our associations as its process tells it, with commands to it. */
export class StackPeer {
  readonly process: LabProcess;
  readonly conn: number;

  constructor(process: LabProcess, conn = 0) {
    this.process = process;
    this.conn = conn;
  }

  command(command: StackCommand): void {
    this.process.write(`${JSON.stringify({ ...command, conn: this.conn })}\n`);
  }

  /** A command to every association of the program, those that are not up yet included. */
  commandAll(command: StackCommand): void {
    this.process.write(`${JSON.stringify({ ...command, conn: "all" })}\n`);
  }

  /** The first line of this event, of this association, from line `from` on. */
  waitFor(ev: string, from = 0, timeoutMs = WAIT_MS): Promise<LabLine> {
    return this.process.waitFor((line) => line["ev"] === ev && line["conn"] === this.conn, {
      from,
      timeoutMs,
    });
  }

  /** The first path event of this kind that `accepts`, from line `from` on. */
  waitForPath(
    kind: string,
    accepts: (line: LabLine) => boolean = () => true,
    from = 0,
  ): Promise<LabLine> {
    return this.process.waitFor(
      (line) => line["ev"] === "path" && line["kind"] === kind && accepts(line),
      { from, timeoutMs: WAIT_MS },
    );
  }

  /** Our switches from path to path so far. */
  get switches(): LabLine[] {
    return this.process.events("path").filter((line) => line["kind"] === "switched");
  }

  /** The pair that data went over after the last switch; empty before the first. */
  get current(): string {
    return String(this.switches.at(-1)?.["to"] ?? "");
  }

  /** Waits until data goes over this pair of addresses, `local>remote`, which was not the first. */
  async waitForCurrent(pair: string): Promise<void> {
    await this.process.waitFor(() => this.switches.at(-1)?.["to"] === pair, { timeoutMs: WAIT_MS });
  }

  /** Waits until so many bytes were received, or acknowledged by the peer. */
  waitForBytes(what: "received" | "acked", bytes: number, timeoutMs = WAIT_MS): Promise<LabLine> {
    return this.process.waitFor(
      (line) => line["ev"] === what && line["conn"] === this.conn && Number(line["bytes"]) >= bytes,
      { timeoutMs },
    );
  }

  /** Asks for reports until one is as wanted. */
  async untilReport(accepts: (report: LabLine) => boolean): Promise<LabLine> {
    for (let asked = 0; asked < 200; asked++) {
      const from = this.said;
      this.command({ do: "report" });
      const report = await this.waitFor("report", from);
      if (accepts(report)) return report;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`${this.process.name}: no report was as wanted\n${this.process.output}`);
  }

  /** How many lines it has said so far: what `from` is for. */
  get said(): number {
    return this.process.lines.length;
  }
}

/** A lab with our stack at one end and usrsctp at the other. */
export class Interop {
  readonly lab: Lab;
  readonly #started: LabProcess[] = [];

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async up(paths: 2 | 3): Promise<Interop> {
    if (!existsSync(BUILT)) throw new Error(`${BUILT} is missing: run "npx tsc -b" first`);
    return new Interop(await Lab.up({ paths }));
  }

  /** Our stack connects from the host to the server. */
  connect(at: Ends, ...more: readonly string[]): StackPeer {
    const args = ["connect", "--local", at.host, "--remote", at.server, ...more];
    return new StackPeer(this.#add(this.lab.node("host", STACK_PEER, ...args)));
  }

  /** Our stack listens on the server. */
  async listen(at: Ends, ...more: readonly string[]): Promise<StackPeer> {
    const args = ["listen", "--local", at.server, ...more];
    const process = this.#add(this.lab.node("server", STACK_PEER, ...args));
    await process.waitFor("listening");
    return new StackPeer(process);
  }

  /** usrsctp listens on the server, once. */
  async usrsctpServer(mode: string, at: Ends, ...more: readonly string[]): Promise<LabProcess> {
    const local = [mode, "--local", at.server, "--encaps", UDP_PORT];
    const args = [...local, "--accept", "1", ...PATIENT, ...more];
    const process = this.#add(await this.lab.usrsctp("server", args));
    await process.waitFor("listening");
    return process;
  }

  /** usrsctp connects from the host and sends. */
  async usrsctpClient(at: Ends, ...more: readonly string[]): Promise<LabProcess> {
    const peer = ["send", "--local", at.host, "--peer", at.server, "--encaps", UDP_PORT];
    const end = at.host.startsWith(Lab.address("server", "wifi")) ? "server" : "host";
    return this.#add(await this.lab.usrsctp(end, [...peer, ...PATIENT, ...more]));
  }

  /** Ends all programs, so that the next test begins with a free port. */
  async clear(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((one) => one.stop("SIGKILL")));
    await this.lab.restore();
  }

  /** All that the programs of the running test have said, but for those whose output is in `text`. */
  logsBeside(text: string): string {
    return this.#started
      .filter((one) => one.output === "" || !text.includes(one.output))
      .map((one) => `--- ${one.name}\n${shortened(one.output)}`)
      .join("\n");
  }

  #add(process: LabProcess): LabProcess {
    this.#started.push(process);
    return process;
  }
}

/** The beginning and the end of what a program said. */
function shortened(output: string): string {
  const lines = output.split("\n");
  if (lines.length <= 120) return output;
  return [...lines.slice(0, 40), `... ${lines.length - 120} lines ...`, ...lines.slice(-80)].join(
    "\n",
  );
}

/** The paths of the lab that the two addresses of a pair, `local>remote`, are on. */
export const pathsOfPair = (pair: unknown): LabPath[] =>
  String(pair)
    .split(">")
    .flatMap((address) => Lab.pathOf(address) ?? []);

/** Tests of an {@link interopSuite}; one that fails shows what both sides said. */
export interface InteropTest {
  (title: string, body: (interop: Interop) => Promise<void>): void;
  /** One test for each of these. */
  each<T>(
    cases: readonly T[],
  ): (title: string, body: (interop: Interop, one: T) => Promise<void>) => void;
}

/**
 * A `describe` whose tests have a lab of their own. After each test every program is ended and every
 * path whole again.
 * @param tools what it needs beside the lab
 * @param paths how many paths the lab has
 */
export function interopSuite(
  title: string,
  tools: readonly string[],
  body: (test: InteropTest) => void,
  paths: 2 | 3 = 2,
): void {
  requireTools(...LAB_NEEDS, ...tools)(title, () => {
    let interop: Interop | undefined;
    beforeAll(async () => {
      interop = await Interop.up(paths);
    });
    afterEach(() => interop?.clear());
    afterAll(() => interop?.lab.down());
    const within = async (run: (interop: Interop) => Promise<void>): Promise<void> => {
      if (interop === undefined) throw new Error("there is no lab");
      await withLogs(interop, run);
    };
    body(
      Object.assign(
        (name: string, run: (interop: Interop) => Promise<void>) => {
          test(name, () => within(run));
        },
        {
          each:
            <T>(cases: readonly T[]) =>
            (name: string, run: (interop: Interop, one: T) => Promise<void>) => {
              test.each(cases.map((one) => [one] as const))(name, (one) =>
                within((interop) => run(interop, one)),
              );
            },
        },
      ),
    );
  });
}

async function withLogs(
  interop: Interop,
  body: (interop: Interop) => Promise<void>,
): Promise<void> {
  try {
    await body(interop);
  } catch (error) {
    const why = error instanceof Error ? error : new Error(String(error));
    const full = `${why.message}\n${interop.logsBeside(why.message)}`;
    why.stack = why.stack?.replace(why.message, () => full) ?? full;
    why.message = full;
    throw why;
  }
}

/** The bytes of message n of the first association: what usrsctp_peer.c and stack-peer.mjs send. */
export function messageBytes(n: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, j) => (n * 31 + j * 7) & 255);
}

/** SHA-256 of so many messages of one size, in order, of association k. */
export function sha256OfMessages(count: number, size: number, k = 0): string {
  const hash = createHash("sha256");
  const known = Array.from({ length: Math.min(256, count) }, (_, n) => messageBytes(k + n, size));
  for (let n = 0; n < count; n++) hash.update(known[n % 256] ?? new Uint8Array(0));
  return hash.digest("hex");
}

/** FNV-1a of 64 bits, from `sum` on, as usrsctp_peer prints it. */
export function fnv(bytes: Uint8Array, sum = FNV_BASIS): bigint {
  let h = sum;
  for (const byte of bytes) h = ((h ^ BigInt(byte)) * 1_099_511_628_211n) & 0xffff_ffff_ffff_ffffn;
  return h;
}

const FNV_BASIS = 14_695_981_039_346_656_037n;

/** A sum as usrsctp_peer prints it. */
export const fnvText = (sum: bigint): string => sum.toString(16).padStart(16, "0");

/** SHA-256 of a file. */
export const sha256OfFile = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

/** The association line of usrsctp with this state. */
export const assoc =
  (state: string) =>
  (line: LabLine): boolean =>
    line["ev"] === "assoc" && line["state"] === state;

/** A counter in a report of our side, or in what it says at the end. */
export const counter = (report: LabLine, name: string): number =>
  Number((report["counters"] as Record<string, unknown>)[name] ?? 0);
