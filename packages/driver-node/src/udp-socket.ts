import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { IpAddress } from "@multihome/base";
import { bindFailure } from "./socket-error.js";

/** Who gets what a socket receives and reports. */
export interface UdpSocketOwner {
  /** A datagram came; its bytes are borrowed until return. */
  received(socket: UdpSocket, bytes: Uint8Array, from: RemoteInfo): void;
  /** The system refused to send. */
  sendFailed(error: Error): void;
  /** The socket reports an error of its own. */
  socketFailed(socket: UdpSocket): void;
}

/** What happened to the bytes given to {@link UdpSocket.send}. */
export type SendState =
  /** The system took them; the memory can be used again. */
  | "sent"
  /** They wait in the socket, which keeps a reference: the memory must stay as it is. */
  | "queued"
  /** Too much waits already: dropped. */
  | "dropped";

/** A UDP socket on one local address and port. It keeps no process alive. */
export class UdpSocket {
  readonly local: IpAddress;
  readonly #socket: Socket;
  readonly #maxQueuedBytes: number;
  readonly #onSent: (error: Error | null) => void;
  #port: number;
  #closed: boolean;

  /** @param maxQueuedBytes what may wait in the socket because the system does not take it now */
  private constructor(local: IpAddress, owner: UdpSocketOwner, maxQueuedBytes: number) {
    this.local = local;
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#port = 0;
    this.#closed = false;
    this.#onSent = (error) => {
      if (error !== null && !this.#closed) owner.sendFailed(error);
    };
    this.#socket = createSocket({
      type: local.family === 4 ? "udp4" : "udp6",
      ipv6Only: local.family === 6,
      // Addresses are given as numbers: the default look-up would delay each packet by a tick, and
      // with it the moment from which the bytes may be overwritten.
      lookup: numericLookup,
    });
    this.#socket.on("message", (bytes, from) => owner.received(this, bytes, from));
    this.#socket.unref();
  }

  /**
   * Binds a socket; port 0 lets the system choose.
   * @throws StackError `addressInUse`, `noPermission`, `addressUnavailable`, `bindFailed`
   */
  static bind(
    local: IpAddress,
    port: number,
    owner: UdpSocketOwner,
    bufferBytes: number,
    maxQueuedBytes: number,
  ): Promise<UdpSocket> {
    const made = new UdpSocket(local, owner, maxQueuedBytes);
    const socket = made.#socket;
    return new Promise((resolve, reject) => {
      const refused = (error: Error): void => {
        made.close();
        reject(bindFailure(error, local, port));
      };
      socket.once("error", refused);
      // With a look-up that answers at once this may be over before bind() returns.
      socket.bind({ port, address: local.toString(), exclusive: true }, () => {
        socket.off("error", refused);
        socket.on("error", () => {
          if (!made.#closed) owner.socketFailed(made);
        });
        made.#port = socket.address().port;
        growBuffers(socket, bufferBytes);
        resolve(made);
      });
    });
  }

  /** The port that it is bound to. */
  get port(): number {
    return this.#port;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends `bytes[start .. end)`. Unless it says `queued`, the bytes were only borrowed. */
  send(bytes: Uint8Array, start: number, end: number, port: number, address: string): SendState {
    const socket = this.#socket;
    const waiting = socket.getSendQueueSize();
    if (waiting + (end - start) > this.#maxQueuedBytes && waiting > 0) return "dropped";
    socket.send(bytes, start, end - start, port, address, this.#onSent);
    return socket.getSendQueueCount() > 0 ? "queued" : "sent";
  }

  /** Closes it at once; what waited in it is lost. Later calls do nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function numericLookup(
  host: string,
  family: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, host, family === 6 ? 6 : 4);
}

/** As large as the system allows, up to what is wanted: some refuse what is over their limit. */
function growBuffers(socket: Socket, bytes: number): void {
  for (const grow of [
    (n: number) => socket.setRecvBufferSize(n),
    (n: number) => socket.setSendBufferSize(n),
  ]) {
    for (let n = bytes; n >= 65_536; n /= 2) {
      try {
        grow(Math.floor(n));
        break;
      } catch {
        // refused: ask for half
      }
    }
  }
}
