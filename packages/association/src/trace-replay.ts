import {
  fromBase64,
  IpAddress,
  PacketRef,
  type RandomSource,
  StackError,
  type TraceEvent,
  type TraceValue,
} from "@multihome/base";
import {
  type HostInterface,
  type InterfaceKind,
  type PathPolicy,
  policies,
} from "@multihome/paths";
import type { AssociationId, IcmpNotice, SctpOptions, SctpSendOptions } from "@multihome/sctp";
import type { ConnectOptions, HostCoreConfig, ListenOptions } from "./host-core.js";
import { TRACE_VERSION } from "./trace-lines.js";
import { TracedHostCore } from "./traced-host-core.js";

/** Lines that begin a step: the core is given something, or asked. */
const STEPS: ReadonlySet<string> = new Set([
  "trace",
  "packetIn",
  "icmp",
  "interfaces",
  "timeout",
  "listen",
  "stopListening",
  "connect",
  "send",
  "receive",
  "shutdown",
  "abort",
  "setPrimary",
  "requestHeartbeat",
  "packetOut",
  "drained",
  "event",
]);

/** Lines that others than the core wrote. */
const OUTSIDE: ReadonlySet<string> = new Set(["driver", "net", "note"]);

/** Where a replay left the recorded run. */
export interface TraceDifference {
  /** Number of the recorded line, from 1. */
  readonly line: number;
  /** The line as it was recorded; `undefined`: nothing more was recorded for this step. */
  readonly recorded: TraceEvent | undefined;
  /** What the core does now; `undefined`: nothing more. */
  readonly replayed: TraceEvent | undefined;
  /** The step: what the core was given, which came out equal before. */
  readonly step: TraceEvent;
}

/** What a replay has done. */
export interface TraceReplayCounts {
  readonly lines: number;
  readonly steps: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesOut: number;
}

/** How to replay. */
export interface TraceReplayOptions {
  /** Path policies of one's own that the run used, by name. */
  readonly policies?: Readonly<Record<string, PathPolicy>>;
  /** Makes the core that is replayed on. Default: {@link TracedHostCore}; for one with a change to be tried. */
  readonly makeCore?: (
    ...args: ConstructorParameters<typeof TracedHostCore>
  ) => InstanceType<typeof TracedHostCore>;
}

interface Recorded {
  readonly number: number;
  readonly event: TraceEvent;
}

interface ReplayedHost {
  core: TracedHostCore | undefined;
  /** The step at hand, and what was recorded of it. */
  step: Recorded | undefined;
  readonly lines: Recorded[];
  readonly draws: TraceEvent[];
  /** What the core writes now. */
  readonly written: TraceEvent[];
  room: number;
}

const LARGEST_PACKET = 1 << 17;

const INTERFACE_KINDS: readonly InterfaceKind[] = [
  "wifi",
  "cellular",
  "ethernet",
  "bluetooth",
  "vpn",
];
const ICMP_KINDS: readonly IcmpNotice["kind"][] = ["protocolUnreachable", "packetTooBig"];

/**
 * Runs a recorded trace again on fresh cores: gives them the same inputs at the same times, and compares all that
 * they send, tell, decide and count with what was recorded, to the byte. Takes the lines in order, one by one,
 * and keeps no more of them than one step of each host.
 *
 * @example
 * const replay = new TraceReplay();
 * for (const event of events) if (replay.take(event) !== undefined) break;
 * const difference = replay.finish(); // undefined: equal
 */
export class TraceReplay {
  readonly #hosts: Map<string, ReplayedHost>;
  readonly #policies: Readonly<Record<string, PathPolicy>>;
  readonly #makeCore: NonNullable<TraceReplayOptions["makeCore"]>;
  /** Where packets that came stand, and where those that leave are written. */
  readonly #inbound: PacketRef;
  readonly #outbound: PacketRef;
  #difference: TraceDifference | undefined;
  #lines: number;
  #steps: number;
  #packetsIn: number;
  #packetsOut: number;
  #bytesOut: number;

  constructor(options: TraceReplayOptions = {}) {
    this.#hosts = new Map();
    this.#policies = { ...policies, ...options.policies };
    this.#makeCore = options.makeCore ?? ((...args) => new TracedHostCore(...args));
    this.#inbound = packetBuffer();
    this.#outbound = packetBuffer();
    this.#difference = undefined;
    this.#lines = 0;
    this.#steps = 0;
    this.#packetsIn = 0;
    this.#packetsOut = 0;
    this.#bytesOut = 0;
  }

  get counts(): TraceReplayCounts {
    return {
      lines: this.#lines,
      steps: this.#steps,
      packetsIn: this.#packetsIn,
      packetsOut: this.#packetsOut,
      bytesOut: this.#bytesOut,
    };
  }

  /**
   * Takes the next line, one that passed `checkTraceLine`.
   * @returns the first difference, from then on for ever; `undefined` while all is equal
   * @throws StackError `traceNotReplayable`: it was recorded without data, or with a policy that is not known here
   */
  take(event: TraceEvent): TraceDifference | undefined {
    this.#lines++;
    if (this.#difference !== undefined || OUTSIDE.has(event.kind)) return this.#difference;
    const host = this.#host(event);
    const recorded = { number: this.#lines, event };
    if (STEPS.has(event.kind)) {
      this.#runStep(host);
      host.step = recorded;
    } else if (event.kind === "draw") host.draws.push(event);
    host.lines.push(recorded);
    return this.#difference;
  }

  /** There are no more lines. Gives the first difference, if there was one. */
  finish(): TraceDifference | undefined {
    for (const host of this.#hosts.values()) this.#runStep(host);
    return this.#difference;
  }

  #host(event: TraceEvent): ReplayedHost {
    const name = text(event["host"] ?? "");
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = { core: undefined, step: undefined, lines: [], draws: [], written: [], room: 0 };
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** Does what was recorded, now that all of it is there, and compares. */
  #runStep(host: ReplayedHost): void {
    const { step, lines, written } = host;
    host.step = undefined;
    if (this.#difference === undefined && (step !== undefined || lines.length > 0)) {
      if (step === undefined) throw notReplayable("it does not begin with a line of kind trace");
      this.#steps++;
      this.#do(host, step.event);
      this.#compare(step, lines, written);
    }
    lines.length = 0;
    host.draws.length = 0;
    written.length = 0;
  }

  #compare(step: Recorded, lines: readonly Recorded[], written: readonly TraceEvent[]): void {
    const count = Math.max(lines.length, written.length);
    for (let i = 0; i < count; i++) {
      const recorded = lines[i];
      const replayed = written[i];
      if (
        recorded !== undefined &&
        replayed !== undefined &&
        JSON.stringify(recorded.event) === JSON.stringify(replayed)
      ) {
        continue;
      }
      this.#difference = {
        line: recorded?.number ?? (lines.at(-1) ?? step).number,
        recorded: recorded?.event,
        replayed,
        step: step.event,
      };
      return;
    }
  }

  #do(host: ReplayedHost, e: TraceEvent): void {
    if (e.kind === "trace") {
      host.core = this.#begin(host, e);
      return;
    }
    const { core } = host;
    if (core === undefined) throw notReplayable("it does not begin with a line of kind trace");
    try {
      this.#call(host, core, e);
    } catch (error) {
      // A call that was refused then is refused now; the lines say whether for the same reason.
      if (!(error instanceof StackError) && e["error"] === undefined) throw error;
    }
  }

  #begin(host: ReplayedHost, e: TraceEvent): TracedHostCore {
    if (e["version"] !== TRACE_VERSION) {
      throw notReplayable(`its version is ${e["version"]}, this is ${TRACE_VERSION}`);
    }
    if (e["detail"] !== "full") throw notReplayable("it was recorded without data (detail story)");
    const config: HostCoreConfig = {
      random: replayedDraws(host.draws),
      sctp: this.#options(e["sctp"]),
      interfaces: interfaces(e["interfaces"]),
    };
    const name = e["host"];
    return this.#makeCore(config, {
      sink: (event) => host.written.push(event),
      ...(name === undefined ? {} : { host: text(name) }),
    });
  }

  #call(host: ReplayedHost, core: TracedHostCore, e: TraceEvent): void {
    const now = e.at;
    const id = e["association"] as AssociationId;
    const pathId = int(e["path"] ?? 0);
    switch (e.kind) {
      case "packetIn":
        this.#packetsIn++;
        core.handle(now, { kind: "packet", packet: readPacket(e, this.#inbound) });
        break;
      case "icmp":
        core.handle(now, { kind: "icmp", notice: icmpOf(e) });
        break;
      case "interfaces":
        core.handle(now, { kind: "interfaces", interfaces: interfaces(e["interfaces"]) });
        break;
      case "timeout":
        core.handleTimeout(now);
        break;
      case "listen":
        core.listen(now, this.#listenOptions(e));
        break;
      case "stopListening":
        core.stopListening(int(e["port"]));
        break;
      case "connect":
        core.connect(now, this.#connectOptions(e));
        break;
      case "send":
        core.send(
          now,
          id,
          e["data"] === undefined ? new Uint8Array(int(e["bytes"])) : bytesOf(e),
          sendOptions(e),
        );
        break;
      case "receive":
        core.receive(id);
        break;
      case "shutdown":
        core.shutdown(now, id);
        break;
      case "abort":
        core.abort(now, id, e["data"] === undefined ? undefined : bytesOf(e));
        break;
      case "setPrimary":
        core.setPrimary(now, id, pathId);
        break;
      case "requestHeartbeat":
        core.requestHeartbeat(id, pathId);
        break;
      case "event":
        core.pollEvent();
        break;
      default:
        this.#transmit(host, core, e);
    }
  }

  #transmit(host: ReplayedHost, core: TracedHostCore, e: TraceEvent): void {
    if (e["room"] !== undefined) host.room = int(e["room"]);
    const out = this.#outbound;
    out.start = 0;
    out.end = Math.min(host.room, out.bytes.length);
    if (!core.pollTransmit(e.at, out)) return;
    this.#packetsOut++;
    this.#bytesOut += out.end - out.start;
  }

  #options(value: TraceValue | undefined): SctpOptions {
    const options = object(value);
    const { policy, ...rest } = options;
    if (policy === undefined) return rest;
    const found = this.#policies[text(policy)];
    if (found === undefined) {
      throw notReplayable(
        `it was recorded with the path policy ${text(policy)}, which is not known here`,
      );
    }
    return { ...rest, policy: found };
  }

  #listenOptions(e: TraceEvent): ListenOptions {
    return {
      port: int(e["port"]),
      udpPort: int(e["udpPort"]),
      ...(e["addresses"] === undefined ? {} : { addresses: addresses(e["addresses"]) }),
      ...(e["sctp"] === undefined ? {} : { sctp: this.#options(e["sctp"]) }),
    };
  }

  #connectOptions(e: TraceEvent): ConnectOptions {
    return {
      ...this.#listenOptions(e),
      remotes: addresses(e["remotes"]),
      peerUdpPort: int(e["peerUdpPort"]),
      ...(e["localPort"] === undefined ? {} : { localPort: int(e["localPort"]) }),
    };
  }
}

const notReplayable = (why: string): StackError =>
  new StackError("traceNotReplayable", `this trace cannot be replayed: ${why}`);

/** Gives the numbers that were drawn then, in order; 0 when the core asks for more than were recorded. */
function replayedDraws(draws: TraceEvent[]): RandomSource {
  return {
    nextU32: () => int(draws.shift()?.["value"] ?? 0),
    fill: (into) => {
      const bytes = fromBase64(text(draws.shift()?.["data"] ?? ""));
      if (bytes?.length === into.length) into.set(bytes);
    },
  };
}

// The lines have passed the schema; these give their values a type.
const text = (v: TraceValue | undefined): string => (typeof v === "string" ? v : "");
const int = (v: TraceValue | undefined): number => (typeof v === "number" ? v : 0);
const list = (v: TraceValue | undefined): readonly TraceValue[] => (Array.isArray(v) ? v : []);
const object = (v: TraceValue | undefined): Readonly<Record<string, TraceValue>> =>
  isObject(v) ? v : {};
const isObject = (v: TraceValue | undefined): v is Readonly<Record<string, TraceValue>> =>
  typeof v === "object" && v !== null && !Array.isArray(v);
const addresses = (v: TraceValue | undefined): IpAddress[] =>
  list(v).map((a) => IpAddress.parse(text(a)));
const bytesOf = (e: TraceEvent): Uint8Array => fromBase64(text(e["data"])) ?? new Uint8Array(0);

function interfaces(value: TraceValue | undefined): HostInterface[] {
  return list(value).map((v) => {
    const i = object(v);
    return {
      name: text(i["name"]),
      kind: INTERFACE_KINDS.find((k) => k === i["kind"]) ?? "other",
      addresses: addresses(i["addresses"]),
      up: i["up"] === true,
      mtu: int(i["mtu"]),
      metered: i["metered"] === true,
      cost: int(i["cost"]),
      allowed: i["allowed"] === true,
    };
  });
}

function packetBuffer(): PacketRef {
  const bytes = new Uint8Array(LARGEST_PACKET);
  return new PacketRef(bytes, new DataView(bytes.buffer));
}

function readPacket(e: TraceEvent, p: PacketRef): PacketRef {
  const found = bytesOf(e).subarray(0, LARGEST_PACKET);
  p.bytes.set(found);
  p.start = 0;
  p.end = found.length;
  p.local = IpAddress.parse(text(e["local"]));
  p.remote = IpAddress.parse(text(e["remote"]));
  p.localPort = int(e["localPort"]);
  p.remotePort = int(e["remotePort"]);
  p.ecn = int(e["ecn"]);
  return p;
}

const icmpOf = (e: TraceEvent): IcmpNotice => ({
  kind: ICMP_KINDS.find((k) => k === e["notice"]) ?? "unreachable",
  mtu: int(e["mtu"]),
  local: IpAddress.parse(text(e["local"])),
  remote: IpAddress.parse(text(e["remote"])),
  remotePort: int(e["remotePort"]),
  quoted: bytesOf(e),
});

const sendOptions = (e: TraceEvent): SctpSendOptions => ({
  ...(e["stream"] === undefined ? {} : { stream: int(e["stream"]) }),
  ...(e["ppid"] === undefined ? {} : { ppid: int(e["ppid"]) }),
  ...(e["unordered"] === undefined ? {} : { unordered: e["unordered"] === true }),
  ...(e["lifetimeMs"] === undefined ? {} : { lifetimeMs: int(e["lifetimeMs"]) }),
});
