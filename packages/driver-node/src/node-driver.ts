import type { RemoteInfo } from "node:dgram";
import { networkInterfaces } from "node:os";
import {
  HostCore,
  type HostInput,
  type SctpOptions,
  type TraceDetail,
} from "@multihome/association";
import {
  checkNumber,
  elapsed,
  type Instant,
  IpAddress,
  type Micros,
  millis,
  NEVER,
  PacketRef,
  StackError,
  sameIp,
  type TraceSink,
} from "@multihome/base";
import type { HostInterface } from "@multihome/paths";
import { AddressCache } from "./address-cache.js";
import { type DriverCounters, driverCounters } from "./driver-counters.js";
import { checkDetail, DriverTrace } from "./driver-trace.js";
import type { DriverListener, HostDriver, PortBinding } from "./host-driver.js";
import type { Impairment } from "./impairment.js";
import { checkInterfaceRules, type InterfaceRules } from "./interface-rules.js";
import { MonotonicClock } from "./monotonic-clock.js";
import { accelerateCrc32c } from "./native-crc32c.js";
import { readInterfaces, type SystemInterfaces, sameInterfaces } from "./read-interfaces.js";
import { MAX_DATAGRAM_BYTES, SendArena } from "./send-arena.js";
import { suggestsAddressGone } from "./socket-error.js";
import { StrongRandom } from "./strong-random.js";
import { type PortUse, type SocketSettings, UdpPort } from "./udp-port.js";
import type { UdpSocket } from "./udp-socket.js";

/** How to drive a host on Node. Everything has a default. */
export interface NodeDriverOptions {
  /** Use these of our addresses only. Default: all but link-local ones. */
  readonly addresses?: readonly string[];
  /** What the application says about interfaces. */
  readonly interfaces?: InterfaceRules;
  /** Where interfaces are read from, in place of `os.networkInterfaces()`. */
  readonly systemInterfaces?: () => SystemInterfaces;
  /** How often to look for changes of the interfaces. 10 .. 3,600,000 or Infinity for never; default 1,000. */
  readonly interfacePollMs?: number;
  /** Asked of the system for each socket and direction, bytes. Default 4 MiB. */
  readonly socketBufferBytes?: number;
  /** What may wait in one socket because the system does not take it now, bytes. Default 256 KiB. */
  readonly sendQueueBytes?: number;
  /** Defaults for every association of the host. */
  readonly sctp?: SctpOptions;
  /**
   * Is told everything that goes in and out of the host, and what it decides: docs/trace.md. It holds the
   * application's data and secrets, unless `traceDetail` is `story`. Default: nobody, at no cost.
   */
  readonly trace?: TraceSink;
  /** `full` (default): the trace can be replayed. `story`: no user data, no secrets, no replay. */
  readonly traceDetail?: TraceDetail;
  /** Worse paths on purpose. */
  readonly impair?: Impairment;
  /** Use `@multihome/crc32c-native` if it is installed. Default true. */
  readonly nativeCrc32c?: boolean;
}

// libuv reads at most this many datagrams of a socket before it goes on.
const READS_PER_TURN = 32;
// If this long passed since the sockets were read, they may hold what a timer should wait for.
const STALL: Micros = millis(10);
// Timers wait for the sockets for at most so many turns.
const MAX_TIMER_TURNS = 64;
// Rounds of packets and events in one drain, before the event loop has its turn.
const MAX_ROUNDS = 16;
const MAX_TIMEOUT_MS = 0x7fffffff;

/** Drives one {@link HostCore} with Node's clock, randomness, UDP sockets and interfaces. */
export class NodeDriver implements HostDriver {
  readonly core: HostCore;
  readonly counters: DriverCounters;
  readonly #clock: MonotonicClock;
  readonly #trace: DriverTrace | undefined;
  readonly #impair: Impairment | undefined;
  readonly #only: readonly IpAddress[] | undefined;
  readonly #settings: SocketSettings;
  readonly #ports: Map<number, UdpPort>;
  readonly #addresses: AddressCache;
  /** Where what came in is copied to: a view over each datagram's own memory costs more. */
  readonly #inbound: PacketRef;
  readonly #input: HostInput;
  readonly #outbound: SendArena;
  readonly #drainNow: () => void;
  readonly #system: () => SystemInterfaces;
  #rules: InterfaceRules;
  #interfaces: readonly HostInterface[];
  #listener: DriverListener | undefined;
  #scheduled: boolean;
  #awake: boolean;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Instant;
  #receivedThisTurn: number;
  /** When a timer was seen to be due; the sockets were read after that. NEVER when none was. */
  #dueSeenAt: Instant;
  #timerTurns: number;
  #interfacePoll: NodeJS.Timeout | undefined;
  #lookAgain: NodeJS.Timeout | undefined;
  #alive: NodeJS.Timeout | undefined;
  #closed: boolean;

  private constructor(options: NodeDriverOptions) {
    const rules = options.interfaces ?? {};
    checkInterfaceRules(rules);
    const pollMs = checkPoll(options.interfacePollMs ?? 1000);
    this.counters = driverCounters();
    this.#clock = new MonotonicClock();
    this.#impair = options.impair;
    this.#only = options.addresses?.map((text) => IpAddress.parse(text));
    this.#settings = {
      owner: {
        received: (socket, bytes, from) => this.#received(socket, bytes, from),
        sendFailed: (error) => this.#sendFailed(error),
        socketFailed: (socket) => this.#socketFailed(socket),
      },
      bufferBytes: checkNumber(
        "socketBufferBytes",
        options.socketBufferBytes ?? 4 << 20,
        4096,
        1 << 30,
      ),
      maxQueuedBytes: checkNumber(
        "sendQueueBytes",
        options.sendQueueBytes ?? 256 << 10,
        2048,
        1 << 30,
      ),
    };
    this.#ports = new Map();
    this.#addresses = new AddressCache();
    const slot = new Uint8Array(MAX_DATAGRAM_BYTES);
    this.#inbound = new PacketRef(slot, new DataView(slot.buffer));
    this.#input = { kind: "packet", packet: this.#inbound };
    this.#outbound = new SendArena();
    this.#drainNow = () => this.#drain();
    this.#system = options.systemInterfaces ?? networkInterfaces;
    this.#rules = rules;
    this.#interfaces = readInterfaces(this.#system(), rules, this.#only);
    const config = {
      random: new StrongRandom(),
      interfaces: this.#interfaces,
      ...(options.sctp === undefined ? {} : { sctp: options.sctp }),
    };
    this.#trace =
      options.trace === undefined
        ? undefined
        : new DriverTrace(config, options.trace, checkDetail(options.traceDetail));
    this.core = this.#trace?.core ?? new HostCore(config);
    this.#listener = undefined;
    this.#scheduled = false;
    this.#awake = false;
    this.#timer = undefined;
    this.#timerAt = NEVER;
    this.#receivedThisTurn = 0;
    this.#dueSeenAt = NEVER;
    this.#timerTurns = 0;
    this.#interfacePoll =
      pollMs === Number.POSITIVE_INFINITY
        ? undefined
        : setInterval(() => this.readInterfaces(), pollMs).unref();
    this.#lookAgain = undefined;
    this.#alive = undefined;
    this.#closed = false;
  }

  /**
   * Makes a driver with a core of its own.
   * @throws StackError `invalidOption`, `invalidAddress`
   */
  static async open(options: NodeDriverOptions = {}): Promise<NodeDriver> {
    if (options.nativeCrc32c !== false) await accelerateCrc32c();
    return new NodeDriver(options);
  }

  // ---- HostDriver

  now(): Instant {
    return this.#clock.now();
  }

  wake(): void {
    this.#awake = true;
    this.#schedule();
  }

  listen(listener: DriverListener): void {
    this.#listener = listener;
  }

  get interfaces(): readonly HostInterface[] {
    return this.#interfaces;
  }

  async bind(port: number, addresses?: readonly IpAddress[]): Promise<PortBinding> {
    if (this.#closed) throw new StackError("closed", "the host is closed");
    checkNumber("udpPort", port, 0, 65_535);
    const use: PortUse = { only: addresses };
    const wanted = this.#usable().filter((a) => addresses?.some((o) => sameIp(a, o)) ?? true);
    const missing = addresses?.find((o) => !wanted.some((a) => sameIp(a, o)));
    if (missing !== undefined || wanted.length === 0) {
      throw new StackError(
        "noUsableAddress",
        `${missing ?? "no address"} can be used on this host, which may use ${this.#usable().join(", ") || "none"}`,
        { address: missing?.toString(), usable: this.#usable().map(String) },
      );
    }
    let shared = this.#ports.get(port);
    if (shared === undefined) {
      const mayMiss = addresses === undefined && this.#only === undefined;
      shared = await UdpPort.open(wanted, port, mayMiss, this.#settings);
      if (this.#closed) {
        shared.close();
        throw new StackError("closed", "the host is closed");
      }
      this.#ports.set(shared.port, shared);
      shared.uses.add(use);
    } else {
      shared.uses.add(use);
      await this.#follow(shared);
    }
    return this.#binding(shared, use);
  }

  keepAlive(on: boolean): void {
    if (on && !this.#closed) this.#alive ??= setInterval(() => {}, MAX_TIMEOUT_MS);
    else {
      clearInterval(this.#alive);
      this.#alive = undefined;
    }
  }

  close(): void {
    if (this.#closed) return;
    // What an impairment delays has been sent as far as the core knows.
    if (this.#impair !== undefined) this.#flushImpaired(NEVER);
    this.#closed = true;
    this.keepAlive(false);
    clearInterval(this.#interfacePoll);
    clearTimeout(this.#lookAgain);
    clearTimeout(this.#timer);
    this.#timerAt = NEVER;
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  // ---- interfaces

  /** Replaces what the application says about interfaces, from now on. */
  setInterfaceRules(rules: InterfaceRules): void {
    checkInterfaceRules(rules);
    this.#rules = rules;
    this.readInterfaces();
  }

  /** Looks at the interfaces now, not only at the next poll. */
  readInterfaces(): void {
    if (this.#closed) return;
    let interfaces: readonly HostInterface[];
    try {
      interfaces = readInterfaces(this.#system(), this.#rules, this.#only);
    } catch {
      return; // the system does not tell now: what it told last holds
    }
    const changed = !sameInterfaces(interfaces, this.#interfaces);
    if (changed) {
      this.counters.interfaceChanges++;
      this.#interfaces = interfaces;
    }
    // Sockets before the core: what it sends on new addresses needs them.
    const open = [...this.#ports.values()].map((port) => this.#follow(port));
    if (!changed) return;
    Promise.all(open).then(
      () => this.#tellInterfaces(interfaces),
      () => this.#tellInterfaces(interfaces),
    );
  }

  #tellInterfaces(interfaces: readonly HostInterface[]): void {
    // A newer look may have come in between.
    if (this.#closed || interfaces !== this.#interfaces) return;
    this.core.handle(this.now(), { kind: "interfaces", interfaces });
    this.wake();
    this.#listener?.interfacesChanged(interfaces);
  }

  async #follow(port: UdpPort): Promise<void> {
    this.counters.bindErrors += await port.follow(this.#usable());
  }

  #usable(): IpAddress[] {
    return this.#interfaces.filter((i) => i.up && i.allowed).flatMap((i) => i.addresses);
  }

  #binding(shared: UdpPort, use: PortUse): PortBinding {
    return {
      port: shared.port,
      get addresses() {
        return shared.addresses;
      },
      release: () => {
        if (!shared.uses.delete(use)) return;
        if (shared.uses.size > 0) {
          this.readInterfaces();
          return;
        }
        shared.close();
        if (this.#ports.get(shared.port) === shared) this.#ports.delete(shared.port);
      },
    };
  }

  // ---- packets in

  #received(socket: UdpSocket, bytes: Uint8Array, from: RemoteInfo): void {
    this.counters.datagramsReceived++;
    this.#receivedThisTurn++;
    this.#schedule();
    const remote = this.#addresses.get(from.address);
    if (remote === undefined || from.port === 0) {
      this.counters.badSource++;
      return;
    }
    if (this.#impair?.isCut(socket.local, remote) === true) {
      this.counters.impaired++;
      return;
    }
    const p = this.#inbound;
    p.bytes.set(bytes);
    p.start = 0;
    p.end = bytes.length;
    p.local = socket.local;
    p.remote = remote;
    p.localPort = socket.port;
    p.remotePort = from.port;
    this.core.handle(this.now(), this.#input);
  }

  #sendFailed(error: Error): void {
    this.counters.sendErrors++;
    if (suggestsAddressGone(error)) this.#lookSoon();
  }

  /** A socket reports an error of its own: it is opened anew. */
  #socketFailed(socket: UdpSocket): void {
    this.counters.socketErrors++;
    this.#ports.get(socket.port)?.drop(socket);
    this.#lookSoon();
  }

  /** One look for all errors of a while. */
  #lookSoon(): void {
    if (this.#closed) return;
    this.#lookAgain ??= setTimeout(() => {
      this.#lookAgain = undefined;
      this.readInterfaces();
    }, 20).unref();
  }

  // ---- the drain

  /**
   * One drain per turn of the event loop. Immediates run after the sockets were read, so a burst of
   * packets is answered once, and a timer's work waits for the packets that came before it.
   */
  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(this.#drainNow);
  }

  #drain(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    const { core } = this;
    let now = this.now();
    this.#trace?.tell(now, this.counters);
    this.#runTimers(now);
    this.#receivedThisTurn = 0;
    for (let round = 0; ; round++) {
      this.#awake = false;
      this.#transmit(now);
      for (let e = core.pollEvent(); e !== undefined; e = core.pollEvent()) {
        this.#listener?.event(e);
        if (this.#closed) return;
      }
      if (!this.#awake) break;
      if (round === MAX_ROUNDS) {
        this.#schedule();
        break;
      }
      // Who was told an event called the core with the time of that moment; it must not go back.
      now = this.now();
    }
    this.#arm(now);
  }

  /**
   * Runs what is due, but only once the sockets were read after it was seen to be due: after the process
   * stood still, the answer to what seems lost may be waiting there.
   */
  #runTimers(now: Instant): void {
    if (this.core.pollTimeout() > now) {
      this.#dueSeenAt = NEVER;
      this.#timerTurns = 0;
      return;
    }
    const read = this.#dueSeenAt !== NEVER && elapsed(this.#dueSeenAt, now) <= STALL;
    const more = this.#receivedThisTurn >= READS_PER_TURN;
    if ((!read || more) && this.#timerTurns < MAX_TIMER_TURNS) {
      this.#dueSeenAt = now;
      this.#timerTurns++;
      this.#schedule();
      return;
    }
    this.#dueSeenAt = NEVER;
    this.#timerTurns = 0;
    this.core.handleTimeout(now);
  }

  #transmit(now: Instant): void {
    const impair = this.#impair;
    const arena = this.#outbound;
    while (this.core.pollTransmit(now, arena.begin())) {
      if (impair !== undefined) {
        const verdict = impair.outgoing(now, arena.packet);
        if (verdict === "dropped") this.counters.impaired++;
        if (verdict !== "send") continue;
      }
      this.#send(arena);
    }
    this.#flushImpaired(now);
  }

  #flushImpaired(until: Instant): void {
    const arena = this.#outbound;
    const impair = this.#impair;
    if (impair === undefined) return;
    while (impair.pollDue(until, arena.begin())) this.#send(arena);
    this.counters.impaired += impair.takeLost();
  }

  #send(arena: SendArena): void {
    const p = arena.packet;
    const socket = this.#ports.get(p.localPort)?.find(p.local);
    if (socket === undefined) {
      this.counters.noSocket++;
      return;
    }
    const state = socket.send(p.bytes, p.start, p.end, p.remotePort, p.remote.toString());
    if (state === "dropped") {
      this.counters.sendQueueFull++;
      return;
    }
    this.counters.datagramsSent++;
    if (state === "queued") arena.keep();
  }

  /** One host timer; it is only moved when the next deadline comes before it. */
  #arm(now: Instant): void {
    let next = this.core.pollTimeout();
    if (this.#impair !== undefined && this.#impair.nextDue < next) next = this.#impair.nextDue;
    if (next >= this.#timerAt || next === NEVER) return;
    clearTimeout(this.#timer);
    this.#timerAt = next;
    const ms = Math.min(MAX_TIMEOUT_MS, Math.max(0, Math.ceil(elapsed(now, next) / 1000)));
    this.#timer = setTimeout(() => {
      this.#timerAt = NEVER;
      this.#dueSeenAt = this.now();
      this.#schedule();
    }, ms).unref();
  }
}

function checkPoll(ms: number): number {
  return checkNumber("interfacePollMs", ms, 10, Number.POSITIVE_INFINITY, false) > 3_600_000
    ? Number.POSITIVE_INFINITY
    : ms;
}
