import { ipv4Destination, ipv4Source } from "../ip/ipv4.js";
import { ipv6Destination, ipv6Source } from "../ip/ipv6.js";
import { nextOption, optionLength } from "../option-list.js";
import {
  checkTcp,
  TCP_CWR,
  TCP_ECE,
  TCP_FIN,
  TCP_MIN_HEADER_LENGTH,
  TCP_RST,
  TCP_SYN,
  TCP_URG,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSourcePort,
} from "../tcp/tcp.js";
import type { ChecksumState } from "./layer-checksum.js";
import type { Layer } from "./packet-layers.js";
import { Tally } from "./tally.js";

/** What a capture holds of TCP. */
export interface TcpSummary {
  /** Options by name, such as `SACK_PERMITTED`, padding included; others by kind. */
  readonly tcp_options: Readonly<Record<string, number>>;
  /** MPTCP options by subtype, such as `MP_CAPABLE`; absent if there are none. */
  readonly mptcp_options?: Readonly<Record<string, number>>;
  /** Segments with each of six flags. */
  readonly tcp_flags: Readonly<Record<TcpFlagName, number>>;
  readonly tcp_bad_checksum: number;
  readonly tcp_payload_bytes: number;
  /** Different pairs of address and port at either end; a reused pair counts once. */
  readonly tcp_streams: number;
}

/** The flags that are counted. */
export type TcpFlagName = "SYN" | "FIN" | "RST" | "ECE" | "CWR" | "URG";

const FLAGS: readonly (readonly [TcpFlagName, number])[] = [
  ["SYN", TCP_SYN],
  ["FIN", TCP_FIN],
  ["RST", TCP_RST],
  ["ECE", TCP_ECE],
  ["CWR", TCP_CWR],
  ["URG", TCP_URG],
];

const OPTIONS: ReadonlyMap<number, string> = new Map([
  [0, "EOL"],
  [1, "NOP"],
  [2, "MSS"],
  [3, "WSCALE"],
  [4, "SACK_PERMITTED"],
  [5, "SACK"],
  [8, "TIMESTAMPS"],
  [30, "MPTCP"],
  [34, "FASTOPEN"],
]);
const MPTCP = 30;

// RFC 8684 s3, in the order of the subtypes.
const MPTCP_OPTIONS = [
  "MP_CAPABLE",
  "MP_JOIN",
  "DSS",
  "ADD_ADDR",
  "REMOVE_ADDR",
  "MP_PRIO",
  "MP_FAIL",
  "MP_FASTCLOSE",
  "MP_TCPRST",
];

/** Counts flags, options, payload and streams; a segment whose header is malformed counts for none. */
export class TcpCounts {
  readonly #options: Tally;
  readonly #mptcp: Tally;
  readonly #flags: Record<TcpFlagName, number>;
  readonly #streams: Set<string>;
  #badChecksum: number;
  #payloadBytes: number;

  constructor() {
    this.#options = new Tally();
    this.#mptcp = new Tally();
    this.#flags = { SYN: 0, FIN: 0, RST: 0, ECE: 0, CWR: 0, URG: 0 };
    this.#streams = new Set();
    this.#badChecksum = 0;
    this.#payloadBytes = 0;
  }

  add(view: DataView, { at, end, ipAt }: Layer, checksum: ChecksumState): void {
    if (checksum === "wrong") this.#badChecksum++;
    if (checkTcp(view, at, end) !== "ok") return;
    const flags = tcpFlags(view, at);
    for (const [name, bit] of FLAGS) if ((flags & bit) !== 0) this.#flags[name]++;
    const payload = at + tcpHeaderLength(view, at);
    this.#payloadBytes += end - payload;
    for (let o = at + TCP_MIN_HEADER_LENGTH; o < payload; o = nextOption(view, o, payload)) {
      this.#addOption(view, o, payload);
    }
    this.#streams.add(streamKey(view, at, ipAt));
  }

  toSummary(): TcpSummary {
    return {
      tcp_options: this.#options.toRecord(),
      ...(this.#mptcp.isEmpty ? {} : { mptcp_options: this.#mptcp.toRecord() }),
      tcp_flags: { ...this.#flags },
      tcp_bad_checksum: this.#badChecksum,
      tcp_payload_bytes: this.#payloadBytes,
      tcp_streams: this.#streams.size,
    };
  }

  #addOption(view: DataView, at: number, end: number): void {
    const length = optionLength(view, at, end);
    if (length === 0) return;
    const kind = view.getUint8(at);
    this.#options.add(OPTIONS.get(kind) ?? String(kind));
    if (kind === MPTCP && length > 2) {
      const subtype = view.getUint8(at + 2) >>> 4;
      this.#mptcp.add(MPTCP_OPTIONS[subtype] ?? String(subtype));
    }
  }
}

/** The same for both directions. */
function streamKey(view: DataView, at: number, ipAt: number): string {
  const v4 = view.getUint8(ipAt) >>> 4 === 4;
  const source = v4 ? ipv4Source(view, ipAt) : ipv6Source(view, ipAt);
  const destination = v4 ? ipv4Destination(view, ipAt) : ipv6Destination(view, ipAt);
  const a = `${source.toString()} ${tcpSourcePort(view, at)}`;
  const z = `${destination.toString()} ${tcpDestinationPort(view, at)}`;
  return a < z ? `${a} ${z}` : `${z} ${a}`;
}
