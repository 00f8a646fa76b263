import {
  checkNumber,
  EPOCH,
  type Instant,
  type IpAddress,
  instantAdd,
  micros,
  millis,
  NEVER,
  type PacketRef,
} from "@multihome/base";
import type { SimNode } from "./sim-node.js";

/** Traffic at a constant rate. */
export interface TrafficOptions {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** Bits per second of IP packets, from 1. */
  readonly rateBps: number;
  /** Bytes of each packet with IP and UDP headers, 68 .. 65,535. @defaultValue 1200 */
  readonly packetBytes?: number;
  /** When the first packet is sent. @defaultValue 0 */
  readonly fromMs?: number;
  /** No packet is sent from here on. @defaultValue never ends */
  readonly untilMs?: number;
}

const DISCARD_PORT = 9;

/**
 * Sends UDP packets of zeros at a constant rate, to make links busy, and counts what it receives. With
 * no options it only receives.
 */
export class ConstantTraffic implements SimNode {
  #received: number;
  #receivedBytes: number;
  #sent: number;
  readonly #options: TrafficOptions | undefined;
  readonly #from: Instant;
  readonly #until: Instant;
  readonly #packetBytes: number;
  readonly #intervalMicros: number;

  /** @throws StackError `invalidOption` */
  constructor(options?: TrafficOptions) {
    this.#received = 0;
    this.#receivedBytes = 0;
    this.#sent = 0;
    this.#options = options;
    this.#packetBytes = checkNumber("packetBytes", options?.packetBytes ?? 1200, 68, 65_535);
    const rate = checkNumber("rateBps", options?.rateBps ?? 1, 1, Number.MAX_SAFE_INTEGER);
    this.#intervalMicros = (this.#packetBytes * 8 * 1_000_000) / rate;
    const start = millis(checkNumber("fromMs", options?.fromMs ?? 0, 0, 1e12, false));
    this.#from = instantAdd(EPOCH, start);
    const until = options?.untilMs;
    this.#until = until === undefined ? NEVER : instantAdd(EPOCH, millis(until));
  }

  /** Packets sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Packets received. */
  get received(): number {
    return this.#received;
  }

  /** Payload bytes received. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  handlePacket(_now: Instant, packet: PacketRef): void {
    this.#received++;
    this.#receivedBytes += packet.length;
  }

  handleTimeout(_now: Instant): void {
    // What is due is sent by pollTransmit.
  }

  pollTransmit(now: Instant, out: PacketRef): boolean {
    const options = this.#options;
    if (options === undefined || now < this.pollTimeout()) return false;
    const headers = (options.local.family === 4 ? 20 : 40) + 8;
    out.end = out.start + this.#packetBytes - headers;
    out.bytes.fill(0, out.start, out.end);
    out.local = options.local;
    out.remote = options.remote;
    out.localPort = DISCARD_PORT;
    out.remotePort = DISCARD_PORT;
    this.#sent++;
    return true;
  }

  pollTimeout(): Instant {
    if (this.#options === undefined) return NEVER;
    // From the number sent, so that fractions of a microsecond do not add up.
    const next = instantAdd(this.#from, micros(this.#sent * this.#intervalMicros));
    return next < this.#until ? next : NEVER;
  }
}
