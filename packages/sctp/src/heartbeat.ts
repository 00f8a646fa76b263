import { elapsed, type Instant, instantAdd, type Micros, NEVER } from "@multihome/base";
import {
  CHUNK_HEADER_LENGTH,
  ChunkType,
  PARAMETER_HEADER_LENGTH,
  ParameterType,
  parameterLength,
  parameterType,
  writeChunkHeader,
  writeParameterHeader,
} from "@multihome/wire";
import type { SctpAssociation } from "./association.js";
import {
  heartbeatsRun,
  heartbeatTimeout,
  restartHeartbeatTimer,
  verifyNext,
} from "./heartbeat-timer.js";
import { countPathError, pathAnswered } from "./path-failure.js";
import { confirmPath, reselectPath } from "./path-selection.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { expectAnswer, noteProof, verdictPending } from "./suspicion.js";

// Our Heartbeat Info: path id, 64-bit nonce (RFC 9260 s5.4), and when it was sent (s8.3).
const INFO_LENGTH = 24;
const PATH_ID = 0;
const NONCE_0 = 4;
const NONCE_1 = 8;
const SENT_HIGH = 12;
const SENT_LOW = 16;
const LENGTH = CHUNK_HEADER_LENGTH + PARAMETER_HEADER_LENGTH + INFO_LENGTH;

/** A HEARTBEAT for this path, with a nonce. It is taken as sent now. */
export function makeHeartbeat(a: SctpAssociation, now: Instant, path: SctpPath): Uint8Array {
  if (!path.hbOutstanding) {
    path.hbOutstanding = true;
    path.hbSentAt = now;
    path.timers.arm(PathTimer.heartbeatReply, instantAdd(now, heartbeatTimeout(a, path)));
  }
  path.hbDue = false;
  a.counters.heartbeatsSent++;
  path.timers.stop(PathTimer.heartbeat);
  expectAnswer(a, now, path);
  const chunk = new Uint8Array(LENGTH);
  const view = new DataView(chunk.buffer);
  writeChunkHeader(view, 0, ChunkType.heartbeat, 0, LENGTH);
  writeParameterHeader(
    view,
    CHUNK_HEADER_LENGTH,
    ParameterType.heartbeatInfo,
    PARAMETER_HEADER_LENGTH + INFO_LENGTH,
  );
  const at = CHUNK_HEADER_LENGTH + PARAMETER_HEADER_LENGTH;
  view.setUint32(at + PATH_ID, path.id);
  view.setUint32(at + NONCE_0, path.hbNonce0);
  view.setUint32(at + NONCE_1, path.hbNonce1);
  view.setUint32(at + SENT_HIGH, Math.floor(now / 0x1_0000_0000));
  view.setUint32(at + SENT_LOW, now >>> 0);
  return chunk;
}

/** The answer: the HEARTBEAT's contents copied unchanged. RFC 9260 s8.3 */
export function makeHeartbeatAck(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const chunk = bytes.slice(at, at + length);
  chunk[0] = ChunkType.heartbeatAck;
  chunk[1] = 0;
  return chunk;
}

/** Takes a HEARTBEAT ACK: verifies, measures, confirms and revives the path. */
export function handleHeartbeatAck(
  a: SctpAssociation,
  now: Instant,
  view: DataView,
  at: number,
  length: number,
): void {
  const info = at + CHUNK_HEADER_LENGTH;
  const path = length === LENGTH ? ourPath(a, view, info) : undefined;
  if (path === undefined) {
    a.counters.heartbeatAckForged++;
    return;
  }
  const value = info + PARAMETER_HEADER_LENGTH;
  const sentAt = (view.getUint32(value + SENT_HIGH) * 0x1_0000_0000 +
    view.getUint32(value + SENT_LOW)) as Instant;
  // Late answers count: they prove the path as well, and measure it. Repeated ones do not.
  if (sentAt > now || sentAt <= path.hbAnsweredAt) {
    a.counters.heartbeatAckForged++;
    return;
  }
  path.hbAnsweredAt = sentAt;
  path.hbOutstanding = false;
  path.hbSentAt = NEVER;
  path.timers.stop(PathTimer.heartbeatReply);
  const rtt = Math.max(1, elapsed(sentAt, now)) as Micros;
  path.rtt.sample(now, rtt);
  path.lastRttSampleAt = now;
  a.errorCount = 0;
  noteProof(a, path, sentAt);
  if (path.warmUps > 0) {
    path.warmUps--;
    path.hbDue = path.heartbeatEnabled;
  }
  if (!path.confirmed) {
    confirmPath(a, now, path);
    verifyNext(a);
    reselectPath(a, now, "policy");
  } else {
    pathAnswered(a, now, path, sentAt, false);
    // The round trip may be what kept data from the primary path.
    if (path === a.primary && path !== a.current) {
      reselectPath(a, now, "switchback");
      if (a.config.probing && 2 * rtt < path.rtt.srtt) {
        // It has become much faster: asked again at once, the average follows within some round trips.
        path.hbDue = path.heartbeatEnabled && path !== a.current;
      }
    }
  }
  restartHeartbeatTimer(a, now, path);
}

function ourPath(a: SctpAssociation, view: DataView, info: number): SctpPath | undefined {
  if (
    parameterType(view, info) !== ParameterType.heartbeatInfo ||
    parameterLength(view, info) !== PARAMETER_HEADER_LENGTH + INFO_LENGTH
  ) {
    return undefined;
  }
  const value = info + PARAMETER_HEADER_LENGTH;
  const id = view.getUint32(value + PATH_ID);
  for (const path of a.paths) {
    if (path.id !== id) continue;
    const matches =
      view.getUint32(value + NONCE_0) === path.hbNonce0 &&
      view.getUint32(value + NONCE_1) === path.hbNonce1;
    return matches ? path : undefined;
  }
  return undefined;
}

/** The timer of idle paths ran out: a HEARTBEAT is due. RFC 9260 s8.3 */
export function handleHeartbeatTimer(a: SctpAssociation, now: Instant, path: SctpPath): void {
  if (!path.heartbeatEnabled || !heartbeatsRun(a)) return;
  // Idle is where nothing was sent in this period that measures the RTT: no DATA for the first time.
  const { lastFreshDataAt } = path;
  const used = lastFreshDataAt !== NEVER && lastFreshDataAt >= path.heartbeatSince;
  if (path.state.kind !== "active" || !used) path.hbDue = true;
  else restartHeartbeatTimer(a, now, path);
}

/** No answer within the RTO. RFC 9260 s8.3, RFC 7829 s3.2 rule 6 */
export function handleHeartbeatTimeout(a: SctpAssociation, now: Instant, path: SctpPath): void {
  const sentAt = path.hbSentAt;
  path.hbOutstanding = false;
  path.hbSentAt = NEVER;
  path.hbStreak = 0;
  if (!heartbeatsRun(a)) return;
  if (a.config.probing && (path.provenUntil >= sentAt || verdictPending(path))) {
    // Data sent later was answered, or the probes decide: one lost packet is no failure.
    restartHeartbeatTimer(a, now, path);
    return;
  }
  // RFC 7829 s3.2 rule 6 lets the timeout be ignored while data on the path decides; T3-rtx may just have
  // done so, for what left together with the HEARTBEAT.
  const dataDecides = path.confirmed && (path.flightSize > 0 || path.t3ExpiredAt === now);
  if (!dataDecides) {
    // RFC 7829 s3.2 rule 6 backs off without end; by default a healed path is to be found within HB.interval.
    if (!a.config.probing || 2 * path.rtt.rto <= a.config.hbInterval) path.rtt.backoff();
    // RFC 9260 s8.1: only the path in use counts for the association; s5.4: unconfirmed ones never do.
    const counts = path.confirmed && (path === a.current || a.current === undefined);
    countPathError(a, now, path, "heartbeatTimeout", counts);
  }
  if (a.state.kind === "closed") return;
  restartHeartbeatTimer(a, now, path, sentAt);
}
