import {
  DeadlineHeap,
  type HeapEntry,
  type Instant,
  type IpAddress,
  NEVER,
  type PacketRef,
  type ProtocolCore,
  type RandomSource,
  Ring,
  randomBelow,
  StackError,
  type TraceNoteSink,
} from "@multihome/base";
import { choosePairs, type HostInterface, type PathView } from "@multihome/paths";
import {
  type AssociationId,
  BufferBudget,
  type IcmpNotice,
  type LocalAddress,
  type ReceivedMessage,
  SctpEndpoint,
  type SctpOptions,
  type SctpSendOptions,
  type SctpStatus,
  type SendResult,
  sctpConfig,
} from "@multihome/sctp";
import { SCTP_HEADER_LENGTH, sctpDestinationPort } from "@multihome/wire";
import type { AssociationEvent } from "./association-event.js";
import type { ProtocolEndpoint } from "./protocol-endpoint.js";

/** What a host core takes in. */
export type HostInput =
  /**
   * An SCTP packet with the addresses and UDP ports that it came with; borrowed until return. Its
   * `localPort` says over which UDP port it came, 0 without UDP.
   */
  | { readonly kind: "packet"; readonly packet: PacketRef }
  /** An ICMP message about an SCTP packet of ours. */
  | { readonly kind: "icmp"; readonly notice: IcmpNotice }
  /** The host's interfaces, all of them, as they are now. */
  | { readonly kind: "interfaces"; readonly interfaces: readonly HostInterface[] };

/** Surroundings and defaults of a host core. */
export interface HostCoreConfig {
  readonly random: RandomSource;
  /** Is told decisions of the cores below. See {@link TracedHostCore} for a trace of everything. */
  readonly trace?: TraceNoteSink;
  /** Defaults for every association of the host. */
  readonly sctp?: SctpOptions;
  /** Interfaces at the start; later changes are inputs. */
  readonly interfaces?: readonly HostInterface[];
}

/** How to listen. */
export interface ListenOptions {
  /** SCTP port, 1 .. 65,535. */
  readonly port: number;
  /** UDP port that the driver has bound for it (RFC 6951); 0 without UDP. */
  readonly udpPort: number;
  /** Use these of our addresses only. Default: all. */
  readonly addresses?: readonly IpAddress[];
  readonly sctp?: SctpOptions;
}

/** How to open an association. */
export interface ConnectOptions {
  /** The peer's addresses, the preferred first; at least one. */
  readonly remotes: readonly IpAddress[];
  /** The peer's SCTP port, 1 .. 65,535. */
  readonly port: number;
  /** The peer's UDP port; 0 without UDP. */
  readonly peerUdpPort: number;
  /** UDP port that the driver has bound for us; 0 without UDP. */
  readonly udpPort: number;
  /** Our SCTP port. Default: a free one from 49,152 on. */
  readonly localPort?: number;
  /** Use these of our addresses only. Default: all. */
  readonly addresses?: readonly IpAddress[];
  readonly sctp?: SctpOptions;
}

const FIRST_EPHEMERAL = 49_152;

class Binding implements HeapEntry {
  heapIndex = -1;
  heapAt: Instant = NEVER;
  readonly heapOrder: number;
  readonly endpoint: ProtocolEndpoint;
  readonly addresses: readonly IpAddress[] | undefined;
  /** It was made for one association and goes with it. */
  readonly single: boolean;
  queued = false;

  constructor(
    order: number,
    endpoint: ProtocolEndpoint,
    addresses: readonly IpAddress[] | undefined,
    single: boolean,
  ) {
    this.heapOrder = order;
    this.endpoint = endpoint;
    this.addresses = addresses;
    this.single = single;
  }
}

/**
 * A host without I/O: interfaces, ports and protocols bound together. Packets are given to the endpoint
 * of their destination port; what the endpoints send, tell and wait for comes out in one stream. Drive
 * it as {@link ProtocolCore} says.
 */
export class HostCore implements ProtocolCore<HostInput, AssociationEvent> {
  readonly #random: RandomSource;
  readonly #trace: TraceNoteSink | undefined;
  readonly #defaults: SctpOptions;
  /** What the associations of all endpoints share. */
  readonly #buffers: BufferBudget;
  #locals: readonly LocalAddress[];
  /** By SCTP port. */
  readonly #bindings: Map<number, Binding>;
  readonly #owners: Map<AssociationId, Binding>;
  readonly #deadlines: DeadlineHeap<Binding>;
  readonly #ready: Ring<Binding>;
  readonly #events: Ring<AssociationEvent>;
  /** Counters of endpoints that were dropped. */
  readonly #goneCounters: Record<string, number>;
  #lastId: number;
  #lastBinding: number;
  /** Packets for a port that nobody has opened. */
  packetsForClosedPorts: number;
  /** Packets without room for the common header. */
  packetsTooShort: number;
  /** ICMP messages that quote a packet from a port that nobody has opened, or too little to tell. */
  icmpForClosedPorts: number;

  constructor(config: HostCoreConfig) {
    this.#random = config.random;
    this.#trace = config.trace;
    this.#defaults = config.sctp ?? {};
    this.#locals = localAddresses(config.interfaces ?? []);
    this.#bindings = new Map();
    this.#owners = new Map();
    this.#deadlines = new DeadlineHeap();
    this.#ready = new Ring();
    this.#events = new Ring();
    this.#goneCounters = {};
    this.#lastId = 0;
    this.#lastBinding = 0;
    this.packetsForClosedPorts = 0;
    this.packetsTooShort = 0;
    this.icmpForClosedPorts = 0;
    this.#buffers = new BufferBudget(sctpConfig(this.#defaults).sharedBufferBytes);
  }

  // ---- ProtocolCore

  handle(now: Instant, input: HostInput): void {
    if (input.kind === "packet") {
      const p = input.packet;
      if (p.end - p.start < SCTP_HEADER_LENGTH) {
        this.packetsTooShort++;
        return;
      }
      const b = this.#bindings.get(sctpDestinationPort(p.view, p.start));
      // Without UDP it is for one that uses UDP, too: RFC 6951 s5.4.
      if (b === undefined || (p.localPort !== 0 && b.endpoint.udpPort !== p.localPort)) {
        this.#answerForClosedPort(now, p);
        return;
      }
      b.endpoint.handle(now, input);
      this.#touch(b);
    } else if (input.kind === "icmp") {
      const q = input.notice.quoted;
      const port = q.length < 8 ? 0 : ((q[0] as number) << 8) | (q[1] as number);
      const b = this.#bindings.get(port);
      if (b === undefined) {
        this.icmpForClosedPorts++;
        return;
      }
      b.endpoint.handle(now, input);
      this.#touch(b);
    } else {
      this.#locals = localAddresses(input.interfaces);
      for (const b of this.#bindings.values()) {
        b.endpoint.handle(now, { kind: "addresses", addresses: this.#localsFor(b.addresses) });
        this.#touch(b);
      }
    }
  }

  handleTimeout(now: Instant): void {
    for (;;) {
      const b = this.#deadlines.peek();
      if (b === undefined || b.heapAt > now) return;
      b.endpoint.handleTimeout(now);
      this.#touch(b);
      this.#deadlines.set(b, b.endpoint.pollTimeout());
    }
  }

  pollTransmit(now: Instant, out: PacketRef): boolean {
    for (let b = this.#ready.peek(); b !== undefined; b = this.#ready.peek()) {
      if (b.endpoint.pollTransmit(now, out)) return true;
      this.#ready.shift();
      b.queued = false;
      this.#settle(b);
    }
    return false;
  }

  pollEvent(): AssociationEvent | undefined {
    return this.#events.shift();
  }

  pollTimeout(): Instant {
    return this.#deadlines.next();
  }

  // ---- the application's calls

  /**
   * Listens on an SCTP port.
   * @throws StackError `portInUse`, `invalidPort`, `invalidOption`
   */
  listen(now: Instant, o: ListenOptions): void {
    const b = this.#bind(now, o.port, o.udpPort, o.addresses, o.sctp, false);
    b.endpoint.listening = true;
  }

  /** Takes no new associations on this port; those that are there go on. */
  stopListening(port: number): void {
    const b = this.#bindings.get(port);
    if (b === undefined) return;
    b.endpoint.listening = false;
    this.#touch(b);
  }

  /**
   * Opens an association over all pairs of addresses that can work, racing them; an `up` or `ended`
   * event follows.
   * @throws StackError `noUsableAddress`, `portInUse`, `invalidPort`, `invalidOption`
   */
  connect(now: Instant, o: ConnectOptions): AssociationId {
    const options = { ...this.#defaults, ...o.sctp };
    const config = sctpConfig(options);
    const locals = this.#localsFor(o.addresses);
    const pairs = choosePairs(
      locals.filter((l) => l.allowed).map((l) => l.address),
      o.remotes,
      config.maxPaths,
    );
    if (pairs.length === 0) {
      throw new StackError(
        "noUsableAddress",
        `none of our addresses (${locals.map((l) => l.address).join(", ") || "none"}) reaches ${o.remotes.join(", ")}`,
        { local: locals.map((l) => String(l.address)), remote: o.remotes.map(String) },
      );
    }
    const port = o.localPort ?? this.#freePort();
    const b = this.#bind(now, port, o.udpPort, o.addresses, o.sctp, true);
    // Before anything can be refused: the port is free again then.
    this.#touch(b);
    const id = this.#nextId();
    b.endpoint.connect(now, { id, peerPort: o.port, pairs, peerUdpPort: o.peerUdpPort });
    this.#owners.set(id, b);
    return id;
  }

  /** See {@link SctpEndpoint.send}. */
  send(now: Instant, id: AssociationId, data: Uint8Array, o?: SctpSendOptions): SendResult {
    const b = this.#owners.get(id);
    if (b === undefined) return { ok: false, code: "notOpen" };
    const result = b.endpoint.send(now, id, data, o);
    this.#touch(b);
    return result;
  }

  /** See {@link SctpEndpoint.receive}. */
  receive(id: AssociationId): ReceivedMessage | undefined {
    const b = this.#owners.get(id);
    if (b === undefined) return undefined;
    const message = b.endpoint.receive(id);
    if (message === undefined && !b.endpoint.knows(id)) this.#owners.delete(id);
    this.#touch(b);
    return message;
  }

  /** See {@link SctpEndpoint.shutdown}. */
  shutdown(now: Instant, id: AssociationId): void {
    const b = this.#owners.get(id);
    b?.endpoint.shutdown(now, id);
    if (b !== undefined) this.#touch(b);
  }

  /** See {@link SctpEndpoint.abort}. */
  abort(now: Instant, id: AssociationId, reason?: Uint8Array): void {
    const b = this.#owners.get(id);
    b?.endpoint.abort(now, id, reason);
    if (b !== undefined) this.#touch(b);
  }

  /** See {@link SctpEndpoint.setPrimary}. */
  setPrimary(now: Instant, id: AssociationId, pathId: number): boolean {
    const b = this.#owners.get(id);
    if (b === undefined) return false;
    const done = b.endpoint.setPrimary(now, id, pathId);
    this.#touch(b);
    return done;
  }

  /** See {@link SctpEndpoint.requestHeartbeat}. */
  requestHeartbeat(id: AssociationId, pathId: number): boolean {
    const b = this.#owners.get(id);
    if (b === undefined) return false;
    const done = b.endpoint.requestHeartbeat(id, pathId);
    this.#touch(b);
    return done;
  }

  /** The association's paths as they are now: a live view, valid until the next call. */
  paths(id: AssociationId): readonly PathView[] {
    return this.#owners.get(id)?.endpoint.paths(id) ?? [];
  }

  /** The path that data goes over now. */
  currentPath(id: AssociationId): PathView | undefined {
    return this.#owners.get(id)?.endpoint.currentPath(id);
  }

  status(id: AssociationId): SctpStatus | undefined {
    return this.#owners.get(id)?.endpoint.status(id);
  }

  /** See {@link SctpEndpoint.audit}. */
  audit(id: AssociationId): string | undefined {
    return this.#owners.get(id)?.endpoint.audit(id);
  }

  /** Our SCTP port of an association; `undefined` once it is over and read. */
  portOf(id: AssociationId): number | undefined {
    return this.#owners.get(id)?.endpoint.port;
  }

  /** Counters of all endpoints, also of those that are gone, added up by name. */
  counters(): Record<string, number> {
    const sum: Record<string, number> = {};
    this.addCountersTo(sum);
    return sum;
  }

  /** Adds {@link HostCore.counters} to an object, which spares making one. */
  protected addCountersTo(sum: Record<string, number>): void {
    add(sum, "packetsForClosedPorts", this.packetsForClosedPorts);
    add(sum, "packetsTooShort", this.packetsTooShort);
    add(sum, "icmpForClosedPorts", this.icmpForClosedPorts);
    addCounters(sum, this.#goneCounters);
    for (const b of this.#bindings.values()) addCounters(sum, b.endpoint.counters);
  }

  /** SCTP ports that something is kept for. */
  get openPortCount(): number {
    return this.#bindings.size;
  }

  /** Associations that are open or being set up. */
  get associationCount(): number {
    let n = 0;
    for (const b of this.#bindings.values()) n += b.endpoint.associationCount;
    return n;
  }

  // ---- inside

  #bind(
    now: Instant,
    port: number,
    udpPort: number,
    addresses: readonly IpAddress[] | undefined,
    sctp: SctpOptions | undefined,
    single: boolean,
  ): Binding {
    if (this.#bindings.has(port)) {
      throw new StackError("portInUse", `SCTP port ${port} is in use on this host`, { port });
    }
    const endpoint = new SctpEndpoint(
      now,
      sctpConfig({ ...this.#defaults, ...sctp }),
      {
        random: this.#random,
        buffers: this.#buffers,
        ...(this.#trace === undefined ? {} : { trace: this.#trace }),
      },
      port,
      udpPort,
      this.#localsFor(addresses),
      () => this.#nextId(),
    );
    const b = new Binding(this.#lastBinding++, endpoint, addresses, single);
    this.#bindings.set(port, b);
    return b;
  }

  #nextId(): AssociationId {
    this.#lastId++;
    return this.#lastId as AssociationId;
  }

  #freePort(): number {
    const span = 65_536 - FIRST_EPHEMERAL;
    const start = randomBelow(this.#random, span);
    for (let i = 0; i < span; i++) {
      const port = FIRST_EPHEMERAL + ((start + i) % span);
      if (!this.#bindings.has(port)) return port;
    }
    throw new StackError("portInUse", "every ephemeral SCTP port is in use on this host");
  }

  #localsFor(addresses: readonly IpAddress[] | undefined): readonly LocalAddress[] {
    if (addresses === undefined) return this.#locals;
    const wanted = new Set(addresses.map(String));
    return this.#locals.filter((l) => wanted.has(l.address.toString()));
  }

  /** RFC 9260 s8.4 holds for ports that nobody opened, too: an endpoint that never listens answers. */
  #answerForClosedPort(now: Instant, p: PacketRef): void {
    this.packetsForClosedPorts++;
    const port = sctpDestinationPort(p.view, p.start);
    if (port === 0 || this.#bindings.has(port)) return;
    const b = this.#bind(now, port, p.localPort, undefined, undefined, true);
    b.endpoint.handle(now, { kind: "packet", packet: p });
    this.#touch(b);
  }

  #touch(b: Binding): void {
    if (b.queued) return;
    b.queued = true;
    this.#ready.push(b);
  }

  /** Nothing more to send for now: collects what it tells, and drops it when it has served. */
  #settle(b: Binding): void {
    for (let e = b.endpoint.pollEvent(); e !== undefined; e = b.endpoint.pollEvent()) {
      if (e.kind === "up") this.#owners.set(e.id, b);
      else if (e.kind === "ended" && !b.endpoint.knows(e.id)) this.#owners.delete(e.id);
      this.#events.push(e);
    }
    this.#deadlines.set(b, b.endpoint.pollTimeout());
    if (b.endpoint.associationCount === 0 && b.endpoint.unreadCount === 0) {
      if (b.single || !b.endpoint.listening) this.#release(b);
    }
  }

  #release(b: Binding): void {
    this.#deadlines.remove(b);
    this.#bindings.delete(b.endpoint.port);
    addCounters(this.#goneCounters, b.endpoint.counters);
  }
}

function addCounters(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const name in more) add(sum, name, more[name] ?? 0);
}

function add(sum: Record<string, number>, name: string, n: number): void {
  sum[name] = (sum[name] ?? 0) + n;
}

function localAddresses(interfaces: readonly HostInterface[]): LocalAddress[] {
  return interfaces
    .filter((i) => i.up)
    .flatMap((i) =>
      i.addresses.map((address) => ({
        address,
        interfaceName: i.name,
        metered: i.metered,
        cost: i.cost,
        allowed: i.allowed,
      })),
    );
}
