import { tsnDiff } from "@multihome/base";
import type { SctpAssociation } from "./association.js";
import { MAX_RANGES } from "./data-receiver.js";
import { ChunkState, type OutChunk } from "./out-chunk.js";
import { MOST_PINNED } from "./reassembly.js";
import { MAX_WAITING } from "./replies.js";
import { PathTimer } from "./sctp-path.js";
import { MAX_DUPLICATES } from "./tsn-tracker.js";

/** 64 addresses in an INIT (`maxPeerAddresses` at most), and its source. */
const MOST_ADDRESSES = 65;
/** What is not an answer: a SHUTDOWN, a SHUTDOWN ACK, a COOKIE ACK and the like. */
const OTHER_CONTROLS = 8;

/**
 * Recounts what the association keeps as sums, and looks for timers that should run. For tests and for
 * hunting faults: it takes time in proportion to what is queued and changes nothing.
 * @returns the first thing that does not agree
 */
export function auditAssociation(a: SctpAssociation): string | undefined {
  return auditOutbound(a) ?? auditTimers(a) ?? auditInbound(a) ?? auditBounds(a);
}

/** What a peer can make grow, against its limit (docs/security.md). */
function auditBounds(a: SctpAssociation): string | undefined {
  const c = a.config;
  const { reassembly, inbound } = a;
  // A buffer may have shrunk since it was filled.
  const largest = c.maxReceiveBufferBytes;
  return (
    exceeds("paths", a.paths.length, c.maxPaths) ??
    exceeds("peerAddresses", a.peerAddresses.length, MOST_ADDRESSES) ??
    exceeds("indexedKeys", a.indexedKeys.length, MOST_ADDRESSES + c.maxPaths) ??
    exceeds("controls", a.controls.length, MAX_WAITING + OTHER_CONTROLS) ??
    exceeds("ranges", inbound.starts.length, MAX_RANGES) ??
    exceeds("duplicates", inbound.duplicates.length, MAX_DUPLICATES) ??
    exceeds("itemsHeld", reassembly.itemsHeld, Math.max(512, largest >> 5)) ??
    exceeds("receiveBuffer", a.receiveBuffer, largest) ??
    exceeds("sendBuffer", a.sendBuffer, c.maxSendBufferBytes) ??
    exceeds("bytesHeld", reassembly.bytesHeld, 2 * largest) ??
    exceeds("sackNotes", a.sackNotes.waiting, 8) ??
    exceeds("bytes received and pinned", reassembly.bytesPinned, MOST_PINNED + 4 * largest)
  );
}

function auditOutbound(a: SctpAssociation): string | undefined {
  const q = a.outbound;
  const flight = new Map<number, number>();
  let outstanding = 0;
  let buffered = 0;
  let gapAcked = 0;
  let marked = 0;
  for (let i = 0; i < q.length; i++) {
    const c = q.at(i);
    if (c === undefined) return `no chunk at place ${i} of ${q.length}`;
    if (q.indexOf(c.tsn) !== i) return `TSN ${c.tsn} stands at place ${i}`;
    buffered += c.length;
    if (c.state === ChunkState.gapAcked) {
      gapAcked++;
      continue;
    }
    if (c.state === ChunkState.marked) {
      marked++;
      if (i < a.markedHint) return `TSN ${c.tsn} is marked before the hint`;
      continue;
    }
    outstanding += c.length;
    if (c.path === undefined) return `TSN ${c.tsn} is in flight on no path`;
    flight.set(c.path.id, (flight.get(c.path.id) ?? 0) + c.size);
  }
  let expiring = 0;
  for (let i = 0; i < a.sendQueue.length; i++) {
    const m = a.sendQueue.at(i);
    if (m === undefined) return `no message at place ${i} of the send queue`;
    buffered += m.data.length - m.fragmented;
    if (m.expires && m.fragmented === 0) expiring++;
  }
  for (const path of a.paths) {
    const counted = flight.get(path.id) ?? 0;
    if (counted !== path.flightSize) {
      return `path ${path.id} has a flightSize of ${path.flightSize}, counted ${counted}`;
    }
    let listed = 0;
    for (const list of [path.inFlight.fresh, path.inFlight.resent]) {
      const resent = list === path.inFlight.resent;
      let before: OutChunk | undefined;
      for (let c = list.first; c !== undefined; c = c.flightAfter) {
        const right = c.path === path && c.state === ChunkState.inFlight;
        if (!right || c.sentCount > 1 !== resent) return `TSN ${c.tsn} is in a wrong list`;
        if (before !== undefined && before.sentAt > c.sentAt) return `TSN ${c.tsn} stands too late`;
        listed += c.size;
        before = c;
      }
    }
    if (listed !== counted)
      return `path ${path.id} lists ${listed} bytes in flight, not ${counted}`;
  }
  return (
    differs("outstandingBytes", a.outstandingBytes, outstanding) ??
    differs("bufferedBytes", a.bufferedBytes, buffered) ??
    differs("gapAcked", q.gapAcked, gapAcked) ??
    differs("marked", q.marked, marked) ??
    differs("expiring", a.expiring, expiring)
  );
}

function auditTimers(a: SctpAssociation): string | undefined {
  for (const path of a.paths) {
    if (path.flightSize > 0 && !path.timers.isArmed(PathTimer.t3Rtx)) {
      return `path ${path.id} has ${path.flightSize} bytes in flight and T3-rtx does not run`;
    }
    if (path.suspected && !path.timers.isArmed(PathTimer.verdict)) {
      return `path ${path.id} is suspected and nothing will decide`;
    }
  }
  return undefined;
}

function auditInbound(a: SctpAssociation): string | undefined {
  const { starts, ends, cumTsn } = a.inbound;
  let before = cumTsn;
  for (const [i, start] of starts.entries()) {
    const end = ends[i];
    if (end === undefined || tsnDiff(start, before) < 2 || tsnDiff(end, start) < 0) {
      return `range ${i} beyond cumTsn ${cumTsn} is ${start} .. ${end}, after ${before}`;
    }
    before = end;
  }
  const held = a.reassembly.recount();
  return (
    differs("reassembly bytesHeld", a.reassembly.bytesHeld, held.bytes) ??
    differs("reassembly itemsHeld", a.reassembly.itemsHeld, held.items)
  );
}

const exceeds = (name: string, n: number, limit: number): string | undefined =>
  n <= limit ? undefined : `${name} is ${n}, more than ${limit}`;

const differs = (name: string, kept: number, counted: number): string | undefined =>
  kept === counted ? undefined : `${name} is ${kept}, counted ${counted}`;
