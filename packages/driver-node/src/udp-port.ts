import { type IpAddress, StackError, sameIp } from "@multihome/base";
import { UdpSocket, type UdpSocketOwner } from "./udp-socket.js";

/** What the sockets of a host have in common. */
export interface SocketSettings {
  readonly owner: UdpSocketOwner;
  /** Asked of the system for each direction. */
  readonly bufferBytes: number;
  readonly maxQueuedBytes: number;
}

/** A use of a UDP port: on these addresses, or on all that the host may use. */
export interface PortUse {
  readonly only: readonly IpAddress[] | undefined;
}

// The system gives a port that is free on one address; another address may have it taken.
const MAX_TRIES = 16;

/**
 * One UDP port number on several local addresses, a socket each. Addresses may come and go; the
 * number stays.
 */
export class UdpPort {
  readonly port: number;
  readonly uses: Set<PortUse>;
  readonly #settings: SocketSettings;
  #sockets: UdpSocket[];
  #closed: boolean;

  private constructor(port: number, sockets: UdpSocket[], settings: SocketSettings) {
    this.port = port;
    this.uses = new Set();
    this.#settings = settings;
    this.#sockets = sockets;
    this.#closed = false;
  }

  /**
   * Binds a port on every address given.
   *
   * @param port 0: one that is free on all of them
   * @param mayMiss addresses that cannot be bound are left out, as long as one can; a port in use is an
   *   error all the same
   * @throws StackError `addressInUse`, `noPermission`, `addressUnavailable`, `bindFailed`
   */
  static async open(
    addresses: readonly IpAddress[],
    port: number,
    mayMiss: boolean,
    settings: SocketSettings,
  ): Promise<UdpPort> {
    for (let tries = 1; ; tries++) {
      const sockets: UdpSocket[] = [];
      try {
        let number = port;
        let refused: unknown;
        for (const address of addresses) {
          try {
            const socket = await bind(address, number, settings);
            number = socket.port;
            sockets.push(socket);
          } catch (error) {
            if (!mayMiss || !isUnavailable(error)) throw error;
            refused = error;
          }
        }
        if (sockets.length === 0 && refused !== undefined) throw refused;
        return new UdpPort(number, sockets, settings);
      } catch (error) {
        for (const socket of sockets) socket.close();
        const clash = error instanceof StackError && error.code === "addressInUse";
        if (port !== 0 || !clash || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** The addresses that it is bound on. */
  get addresses(): readonly IpAddress[] {
    return this.#sockets.map((s) => s.local);
  }

  /** The socket on this address. Linear over the few addresses of a host. */
  find(local: IpAddress): UdpSocket | undefined {
    for (const s of this.#sockets) if (sameIp(s.local, local)) return s;
    return undefined;
  }

  /**
   * Opens sockets on addresses that are new and closes those on addresses that are gone.
   * @returns how many could not be bound
   */
  async follow(addresses: readonly IpAddress[]): Promise<number> {
    const wanted = addresses.filter((a) => this.#wants(a));
    this.#sockets = this.#sockets.filter((s) => {
      if (wanted.some((a) => sameIp(a, s.local))) return true;
      s.close();
      return false;
    });
    let failed = 0;
    for (const address of wanted) {
      if (this.find(address) !== undefined) continue;
      try {
        const socket = await bind(address, this.port, this.#settings);
        // Meanwhile it may have been closed, or another look at the interfaces came first.
        if (this.#closed || this.find(address) !== undefined) socket.close();
        else this.#sockets.push(socket);
      } catch {
        failed++;
      }
    }
    return failed;
  }

  /** A socket broke: it is opened again by the next {@link UdpPort.follow}. */
  drop(socket: UdpSocket): void {
    socket.close();
    this.#sockets = this.#sockets.filter((s) => s !== socket);
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }

  #wants(address: IpAddress): boolean {
    for (const use of this.uses) {
      if (use.only === undefined || use.only.some((a) => sameIp(a, address))) return true;
    }
    return false;
  }
}

const bind = (address: IpAddress, port: number, s: SocketSettings): Promise<UdpSocket> =>
  UdpSocket.bind(address, port, s.owner, s.bufferBytes, s.maxQueuedBytes);

const isUnavailable = (error: unknown): boolean =>
  error instanceof StackError && error.code === "addressUnavailable";
