import { type Counters, checkNumber, IpAddress, makeCounters } from "@multihome/base";
import { makeIcmpError } from "./icmp-error.js";
import type { Link } from "./link.js";
import { type PortOwner, RouterPort } from "./router-port.js";
import type { SimContext } from "./sim-context.js";
import type { IcmpKind, SimPacket } from "./sim-packet.js";

/** What a router counts. */
export type RouterCounterName =
  | "forwarded"
  /** No route to the destination, or none over a port that is up. */
  | "droppedNoRoute"
  /** The hop limit ran out: routers send it in a circle. */
  | "droppedHopLimit"
  | "icmpErrors";

/** How a router is made. */
export interface RouterOptions {
  /** Where its ICMP errors come from, at most one of each family. Without: from the destination. */
  readonly addresses?: readonly string[];
  /** Answer what cannot be forwarded with ICMP errors. @defaultValue true */
  readonly icmpErrors?: boolean;
}

interface Route {
  readonly prefix: IpAddress;
  readonly length: number;
  readonly port: RouterPort;
}

/**
 * Forwards by the longest prefix that matches the destination; if there are several equal ones, by the first
 * added whose port is up. If none is, the destination is unreachable: a shorter prefix is no substitute, or
 * packets would go in circles. It takes no time: delays and queues are in the links.
 */
export class Router implements PortOwner {
  readonly name: string;
  readonly place: number;
  readonly counters: Counters<RouterCounterName>;
  readonly #context: SimContext;
  readonly #routes: Route[];
  readonly #addresses: readonly IpAddress[];
  readonly #icmpErrors: boolean;
  #ports: number;

  constructor(context: SimContext, name: string, options: RouterOptions = {}) {
    this.name = name;
    this.place = context.nextPlace();
    this.counters = makeCounters<RouterCounterName>([
      "forwarded",
      "droppedNoRoute",
      "droppedHopLimit",
      "icmpErrors",
    ]);
    this.#context = context;
    this.#routes = [];
    this.#addresses = (options.addresses ?? []).map((text) => IpAddress.parse(text));
    this.#icmpErrors = options.icmpErrors ?? true;
    this.#ports = 0;
  }

  /** A new port, to be connected. */
  addPort(): RouterPort {
    const port = new RouterPort(this, `${this.name}/p${this.#ports}`);
    this.#ports++;
    return port;
  }

  /**
   * Sends what goes to `prefix` out of `port`.
   * @param prefix such as `10.1.0.0/16` or `::/0`
   * @throws StackError `invalidAddress`, `invalidOption`
   */
  addRoute(prefix: string, port: RouterPort): void {
    const [text = "", bits = ""] = prefix.split("/");
    const address = IpAddress.parse(text);
    const max = address.family === 4 ? 32 : 128;
    const length = checkNumber("prefix length", bits === "" ? Number.NaN : Number(bits), 0, max);
    // Longest first; equal ones in the order they came.
    const place = this.#routes.findIndex((route) => route.length < length);
    const route = { prefix: address, length, port };
    if (place < 0) this.#routes.push(route);
    else this.#routes.splice(place, 0, route);
  }

  /** Sends a packet on, and owns it. */
  arrived(packet: SimPacket): void {
    if (packet.hopLimit <= 1) {
      this.#refuse(packet, "droppedHopLimit", "timeExceeded");
      return;
    }
    const link = this.#lookUp(packet.destination);
    if (link === undefined) {
      this.#refuse(packet, "droppedNoRoute", "unreachable");
      return;
    }
    packet.hopLimit--;
    this.counters.forwarded++;
    link.send(packet);
  }

  #lookUp(destination: IpAddress): Link | undefined {
    let longest = -1;
    for (const { prefix, length, port } of this.#routes) {
      if (length < longest) return undefined;
      if (!matches(destination, prefix, length)) continue;
      if (port.up) return port.link;
      longest = length;
    }
    return undefined;
  }

  #refuse(
    packet: SimPacket,
    counter: "droppedNoRoute" | "droppedHopLimit",
    kind: Exclude<IcmpKind, "none">,
  ): void {
    const context = this.#context;
    const error = this.#icmpErrors ? this.#makeError(packet, kind) : undefined;
    this.counters[counter]++;
    context.trace.packet("drop", context.now, this.place, this.name, packet, counter);
    context.pool.release(packet);
    if (error === undefined) return;
    const back = this.#lookUp(error.destination);
    if (back === undefined) {
      context.pool.release(error);
      return;
    }
    this.counters.icmpErrors++;
    back.send(error);
  }

  #makeError(packet: SimPacket, kind: Exclude<IcmpKind, "none">): SimPacket | undefined {
    const { family } = packet.destination;
    const own = this.#addresses.find((address) => address.family === family);
    return makeIcmpError(
      this.#context,
      kind,
      packet,
      own ?? packet.destination,
      0,
      Number.POSITIVE_INFINITY,
    );
  }
}

/** True if the first `length` bits of both are equal. */
function matches(address: IpAddress, prefix: IpAddress, length: number): boolean {
  if (address.family !== prefix.family) return false;
  if (address.family === 4) return sameBits(address.w3, prefix.w3, length);
  return (
    sameBits(address.w0, prefix.w0, length) &&
    sameBits(address.w1, prefix.w1, length - 32) &&
    sameBits(address.w2, prefix.w2, length - 64) &&
    sameBits(address.w3, prefix.w3, length - 96)
  );
}

/** True if the first `bits` bits of two words are equal; nothing to compare below 1. */
function sameBits(a: number, b: number, bits: number): boolean {
  if (bits <= 0) return true;
  return (a ^ b) >>> (32 - Math.min(32, bits)) === 0;
}
