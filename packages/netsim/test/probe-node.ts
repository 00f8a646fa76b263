import {
  EPOCH,
  type Instant,
  IpAddress,
  instantAdd,
  micros,
  NEVER,
  type PacketRef,
} from "@multihome/base";
import type { IcmpNotice, InterfaceChange, SimNode } from "../src/sim-node.js";

/** A packet that a {@link ProbeNode} is to send. */
export interface Sending {
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
  /** Payload bytes; the first four say which packet of the node this is. */
  readonly bytes: number;
  readonly ports?: readonly [local: number, remote: number];
  readonly ecn?: number;
}

/** A packet that arrived at a {@link ProbeNode}. */
export interface Arrival {
  readonly at: Instant;
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly ports: readonly [local: number, remote: number];
  readonly ecn: number;
  readonly payload: Uint8Array;
}

/** Sends what it is told at the times it is told, and writes down what it hears. */
export class ProbeNode implements SimNode {
  readonly arrivals: Arrival[] = [];
  readonly changes: InterfaceChange[] = [];
  readonly icmp: { readonly notice: IcmpNotice; readonly at: Instant; readonly quoted: Arrival }[] =
    [];
  /** Answer each packet to where it came from. */
  echo = false;
  readonly #sendings: Sending[];
  #next = 0;

  /** @param sendings in the order of their times */
  constructor(sendings: readonly Sending[] = []) {
    this.#sendings = [...sendings];
  }

  /** Adds a packet, after those of the same time; the host must be drained after it. */
  send(sending: Sending): void {
    let place = this.#sendings.length;
    while (place > this.#next && (this.#sendings[place - 1]?.at ?? 0) > sending.at) place--;
    this.#sendings.splice(place, 0, sending);
  }

  handlePacket(now: Instant, packet: PacketRef): void {
    const arrival = arrivalOf(now, packet);
    this.arrivals.push(arrival);
    if (!this.echo) return;
    const { from, to, ports, payload } = arrival;
    this.send({ at: now, from: to, to: from, bytes: payload.length, ports });
  }

  handleIcmp(now: Instant, notice: IcmpNotice, quoted: PacketRef): void {
    this.icmp.push({ notice, at: now, quoted: arrivalOf(now, quoted) });
  }

  interfaceChanged(_now: Instant, change: InterfaceChange): void {
    this.changes.push(change);
  }

  handleTimeout(): void {
    // What is due is sent by pollTransmit.
  }

  pollTransmit(now: Instant, out: PacketRef): boolean {
    const sending = this.#sendings[this.#next];
    if (sending === undefined || sending.at > now) return false;
    out.end = out.start + sending.bytes;
    for (let at = out.start; at < out.end; at++) out.bytes[at] = (at - out.start) & 0xff;
    if (sending.bytes >= 4) out.view.setUint32(out.start, this.#next);
    out.local = address(sending.from);
    out.remote = address(sending.to);
    [out.localPort, out.remotePort] = sending.ports ?? [9899, 9899];
    out.ecn = sending.ecn ?? 0;
    this.#next++;
    return true;
  }

  pollTimeout(): Instant {
    return this.#sendings[this.#next]?.at ?? NEVER;
  }
}

const parsed = new Map<string, IpAddress>();

function address(text: string): IpAddress {
  const known = parsed.get(text) ?? IpAddress.parse(text);
  parsed.set(text, known);
  return known;
}

function arrivalOf(at: Instant, packet: PacketRef): Arrival {
  return {
    at,
    number: packet.length >= 4 ? packet.view.getUint32(packet.start) : -1,
    from: packet.remote.toString(),
    to: packet.local.toString(),
    ports: [packet.localPort, packet.remotePort],
    ecn: packet.ecn,
    payload: packet.bytes.slice(packet.start, packet.end),
  };
}

/** The instant `us` microseconds after the start. */
export const at = (us: number): Instant => instantAdd(EPOCH, micros(us));

/** `count` packets of `bytes` payload from 10.0.0.2 to 10.0.1.2, one every `everyUs` from 0 on. */
export const stream = (count: number, bytes: number, everyUs: number): Sending[] =>
  Array.from({ length: count }, (_, i) => ({
    at: at(i * everyUs),
    from: "10.0.0.2",
    to: "10.0.1.2",
    bytes,
  }));
