import {
  type Counters,
  checkNumber,
  type Instant,
  IpAddress,
  makeCounters,
  NEVER,
  PacketRef,
  StackError,
} from "@multihome/base";
import { noticeOf } from "./icmp-error.js";
import { SMALL_ROOM } from "./packet-pool.js";
import type { EventSource, SimContext } from "./sim-context.js";
import { type InterfaceOptions, type InterfaceOwner, SimInterface } from "./sim-interface.js";
import type { InterfaceChange, SimNode } from "./sim-node.js";
import { copyPacket, INITIAL_HOP_LIMIT, measure, type SimPacket } from "./sim-packet.js";

/** What a host counts. */
export type HostCounterName =
  | "sent"
  | "received"
  | "icmpReceived"
  | "timeouts"
  /** Outgoing: no interface has its local address. */
  | "droppedNoAddress"
  /** Outgoing: the interface with its local address is down. */
  | "droppedInterfaceDown"
  /** Outgoing: larger than the interface's MTU. */
  | "droppedTooBig"
  /** Outgoing: local and remote address are of different families. */
  | "droppedFamily"
  /** Incoming: to an address that no interface has. */
  | "droppedNotForUs"
  /** Incoming: no node is attached. */
  | "droppedNoNode";

const SCTP = 132;
/** More than any node sends at one instant: a bound for nodes that never stop. */
const MAX_DRAIN = 100_000;
const MIN_MTU = 68;
const MAX_MTU = 65_535;

/** How a host is made. */
export interface HostOptions {
  /** IP protocol number of packets without UDP, 0 .. 255. @defaultValue 132, SCTP */
  readonly protocol?: number;
}

/**
 * A host with several interfaces that runs one {@link SimNode}. A packet leaves by the interface that has
 * its local address; if none has it or that one is down, it is dropped and counted. Incoming packets
 * are taken for any address of the host that is there at that moment.
 */
export class SimHost implements EventSource, InterfaceOwner {
  readonly name: string;
  readonly place: number;
  readonly counters: Counters<HostCounterName>;
  heapIndex: number;
  at: Instant;
  seq: number;
  readonly #context: SimContext;
  readonly #interfaces: SimInterface[];
  readonly #protocol: number;
  /** The one reference in which packets are shown to the node, in and out. */
  readonly #ref: PacketRef;
  #node: SimNode | undefined;
  /** True inside a call of the node: a drain asked for then comes after it. */
  #busy: boolean;
  #drainAgain: boolean;
  /** The largest MTU of the interfaces: room given to the node for one packet. */
  #room: number;

  constructor(context: SimContext, name: string, options: HostOptions = {}) {
    this.name = name;
    this.place = context.nextPlace();
    this.counters = makeCounters<HostCounterName>([
      "sent",
      "received",
      "icmpReceived",
      "timeouts",
      "droppedNoAddress",
      "droppedInterfaceDown",
      "droppedTooBig",
      "droppedFamily",
      "droppedNotForUs",
      "droppedNoNode",
    ]);
    this.heapIndex = -1;
    this.at = NEVER;
    this.seq = 0;
    this.#context = context;
    this.#interfaces = [];
    this.#protocol = checkNumber("protocol", options.protocol ?? SCTP, 0, 255);
    const empty = new Uint8Array(0);
    this.#ref = new PacketRef(empty, new DataView(empty.buffer));
    this.#node = undefined;
    this.#busy = false;
    this.#drainAgain = false;
    this.#room = SMALL_ROOM;
  }

  get interfaces(): readonly SimInterface[] {
    return this.#interfaces;
  }

  get node(): SimNode | undefined {
    return this.#node;
  }

  /**
   * Adds an interface, which is down until it is connected.
   * @throws StackError `invalidOption`, `invalidAddress`
   */
  addInterface(options: InterfaceOptions = {}): SimInterface {
    const index = this.#interfaces.length;
    const mtu = checkNumber("mtu", options.mtu ?? 1500, MIN_MTU, MAX_MTU);
    const added = new SimInterface(this, index, {
      name: options.name ?? `if${index}`,
      kind: options.kind ?? "other",
      metered: options.metered ?? false,
      mtu,
    });
    this.#interfaces.push(added);
    if (mtu > this.#room) this.#room = mtu;
    for (const address of options.addresses ?? []) added.addAddress(IpAddress.parse(address));
    return added;
  }

  /** Runs `node` from now on instead of the one before, if any, and lets it send at once. */
  attach(node: SimNode): void {
    this.#node = node;
    this.drain();
  }

  /** Stops the node as by a power cut: nothing is sent, what comes in is dropped. */
  detach(): void {
    this.#node = undefined;
    this.#context.events.remove(this);
  }

  /** The interface that has an address. */
  interfaceOf(address: IpAddress): SimInterface | undefined {
    for (const candidate of this.#interfaces) if (candidate.owns(address)) return candidate;
    return undefined;
  }

  /** True if the node has nothing to wait for but keep-alives. */
  get idle(): boolean {
    const node = this.#node;
    if (node === undefined || this.heapIndex < 0) return true;
    return node.isIdle?.() ?? false;
  }

  /**
   * Sends what the node has to send and asks for its deadline anew. Call it after giving the node an
   * input from outside, such as a message to send. Inside an input of the same host it only takes note.
   * @throws StackError `simulationStuck` if the node never stops
   */
  drain(): void {
    if (this.#busy) {
      this.#drainAgain = true;
      return;
    }
    this.#busy = true;
    for (let round = 0; ; round++) {
      this.#drainAgain = false;
      this.#transmitAll();
      const more = this.#node?.drainEvents?.(this.#context.now) ?? false;
      if (!more && !this.#drainAgain) break;
      if (round > MAX_DRAIN) this.#stuck("drainEvents");
    }
    this.#busy = false;
    this.#readDeadline();
  }

  /** The node's deadline came. */
  fire(): void {
    const node = this.#node;
    const { events, trace, now } = this.#context;
    events.remove(this);
    if (node === undefined) return;
    this.counters.timeouts++;
    trace.timeout(now, this.place, this.name);
    this.#busy = true;
    node.handleTimeout(now);
    this.#busy = false;
    this.drain();
  }

  arrived(packet: SimPacket): void {
    if (this.interfaceOf(packet.destination)?.up !== true) {
      this.#drop(packet, "droppedNotForUs");
      return;
    }
    const node = this.#node;
    if (node === undefined) {
      this.#drop(packet, "droppedNoNode");
      return;
    }
    const now = this.#context.now;
    const ref = this.#ref;
    ref.bytes = packet.bytes;
    ref.view = packet.view;
    ref.start = packet.start;
    ref.end = packet.end;
    ref.slot = -1;
    ref.ecn = packet.ecn;
    ref.dontFragment = packet.dontFragment;
    this.#busy = true;
    if (packet.icmp === "none") {
      this.counters.received++;
      ref.local = packet.destination;
      ref.remote = packet.source;
      ref.localPort = packet.destinationPort;
      ref.remotePort = packet.sourcePort;
      node.handlePacket(now, ref);
    } else {
      this.counters.icmpReceived++;
      ref.local = packet.quotedSource;
      ref.remote = packet.quotedDestination;
      ref.localPort = packet.quotedSourcePort;
      ref.remotePort = packet.quotedDestinationPort;
      node.handleIcmp?.(now, noticeOf(packet, packet.icmp), ref);
    }
    this.#busy = false;
    this.#context.pool.release(packet);
    this.drain();
  }

  changed(change: InterfaceChange): void {
    const { trace, now } = this.#context;
    const text = "address" in change ? change.address.toString() : "";
    trace.note({ at: now, kind: change.kind, on: `${this.name}/${change.on.name}`, address: text });
    const node = this.#node;
    if (node === undefined) return;
    node.interfaceChanged?.(now, change);
    this.drain();
  }

  #transmitAll(): void {
    const { pool, now } = this.#context;
    const ref = this.#ref;
    for (let sent = 0; ; sent++) {
      const node = this.#node;
      if (node === undefined) return;
      if (sent > MAX_DRAIN) this.#stuck("pollTransmit");
      const packet = pool.take(this.#room);
      ref.bytes = packet.bytes;
      ref.view = packet.view;
      ref.start = packet.start;
      ref.end = packet.limit;
      ref.slot = -1;
      ref.localPort = 0;
      ref.remotePort = 0;
      ref.ecn = 0;
      ref.dontFragment = false;
      if (!node.pollTransmit(now, ref)) {
        pool.release(packet);
        return;
      }
      this.#send(packet, ref);
    }
  }

  #send(packet: SimPacket, ref: PacketRef): void {
    if (ref.start !== packet.start || ref.end < ref.start || ref.end > packet.limit) {
      throw new StackError(
        "badPacket",
        `${this.name}: pollTransmit returned bytes ${ref.start}..${ref.end}, expected start ${packet.start} and an end up to ${packet.limit}`,
        { host: this.name, start: ref.start, end: ref.end },
      );
    }
    const context = this.#context;
    packet.id = context.nextPacketId();
    packet.end = ref.end;
    packet.source = ref.local;
    packet.destination = ref.remote;
    packet.sourcePort = ref.localPort;
    packet.destinationPort = ref.remotePort;
    packet.protocol = this.#protocol;
    packet.ecn = ref.ecn & 3;
    packet.dontFragment = ref.dontFragment;
    packet.hopLimit = INITIAL_HOP_LIMIT;
    packet.icmp = "none";
    measure(packet);
    const out = this.interfaceOf(packet.source);
    if (ref.local.family !== ref.remote.family) this.#drop(packet, "droppedFamily");
    else if (out === undefined) this.#drop(packet, "droppedNoAddress");
    else if (!out.up || out.link === undefined) this.#drop(packet, "droppedInterfaceDown");
    else if (packet.wireBytes > out.mtu) this.#drop(packet, "droppedTooBig");
    else {
      this.counters.sent++;
      out.link.send(this.#shrink(packet));
    }
  }

  /** Moves a packet that took a large slot but needs a small one. */
  #shrink(packet: SimPacket): SimPacket {
    const length = packet.end - packet.start;
    if (!packet.large || length > SMALL_ROOM) return packet;
    const small = this.#context.pool.take(length);
    copyPacket(packet, small);
    this.#context.pool.release(packet);
    return small;
  }

  #readDeadline(): void {
    const { events, now } = this.#context;
    const deadline = this.#node?.pollTimeout() ?? NEVER;
    const at = deadline < now ? now : deadline;
    if (this.heapIndex >= 0 && at === this.at) return;
    events.set(this, at, this.#context.nextSeq());
  }

  #drop(packet: SimPacket, cause: HostCounterName): void {
    this.counters[cause]++;
    const { trace, now, pool } = this.#context;
    trace.packet("drop", now, this.place, this.name, packet, cause);
    pool.release(packet);
  }

  #stuck(call: string): never {
    throw new StackError(
      "simulationStuck",
      `${this.name}: ${call} gave more than ${MAX_DRAIN} times something to do at one instant`,
      { host: this.name, at: this.#context.now },
    );
  }
}
