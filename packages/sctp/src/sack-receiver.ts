import {
  elapsed,
  type Instant,
  type Micros,
  micros,
  NEVER,
  type Tsn,
  tsnAdd,
  tsnGt,
  tsnLeq,
  tsnLt,
} from "@multihome/base";
import {
  ErrorCause,
  sackARwnd,
  sackCumTsnAck,
  sackDupCount,
  sackDupTsn,
  sackGapCount,
  sackGapEnd,
  sackGapStart,
} from "@multihome/wire";
import { AssociationTimer, type SctpAssociation } from "./association.js";
import { tuneSendBuffer } from "./buffer-tuning.js";
import { abortAssociation } from "./closing.js";
import { GapRanges, NO_RANGES } from "./gap-ranges.js";
import { detectLoss, leaveFastRecovery, restartT3, startT3 } from "./loss-recovery.js";
import { leaveFlight } from "./marking.js";
import { ChunkState, LossKind, type OutChunk } from "./out-chunk.js";
import type { Outstanding } from "./outstanding.js";
import { pathAnswered } from "./path-failure.js";
import { NO_REPAIRS, Repairs } from "./repairs.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { noteProof } from "./suspicion.js";

/** Duplicate TSNs of one SACK that are looked at; more than any peer of good will reports at once. */
const MAX_DUPLICATES = 64;

/** Takes a checked SACK chunk. RFC 9260 s6.2.1 */
export function handleSack(a: SctpAssociation, now: Instant, view: DataView, at: number): void {
  const cum = sackCumTsnAck(view, at);
  const q = a.outbound;
  if (tsnLt(cum, q.cumTsnAckPoint)) {
    a.counters.sackOutOfOrder++; // rule D i
    return;
  }
  const gaps = sackGapCount(view, at);
  const last = lastGapEnd(view, at, gaps);
  if (last < 0) {
    a.counters.sackInvalid++;
    return;
  }
  const sent = tsnAdd(q.nextTsn, -1);
  // "Not at or before" rather than "after": half the circle away it is neither (RFC 1982 s3.2).
  if (!tsnLeq(cum, sent) || !tsnLeq(tsnAdd(cum, last), sent)) {
    a.counters.sackInvalid++; // RFC 9260 s12.4
    abortAssociation(a, now, ErrorCause.protocolViolation, "SACK of a TSN that was not sent");
    return;
  }
  a.lastSackAt = now;
  const before = q.cumTsnAckPoint;
  beginAcknowledgement(a);
  acknowledgeUpTo(a, now, cum);
  const highest = gaps > 0 ? tsnAdd(cum, last) : cum;
  noteCutShort(q, gaps, highest);
  const reneged = acknowledgeGaps(a, now, view, at, gaps);
  noteUnseen(a, q.cumTsnAckPoint !== before);
  noteDuplicates(a, now, view, at);
  finishAcknowledgement(a, now, q.cumTsnAckPoint !== before, sackARwnd(view, at));
  if (q.length > 0) detectLoss(a, now, highest, q.cumTsnAckPoint !== before);
  if (reneged) for (const p of a.paths) if (p.flightSize > 0) startT3(now, p);
}

/** Takes the Cumulative TSN Ack of a SHUTDOWN chunk, which says nothing of gaps. RFC 9260 s3.3.8 */
export function handleCumTsnAck(a: SctpAssociation, now: Instant, cum: Tsn): boolean {
  const q = a.outbound;
  if (tsnLt(cum, q.cumTsnAckPoint)) return true;
  if (!tsnLeq(cum, tsnAdd(q.nextTsn, -1))) return false;
  const before = q.cumTsnAckPoint;
  beginAcknowledgement(a);
  acknowledgeUpTo(a, now, cum);
  finishAcknowledgement(a, now, q.cumTsnAckPoint !== before, a.peerARwnd);
  return true;
}

/** Offset of the last TSN that is acknowledged; -1 if the gap blocks are not in ascending order. */
function lastGapEnd(view: DataView, at: number, gaps: number): number {
  let previous = 0;
  for (let i = 0; i < gaps; i++) {
    const start = sackGapStart(view, at, i);
    const end = sackGapEnd(view, at, i);
    if (start <= previous || end < start) return -1;
    previous = end;
  }
  return previous;
}

function beginAcknowledgement(a: SctpAssociation): void {
  a.repairAckedAt = NEVER;
  for (const p of a.paths) {
    p.newlyAcked = 0;
    p.duplicateBytes = 0;
    p.hasHtna = false;
    p.flightBefore = p.flightSize;
    p.newestAckedAt = NEVER;
  }
}

function acknowledgeUpTo(a: SctpAssociation, now: Instant, cum: Tsn): void {
  const q = a.outbound;
  let shifted = 0;
  while (q.cumTsnAckPoint !== cum) {
    const c = q.shift();
    if (c === undefined) break;
    shifted++;
    if (c.state === ChunkState.gapAcked) q.gapAcked--;
    else acknowledge(a, now, c);
    settle(a, now, c);
    q.release(c);
  }
  a.markedHint = Math.max(0, a.markedHint - shifted);
}

/** From so many Gap Ack Blocks on a SACK may have been cut short: what Linux sends at most. */
const FULL_SACK = 16;

/**
 * A SACK reports the lowest Gap Ack Blocks, as many as fit, and says nothing of what comes after
 * (RFC 9260 s6.7). It does not tell that there was more, and stacks have limits of their own, so a SACK
 * counts as cut short when it has as many as ever.
 */
function noteCutShort(q: Outstanding, gaps: number, highest: Tsn): void {
  q.cutShort = gaps >= FULL_SACK && gaps >= q.mostGaps;
  q.reportEnd = highest;
  if (gaps > q.mostGaps) q.mostGaps = gaps;
}

/**
 * A SACK that is cut short and tells nothing new was caused by DATA beyond its end. Its bytes have left the
 * network and make room for others, else cwnd would be full of what has long arrived until T3-rtx runs out.
 */
function noteUnseen(a: SctpAssociation, cumAdvanced: boolean): void {
  if (!a.outbound.cutShort) {
    for (const p of a.paths) p.unseen = 0;
    return;
  }
  let news = cumAdvanced;
  for (const p of a.paths) {
    if (p.newlyAcked === 0) continue;
    news = true;
    // One packet is what arrived now, the rest was not seen before.
    p.unseen = Math.max(0, p.unseen - Math.max(0, p.newlyAcked - p.pmdcs));
  }
  const path = a.current;
  if (news || path === undefined) return;
  path.unseen = Math.min(path.unseen + path.pmdcs, path.flightSize);
  // Until that is enough for cwnd, every second one lets a repair out, as cwnd was halved: the known holes are
  // what keeps the peer from telling more, and T3-rtx must not be what ends that.
  if (path.unseen % (2 * path.pmdcs) < path.pmdcs) path.fastRetransmitDue = a.outbound.marked > 0;
}

/**
 * Compares the Gap Ack Blocks with those of the SACK before and takes what is new. Returns whether the peer
 * took back something that it had acknowledged. RFC 9260 s6.2.1 rule D iii
 */
function acknowledgeGaps(
  a: SctpAssociation,
  now: Instant,
  view: DataView,
  at: number,
  gaps: number,
): boolean {
  const q = a.outbound;
  const before = q.reported;
  if (gaps === 0 && before.length === 0) return false;
  const after = q.spare === NO_RANGES ? new GapRanges() : q.spare;
  after.clear();
  const first = q.firstNumber;
  let k = 0;
  while (k < before.length && before.end(k) < first) k++;
  let unchanged = 0;
  let end = first - 1;
  for (let g = 0; g < gaps; g++) {
    let n = first - 1 + sackGapStart(view, at, g);
    end = first - 1 + sackGapEnd(view, at, g);
    after.push(n, end);
    while (n <= end) {
      while (k < before.length && before.end(k) < n) k++;
      const known = k < before.length ? before.start(k) : Number.POSITIVE_INFINITY;
      if (known <= n) {
        const until = Math.min(end, before.end(k));
        unchanged += until - n + 1;
        n = until + 1;
        continue;
      }
      for (const until = Math.min(end, known - 1); n <= until; n++) {
        const c = q.at(n - first);
        if (c === undefined) continue;
        acknowledge(a, now, c);
        c.state = ChunkState.gapAcked;
        q.gapAcked++;
      }
    }
  }
  // What is beyond the end of a SACK that is cut short stays as it is.
  let had = 0;
  for (let i = 0; i < before.length; i++) {
    const from = Math.max(first, before.start(i));
    const until = before.end(i);
    const beyond = q.cutShort ? Math.max(from, end + 1) : until + 1;
    if (beyond > from) had += Math.min(until, beyond - 1) - from + 1;
    if (beyond <= until) after.push(beyond, until);
  }
  q.reported = after;
  q.spare = before;
  return had > unchanged && takeBackReneged(a, after);
}

/** Chunks once gap-acknowledged that are not in these ranges are in flight again. */
function takeBackReneged(a: SctpAssociation, reported: GapRanges): boolean {
  const q = a.outbound;
  const highest = q.indexOf(q.reportEnd);
  let r = 0;
  let any = false;
  for (let i = 0; i < q.length; i++) {
    const c = q.at(i) as OutChunk;
    if (c.state !== ChunkState.gapAcked) continue;
    const n = q.firstNumber + i;
    while (r < reported.length && reported.end(r) < n) r++;
    if (r < reported.length && reported.start(r) <= n) continue;
    c.state = ChunkState.inFlight;
    c.missing = 1;
    c.takenBack = i < highest; // only these are looked at for miss indications below
    q.gapAcked--;
    a.counters.reneged++;
    a.outstandingBytes += c.length;
    if (c.path !== undefined) {
      c.path.flightSize += c.size;
      c.path.inFlight.insert(c);
    }
    any = true;
  }
  return any;
}

/** One chunk is acknowledged for the first time. */
function acknowledge(a: SctpAssociation, now: Instant, c: OutChunk): void {
  a.counters.chunksAcknowledged++;
  if (c.sentCount > 1 && (a.repairAckedAt === NEVER || c.sentAt > a.repairAckedAt)) {
    a.repairAckedAt = c.sentAt;
  }
  if (c.state === ChunkState.marked) {
    a.outbound.marked--;
    const path = c.lostOn;
    if (path !== undefined && c.lossKind !== LossKind.none && c.sentCount === 1) {
      disproveLoss(now, path, c.lossKind, c.episode);
    }
  } else leaveFlight(a, c);
  c.state = ChunkState.inFlight;
  if (c.sentCount > 1) {
    if (a.repairs === NO_REPAIRS) a.repairs = new Repairs();
    a.repairs.note(c);
  }
  if (c.path !== undefined) creditPath(now, c, c.path);
}

/**
 * One chunk is acknowledged cumulatively and for good. What a gap block reports may be taken back
 * (RFC 9260 s6.2.1 rule D iii), and is when SACKs overtake each other: its bytes are needed until now.
 */
function settle(a: SctpAssociation, now: Instant, c: OutChunk): void {
  a.bufferedBytes -= c.length;
  const message = c.message;
  if (message === undefined) return;
  message.unacknowledged -= c.length;
  if (message.unacknowledged === 0) {
    a.owner.emit({
      kind: "message",
      at: now,
      id: a.id,
      messageId: message.id,
      outcome: { kind: "delivered" },
    });
  }
}

function creditPath(now: Instant, c: OutChunk, path: SctpPath): void {
  if (path.newlyAcked === 0) path.lowestAcked = c.tsn;
  path.newlyAcked += c.size;
  // What went over several paths proves none, and passes nothing on this one: it may have come otherwise.
  if (c.severalPaths) return;
  if (!path.hasHtna || tsnGt(c.tsn, path.htna)) path.htna = c.tsn;
  path.hasHtna = true;
  // Which sending of a chunk arrived is not known; the first proves least.
  if (path.newestAckedAt === NEVER || c.firstSentAt > path.newestAckedAt) {
    path.newestAckedAt = c.firstSentAt;
    path.newestAckedTsn = c.tsn;
    path.newestAckedOnce = c.sentCount === 1;
  }
  path.rack.onDelivered(now, c.sentAt, c.tsn, c.sentCount > 1);
}

function finishAcknowledgement(
  a: SctpAssociation,
  now: Instant,
  cumAdvanced: boolean,
  aRwnd: number,
): void {
  a.peerARwnd = aRwnd;
  if (aRwnd > a.peerLargestRwnd) a.peerLargestRwnd = aRwnd;
  a.peerRwnd = Math.max(0, aRwnd - a.outstandingBytes); // rule D ii
  if (aRwnd >= a.maxUserData) windowOpened(a);
  let progress = false;
  for (const p of a.paths) {
    const utilized = p.flightBefore >= p.cc.cwnd;
    if (p.newlyAcked === 0) {
      if (p.duplicateBytes > 0) {
        p.cc.onAck(now, 0, cumAdvanced, p.flightBefore, utilized, p.duplicateBytes);
      }
      continue;
    }
    progress = true;
    if (p.newestAckedAt !== NEVER) {
      measure(a, now, p);
      if (p.newestAckedOnce) {
        const rtt = elapsed(p.newestAckedAt, now);
        p.cc.onRoundTrip(rtt, p.newestAckedTsn, a.outbound.nextTsn);
      }
      noteProof(a, p, p.newestAckedAt);
      p.timeoutsInARow = 0;
      pathAnswered(a, now, p, p.newestAckedAt, true);
    }
    p.rack.updateReoWnd(
      p.rtt.srtt,
      p.cc.inFastRecovery,
      a.outbound.gapAcked,
      tsnAdd(a.outbound.cumTsnAckPoint, 1),
      a.outbound.nextTsn,
    );
    p.cc.onAck(now, p.newlyAcked, cumAdvanced, p.flightBefore, utilized, p.duplicateBytes);
    if (p.flightSize === 0)
      p.timers.stop(PathTimer.t3Rtx); // RFC 9260 s6.3.2 rule R2
    else if (earliestWasAcked(a, p)) restartT3(now, p); // R3
  }
  // After cwnd had its growth: RFC 9260 s7.2.1 gives none in Fast Recovery, and the SACK that ends it is
  // about what was sent in it.
  leaveFastRecovery(a, now);
  if (!progress && !cumAdvanced) return;
  noteProgress(a, now);
  a.errorCount = 0; // RFC 9260 s8.1
  tellWritable(a, now);
}

/** Probes of the closed window end, and one that is due is not needed any more. */
function windowOpened(a: SctpAssociation): void {
  a.zeroWindowProbes = 0;
  a.zeroWindowProbeDue = false;
  a.timers.stop(AssociationTimer.zeroWindowProbe);
}

function noteProgress(a: SctpAssociation, now: Instant): void {
  const stall = elapsed(a.lastProgressAt, now);
  if (a.current !== a.toldPath) {
    // The path in use is suspect: the switch, if it comes, tells how long nothing had moved.
    if (stall > a.longestStall) a.longestStall = stall;
  } else a.longestStall = micros(0);
  a.lastProgressAt = now;
}

/** Tells a writer that was refused once its message fits, or nothing is buffered. */
export function tellWritable(a: SctpAssociation, now: Instant): void {
  if (a.writerWaitsFor === 0) return;
  tuneSendBuffer(a, now);
  const free = a.sendBuffer - a.bufferedBytes;
  if (free < a.writerWaitsFor && a.bufferedBytes > 0) return;
  a.writerWaitsFor = 0;
  a.owner.emit({ kind: "writable", at: now, id: a.id });
}

/** True unless something sent on this path before what was acknowledged is still in flight. */
function earliestWasAcked(a: SctpAssociation, path: SctpPath): boolean {
  const lowest = path.inFlight.lowest(a.outbound);
  return lowest === undefined || tsnGt(lowest.tsn, path.lowestAcked);
}

/**
 * One RTT measurement per round trip (rule C4), never from what was retransmitted (C5). RFC 9260 s6.3.1
 *
 * C5 would rather have no sample from a chunk either if an earlier TSN was sent again after it: its SACK may
 * have waited for that. Here a SACK reports every TSN as it comes, so that is so only when this SACK
 * acknowledges both; to do without all other samples would leave the RTO backed off where loss is steady.
 */
function measure(a: SctpAssociation, now: Instant, p: SctpPath): void {
  if (!p.newestAckedOnce) return;
  if (a.repairAckedAt !== NEVER && p.newestAckedAt <= a.repairAckedAt) return;
  if (p.lastRttSampleAt !== NEVER && elapsed(p.lastRttSampleAt, now) < p.rtt.srtt) return;
  p.rtt.sample(now, Math.max(1, elapsed(p.newestAckedAt, now)) as Micros);
  p.lastRttSampleAt = now;
}

/**
 * Takes the Duplicate TSNs: a chunk that was sent again and came twice was sent again needlessly. When that
 * goes for all of a loss episode, its reduction of cwnd is taken back. The bytes count in congestion
 * avoidance (RFC 9260 s7.2.2). What the network doubled, or the peer makes up, is not known here.
 */
function noteDuplicates(a: SctpAssociation, now: Instant, view: DataView, at: number): void {
  const count = Math.min(sackDupCount(view, at), MAX_DUPLICATES);
  for (let i = 0; i < count; i++) {
    const r = a.repairs.take(sackDupTsn(view, at, i));
    if (r === undefined) continue;
    a.counters.spuriousRetransmissions++;
    if (r.sentOn !== undefined) r.sentOn.duplicateBytes += r.size;
    const path = r.lostOn;
    if (path === undefined) continue;
    if (r.lossKind === LossKind.fast) path.rack.onDuplicateReported();
    disproveLoss(now, path, r.lossKind, r.episode);
  }
}

/** Something taken for lost had arrived. With the last of its episode the reduction of cwnd is taken back. */
function disproveLoss(now: Instant, path: SctpPath, lossKind: number, episode: number): void {
  if (path.lossEpisode !== episode) return;
  path.openRepairs--;
  if (path.openRepairs !== 0) return;
  if (lossKind === LossKind.fast) path.cc.onSpuriousFastRetransmit(now);
  else path.cc.onSpuriousT3(now);
}
