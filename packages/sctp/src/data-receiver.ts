import {
  type Instant,
  instantAdd,
  type PacketRef,
  ssn,
  type Tsn,
  tsn,
  tsnDiff,
  tsnGt,
} from "@multihome/base";
import {
  chunkFlags,
  chunkLength,
  DATA_HEADER_LENGTH,
  DataFlag,
  dataPpid,
  dataSsn,
  dataStreamId,
  dataTsn,
  ErrorCause,
  SACK_FIXED_LENGTH,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
} from "@multihome/wire";
import { AssociationTimer, SackUrgency, type SctpAssociation } from "./association.js";
import { tuneReceiveBuffer } from "./buffer-tuning.js";
import { abortAssociation } from "./closing.js";
import { errorChunk, invalidStreamCause } from "./control-chunks.js";
import type { InboundChunk } from "./reassembly.js";
import { queueErrorReply } from "./replies.js";
import { NO_NOTES, SackNotes } from "./sack-notes.js";
import type { SctpPath } from "./sctp-path.js";

/** Ranges of TSNs beyond a gap at most: a window of 32 MiB of which every second packet was lost. */
export const MAX_RANGES = 16_384;
const MAX_GAP = 0xffff;

/** The chunk at hand, for the reassembly: valid during one call. */
const CHUNK: InboundChunk = {
  bytes: new Uint8Array(0),
  start: 0,
  end: 0,
  tsn: tsn(0),
  streamId: 0,
  ssn: ssn(0),
  ppid: 0,
  begin: false,
  endFlag: false,
  unordered: false,
};

/** A sender set the I bit lately if it did so within so many packets. */
const ASKED_LATELY = 64;
/** So many in a row with the I bit, and it does not mark the ends of bursts. */
const MARKS_ALL = 4;

/** Takes one checked DATA chunk, in a state in which that is allowed. Returns false when the association was aborted over it. */
export function handleData(
  a: SctpAssociation,
  now: Instant,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  path: SctpPath | undefined,
): boolean {
  const t = tsn(dataTsn(view, at));
  const inbound = a.inbound;
  if (path !== undefined) a.lastDataPath = path;
  const flags = chunkFlags(view, at);
  if (inbound.has(t)) {
    // RFC 9260 s6.2: a packet of duplicates is acknowledged at once, and the duplicates are reported.
    a.counters.dataDuplicate++;
    inbound.noteDuplicate(t);
    a.sackUrgency = SackUrgency.now;
    return true;
  }
  const ahead = tsnDiff(t, inbound.cumTsn);
  // Half the circle away a TSN is neither before nor after (RFC 1982 s3.2): nothing was received there.
  if (ahead > MAX_GAP || ahead < 0) {
    // No Gap Ack Block reaches it (RFC 9260 s3.3.4: 16 bits), so its sender would send it again anyway.
    a.counters.dataTooFar++;
    a.sackUrgency = SackUrgency.now;
    return true;
  }
  const length = chunkLength(view, at) - DATA_HEADER_LENGTH;
  if (!hasRoom(a, t, length)) {
    a.counters.dataNoWindow++;
    a.sackUrgency = SackUrgency.now;
    return true;
  }
  const streamId = dataStreamId(view, at);
  const gapBefore = inbound.hasGaps;
  if (streamId >= a.inboundStreams) {
    // RFC 9260 s6.5: acknowledged, reported, discarded.
    a.counters.dataInvalidStream++;
    inbound.add(t);
    queueErrorReply(a, errorChunk(invalidStreamCause(streamId)), path);
    noteNewData(a, flags, gapBefore);
    return true;
  }
  const c = CHUNK;
  c.bytes = bytes;
  c.start = at + DATA_HEADER_LENGTH;
  c.end = c.start + length;
  c.tsn = t;
  c.streamId = streamId;
  c.ssn = ssn(dataSsn(view, at));
  c.ppid = dataPpid(view, at);
  c.begin = (flags & DataFlag.begin) !== 0;
  c.endFlag = (flags & DataFlag.end) !== 0;
  c.unordered = (flags & DataFlag.unordered) !== 0;
  inbound.add(t);
  const fault = a.reassembly.add(c, inbound.cumTsn);
  if (fault !== undefined) {
    abortAssociation(a, now, ErrorCause.protocolViolation, fault);
    return false;
  }
  noteNewData(a, flags, gapBefore);
  return true;
}

/**
 * Before the first DATA of a packet is taken: a SACK that is due for earlier packets is written down, to
 * leave first. A driver takes packets in batches, and RFC 9260 s6.2 wants a SACK for every second packet:
 * with one for the whole batch, a sender that may send Max.Burst packets for each (s6.1 rule D) and grows
 * its window with each (s7.2.1) stays as slow as it began.
 *
 * Departure: a sender that sets the I bit again and again says itself when it needs a SACK. It gets one
 * for the batch, which costs both sides a good part less. Not one that sets it on every packet, as it may in
 * SHUTDOWN-PENDING (RFC 9260 s6.1): that does not tell where its bursts end.
 */
export function noteDueSack(a: SctpAssociation): void {
  if (a.sackUrgency !== SackUrgency.now || a.packetsSinceSack === 0) return;
  if (!a.canTransferData) return;
  if (a.packetsSinceImmediate < ASKED_LATELY) {
    if (a.immediateInARow < MARKS_ALL || a.packetsSinceSack < 2) return;
  }
  const length = sackLength(a);
  if (a.sackNotes === NO_NOTES) a.sackNotes = new SackNotes();
  const at = a.sackNotes.reserve(length);
  if (at >= 0) writeSack(a, a.sackNotes.view, at, at + length);
}

/** After all DATA of a packet: tells the reader, delivers parts when the buffer is full, times the SACK. */
export function afterData(a: SctpAssociation, now: Instant): void {
  a.packetsSinceSack++;
  if (a.packetsSinceImmediate > 0) a.immediateInARow = 0;
  else if (a.immediateInARow < MARKS_ALL) a.immediateInARow++;
  if (a.packetsSinceImmediate < ASKED_LATELY) a.packetsSinceImmediate++;
  tuneReceiveBuffer(a, now);
  deliverPartWhenFull(a);
  if (a.reassembly.ready.length > 0 && !a.readableTold) {
    a.readableTold = true;
    a.owner.emit({ kind: "readable", at: now, id: a.id });
  }
  const first = !a.firstDataSeen;
  a.firstDataSeen = true;
  if (a.sackUrgency === SackUrgency.now) return;
  // RFC 9260 s6.2: at least every second packet, and the first DATA at once (s5.1).
  if (a.packetsSinceSack >= 2 || first) a.sackUrgency = SackUrgency.now;
  else if (a.sackUrgency === SackUrgency.none) {
    a.sackUrgency = SackUrgency.delayed;
    a.timers.arm(AssociationTimer.sackDelay, instantAdd(now, a.config.sackDelay));
  }
}

/**
 * RFC 9260 s6.9: a message that fills the buffer before it is complete is handed over in parts, once the
 * application has taken all that is complete.
 */
export function deliverPartWhenFull(a: SctpAssociation): void {
  const r = a.reassembly;
  if (!r.incomplete || a.advertisable > 0 || r.ready.length > 0) return;
  if (r.deliverPart(a.inbound.cumTsn)) a.counters.partialDeliveries++;
}

function noteNewData(a: SctpAssociation, flags: number, gapBefore: boolean): void {
  // RFC 9260 s6.7: at once while there is a gap, and when one was just filled (RFC 5681 s4.2).
  if (gapBefore || a.inbound.hasGaps) a.sackUrgency = SackUrgency.now;
  if ((flags & DataFlag.immediate) === 0) return;
  a.sackUrgency = SackUrgency.now; // RFC 9260 s6.2
  a.packetsSinceImmediate = 0;
}

/**
 * RFC 9260 s6.2: beyond a closed window nothing new is taken. Closed is what has no room: the window that
 * is told may be 0 a little before (RFC 1122 s4.2.3.3), while chunks let in earlier are on their way.
 *
 * What fills a gap below the highest TSN is taken: it was let in when the window was open, and it is what
 * frees the buffer. (The RFC would rather drop the highest TSN held for it, which takes back what was
 * acknowledged.) A sender that keeps to the window never needs more than the buffer for it; one that does
 * not gets twice as much.
 */
function hasRoom(a: SctpAssociation, t: Tsn, length: number): boolean {
  const inbound = a.inbound;
  const buffer = a.receiveBuffer;
  const { bytesHeld, itemsHeld } = a.reassembly;
  if (inbound.wouldAddRange(t) && inbound.starts.length >= MAX_RANGES) return false;
  if (!tsnGt(t, inbound.highest)) {
    return bytesHeld + length <= 2 * buffer && itemsHeld < 2 * a.maxItemsHeld;
  }
  const free = buffer - bytesHeld;
  // One chunk may pass the edge: the sender's last chunk need not end where the window does.
  return free > 0 && itemsHeld < a.maxItemsHeld && length <= free + a.config.mtu;
}

/** Length of a SACK with all gap blocks and duplicates. */
const sackLength = (a: SctpAssociation): number =>
  SACK_FIXED_LENGTH + 4 * (a.inbound.starts.length + a.inbound.duplicates.length);

/** True if a SACK may leave: it is due, or it waits for its time. */
export const hasSack = (a: SctpAssociation): boolean =>
  a.sackNotes.waiting > 0 || a.sackUrgency !== SackUrgency.none;

/** True if a SACK is due. */
export const mustSack = (a: SctpAssociation): boolean =>
  a.sackNotes.waiting > 0 || a.sackUrgency === SackUrgency.now;

/** Length of the SACK that {@link putSack} would write, were there room for all of it. */
export const nextSackLength = (a: SctpAssociation): number =>
  a.sackNotes.waiting > 0 ? a.sackNotes.nextLength : sackLength(a);

/** Writes the SACK that is to leave next at `at`, as far as it fits before `limit`. Returns its length. */
export function putSack(a: SctpAssociation, out: PacketRef, at: number, limit: number): number {
  a.sackTurn = !a.sackTurn;
  return a.sackNotes.waiting > 0
    ? a.sackNotes.take(out.bytes, at)
    : writeSack(a, out.view, at, limit);
}

/**
 * Writes the SACK at `at`, with as many gap blocks and duplicates as fit before `limit`, and takes it
 * as sent. RFC 9260 s3.3.4, s6.7
 */
function writeSack(a: SctpAssociation, view: DataView, at: number, limit: number): number {
  const inbound = a.inbound;
  const room = (limit - at - SACK_FIXED_LENGTH) >> 2;
  let gaps = 0;
  while (gaps < inbound.starts.length && gaps < room) {
    const start = tsnDiff(inbound.starts[gaps] as Tsn, inbound.cumTsn);
    const end = tsnDiff(inbound.ends[gaps] as Tsn, inbound.cumTsn);
    if (start > 0xffff) break;
    writeSackGap(view, at, gaps, start, Math.min(end, 0xffff));
    gaps++;
  }
  const dups = Math.min(inbound.duplicates.length, room - gaps);
  a.advertisedRwnd = a.advertisable;
  writeSackFixed(view, at, 0, inbound.cumTsn, a.advertisedRwnd, gaps, dups);
  for (let i = 0; i < dups; i++) writeSackDup(view, at, gaps, i, inbound.duplicates[i] as Tsn);
  inbound.duplicates.length = 0;
  a.sackUrgency = SackUrgency.none;
  a.packetsSinceSack = 0;
  a.timers.stop(AssociationTimer.sackDelay);
  return SACK_FIXED_LENGTH + 4 * (gaps + dups);
}

/**
 * The application took data: a window update is due once the window can grow by a quarter of the
 * buffer, or from nothing to something worth sending (RFC 9260 s6.2, receiver SWS of RFC 1122 s4.2.3.3).
 */
export function updateWindow(a: SctpAssociation): void {
  const grown = a.advertisable - a.advertisedRwnd;
  if (grown <= 0 || a.sackUrgency === SackUrgency.now || !a.established) return;
  const buffer = a.receiveBuffer;
  const step = a.advertisedRwnd < a.amdcs ? Math.min(buffer / 2, a.amdcs) : buffer / 4;
  if (grown >= step) a.sackUrgency = SackUrgency.now;
}
