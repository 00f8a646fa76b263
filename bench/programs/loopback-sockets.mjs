import dgram from "node:dgram";
import { once } from "node:events";

/** Asked of the system for each direction of a socket. */
export const BUFFER_BYTES = 4 << 20;

/** A UDP socket on a free port of 127.0.0.1. */
export async function loopbackSocket() {
  const socket = dgram.createSocket({
    type: "udp4",
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** Tells the meter of every datagram that this process sends, whoever sends it. */
export function countDatagrams(meter) {
  const { send } = dgram.Socket.prototype;
  dgram.Socket.prototype.send = function counted(...args) {
    meter.packet();
    return send.apply(this, args);
  };
}
