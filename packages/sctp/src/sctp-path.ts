import {
  EPOCH,
  type Instant,
  type IpAddress,
  type Micros,
  micros,
  NEVER,
  TimerTable,
  type Tsn,
  tsn,
} from "@multihome/base";
import type { CongestionControl, Rack, RttEstimator } from "@multihome/congestion";
import { Path, type PathState } from "@multihome/paths";
import { Flight } from "./flight.js";
import { SendTimes } from "./send-times.js";

/**
 * Timers of one path, in the order in which equal deadlines run: suspicion first, so that a timeout finds
 * the probes under way.
 */
export const PathTimer = {
  /** Silence on the path is suspicious from then. */
  suspicion: 0,
  t3Rtx: 1,
  heartbeat: 2,
  /** A HEARTBEAT is out: how long its answer is awaited. */
  heartbeatReply: 3,
  /** RACK's reordering window of a chunk that may be lost. RFC 8985 s6.2 */
  reorder: 4,
  /** The next probe, or the verdict, while it is suspected. */
  verdict: 5,
} as const;

/** One for all paths. */
export const ACTIVE: PathState = { kind: "active" };

const TIMERS = 6;

/** Bytes of IP and UDP headers. */
const headersBelow = (local: IpAddress, remotePort: number): number =>
  (local.family === 4 ? 20 : 40) + (remotePort > 0 ? 8 : 0);

/** A path of an SCTP association: the data of RFC 9260 s14.3 and the timers. */
export class SctpPath extends Path {
  readonly timers: TimerTable;
  readonly rack: Rack;
  /** Our UDP port (RFC 6951), 0 without UDP. */
  localPort: number;
  /** The peer's UDP port as learned on this path. RFC 6951 s5.4 */
  remotePort: number;
  /** Bytes of IP and UDP headers on this path. */
  overhead: number;
  /** HEARTBEATs are sent on it when idle. RFC 9260 s8.3 */
  heartbeatEnabled: boolean;
  /** The 64-bit random nonce of this path's HEARTBEATs. RFC 9260 s5.4 */
  hbNonce0: number;
  hbNonce1: number;
  hbOutstanding: boolean;
  /** Send time of the newest HEARTBEAT that was answered; before the first, earlier than any. */
  hbAnsweredAt: number;
  /** A HEARTBEAT is to be sent as soon as possible. */
  hbDue: boolean;
  /** When the first HEARTBEAT left that is not answered; NEVER when none is out. */
  hbSentAt: Instant;
  /** HEARTBEATs answered in a row since the path failed. */
  hbStreak: number;
  /** HEARTBEATs still to be sent at the start, so that RTTVAR settles. */
  warmUps: number;
  /** Bytes in flight that have arrived, although SACKs had no room to say so. See `noteUnseen`. */
  unseen: number;
  /** What is in flight on it. */
  readonly inFlight: Flight;
  /** When T3-rtx was started. */
  t3StartedAt: Instant;
  /** T3-rtx expirations since data on this path was last acknowledged. */
  timeoutsInARow: number;
  /** When DATA last left on it. */
  lastDataSentAt: Instant;
  /** When the present heartbeat period began. RFC 9260 s8.3 */
  heartbeatSince: Instant;
  /** When DATA last left on it for the first time. */
  lastFreshDataAt: Instant;
  /** A timeout is never closer to the round trip than this, which leaves time for probes. */
  timeoutMargin: Micros;
  /** When T3-rtx last ran out; NEVER if it did not. */
  t3ExpiredAt: Instant;
  /** Counts reductions of cwnd after loss; and what was taken for lost then and is not disproved. */
  lossEpisode: number;
  openRepairs: number;
  /** Where Fast Recovery ends. RFC 9260 s7.2.4 rule 6 */
  fastRecoveryExit: Tsn;
  /** One fast retransmission packet may leave whatever cwnd says. RFC 9260 s7.2.4 rule 3 */
  fastRetransmitDue: boolean;
  /** Data packets sent in one go, and when the first of them was. */
  burst: number;
  burstSince: Instant;
  /** While suspected: probes sent. */
  probesSent: number;
  /** Newest proof that what we send on it arrives: the send time of what was answered. */
  provenUntil: Instant;
  /** When DATA chunks and HEARTBEATs left that are newer than what was answered. */
  readonly awaited: SendTimes;
  /** Scratch of one SACK. */
  newlyAcked: number;
  duplicateBytes: number;
  htna: Tsn;
  lowestAcked: Tsn;
  hasHtna: boolean;
  /** Send time and TSN of the newest chunk acknowledged that went over this path only; NEVER if none. */
  newestAckedAt: Instant;
  newestAckedTsn: Tsn;
  newestAckedOnce: boolean;
  flightBefore: number;

  constructor(
    id: number,
    local: IpAddress,
    remote: IpAddress,
    rtt: RttEstimator,
    cc: CongestionControl,
    rack: Rack,
    mtu: number,
    localPort: number,
    remotePort: number,
  ) {
    super(id, local, remote, rtt, cc, mtu);
    this.timers = new TimerTable(TIMERS);
    this.rack = rack;
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.overhead = headersBelow(local, remotePort);
    this.heartbeatEnabled = true;
    this.hbNonce0 = 0;
    this.hbNonce1 = 0;
    this.hbOutstanding = false;
    this.hbAnsweredAt = -1;
    this.hbDue = false;
    this.hbSentAt = NEVER;
    this.hbStreak = 0;
    this.warmUps = 0;
    this.unseen = 0;
    this.inFlight = new Flight();
    this.t3StartedAt = EPOCH;
    this.timeoutsInARow = 0;
    this.lastDataSentAt = NEVER;
    this.heartbeatSince = NEVER;
    this.lastFreshDataAt = NEVER;
    this.timeoutMargin = micros(0);
    this.t3ExpiredAt = NEVER;
    this.lossEpisode = 0;
    this.openRepairs = 0;
    this.fastRecoveryExit = tsn(0);
    this.fastRetransmitDue = false;
    this.burst = 0;
    this.burstSince = NEVER;
    this.probesSent = 0;
    this.provenUntil = EPOCH;
    this.awaited = new SendTimes();
    this.newlyAcked = 0;
    this.duplicateBytes = 0;
    this.htna = tsn(0);
    this.lowestAcked = tsn(0);
    this.hasHtna = false;
    this.newestAckedAt = NEVER;
    this.newestAckedTsn = tsn(0);
    this.newestAckedOnce = false;
    this.flightBefore = 0;
  }

  /** The peer was heard over these UDP ports, or over none (0, 0). RFC 6951 s5.4, s5.6 */
  learnPorts(localPort: number, remotePort: number): void {
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.overhead = headersBelow(this.local, remotePort);
  }

  /** Largest SCTP packet, common header included, a multiple of 4. */
  get maxPacket(): number {
    return (this.pathMtu - this.overhead) & ~3;
  }

  /** PMDCS: largest DATA chunk with header and padding that fits. RFC 9260 s1.4 */
  get pmdcs(): number {
    return this.maxPacket - 12;
  }

  /** When an answer is given up: the RTO, back-off included, but not too close to the round trip. */
  get timeout(): Micros {
    return Math.max(this.rtt.rto, this.rtt.srtt + this.timeoutMargin) as Micros;
  }

  get confirmed(): boolean {
    return this.state.kind !== "unconfirmed";
  }
}
