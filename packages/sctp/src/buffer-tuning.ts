import { type Instant, instantAdd, type Micros, millis } from "@multihome/base";
import { AssociationTimer, type SctpAssociation } from "./association.js";
import { ReadMeter } from "./read-meter.js";
import type { SctpPath } from "./sctp-path.js";

// The buffers begin small and grow while that is what limits the association, each up to its own bound
// and all of a host together up to theirs (BufferBudget). docs/throughput.md says how.

/** What was not used for so long goes back to its first size. */
const IDLE: Micros = millis(10_000);

/** Nobody knows the round trip: longer than most. */
const UNKNOWN_RTT: Micros = millis(1000);

/**
 * The receive buffer grows to this many times what the application took in the last round trip. Above 1, so
 * that a sender whose window grows is not held up; below 2, so that slow start, which cannot know before a
 * round trip later that the bottleneck is full, finds an end before a queue of one bandwidth-delay product is.
 */
const HEADROOM = 1.75;

/**
 * Lets the receive buffer grow with what the application takes. What it does not take does not count: a slow
 * reader is sent no more than it began with.
 */
export function tuneReceiveBuffer(a: SctpAssociation, now: Instant): void {
  const path = a.lastDataPath;
  if (path === undefined || a.receiveBuffer >= a.config.maxReceiveBufferBytes) return;
  a.reads ??= new ReadMeter();
  const read = a.reads.look(now, roundTrip(a, path), a.receiveBuffer);
  const wanted = Math.min(Math.ceil(HEADROOM * read), a.config.maxReceiveBufferBytes);
  if (wanted > a.receiveBuffer) {
    a.receiveBuffer += a.owner.buffers.take(wanted - a.receiveBuffer);
    watchIdle(a, now);
  }
}

/** The path's; where nothing that we sent has measured it, what the set-up took. */
function roundTrip(a: SctpAssociation, path: SctpPath): Micros {
  if (path.rtt.hasSample) return path.rtt.srtt;
  const setup = a.setupRoundTrip;
  return setup > 0 && setup < UNKNOWN_RTT ? setup : UNKNOWN_RTT;
}

/**
 * The send buffer grows to twice what may be in flight: as much again waits to follow it. Called when it is
 * full, so an application that does not fill it keeps it small.
 */
export function tuneSendBuffer(a: SctpAssociation, now: Instant): void {
  const most = a.config.maxSendBufferBytes;
  if (a.sendBuffer >= most) return;
  let cwnd = 0;
  for (const path of a.paths) cwnd += path.cc.cwnd;
  const wanted = Math.min(2 * cwnd, most);
  if (wanted > a.sendBuffer) {
    a.sendBuffer += a.owner.buffers.take(wanted - a.sendBuffer);
    watchIdle(a, now);
  }
}

function watchIdle(a: SctpAssociation, now: Instant): void {
  if (a.timers.isArmed(AssociationTimer.bufferIdle)) return;
  noteActivity(a);
  a.timers.arm(AssociationTimer.bufferIdle, instantAdd(now, IDLE));
}

function noteActivity(a: SctpAssociation): void {
  a.idleInbound = a.inbound.cumTsn;
  a.idleOutbound = a.outbound.cumTsnAckPoint;
}

/** Nothing came and nothing was acknowledged for a while: what the buffers had grown by is for others. */
export function handleBufferIdle(a: SctpAssociation, now: Instant): void {
  const used = a.idleInbound !== a.inbound.cumTsn || a.idleOutbound !== a.outbound.cumTsnAckPoint;
  if (used || a.bufferedBytes > 0 || a.reassembly.bytesHeld > 0) {
    noteActivity(a);
    a.timers.arm(AssociationTimer.bufferIdle, instantAdd(now, IDLE));
    return;
  }
  releaseBuffers(a);
}

/** Gives back what the buffers had grown by. */
export function releaseBuffers(a: SctpAssociation): void {
  const { receiveBufferBytes, sendBufferBytes } = a.config;
  const grown = a.receiveBuffer - receiveBufferBytes + a.sendBuffer - sendBufferBytes;
  if (grown === 0) return;
  a.owner.buffers.giveBack(grown);
  a.receiveBuffer = receiveBufferBytes;
  a.sendBuffer = sendBufferBytes;
}
