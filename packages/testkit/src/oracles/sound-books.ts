import type { Oracle } from "../oracle.js";
import type { TestPeer } from "../test-peer.js";

const DATA_HEADER = 16;

/**
 * The sums agree after every step: windows and flights are never negative, what is in flight over all
 * paths fits what is outstanding, and the least window is one packet.
 */
export const soundBooks: Oracle = {
  name: "soundBooks",
  watch: () => ({ step: check }),
};

function check(peer: TestPeer): string | undefined {
  const { id } = peer;
  if (id === undefined || peer.ended !== undefined) return undefined;
  const { core } = peer.node;
  const status = core.status(id);
  if (status === undefined) return undefined;
  let flight = 0;
  for (const path of core.paths(id)) {
    const name = `${peer.side}'s path ${path.id}`;
    if (!(path.flightSize >= 0)) return `${name} has a flightSize of ${path.flightSize}`;
    if (!(path.cwnd >= 64)) return `${name} has a cwnd of ${path.cwnd}`;
    if (!(path.ssthresh >= 0)) return `${name} has an ssthresh of ${path.ssthresh}`;
    if (!(path.rto > 0)) return `${name} has an rto of ${path.rto}`;
    if (!(path.errorCount >= 0)) return `${name} has an errorCount of ${path.errorCount}`;
    flight += path.flightSize;
  }
  const { outstandingBytes, bufferedBytes, unreadBytes, peerRwnd } = status;
  for (const [name, n] of Object.entries({
    outstandingBytes,
    bufferedBytes,
    unreadBytes,
    peerRwnd,
  })) {
    if (!(n >= 0)) return `${peer.side} has ${name} ${n}`;
  }
  if (outstandingBytes > bufferedBytes) {
    return `${peer.side} has ${outstandingBytes} bytes outstanding of ${bufferedBytes} buffered`;
  }
  const least = outstandingBytes === 0 ? 0 : outstandingBytes + DATA_HEADER;
  if (flight < least || (outstandingBytes === 0 && flight > 0)) {
    return `${peer.side} has ${flight} bytes in flight over its paths and ${outstandingBytes} outstanding`;
  }
  return core.audit(id)?.replace(/^/, `${peer.side}: `);
}
