import type {
  AssociationEvent,
  AssociationId,
  ConnectOptions,
  IcmpNotice as CoreNotice,
  HostCore,
  ListenOptions,
  ReceivedMessage,
  SctpSendOptions,
  SendResult,
} from "@multihome/association";
import type { Instant, PacketRef } from "@multihome/base";
import type { IcmpNotice, InterfaceChange, SimHost, SimNode } from "@multihome/netsim";
import type { HostInterface } from "@multihome/paths";

/** What a {@link SimHostNode} tells. Calls on the node are allowed inside. */
export interface SimHostListener {
  /** A packet came in and is about to be handled; borrowed until return. */
  received?(now: Instant, packet: PacketRef): void;
  /** A packet leaves, from its common header on; borrowed until return. */
  sent?(now: Instant, packet: PacketRef): void;
  /** An event of the core, in order. */
  event?(now: Instant, event: AssociationEvent): void;
  /** The host has taken one input, sent everything and told all events. */
  drained?(now: Instant): void;
}

/**
 * Runs a {@link HostCore} on a host of the simulation: packets, ICMP errors, interface changes and
 * deadlines go in, and after each input one drain takes out what is to be sent and told. What an
 * application would call on the core is called here, so that it is drained afterwards.
 */
export class SimHostNode implements SimNode {
  readonly host: SimHost;
  readonly core: HostCore;
  /** Every event so far, if `keepLog` was asked for. */
  readonly log: AssociationEvent[];
  readonly #keepLog: boolean;
  readonly #listener: SimHostListener;
  readonly #now: () => Instant;

  /**
   * Attaches itself to the host, in the place of whatever ran there before.
   * @param now the simulation's clock
   * @param core made with the interfaces that {@link interfacesOf} tells of the host
   * @param keepLog keep every event in `log`
   */
  constructor(
    host: SimHost,
    now: () => Instant,
    core: HostCore,
    listener: SimHostListener = {},
    keepLog = true,
  ) {
    this.host = host;
    this.core = core;
    this.log = [];
    this.#keepLog = keepLog;
    this.#listener = listener;
    this.#now = now;
    host.attach(this);
  }

  // ---- the application's calls

  /** See {@link HostCore.listen}. */
  listen(options: ListenOptions): void {
    this.core.listen(this.#now(), options);
    this.host.drain();
  }

  /** See {@link HostCore.stopListening}. */
  stopListening(port: number): void {
    this.core.stopListening(port);
    this.host.drain();
  }

  /** See {@link HostCore.connect}. */
  connect(options: ConnectOptions): AssociationId {
    const id = this.core.connect(this.#now(), options);
    this.host.drain();
    return id;
  }

  /** See {@link HostCore.send}. */
  send(id: AssociationId, data: Uint8Array, options?: SctpSendOptions): SendResult {
    const result = this.core.send(this.#now(), id, data, options);
    this.host.drain();
    return result;
  }

  /** See {@link HostCore.receive}. */
  receive(id: AssociationId): ReceivedMessage | undefined {
    const message = this.core.receive(id);
    this.host.drain();
    return message;
  }

  /** See {@link HostCore.shutdown}. */
  shutdown(id: AssociationId): void {
    this.core.shutdown(this.#now(), id);
    this.host.drain();
  }

  /** See {@link HostCore.abort}. */
  abort(id: AssociationId, reason?: Uint8Array): void {
    this.core.abort(this.#now(), id, reason);
    this.host.drain();
  }

  /** See {@link HostCore.setPrimary}. */
  setPrimary(id: AssociationId, pathId: number): boolean {
    const done = this.core.setPrimary(this.#now(), id, pathId);
    this.host.drain();
    return done;
  }

  // ---- SimNode

  handlePacket(now: Instant, packet: PacketRef): void {
    this.#listener.received?.(now, packet);
    this.core.handle(now, { kind: "packet", packet });
  }

  handleTimeout(now: Instant): void {
    this.core.handleTimeout(now);
  }

  pollTransmit(now: Instant, out: PacketRef): boolean {
    const more = this.core.pollTransmit(now, out);
    if (more) this.#listener.sent?.(now, out);
    return more;
  }

  pollTimeout(): Instant {
    return this.core.pollTimeout();
  }

  interfaceChanged(now: Instant, _change: InterfaceChange): void {
    this.core.handle(now, { kind: "interfaces", interfaces: interfacesOf(this.host) });
  }

  handleIcmp(now: Instant, notice: IcmpNotice, quoted: PacketRef): void {
    // RFC 9260 s10 ICMP3: what is neither unreachable nor too big is no error of the path.
    if (notice.kind === "timeExceeded") return;
    const icmp: CoreNotice = {
      kind: notice.kind,
      mtu: notice.mtu,
      local: quoted.local,
      remote: quoted.remote,
      remotePort: quoted.remotePort,
      quoted: quoted.bytes.slice(quoted.start, quoted.end),
    };
    this.core.handle(now, { kind: "icmp", notice: icmp });
  }

  drainEvents(now: Instant): boolean {
    let any = false;
    for (let e = this.core.pollEvent(); e !== undefined; e = this.core.pollEvent()) {
      any = true;
      if (this.#keepLog) this.log.push(e);
      this.#listener.event?.(now, e);
    }
    if (!any) this.#listener.drained?.(now);
    return any;
  }
}

/** The host's interfaces as the core takes them. */
export const interfacesOf = (host: SimHost): HostInterface[] =>
  host.interfaces.map((i) => ({
    name: i.name,
    kind: i.kind,
    addresses: [...i.addresses],
    up: i.up,
    mtu: i.mtu,
    metered: i.metered,
    cost: 0,
    allowed: true,
  }));
