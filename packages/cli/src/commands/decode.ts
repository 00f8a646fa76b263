import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import {
  type CaptureCounts,
  type CaptureRecord,
  CaptureSummary,
  type DissectOptions,
  dissectPacket,
  formatTree,
  linkTypeName,
  readCapture,
  summarizePacket,
  type TreeNode,
} from "@multihome/wire";
import type { Command } from "commander";
import { CommandError } from "../command-error.js";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { openFailure } from "../file-failure.js";
import { numberFrom, numbersFrom } from "../option-parsers.js";
import type { Colours, Console } from "../output/console.js";
import { table } from "../output/table.js";
import { formatBytes } from "../output/units.js";

interface DecodeOptions {
  readonly tree?: boolean;
  readonly summary?: boolean;
  readonly json?: boolean;
  readonly count?: number;
  readonly absolute?: boolean;
  readonly udpPort?: number[];
}

/** `multihome decode`: prints a capture file. */
export function addDecode(program: Command, runner: CommandRunner): void {
  program
    .command("decode")
    .summary("print a capture file (pcap, pcapng)")
    .description(
      "Prints the packets of a capture: Ethernet, ARP, IPv4, IPv6, ICMP, UDP, TCP with MPTCP, SCTP.",
    )
    .argument("<file>", "capture file, or - for standard input")
    .option("-t, --tree", "every field of every packet")
    .option("-s, --summary", "counts instead of packets")
    .option("-c, --count <n>", "the first <n> packets only", numberFrom(0))
    .option("-a, --absolute", "date and time instead of seconds since the first packet")
    .option(
      "--udp-port <port,...>",
      "UDP ports that carry SCTP, besides 9899",
      numbersFrom(1, 65_535),
    )
    .option("--json", "one object per packet; with --summary one object")
    .addHelpText(
      "after",
      `
Examples:
  multihome decode capture.pcapng
  multihome decode capture.pcapng --tree --count 1
  tcpdump -w - -c 100 'udp port 9899' | multihome decode - --summary`,
    )
    .action((file: string, options: DecodeOptions) =>
      runner.run(options.json === true, (console) => decode(console, file, options)),
    );
}

async function decode(console: Console, file: string, options: DecodeOptions): Promise<ExitStatus> {
  const bytes = await readInput(console, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dissect: DissectOptions =
    options.udpPort === undefined ? {} : { sctpUdpPorts: [9899, ...options.udpPort] };
  const printer = new PacketPrinter(console, options, dissect, bytes, view);
  const summary = new CaptureSummary(dissect);
  const capture = readCapture(bytes);
  let packets = 0;
  for (const record of capture) {
    if (packets >= (options.count ?? Number.POSITIVE_INFINITY) || console.closed) break;
    packets++;
    if (options.summary === true) {
      const end = record.at + record.capturedLength;
      summary.add(bytes, view, record.at, end, record.linkType, record.timestampUs);
    } else await printer.print(packets, record);
  }
  if (options.summary === true) {
    const counts = summary.toCounts(bytes.length);
    if (options.json === true) await console.object(counts);
    else await printCounts(console, counts);
  }
  const problem = capture.problem;
  if (problem === undefined) return EXIT.ok;
  const name = file === "-" ? "standard input" : file;
  if (problem.reason === "notACapture") {
    throw new CommandError(
      EXIT.failed,
      "notACapture",
      `${name} is no capture: expected pcap or pcapng`,
    );
  }
  throw new CommandError(
    EXIT.failed,
    "brokenCapture",
    `${name} cannot be read further than byte ${problem.at} (${problem.reason}); packets before it: ${packets}`,
    { reason: problem.reason, at: problem.at, packets },
  );
}

async function readInput(console: Console, file: string): Promise<Uint8Array> {
  if (file === "-") return readAll(console.io.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw openFailure(error, file);
  }
}

async function readAll(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Prints packets one by one, in the form that the options ask for. */
class PacketPrinter {
  readonly #console: Console;
  readonly #options: DecodeOptions;
  readonly #dissect: DissectOptions;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #firstUs: number | undefined;

  constructor(
    console: Console,
    options: DecodeOptions,
    dissect: DissectOptions,
    bytes: Uint8Array,
    view: DataView,
  ) {
    this.#console = console;
    this.#options = options;
    this.#dissect = dissect;
    this.#bytes = bytes;
    this.#view = view;
    this.#firstUs = undefined;
  }

  async print(number: number, r: CaptureRecord): Promise<void> {
    this.#firstUs ??= r.timestampUs;
    const end = r.at + r.capturedLength;
    const line = summarizePacket(this.#bytes, this.#view, r.at, end, r.linkType, this.#dissect);
    const tree = (): TreeNode =>
      dissectPacket(this.#bytes, this.#view, r.at, end, r.linkType, this.#dissect);
    if (this.#options.json === true) {
      await this.#console.object(this.#toObject(number, r, line, tree()));
      return;
    }
    const c = this.#console.colours;
    const head = `${String(number).padStart(5)} ${this.#time(r).padStart(11)}`;
    await this.#console.line(`${c.dim(head)}  ${paint(c, line)}`);
    for (const comment of r.comments) await this.#console.line(c.dim(`      # ${comment}`));
    if (this.#options.tree === true) {
      for (const text of formatTree(tree(), 3).split("\n")) {
        await this.#console.line(paintField(c, text));
      }
    }
  }

  /** Offsets of the tree count from the packet's first byte. */
  #toObject(number: number, r: CaptureRecord, line: string, tree: TreeNode): object {
    return {
      number,
      time: r.timestampUs === undefined ? null : isoTime(r.timestampUs),
      seconds: r.timestampUs === undefined ? null : this.#seconds(r.timestampUs),
      interface: r.interfaceId,
      linkType: linkTypeName(r.linkType),
      direction: r.direction,
      capturedLength: r.capturedLength,
      originalLength: r.originalLength,
      ...(r.comments.length === 0 ? {} : { comments: r.comments }),
      summary: line,
      tree: fromPacketStart(tree, r.at),
    };
  }

  #time(r: CaptureRecord): string {
    if (r.timestampUs === undefined) return "-";
    return this.#options.absolute === true
      ? isoTime(r.timestampUs)
      : this.#seconds(r.timestampUs).toFixed(6);
  }

  #seconds(us: number): number {
    return (us - (this.#firstUs ?? us)) / 1e6;
  }
}

/** RFC 3339 with microseconds, in UTC. */
function isoTime(us: number): string {
  const whole = new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(us % 1e6).padStart(6, "0")}Z`;
}

const fromPacketStart = (node: TreeNode, start: number): TreeNode => ({
  ...node,
  at: node.at - start,
  ...(node.children === undefined
    ? {}
    : { children: node.children.map((child) => fromPacketStart(child, start)) }),
});

/** What is wrong in red, names of chunks and flags bold. */
const paint = (c: Colours, line: string): string =>
  line
    .replace(/\b[A-Z][A-Z_]{2,}\b/g, (name) => c.bold(name))
    .replace(/bad cksum|malformed[^,)\]]*/g, (text) => c.red(text));

function paintField(c: Colours, text: string): string {
  const malformed = text.includes("[malformed: ") || text.endsWith("(wrong)");
  const colon = text.indexOf(": ");
  if (malformed) return c.red(text);
  return colon < 0 ? c.cyan(text) : `${c.cyan(text.slice(0, colon))}${text.slice(colon)}`;
}

async function printCounts(console: Console, counts: CaptureCounts): Promise<void> {
  const c = console.colours;
  const rows = Object.entries(counts).map(([name, value]) => [
    c.cyan(name),
    typeof value === "object" && value !== null
      ? Object.entries(value)
          .map(([key, n]) => `${key} ${c.bold(String(n))}`)
          .join("  ")
      : name === "bytes" || name.endsWith("_bytes")
        ? `${String(value)} ${c.dim(`(${formatBytes(Number(value))})`)}`
        : String(value),
  ]);
  await console.line(table(console, ["", "count"], rows));
}
