import { type Instant, type IpAddress, sameIp } from "@multihome/base";

interface Target {
  readonly address: IpAddress;
  readonly port: number;
}

/** Endpoints remembered for each mapping; the oldest is forgotten for a new one. */
const MAX_TARGETS = 64;

/** One inside address and port, the outside port that stands for it, and whom it has sent to. */
export class NatMapping {
  readonly address: IpAddress;
  readonly insidePort: number;
  readonly port: number;
  expiresAt: Instant;
  readonly #targets: Target[];

  constructor(address: IpAddress, insidePort: number, port: number, expiresAt: Instant) {
    this.address = address;
    this.insidePort = insidePort;
    this.port = port;
    this.expiresAt = expiresAt;
    this.#targets = [];
  }

  /** Remembers that a packet went to an endpoint. */
  sentTo(address: IpAddress, port: number): void {
    if (this.knows(address, port)) return;
    if (this.#targets.length >= MAX_TARGETS) this.#targets.splice(0, 1);
    this.#targets.push({ address, port });
  }

  /** True if a packet went to this endpoint; without a port, to any port of the address. */
  knows(address: IpAddress, port: number | undefined): boolean {
    for (const target of this.#targets) {
      if ((port === undefined || target.port === port) && sameIp(target.address, address)) {
        return true;
      }
    }
    return false;
  }
}
