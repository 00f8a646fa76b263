import type { Instant, TraceEvent, TraceSink } from "@multihome/base";
import type { SimPacket } from "./sim-packet.js";

// Numbers of the event kinds inside the digest.
const KIND = {
  enter: 1,
  deliver: 2,
  drop: 3,
  duplicate: 4,
  corrupt: 5,
  timeout: 6,
  note: 7,
} as const;

/** What can happen to a packet in the trace. */
export type PacketEventKind = "enter" | "deliver" | "drop" | "duplicate" | "corrupt";

/**
 * How much of each payload the digest covers: `head` is the first 64 bytes, which hold the checksum of
 * an SCTP packet and with it all its bytes.
 */
export type DigestPayload = "none" | "head" | "all";

const HEAD_BYTES = 64;

/**
 * Tells what happens in a simulation: to a sink, if there is one, and to a running digest, always. Two
 * runs with the same digest did the same.
 */
export class NetTrace {
  readonly #sink: TraceSink | undefined;
  readonly #payload: DigestPayload;
  #h1: number;
  #h2: number;
  #events: number;

  constructor(sink: TraceSink | undefined, payload: DigestPayload) {
    this.#sink = sink;
    this.#payload = payload;
    this.#h1 = 0x9e3779b9 | 0;
    this.#h2 = 0x85ebca6b | 0;
    this.#events = 0;
  }

  /** How many events there were. */
  get events(): number {
    return this.#events;
  }

  /** Sixteen hexadecimal digits that depend on every event so far. */
  get digest(): string {
    const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, "0");
    return hex(finish(this.#h1)) + hex(finish(this.#h2 ^ this.#h1));
  }

  /** Something happened to a packet at a place (a link, host or router). */
  packet(
    kind: PacketEventKind,
    now: Instant,
    place: number,
    name: string,
    packet: SimPacket,
    cause = "",
  ): void {
    this.#begin(KIND[kind], now, place);
    this.#word(packet.id);
    this.#word(packet.wireBytes);
    this.#payloadWords(packet);
    this.#text(cause);
    if (this.#sink !== undefined) this.#sink(packetEvent(kind, now, name, packet, cause));
  }

  /** A host's node was called because its deadline came. */
  timeout(now: Instant, place: number, name: string): void {
    this.#begin(KIND.timeout, now, place);
    if (this.#sink !== undefined) this.#sink({ at: now, kind: "timeout", on: name });
  }

  /** Something else that is data, such as a fault. */
  note(event: TraceEvent): void {
    this.#begin(KIND.note, event.at, 0);
    this.#text(JSON.stringify(event));
    if (this.#sink !== undefined) this.#sink(event);
  }

  #begin(kind: number, now: Instant, place: number): void {
    this.#events++;
    this.#word(kind | (place << 4));
    this.#word(now);
    this.#word(now / 0x100000000);
  }

  #payloadWords(packet: SimPacket): void {
    if (this.#payload === "none") return;
    const { view, start } = packet;
    let end = packet.end;
    if (this.#payload === "head" && end > start + HEAD_BYTES) end = start + HEAD_BYTES;
    let at = start;
    for (; at + 4 <= end; at += 4) this.#word(view.getUint32(at));
    for (; at < end; at++) this.#word(view.getUint8(at));
  }

  #text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
  }

  #word(word: number): void {
    const w = word | 0;
    const a = Math.imul(this.#h1 ^ w, 0xcc9e2d51);
    this.#h1 = (a << 13) | (a >>> 19);
    const b = Math.imul((this.#h2 + w) | 0, 0x1b873593);
    this.#h2 = ((b << 17) | (b >>> 15)) ^ a;
  }
}

function finish(h: number): number {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function packetEvent(
  kind: PacketEventKind,
  at: Instant,
  on: string,
  packet: SimPacket,
  cause: string,
): TraceEvent {
  const udp = packet.sourcePort !== 0 || packet.destinationPort !== 0;
  const base = {
    at,
    kind,
    on,
    packet: packet.id,
    from: udp ? `${packet.source}|${packet.sourcePort}` : packet.source.toString(),
    to: udp ? `${packet.destination}|${packet.destinationPort}` : packet.destination.toString(),
    bytes: packet.wireBytes,
  };
  const icmp = packet.icmp === "none" ? base : { ...base, icmp: packet.icmp };
  return cause === "" ? icmp : { ...icmp, cause };
}
