import {
  type Counters,
  checkNumber,
  type Instant,
  IpAddress,
  instantAdd,
  type Micros,
  makeCounters,
  millis,
  StackError,
  sameIp,
} from "@multihome/base";
import { NatMapping } from "./nat-mapping.js";
import { type PortOwner, RouterPort } from "./router-port.js";
import type { SimContext } from "./sim-context.js";
import type { SimPacket } from "./sim-packet.js";

/** What a NAT counts. */
export type NatCounterName =
  | "outbound"
  | "inbound"
  | "mappingsMade"
  | "mappingsExpired"
  /** From inside, without UDP ports: nothing to tell the hosts apart by. */
  | "droppedNotUdp"
  /** From outside, to a port that is not mapped (any more). */
  | "droppedNoMapping"
  /** From outside, from where the filter lets nothing in. */
  | "droppedFiltered"
  /** From inside, with all ports or `maxMappings` taken. */
  | "droppedFull"
  | "droppedHopLimit"
  /** The link to go out by is down. */
  | "droppedLinkDown";

/**
 * Who may send to a mapped port: anyone, addresses that were sent to, or only addresses and ports that
 * were sent to.
 */
export type NatFilter = "endpointIndependent" | "addressDependent" | "addressAndPortDependent";

/** How a NAT is made. */
export interface NatOptions {
  /** Its addresses outside, at most one of each family. A family without one is routed unchanged. */
  readonly addresses: readonly string[];
  /** An idle mapping is forgotten after this long, 1 .. 86,400,000 ms. @defaultValue 120,000 */
  readonly mappingTimeoutMs?: number;
  /** Packets from outside keep a mapping alive too. @defaultValue true */
  readonly inboundRefresh?: boolean;
  /** @defaultValue "addressAndPortDependent" */
  readonly filter?: NatFilter;
  /** The first port to be used outside, 1 .. 65,535. @defaultValue 40,000 */
  readonly firstPort?: number;
  /** Mappings at once, 1 .. 65,535. @defaultValue 4096 */
  readonly maxMappings?: number;
}

const LAST_PORT = 65_535;

/**
 * A NAT between an inside and an outside link that rewrites addresses and UDP ports. Each inside address
 * and port has one port outside, whomever it talks to. ICMP errors are translated with what they quote.
 */
export class Nat implements PortOwner {
  readonly name: string;
  readonly place: number;
  readonly inside: RouterPort;
  readonly outside: RouterPort;
  readonly counters: Counters<NatCounterName>;
  readonly #context: SimContext;
  readonly #addresses: IpAddress[];
  readonly #timeout: Micros;
  readonly #inboundRefresh: boolean;
  readonly #filter: NatFilter;
  readonly #firstPort: number;
  readonly #maxMappings: number;
  readonly #byPort: Map<number, NatMapping>;
  /** By inside port; several hosts may use the same. */
  readonly #byInside: Map<number, NatMapping[]>;
  #nextPort: number;

  constructor(context: SimContext, name: string, options: NatOptions) {
    this.name = name;
    this.place = context.nextPlace();
    this.inside = new RouterPort(this, `${name}/inside`);
    this.outside = new RouterPort(this, `${name}/outside`);
    this.counters = makeCounters<NatCounterName>([
      "outbound",
      "inbound",
      "mappingsMade",
      "mappingsExpired",
      "droppedNotUdp",
      "droppedNoMapping",
      "droppedFiltered",
      "droppedFull",
      "droppedHopLimit",
      "droppedLinkDown",
    ]);
    this.#context = context;
    this.#addresses = options.addresses.map((text) => IpAddress.parse(text));
    const families = new Set(this.#addresses.map((address) => address.family));
    if (families.size !== this.#addresses.length) {
      throw new StackError(
        "invalidOption",
        `NAT addresses: got ${options.addresses.join(", ")}, expected at most one of each family`,
        { addresses: options.addresses },
      );
    }
    const timeout = options.mappingTimeoutMs ?? 120_000;
    this.#timeout = millis(checkNumber("mappingTimeoutMs", timeout, 1, 86_400_000, false));
    this.#inboundRefresh = options.inboundRefresh ?? true;
    this.#filter = options.filter ?? "addressAndPortDependent";
    this.#firstPort = checkNumber("firstPort", options.firstPort ?? 40_000, 1, LAST_PORT);
    this.#maxMappings = checkNumber("maxMappings", options.maxMappings ?? 4096, 1, LAST_PORT);
    this.#byPort = new Map();
    this.#byInside = new Map();
    this.#nextPort = this.#firstPort;
  }

  /** Its addresses outside. */
  get addresses(): readonly IpAddress[] {
    return this.#addresses;
  }

  /** Mappings that are held, expired ones included that nobody has asked for since. */
  get mappings(): number {
    return this.#byPort.size;
  }

  /**
   * Forgets all mappings, as a NAT that restarts, so that what goes out next comes from new ports; and
   * takes a new address, if one is given, for its family.
   * @throws StackError `invalidAddress`
   */
  rebind(newAddress?: string): void {
    const address = newAddress === undefined ? undefined : IpAddress.parse(newAddress);
    this.#byPort.clear();
    this.#byInside.clear();
    if (address === undefined) return;
    const place = this.#addresses.findIndex((old) => old.family === address.family);
    if (place < 0) this.#addresses.push(address);
    else this.#addresses[place] = address;
  }

  arrived(packet: SimPacket, port: RouterPort): void {
    if (packet.hopLimit <= 1) {
      this.#drop(packet, "droppedHopLimit");
      return;
    }
    packet.hopLimit--;
    const refusal = port === this.inside ? this.#goOut(packet) : this.#comeIn(packet);
    if (refusal !== undefined) {
      this.#drop(packet, refusal);
      return;
    }
    const out = port === this.inside ? this.outside : this.inside;
    if (!out.up || out.link === undefined) {
      this.#drop(packet, "droppedLinkDown");
      return;
    }
    this.counters[port === this.inside ? "outbound" : "inbound"]++;
    out.link.send(packet);
  }

  /** Translates a packet from inside, or tells why not. */
  #goOut(packet: SimPacket): NatCounterName | undefined {
    const address = this.#outsideAddress(packet.source);
    if (address === undefined) return undefined;
    if (packet.icmp !== "none") {
      const about = this.#ofInside(packet.quotedDestination, packet.quotedDestinationPort);
      if (about === undefined) return "droppedNoMapping";
      packet.source = address;
      packet.quotedDestination = address;
      packet.quotedDestinationPort = about.port;
      return undefined;
    }
    if (packet.sourcePort === 0) return "droppedNotUdp";
    const found = this.#ofInside(packet.source, packet.sourcePort);
    const mapping = found ?? this.#make(packet.source, packet.sourcePort);
    if (mapping === undefined) return "droppedFull";
    mapping.expiresAt = this.#expiry();
    mapping.sentTo(packet.destination, packet.destinationPort);
    packet.source = address;
    packet.sourcePort = mapping.port;
    return undefined;
  }

  /** Translates a packet from outside, or tells why not. */
  #comeIn(packet: SimPacket): NatCounterName | undefined {
    const address = this.#outsideAddress(packet.destination);
    if (address === undefined) return undefined;
    if (!sameIp(address, packet.destination)) return "droppedNoMapping";
    const error = packet.icmp !== "none";
    const mapping = this.#ofPort(error ? packet.quotedSourcePort : packet.destinationPort);
    if (mapping === undefined) return "droppedNoMapping";
    if (error) {
      packet.destination = mapping.address;
      packet.quotedSource = mapping.address;
      packet.quotedSourcePort = mapping.insidePort;
      return undefined;
    }
    if (!this.#letsIn(mapping, packet)) return "droppedFiltered";
    if (this.#inboundRefresh) mapping.expiresAt = this.#expiry();
    packet.destination = mapping.address;
    packet.destinationPort = mapping.insidePort;
    return undefined;
  }

  #letsIn(mapping: NatMapping, packet: SimPacket): boolean {
    switch (this.#filter) {
      case "endpointIndependent":
        return true;
      case "addressDependent":
        return mapping.knows(packet.source, undefined);
      case "addressAndPortDependent":
        return mapping.knows(packet.source, packet.sourcePort);
    }
  }

  #outsideAddress(like: IpAddress): IpAddress | undefined {
    for (const address of this.#addresses) if (address.family === like.family) return address;
    return undefined;
  }

  #expiry(): Instant {
    return instantAdd(this.#context.now, this.#timeout);
  }

  #ofPort(port: number): NatMapping | undefined {
    return this.#ifAlive(this.#byPort.get(port));
  }

  #ofInside(address: IpAddress, port: number): NatMapping | undefined {
    for (const mapping of this.#byInside.get(port) ?? []) {
      if (sameIp(mapping.address, address)) return this.#ifAlive(mapping);
    }
    return undefined;
  }

  #ifAlive(mapping: NatMapping | undefined): NatMapping | undefined {
    if (mapping === undefined || this.#context.now < mapping.expiresAt) return mapping;
    this.#forget(mapping);
    return undefined;
  }

  #forget(mapping: NatMapping): void {
    this.counters.mappingsExpired++;
    this.#byPort.delete(mapping.port);
    const others = this.#byInside.get(mapping.insidePort) ?? [];
    this.#byInside.set(
      mapping.insidePort,
      others.filter((other) => other !== mapping),
    );
  }

  #make(address: IpAddress, insidePort: number): NatMapping | undefined {
    if (this.#byPort.size >= this.#maxMappings) {
      for (const mapping of [...this.#byPort.values()]) this.#ifAlive(mapping);
      if (this.#byPort.size >= this.#maxMappings) return undefined;
    }
    const port = this.#freePort();
    if (port === undefined) return undefined;
    const mapping = new NatMapping(address, insidePort, port, this.#expiry());
    this.#byPort.set(port, mapping);
    const others = this.#byInside.get(insidePort);
    if (others === undefined) this.#byInside.set(insidePort, [mapping]);
    else others.push(mapping);
    this.counters.mappingsMade++;
    return mapping;
  }

  /** The next free port; one after the other, so that a new mapping has not the port of the last. */
  #freePort(): number | undefined {
    const ports = LAST_PORT - this.#firstPort + 1;
    for (let tried = 0; tried < ports; tried++) {
      const port = this.#nextPort;
      this.#nextPort = port === LAST_PORT ? this.#firstPort : port + 1;
      if (this.#ifAlive(this.#byPort.get(port)) === undefined) return port;
    }
    return undefined;
  }

  #drop(packet: SimPacket, cause: NatCounterName): void {
    this.counters[cause]++;
    const { trace, now, pool } = this.#context;
    trace.packet("drop", now, this.place, this.name, packet, cause);
    pool.release(packet);
  }
}
