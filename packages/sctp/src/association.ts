import {
  type HeapEntry,
  type Instant,
  type IpAddress,
  type Micros,
  micros,
  NEVER,
  type RandomSource,
  Ring,
  type Ssn,
  sameIp,
  TimerTable,
  type TraceNoteSink,
  type Tsn,
  tsn,
} from "@multihome/base";
import type { PathPolicy } from "@multihome/paths";
import { DATA_HEADER_LENGTH } from "@multihome/wire";
import type { BufferBudget } from "./buffer-budget.js";
import type { SctpConfig } from "./config.js";
import type { SctpCounters } from "./counters.js";
import type { AssociationId, SctpEvent } from "./events.js";
import type { OutMessage } from "./out-message.js";
import { Outstanding } from "./outstanding.js";
import type { ReadMeter } from "./read-meter.js";
import { Reassembly } from "./reassembly.js";
import { NO_REPAIRS, type Repairs } from "./repairs.js";
import { NO_NOTES, type SackNotes } from "./sack-notes.js";
import type { SctpPath } from "./sctp-path.js";
import { TsnTracker } from "./tsn-tracker.js";

/** States of an association (RFC 9260 s4); what exists only in one of them lives inside it. */
export type AssociationState =
  | { readonly kind: "cookieWait"; readonly setup: SetupAttempt }
  | {
      readonly kind: "cookieEchoed";
      readonly setup: SetupAttempt;
      readonly cookie: Uint8Array;
      /** When the COOKIE ECHO was first sent. */
      readonly since: Instant;
    }
  | { readonly kind: "established" }
  | { readonly kind: "shutdownPending" }
  | { readonly kind: "shutdownSent" }
  | { readonly kind: "shutdownReceived" }
  | { readonly kind: "shutdownAckSent" }
  | { readonly kind: "closed" };

/** Where an attempt to set up stands: which pairs were tried, how often. */
export interface SetupAttempt {
  /** Paths made of the addresses that the application gave, in the order to try. */
  readonly candidates: readonly SctpPath[];
  /** Our addresses as the INIT tells them: all INITs of one attempt say the same. */
  readonly locals: readonly IpAddress[];
  /** The candidate that the next INIT or COOKIE ECHO goes to. */
  next: number;
  /** Whole rounds over the candidates that ran out of time. */
  retransmissions: number;
  /** Milliseconds asked for in a Cookie Preservative; 0 for none. RFC 9260 s5.2.6 */
  cookiePreservative: number;
  /** How often a stale cookie made us begin again. */
  staleCookies: number;
}

/** Timers of an association, in the order in which equal deadlines run. */
export const AssociationTimer = {
  t1Init: 0,
  t1Cookie: 1,
  t2Shutdown: 2,
  t5ShutdownGuard: 3,
  sackDelay: 4,
  zeroWindowProbe: 5,
  /** A message's lifetime ends. */
  expiry: 6,
  /** Buffers that have grown may not be needed any more. */
  bufferIdle: 7,
} as const;

const TIMERS = 8;
const NO_ADDRESSES: readonly IpAddress[] = [];
/** The peer has not set the I bit yet. */
const NEVER_ASKED = 1 << 20;
/** No window makes fragments smaller than what fits into the least IPv4 MTU, 576 bytes. */
const MIN_USER_DATA = 512;

/** A chunk, written and waiting to leave. */
export interface ControlChunk {
  readonly bytes: Uint8Array;
  /** Where it must go; `undefined`: over the path that data goes. */
  readonly path: SctpPath | undefined;
  /** It must be the only chunk of its packet. */
  readonly alone: boolean;
  /** Verification tag of its packet, when it is not the peer's. */
  readonly vtag: number | undefined;
}

/** What an association gets from its endpoint. */
export interface AssociationOwner {
  readonly config: SctpConfig;
  readonly counters: SctpCounters;
  readonly random: RandomSource;
  readonly trace: TraceNoteSink | undefined;
  readonly port: number;
  readonly udpPort: number;
  /** What the host's associations share of buffers. */
  readonly buffers: BufferBudget;
  /** Our addresses, those not allowed left out. */
  readonly localAddresses: readonly IpAddress[];
  emit(event: SctpEvent): void;
  /** A new path needs what the host knows of its interface. */
  attachPath(path: SctpPath): void;
  /** The peer's tag, ports or addresses changed: the tables are to be brought up to date. */
  reindex(a: SctpAssociation): void;
  /** The association is over and leaves the tables. */
  forget(a: SctpAssociation): void;
}

/** How urgent the next SACK is. */
export const SackUrgency = { none: 0, delayed: 1, now: 2 } as const;

/** The TCB: everything kept of one association (RFC 9260 s14.2). The procedures are in files beside. */
export class SctpAssociation implements HeapEntry {
  heapIndex: number;
  heapAt: Instant;
  readonly heapOrder: number;
  readonly id: AssociationId;
  readonly owner: AssociationOwner;
  readonly config: SctpConfig;
  readonly counters: SctpCounters;
  readonly peerPort: number;
  readonly incoming: boolean;
  /** It stands in the endpoint's queue of those that may have something to send. */
  queued: boolean;

  state: AssociationState;
  myVtag: number;
  peerVtag: number;
  myInitialTsn: Tsn;
  /** Random values that tell a restarted peer from a forger. RFC 9260 s5.2.2 */
  localTieTag: number;
  peerTieTag: number;

  paths: SctpPath[];
  nextPathId: number;
  /** The primary path (RFC 9260 s6.4); undefined only before the first path is confirmed. */
  primary: SctpPath | undefined;
  /** The path that data goes over; kept for events and bundling. */
  current: SctpPath | undefined;
  /** Where chunks marked by T3-rtx go while their own path is still in use. RFC 9260 s6.4 */
  retransmitVia: SctpPath | undefined;
  /** The path last told to the application as the one in use. */
  toldPath: SctpPath | undefined;
  policy: PathPolicy;
  /** Addresses that the peer listed, and where it was heard from. */
  peerAddresses: IpAddress[];
  /** The remotes that the application gave: confirmed by definition. RFC 9260 s5.4 rule 1 */
  givenAddresses: readonly IpAddress[];
  /** With strict timing: when the next HEARTBEAT of path verification may leave. RFC 9260 s5.4 */
  nextVerificationAt: Instant;
  /** AMDCS: smallest PMDCS over all paths. RFC 9260 s7.3 */
  amdcs: number;

  readonly timers: TimerTable;
  readonly controls: Ring<ControlChunk>;

  // Outbound
  outbound: Outstanding;
  readonly sendQueue: Ring<OutMessage>;
  outboundStreams: number;
  inboundStreams: number;
  /** By stream; made with the first ordered message. */
  nextSsn: Map<number, Ssn> | undefined;
  nextMessageId: number;
  /** Bytes accepted from the application and not acknowledged. */
  bufferedBytes: number;
  /** What may be buffered of what the application sends; it grows. */
  sendBuffer: number;
  /** `send` refused so many bytes: tell when there is room for them; 0 when nobody waits. */
  writerWaitsFor: number;
  /** Bytes of user data in flight on all paths. */
  outstandingBytes: number;
  peerRwnd: number;
  /** a_rwnd of the newest SACK. */
  peerARwnd: number;
  /** The largest a_rwnd that the peer ever told. */
  peerLargestRwnd: number;
  lastSackAt: Instant;
  /** Scratch of one SACK: when the newest of the retransmitted chunks in it was sent again; NEVER if none. */
  repairAckedAt: Instant;
  /** Probing a closed window: the next new chunk may pass it. RFC 9260 s6.1 rule A */
  zeroWindowProbeDue: boolean;
  zeroWindowProbes: number;
  repairs: Repairs;
  /** Where the search for marked chunks begins. */
  markedHint: number;
  /** Messages of the send queue that have a lifetime. */
  expiring: number;

  // Inbound
  inbound: TsnTracker;
  reassembly: Reassembly;
  sackUrgency: number;
  /** Changes with every SACK. */
  sackTurn: boolean;
  /** SACKs that became due while more packets came in. */
  sackNotes: SackNotes;
  packetsSinceSack: number;
  /** The path that the last DATA came over. */
  lastDataPath: SctpPath | undefined;
  /** What may be held for the application; it grows. */
  receiveBuffer: number;
  /** From our INIT ACK to the COOKIE ECHO; 0 if the peer did not open it. */
  setupRoundTrip: Micros;
  /** What the application takes in a round trip; made when first needed. */
  reads: ReadMeter | undefined;
  /** cumTsn when {@link SctpAssociation.rest} was last called. */
  restedAt: Tsn;
  /** How far both directions were when last looked at, for idle buffers. */
  idleInbound: Tsn;
  idleOutbound: Tsn;
  /** a_rwnd as last told. */
  advertisedRwnd: number;
  readableTold: boolean;
  /** The application shut down before the association was up: done once it is, and the queue has left. */
  shutdownWanted: boolean;
  /** The SHUTDOWN in state shutdownSent is to be sent (again). */
  shutdownDue: boolean;
  /** Where the SHUTDOWN or SHUTDOWN ACK last went, if not over the path in use. */
  shutdownVia: SctpPath | undefined;
  /** The first DATA must be acknowledged at once. RFC 9260 s5.1 */
  firstDataSeen: boolean;
  /** Packets with DATA since the last with the I bit; counted no further than matters. */
  packetsSinceImmediate: number;
  /** Packets with DATA and the I bit, one after the other; counted no further than matters. */
  immediateInARow: number;
  /** The confirmed path that the last packet came over. */
  lastHeardOver: SctpPath | undefined;
  /** Bytes of chunks that answer the packet at hand, and how many there may be. */
  replyBytes: number;
  replyRoom: number;

  /** The address that opened it, while it counts against `maxAssociationsPerPeer`. */
  openedFrom: string | undefined;
  /** Where it stands in the endpoint's tables. */
  indexedTag: number;
  indexedKeys: readonly string[];

  errorCount: number;
  lastHeard: Instant;
  /** When something new was last acknowledged, or the first of what is outstanding was sent. */
  lastProgressAt: Instant;
  /** Longest time without progress since the path in use became suspect, for the stall that events tell. */
  longestStall: Micros;

  constructor(
    owner: AssociationOwner,
    id: AssociationId,
    peerPort: number,
    incoming: boolean,
    state: AssociationState,
    myVtag: number,
    myInitialTsn: Tsn,
    now: Instant,
  ) {
    this.heapIndex = -1;
    this.heapAt = NEVER;
    this.heapOrder = id;
    this.id = id;
    this.owner = owner;
    this.config = owner.config;
    this.counters = owner.counters;
    this.peerPort = peerPort;
    this.incoming = incoming;
    this.queued = false;
    this.state = state;
    this.myVtag = myVtag;
    this.peerVtag = 0;
    this.myInitialTsn = myInitialTsn;
    this.localTieTag = 0;
    this.peerTieTag = 0;
    this.paths = [];
    this.nextPathId = 1;
    this.primary = undefined;
    this.current = undefined;
    this.retransmitVia = undefined;
    this.toldPath = undefined;
    this.policy = owner.config.policy;
    this.peerAddresses = [];
    this.givenAddresses = NO_ADDRESSES;
    this.amdcs = 0;
    this.timers = new TimerTable(TIMERS);
    this.controls = new Ring();
    this.outbound = new Outstanding(myInitialTsn);
    this.sendQueue = new Ring();
    this.outboundStreams = owner.config.outboundStreams;
    this.inboundStreams = owner.config.maxInboundStreams;
    this.nextSsn = undefined;
    this.nextMessageId = 1;
    this.bufferedBytes = 0;
    this.sendBuffer = owner.config.sendBufferBytes;
    this.writerWaitsFor = 0;
    this.outstandingBytes = 0;
    this.peerRwnd = 0;
    this.peerARwnd = 0;
    this.peerLargestRwnd = 0;
    this.repairAckedAt = NEVER;
    this.lastSackAt = now;
    this.zeroWindowProbeDue = false;
    this.zeroWindowProbes = 0;
    this.markedHint = 0;
    this.expiring = 0;
    this.inbound = new TsnTracker(tsn(0));
    this.reassembly = new Reassembly();
    this.sackUrgency = SackUrgency.none;
    this.sackTurn = false;
    this.sackNotes = NO_NOTES;
    this.packetsSinceSack = 0;
    this.lastDataPath = undefined;
    this.receiveBuffer = owner.config.receiveBufferBytes;
    this.setupRoundTrip = micros(0);
    this.reads = undefined;
    this.restedAt = tsn(0);
    this.idleInbound = tsn(0);
    this.idleOutbound = tsn(0);
    this.advertisedRwnd = owner.config.receiveBufferBytes;
    this.readableTold = false;
    this.shutdownDue = false;
    this.shutdownVia = undefined;
    this.firstDataSeen = false;
    this.packetsSinceImmediate = NEVER_ASKED;
    this.immediateInARow = 0;
    this.nextVerificationAt = now;
    this.repairs = NO_REPAIRS;
    this.shutdownWanted = false;
    this.lastHeardOver = undefined;
    this.replyBytes = 0;
    this.replyRoom = 0;
    this.openedFrom = undefined;
    this.indexedTag = 0;
    this.indexedKeys = [];
    this.errorCount = 0;
    this.lastHeard = now;
    this.lastProgressAt = now;
    this.longestStall = micros(0);
  }

  /** The peer's Initial TSN is known: what is received counts from there. */
  setPeerInitialTsn(initialTsn: Tsn): void {
    this.inbound = new TsnTracker(initialTsn);
  }

  /** Begins anew after a restart of the peer, but keeps what the application has yet to read. RFC 9260 s5.2.4 */
  reset(myVtag: number, myInitialTsn: Tsn, now: Instant): void {
    this.state = { kind: "closed" };
    this.myVtag = myVtag;
    this.myInitialTsn = myInitialTsn;
    this.localTieTag = 0;
    this.peerTieTag = 0;
    this.paths = [];
    this.primary = undefined;
    this.current = undefined;
    this.retransmitVia = undefined;
    this.toldPath = undefined;
    this.timers.stopAll();
    this.controls.clear();
    this.outbound = new Outstanding(myInitialTsn);
    this.nextSsn = undefined;
    this.outstandingBytes = 0;
    this.zeroWindowProbeDue = false;
    this.zeroWindowProbes = 0;
    this.markedHint = 0;
    this.reassembly = this.reassembly.restarted();
    this.sackUrgency = SackUrgency.none;
    this.sackNotes.clear();
    this.packetsSinceSack = 0;
    this.lastHeardOver = undefined;
    this.lastDataPath = undefined;
    this.shutdownDue = false;
    this.shutdownVia = undefined;
    this.firstDataSeen = false;
    this.packetsSinceImmediate = NEVER_ASKED;
    this.immediateInARow = 0;
    this.errorCount = 0;
    this.lastHeard = now;
  }

  /** A path of it is idle: gives back the room that was needed in busier times, if nothing came since the last. */
  rest(): void {
    this.outbound.rest();
    if (this.sendQueue.length === 0) this.sendQueue.clear();
    if (this.controls.length === 0) this.controls.clear();
    const { cumTsn } = this.inbound;
    if (cumTsn === this.restedAt) {
      this.reassembly.rest();
      this.reads = undefined;
    }
    this.restedAt = cumTsn;
  }

  /** True while user data may be sent or is still to be acknowledged. */
  get canTransferData(): boolean {
    const k = this.state.kind;
    return k === "established" || k === "shutdownPending" || k === "shutdownReceived";
  }

  /** True from ESTABLISHED until the end. */
  get established(): boolean {
    const k = this.state.kind;
    return k !== "cookieWait" && k !== "cookieEchoed" && k !== "closed";
  }

  /**
   * User bytes of the largest fragment: AMDCS less the header (RFC 9260 s6.9). A peer whose whole window is
   * smaller gets half of that at a time (RFC 1122 s4.2.3.4), or each chunk would be a probe of its window.
   */
  get maxUserData(): number {
    const most = this.amdcs - DATA_HEADER_LENGTH;
    const window = this.peerLargestRwnd;
    return window >= most ? most : Math.max(MIN_USER_DATA, (window >> 1) & ~3);
  }

  /** What a_rwnd may say: room in the receive buffer, 0 when too many small pieces are held. */
  get advertisable(): number {
    const r = this.reassembly;
    if (r.itemsHeld >= this.maxItemsHeld) return 0;
    const free = this.receiveBuffer - r.bytesHeld;
    // RFC 1122 s4.2.3.3: no window that invites tiny chunks.
    return free >= this.amdcs || free >= this.receiveBuffer ? free : 0;
  }

  /** Chunks and messages held at most: what tiny chunks may cost beside their bytes. */
  get maxItemsHeld(): number {
    return Math.max(256, this.receiveBuffer >> 6);
  }

  /** The earliest deadline of the association and its paths. */
  nextDeadline(): Instant {
    let least = this.timers.next();
    for (const path of this.paths) {
      const at = path.timers.next();
      if (at < least) least = at;
    }
    return least;
  }

  /** The path of this pair of addresses. Linear over the few paths of one association. */
  findPath(local: IpAddress, remote: IpAddress): SctpPath | undefined {
    for (const path of this.paths) {
      if (sameIp(path.remote, remote) && sameIp(path.local, local)) return path;
    }
    return undefined;
  }
}
