import type { AssociationEvent, AssociationId, SctpOptions } from "@multihome/association";
import { checkNumber, IpAddress, StackError } from "@multihome/base";
import {
  type HostDriver,
  type InterfaceRules,
  NodeDriver,
  type PortBinding,
} from "@multihome/driver-node";
import { BehaviorSubject, type Observable } from "rxjs";
import { Association } from "./association.js";
import type { AssociationLink } from "./association-link.js";
import { describeEnd, type EndCause } from "./end-cause.js";
import { type InterfaceInfo, interfaceInfo } from "./interface-info.js";
import { checkConnectOptions, checkHostOptions, checkListenOptions } from "./option-names.js";
import {
  type AssociationOptions,
  type ConnectOptions,
  type HostOptions,
  type ListenOptions,
  sctpOptions,
} from "./options.js";
import { type PeerAddress, resolvePeer } from "./peer-address.js";
import { Server } from "./server.js";

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_MAX_MESSAGE_BYTES = 64 << 20;
const DEFAULT_LINGER_MS = 400;
// A port that is free for UDP may be taken for SCTP, by another server of this host.
const MAX_PORT_TRIES = 16;

interface Entry {
  readonly link: AssociationLink;
  readonly association: Association;
  /** Somebody waits for it to be up. */
  opened: (() => void) | undefined;
}

/**
 * This machine as an end of multihomed conversations: its interfaces, its ports, its associations. An
 * idle host keeps no process alive; a server or an association does.
 *
 * @example
 * const host = await Host.open();
 * const server = await host.listen({ port: 5000 });
 * server.associations$.subscribe((a) => a.messages$.subscribe((m) => a.send(m.data, { stream: m.stream })));
 *
 * const a = await host.connect(["192.0.2.1:5000", "198.51.100.1:5000"], { failover: { budgetMs: 200 } });
 * a.paths$.subscribe((event) => console.log(event));
 * await a.send(new TextEncoder().encode("hello"));
 */
export class Host {
  /** The interfaces: as they are when subscribed, and after each change. */
  readonly interfaces$: Observable<readonly InterfaceInfo[]>;
  readonly #driver: HostDriver;
  readonly #defaults: HostOptions;
  readonly #lingerMs: number;
  readonly #interfaces: BehaviorSubject<readonly InterfaceInfo[]>;
  readonly #entries: Map<AssociationId, Entry>;
  /** By SCTP port. */
  readonly #servers: Map<number, Server>;
  #ephemeral: Promise<PortBinding> | undefined;
  #lingering: Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(driver: HostDriver, options: HostOptions) {
    this.#driver = driver;
    this.#defaults = options;
    this.#lingerMs = checkNumber("lingerMs", options.lingerMs ?? DEFAULT_LINGER_MS, 0, 60_000);
    this.#interfaces = new BehaviorSubject<readonly InterfaceInfo[]>(
      driver.interfaces.map(interfaceInfo),
    );
    this.interfaces$ = this.#interfaces.asObservable();
    this.#entries = new Map();
    this.#servers = new Map();
    this.#ephemeral = undefined;
    this.#lingering = Promise.resolve();
    this.#closed = undefined;
    driver.listen({
      event: (e) => this.#handle(e),
      interfacesChanged: (interfaces) => this.#interfaces.next(interfaces.map(interfaceInfo)),
    });
  }

  /**
   * Opens a host over all of this machine's interfaces, or those that the options leave. Needs no
   * privileges: SCTP runs over UDP (RFC 6951).
   * @throws StackError `invalidOption`, `invalidAddress`
   */
  static async open(options: HostOptions = {}): Promise<Host> {
    checkHostOptions(options);
    const sctp = sctpOptions(options);
    const { driver, policy, streams, lingerMs, ...forDriver } = options;
    return new Host(driver ?? (await NodeDriver.open({ ...forDriver, sctp })), options);
  }

  /** The interfaces as they are now. */
  get interfaces(): readonly InterfaceInfo[] {
    return this.#interfaces.value;
  }

  /** Servers that listen. */
  get servers(): readonly Server[] {
    return [...this.#servers.values()];
  }

  /** Associations that are up and not over. */
  get associations(): readonly Association[] {
    return [...this.#entries.values()]
      .filter((e) => e.opened === undefined)
      .map((e) => e.association);
  }

  /**
   * Replaces what the application says about interfaces, from now on: paths over one that is no longer
   * allowed are left at once.
   * @throws StackError `invalidOption`
   */
  setInterfaceRules(rules: InterfaceRules): void {
    this.#driver.setInterfaceRules(rules);
  }

  /** Counts of the core and the driver by name; docs/counters.md explains them. */
  counters(): Record<string, number> {
    return { ...this.#driver.core.counters(), ...this.#driver.counters };
  }

  /**
   * Listens for associations.
   * @throws StackError `addressInUse`, `portInUse`, `noPermission`, `addressUnavailable`,
   *   `noUsableAddress`, `invalidOption`, `invalidAddress`, `closed`
   */
  async listen(options: ListenOptions): Promise<Server> {
    this.#checkOpen();
    checkListenOptions(options);
    const wanted = checkNumber("port", options.port, 0, 65_535);
    const udpPort = checkNumber("udpPort", options.udpPort ?? wanted, 0, 65_535);
    const addresses = options.addresses?.map((text) => IpAddress.parse(text));
    const sctp = this.#sctp(options);
    for (let tries = 1; ; tries++) {
      const binding = await this.#driver.bind(udpPort, addresses);
      const port = wanted === 0 ? binding.port : wanted;
      try {
        this.#checkOpen();
        this.#driver.core.listen(this.#driver.now(), {
          port,
          udpPort: binding.port,
          sctp,
          ...(addresses === undefined ? {} : { addresses }),
        });
      } catch (error) {
        binding.release();
        const taken = error instanceof StackError && error.code === "portInUse";
        if (wanted === 0 && udpPort === 0 && taken && tries < MAX_PORT_TRIES) continue;
        throw error;
      }
      return this.#serve(port, binding, options.maxMessageBytes);
    }
  }

  /**
   * Opens an association with all addresses of a peer, over all of ours: the pairs race, so that a dead
   * address costs a short delay. Resolves when it is up.
   *
   * @param to `host:port`, one or several (also as a list with commas): IPv4, IPv6 in brackets, or a
   *   name, which stands for all of its addresses. One port for all: that of SCTP and of UDP.
   * @throws StackError `connectFailed`, `timeout`, `cancelled`, `noUsableAddress`, `invalidAddress`,
   *   `portsDiffer`, `nameNotFound`, `invalidOption`, `closed`; with ports of our own also `portInUse`,
   *   `addressInUse`, `noPermission`
   */
  async connect(
    to: string | readonly string[],
    options: ConnectOptions = {},
  ): Promise<Association> {
    this.#checkOpen();
    checkConnectOptions(options);
    const { signal } = options;
    const timeoutMs = this.#timeout(options);
    const sctp = this.#sctp(options);
    const addresses = options.addresses?.map((text) => IpAddress.parse(text));
    const peerUdpPort = checkNumber("udpPort", options.udpPort ?? 1, 1, 65_535);
    const localPort = checkPort("localPort", options.localPort);
    const localUdpPort = checkPort("localUdpPort", options.localUdpPort);
    checkSignal(signal);
    const peer = await resolvePeer(to);
    const binding = await this.#bindForConnect(localUdpPort);
    const own = localUdpPort === undefined ? undefined : binding;
    let entry: Entry;
    try {
      checkSignal(signal);
      this.#checkOpen();
      const { core } = this.#driver;
      const id = core.connect(this.#driver.now(), {
        remotes: peer.remotes,
        port: peer.port,
        peerUdpPort: options.udpPort === undefined ? peer.port : peerUdpPort,
        udpPort: binding.port,
        sctp,
        ...(localPort === undefined ? {} : { localPort }),
        ...(addresses === undefined ? {} : { addresses }),
      });
      entry = this.#adopt(id, false, options.maxMessageBytes);
    } catch (error) {
      own?.release();
      throw error;
    }
    void entry.association.closed.then(() => this.#lingering.then(() => own?.release()));
    this.#driver.wake();
    return this.#untilOpen(entry, peer, timeoutMs, signal);
  }

  /**
   * Closes everything: servers, associations (gracefully, and after `graceMs` by abort), sockets.
   * Resolves when all is done.
   *
   * @param graceMs 0 .. 3,600,000; default 5,000
   */
  close(graceMs = 5000): Promise<void> {
    this.#closed ??= this.#close(checkNumber("graceMs", graceMs, 0, 3_600_000));
    return this.#closed;
  }

  // ---- inside

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new StackError("closed", "the host is closed");
  }

  /** All associations that name no UDP port of ours share one. */
  async #bindForConnect(localUdpPort: number | undefined): Promise<PortBinding> {
    if (localUdpPort !== undefined) return this.#driver.bind(localUdpPort);
    this.#ephemeral ??= this.#driver.bind(0);
    try {
      return await this.#ephemeral;
    } catch (error) {
      this.#ephemeral = undefined;
      throw error;
    }
  }

  /** The host's defaults under what was asked for; a driver that was given need not know them. */
  #sctp(options: AssociationOptions): SctpOptions {
    return { ...sctpOptions(this.#defaults), ...sctpOptions(options) };
  }

  #timeout(options: ConnectOptions): number {
    const rfc = (options.timing ?? this.#defaults.timing) === "rfc";
    const fallback = rfc ? Number.POSITIVE_INFINITY : DEFAULT_TIMEOUT_MS;
    return options.timeoutMs === undefined
      ? fallback
      : checkNumber("timeoutMs", options.timeoutMs, 1, 3_600_000, false);
  }

  #serve(port: number, binding: PortBinding, maxMessageBytes: number | undefined): Server {
    const server = new Server({
      binding,
      port,
      maxMessageBytes,
      stop: () => {
        this.#driver.core.stopListening(port);
        this.#driver.wake();
        if (this.#servers.get(port) === server) this.#servers.delete(port);
        this.#keepAlive();
      },
    });
    this.#servers.set(port, server);
    this.#keepAlive();
    return server;
  }

  #adopt(id: AssociationId, incoming: boolean, maxMessageBytes: number | undefined): Entry {
    const link: AssociationLink = {
      driver: this.#driver,
      id,
      incoming,
      maxMessageBytes:
        maxMessageBytes ?? this.#defaults.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      weClosed: false,
      onEvent: () => {},
    };
    const entry: Entry = { link, association: new Association(link), opened: undefined };
    this.#entries.set(id, entry);
    this.#keepAlive();
    return entry;
  }

  #handle(e: AssociationEvent): void {
    let entry = this.#entries.get(e.id);
    if (entry === undefined) {
      if (e.kind !== "up" || !e.incoming) return;
      const server = this.#servers.get(this.#driver.core.portOf(e.id) ?? 0);
      entry = this.#adopt(e.id, true, server?.maxMessageBytes);
      entry.link.onEvent(e);
      if (server === undefined) void entry.association.abort("nobody listens any more");
      else server.accept(entry.association);
      return;
    }
    entry.link.onEvent(e);
    if (e.kind === "up") {
      entry.opened?.();
      entry.opened = undefined;
    } else if (e.kind === "ended") {
      this.#entries.delete(e.id);
      if (e.cause.kind === "shutdown" && entry.link.weClosed) this.#linger();
      this.#keepAlive();
    }
  }

  #untilOpen(
    entry: Entry,
    peer: PeerAddress,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Association> {
    const { association } = entry;
    return new Promise((resolve, reject) => {
      const giveUp = (error: StackError): void => {
        settled();
        reject(error);
        void association.abort();
      };
      const cancel = (): void => giveUp(cancelled(signal));
      const timer =
        timeoutMs === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(() => giveUp(timedOut(peer, timeoutMs)), timeoutMs);
      const settled = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
      };
      signal?.addEventListener("abort", cancel);
      entry.opened = () => {
        settled();
        resolve(association);
      };
      void association.closed.then((cause) => {
        settled();
        reject(connectFailed(peer, cause));
      });
    });
  }

  /**
   * Our SHUTDOWN COMPLETE may be lost; the peer then asks again, and should find somebody
   * (RFC 9260 s8.5.1 rule C, s9.2), or it takes a good end for a bad one.
   */
  #linger(): void {
    if (this.#lingerMs === 0) return;
    this.#lingering = new Promise((resolve) => {
      setTimeout(resolve, this.#lingerMs);
    });
  }

  #keepAlive(): void {
    this.#driver.keepAlive(this.#entries.size > 0 || this.#servers.size > 0);
  }

  async #close(graceMs: number): Promise<void> {
    const servers = [...this.#servers.values()].map((server) => server.close());
    const ends: Promise<EndCause>[] = [];
    for (const { association, opened } of this.#entries.values()) {
      ends.push(opened === undefined ? association.close() : association.abort());
    }
    const timer = setTimeout(() => {
      for (const { association } of this.#entries.values()) void association.abort();
    }, graceMs);
    await Promise.all([...ends, ...servers]);
    clearTimeout(timer);
    await this.#lingering;
    this.#driver.close();
    this.#interfaces.complete();
  }
}

const checkPort = (option: string, port: number | undefined): number | undefined =>
  port === undefined ? undefined : checkNumber(option, port, 1, 65_535);

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}

const cancelled = (signal: AbortSignal | undefined): StackError =>
  new StackError("cancelled", "connecting was cancelled", { reason: signal?.reason });

const timedOut = (peer: PeerAddress, timeoutMs: number): StackError =>
  new StackError(
    "timeout",
    `cannot connect: no answer from ${peer.texts.join(", ")} within ${timeoutMs} ms`,
    { tried: peer.texts, timeoutMs },
  );

function connectFailed(peer: PeerAddress, cause: EndCause): StackError {
  const why = cause.kind === "unreachable" ? "no answer from any of them" : describeEnd(cause);
  return new StackError("connectFailed", `cannot connect to ${peer.texts.join(", ")}: ${why}`, {
    tried: peer.texts,
    cause,
  });
}
