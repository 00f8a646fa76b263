import {
  DeadlineHeap,
  type Instant,
  type IpAddress,
  NEVER,
  type PacketRef,
  type ProtocolCore,
  type RandomSource,
  Ring,
  StackError,
  type TraceNoteSink,
  tsn,
} from "@multihome/base";
import type { AddressPair, PathAttachment, PathView } from "@multihome/paths";
import { SCTP_HEADER_LENGTH, writeSctpChecksum, writeSctpHeader } from "@multihome/wire";
import { allowedAddresses } from "./allowed-addresses.js";
import { AssociationTimer, SctpAssociation } from "./association.js";
import { auditAssociation } from "./audit.js";
import { BufferBudget } from "./buffer-budget.js";
import { releaseBuffers, tuneSendBuffer } from "./buffer-tuning.js";
import { abortByUser } from "./closing.js";
import type { SctpConfig, SctpEnvironment } from "./config.js";
import { CookieJar } from "./cookie.js";
import { type SctpCounters, sctpCounters } from "./counters.js";
import { deliverPartWhenFull, updateWindow } from "./data-receiver.js";
import type { AssociationId, ReceivedMessage, SctpEvent } from "./events.js";
import { handleIcmp, type IcmpNotice, icmpMatches } from "./icmp.js";
import { interfacesChanged } from "./interface-change.js";
import { OutMessage } from "./out-message.js";
import { receivePacket } from "./packet-receiver.js";
import { reselectPath } from "./path-selection.js";
import type { SctpPath } from "./sctp-path.js";
import { beginSetup, candidatePaths } from "./setup-client.js";
import type { PacketOrigin, SetupServer } from "./setup-server.js";
import { startShutdown } from "./shutdown.js";
import { runTimers } from "./timeouts.js";
import { pollAssociation } from "./transmit.js";

/** What an endpoint takes in. */
export type SctpInput =
  /** A packet from its common header on; borrowed until return. */
  | { readonly kind: "packet"; readonly packet: PacketRef }
  | { readonly kind: "icmp"; readonly notice: IcmpNotice }
  /** Our addresses changed. */
  | { readonly kind: "addresses"; readonly addresses: readonly LocalAddress[] };

/** One of our addresses and what is known of its interface. */
export interface LocalAddress extends PathAttachment {
  readonly address: IpAddress;
}

/** How to open an association. */
export interface SctpConnectOptions {
  readonly id: AssociationId;
  readonly peerPort: number;
  /** Pairs to try, in this order; at least one. */
  readonly pairs: readonly AddressPair[];
  /** The peer's UDP port for encapsulation (RFC 6951), 0 without UDP. */
  readonly peerUdpPort: number;
}

/** How a message is to be sent. */
export interface SctpSendOptions {
  /** Stream identifier. Default 0. */
  readonly stream?: number;
  /** Payload protocol identifier, 32 bits. Default 0. */
  readonly ppid?: number;
  readonly unordered?: boolean;
  /** Given up if its first byte could not leave within so many milliseconds. RFC 9260 s11.1.5 */
  readonly lifetimeMs?: number;
}

/** What `send` says. */
export type SendResult =
  | { readonly ok: true; readonly messageId: number }
  /** The send buffer is full; a `writable` event follows. */
  | { readonly ok: false; readonly code: "wouldBlock"; readonly freeBytes: number }
  | { readonly ok: false; readonly code: "messageTooLong"; readonly maxBytes: number }
  | { readonly ok: false; readonly code: "noSuchStream"; readonly streams: number }
  | { readonly ok: false; readonly code: "emptyMessage" }
  /** It is shutting down, or over. */
  | { readonly ok: false; readonly code: "notOpen" };

const MAX_REPLIES = 1024;
const NO_KEYS: readonly string[] = [];
const LEAST_IP_HEADER = 20;

interface Reply {
  readonly to: PacketOrigin;
  readonly vtag: number;
  readonly chunk: Uint8Array;
}

/**
 * One SCTP port with all its associations: a protocol core (no I/O, no clock). An association is found
 * by our verification tag, and by the peer's address and ports where there is no tag; both in constant
 * time. RFC 9260 s1.3, s8.4, s8.5
 */
export class SctpEndpoint implements ProtocolCore<SctpInput, SctpEvent>, SetupServer {
  readonly config: SctpConfig;
  readonly counters: SctpCounters;
  readonly random: RandomSource;
  readonly trace: TraceNoteSink | undefined;
  /** The SCTP port. */
  readonly port: number;
  /** Our UDP port, 0 without UDP. */
  readonly udpPort: number;
  /** Made when first asked for: an endpoint of one outgoing association hardly ever is. */
  #cookies: CookieJar | undefined;
  readonly #madeAt: Instant;
  readonly buffers: BufferBudget;
  listening: boolean;
  readonly #nextId: () => AssociationId;
  #locals: readonly LocalAddress[];
  #localAddresses: readonly IpAddress[];
  readonly #byTag: Map<number, SctpAssociation>;
  readonly #byAddress: Map<string, SctpAssociation>;
  readonly #byId: Map<AssociationId, SctpAssociation>;
  /** Associations that are over but have something for the application to read, or an ABORT to send. */
  readonly #closed: Map<AssociationId, SctpAssociation>;
  /** How many associations were opened from an address, for those that opened any. */
  readonly #openedFrom: Map<string, number>;
  readonly #deadlines: DeadlineHeap<SctpAssociation>;
  readonly #ready: Ring<SctpAssociation>;
  readonly #replies: Ring<Reply>;
  readonly #events: Ring<SctpEvent>;

  /**
   * @param port our SCTP port, 1 .. 65,535
   * @param udpPort our UDP port when UDP carries it (RFC 6951), otherwise 0
   * @param nextId gives ids that are never reused; shared by the endpoints of a host
   */
  constructor(
    now: Instant,
    config: SctpConfig,
    env: SctpEnvironment,
    port: number,
    udpPort: number,
    locals: readonly LocalAddress[],
    nextId: () => AssociationId,
  ) {
    if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
      throw new StackError("invalidPort", `SCTP port: got ${port}, expected 1 .. 65535`, { port });
    }
    this.config = config;
    this.counters = sctpCounters();
    this.random = env.random;
    this.trace = env.trace;
    this.port = port;
    this.udpPort = udpPort;
    this.buffers = env.buffers ?? new BufferBudget(config.sharedBufferBytes);
    this.#cookies = undefined;
    this.#madeAt = now;
    this.listening = false;
    this.#nextId = nextId;
    this.#locals = locals;
    this.#localAddresses = allowedAddresses(locals);
    this.#byTag = new Map();
    this.#byAddress = new Map();
    this.#byId = new Map();
    this.#closed = new Map();
    this.#openedFrom = new Map();
    this.#deadlines = new DeadlineHeap();
    this.#ready = new Ring();
    this.#replies = new Ring();
    this.#events = new Ring();
  }

  // ---- ProtocolCore

  handle(now: Instant, input: SctpInput): void {
    if (input.kind === "packet") {
      const touched = receivePacket(this, now, input.packet);
      if (touched !== undefined) this.#touch(touched, true);
    } else if (input.kind === "icmp") this.#handleIcmp(now, input.notice);
    else this.#setAddresses(now, input.addresses);
  }

  handleTimeout(now: Instant): void {
    for (;;) {
      const a = this.#deadlines.peek();
      if (a === undefined || a.heapAt > now) return;
      runTimers(a, now);
      this.#touch(a, true);
      // A timer that stays due would spin; each run takes its deadlines, so it cannot.
      this.#deadlines.set(a, a.nextDeadline());
    }
  }

  /** @throws StackError `bufferTooSmall` if `out` cannot take the largest packet that the `mtu` option allows */
  pollTransmit(now: Instant, out: PacketRef): boolean {
    if (out.end - out.start < this.config.mtu - LEAST_IP_HEADER) this.#refuseBuffer(out);
    for (let a = this.#ready.peek(); a !== undefined; a = this.#ready.peek()) {
      if (pollAssociation(a, now, out)) return true;
      this.#ready.shift();
      a.queued = false;
      this.#settle(a);
    }
    // After the associations: an ABORT of ours with its cause is to arrive before what a packet that was
    // still under way is answered with, an ABORT that says nothing.
    for (let r = this.#replies.shift(); r !== undefined; r = this.#replies.shift()) {
      if (this.#writeReply(out, r)) return true;
    }
    return false;
  }

  pollEvent(): SctpEvent | undefined {
    return this.#events.shift();
  }

  pollTimeout(): Instant {
    return this.#deadlines.next();
  }

  // ---- the application's calls

  /**
   * ASSOCIATE, RFC 9260 s11.1.2: sends an INIT; an `up` or `ended` event follows.
   * @throws StackError `invalidPort`, `noUsableAddress`, `associationExists`
   */
  connect(now: Instant, o: SctpConnectOptions): void {
    if (!(o.peerPort >= 1 && o.peerPort <= 65_535)) {
      throw new StackError("invalidPort", `SCTP port: got ${o.peerPort}, expected 1 .. 65535`, {
        port: o.peerPort,
      });
    }
    if (o.pairs.length === 0) {
      throw new StackError("noUsableAddress", "none of the addresses can be reached from ours", {
        local: this.#localAddresses.map(String),
      });
    }
    // RFC 9260 s1.3: two endpoints have one association between them at any time.
    const taken = o.pairs.find((p) => this.findByAddress(p.remote, o.peerUdpPort, o.peerPort));
    if (taken !== undefined) {
      const peer = `${taken.remote} port ${o.peerPort}`;
      throw new StackError("associationExists", `there is an association with ${peer} already`, {
        remote: String(taken.remote),
        port: o.peerPort,
      });
    }
    const setup = {
      candidates: [] as readonly SctpPath[],
      // A late INIT with one more would be refused as a restart that adds addresses: RFC 9260 s5.2.2
      locals: this.#localAddresses,
      next: 0,
      retransmissions: 0,
      cookiePreservative: 0,
      staleCookies: 0,
    };
    const a = new SctpAssociation(
      this,
      o.id,
      o.peerPort,
      false,
      { kind: "cookieWait", setup },
      this.freshTag(),
      tsn(this.random.nextU32()),
      now,
    );
    setup.candidates = candidatePaths(a, now, o.pairs, o.peerUdpPort);
    a.givenAddresses = o.pairs.map((p) => p.remote);
    a.peerAddresses = [...a.givenAddresses];
    this.adopt(a);
    beginSetup(a, now);
    this.#touch(a, false);
  }

  /**
   * SEND, RFC 9260 s11.1.5. The bytes are borrowed until the message's outcome is told and must not
   * change until then.
   */
  send(now: Instant, id: AssociationId, data: Uint8Array, o: SctpSendOptions = {}): SendResult {
    const a = this.#byId.get(id);
    if (a === undefined || !mayQueue(a)) return { ok: false, code: "notOpen" };
    const c = this.config;
    if (data.length === 0) return { ok: false, code: "emptyMessage" };
    if (data.length > c.maxMessageBytes) {
      return { ok: false, code: "messageTooLong", maxBytes: c.maxMessageBytes };
    }
    const stream = o.stream ?? 0;
    if (!(Number.isInteger(stream) && stream >= 0 && stream < a.outboundStreams)) {
      return { ok: false, code: "noSuchStream", streams: a.outboundStreams };
    }
    if (data.length > a.sendBuffer - a.bufferedBytes) tuneSendBuffer(a, now);
    const free = a.sendBuffer - a.bufferedBytes;
    // A message larger than the whole buffer is taken when the buffer is empty.
    if (data.length > free && a.bufferedBytes > 0) {
      a.writerWaitsFor = data.length;
      return { ok: false, code: "wouldBlock", freeBytes: Math.max(0, free) };
    }
    const expiresAt =
      o.lifetimeMs === undefined ? NEVER : ((now + Math.round(o.lifetimeMs * 1000)) as Instant);
    const message = new OutMessage(
      a.nextMessageId++,
      data,
      stream,
      (o.ppid ?? 0) >>> 0,
      o.unordered ?? false,
      expiresAt,
    );
    if (message.expires) a.expiring++;
    a.sendQueue.push(message);
    a.bufferedBytes += data.length;
    if (expiresAt < a.timers.at(AssociationTimer.expiry)) {
      a.timers.arm(AssociationTimer.expiry, expiresAt);
    }
    this.#touch(a, false);
    return { ok: true, messageId: message.id };
  }

  /**
   * RECEIVE, RFC 9260 s11.1.7: the next message or part of one, or `undefined`. Only what is taken here
   * opens the window again. Works after the end, too, until everything is read.
   */
  receive(id: AssociationId): ReceivedMessage | undefined {
    const a = this.#byId.get(id) ?? this.#closed.get(id);
    if (a === undefined) return undefined;
    const message = a.reassembly.take();
    if (message === undefined) {
      a.readableTold = false;
      if (a.state.kind === "closed") {
        this.#closed.delete(id);
        this.#discount(a);
      }
      return undefined;
    }
    if (a.state.kind !== "closed") {
      if (a.reads !== undefined) a.reads.total += message.data.length;
      deliverPartWhenFull(a);
      updateWindow(a);
      this.#touch(a, false);
    }
    return message;
  }

  /**
   * SHUTDOWN, RFC 9260 s11.1.3: ends once everything queued is delivered; at once if the association is not
   * up yet and nothing is queued.
   */
  shutdown(now: Instant, id: AssociationId): void {
    const a = this.#byId.get(id);
    if (a === undefined) return;
    if (a.established) startShutdown(a, now);
    else if (a.sendQueue.length > 0) a.shutdownWanted = true;
    else abortByUser(a, now, new Uint8Array(0));
    this.#touch(a, false);
  }

  /** ABORT, RFC 9260 s11.1.4: ends at once; the reason goes to the peer's application. */
  abort(now: Instant, id: AssociationId, reason: Uint8Array = new Uint8Array(0)): void {
    const a = this.#byId.get(id);
    if (a === undefined) return;
    abortByUser(a, now, reason.subarray(0, 512));
    this.#touch(a, false);
  }

  /** SET PRIMARY, RFC 9260 s11.1.6. False when there is no such confirmed path. */
  setPrimary(now: Instant, id: AssociationId, pathId: number): boolean {
    const a = this.#byId.get(id);
    const path = a?.paths.find((p) => p.id === pathId);
    if (a === undefined || path === undefined || !path.confirmed) return false;
    a.primary = path;
    reselectPath(a, now, "application");
    this.#touch(a, false);
    return true;
  }

  /** REQUEST HEARTBEAT, RFC 9260 s11.1.10. False when there is no such path. */
  requestHeartbeat(id: AssociationId, pathId: number): boolean {
    const a = this.#byId.get(id);
    const path = a?.paths.find((p) => p.id === pathId);
    if (a === undefined || path === undefined) return false;
    path.hbDue = true;
    this.#touch(a, false);
    return true;
  }

  /** CHANGE HEARTBEAT, RFC 9260 s11.1.9: on or off for one path. */
  setHeartbeat(id: AssociationId, pathId: number, enabled: boolean): boolean {
    const a = this.#byId.get(id);
    const path = a?.paths.find((p) => p.id === pathId);
    if (a === undefined || path === undefined) return false;
    path.heartbeatEnabled = enabled;
    if (enabled) path.hbDue = true;
    this.#touch(a, false);
    return true;
  }

  /** STATUS, RFC 9260 s11.1.8: the paths as they are now; a live view, valid until the next call. */
  paths(id: AssociationId): readonly PathView[] {
    return this.#byId.get(id)?.paths ?? [];
  }

  /** The path that data goes over now. */
  currentPath(id: AssociationId): PathView | undefined {
    return this.#byId.get(id)?.current;
  }

  /** STATUS of the association; `undefined` once it is over. */
  status(id: AssociationId): SctpStatus | undefined {
    const a = this.#byId.get(id);
    if (a === undefined) return undefined;
    return {
      state: a.state.kind,
      peerPort: a.peerPort,
      bufferedBytes: a.bufferedBytes,
      outstandingBytes: a.outstandingBytes,
      unreadBytes: a.reassembly.bytesHeld,
      sendBufferBytes: a.sendBuffer,
      receiveBufferBytes: a.receiveBuffer,
      peerRwnd: a.peerRwnd,
      outboundStreams: a.outboundStreams,
      inboundStreams: a.inboundStreams,
      errorCount: a.errorCount,
    };
  }

  /**
   * Recounts what is kept as sums: what does not agree, `undefined` if all does. For tests; it takes time
   * in proportion to what is queued.
   */
  audit(id: AssociationId): string | undefined {
    const a = this.#byId.get(id);
    return a === undefined ? undefined : auditAssociation(a);
  }

  /** Associations that are over and have something left to read. */
  get unreadCount(): number {
    return this.#closed.size;
  }

  /** True if `receive` may still give something for this association. */
  knows(id: AssociationId): boolean {
    return this.#byId.has(id) || this.#closed.has(id);
  }

  /** How many associations there are, those being set up included. */
  get associationCount(): number {
    return this.#byId.size;
  }

  // ---- what the procedures ask of the endpoint

  get cookies(): CookieJar {
    this.#cookies ??= new CookieJar(this.random, this.#madeAt);
    return this.#cookies;
  }

  get localAddresses(): readonly IpAddress[] {
    return this.#localAddresses;
  }

  emit(event: SctpEvent): void {
    this.#events.push(event);
  }

  freshTag(): number {
    // RFC 9260 s5.3.1: random, and not one that is in use.
    for (;;) {
      const tag = this.random.nextU32();
      if (tag !== 0 && !this.#byTag.has(tag)) return tag;
    }
  }

  nextId(): AssociationId {
    return this.#nextId();
  }

  hasRoom(peer: IpAddress): boolean {
    const all = this.#byId.size + this.#closed.size;
    const opened = this.#openedFrom.get(peer.toString()) ?? 0;
    return all < this.config.maxAssociations && opened < this.config.maxAssociationsPerPeer;
  }

  findByTag(tag: number): SctpAssociation | undefined {
    return this.#byTag.get(tag);
  }

  findByAddress(
    remote: IpAddress,
    remotePort: number,
    peerPort: number,
  ): SctpAssociation | undefined {
    return this.#byAddress.get(addressKey(remote, remotePort, peerPort));
  }

  wake(a: SctpAssociation): void {
    this.#touch(a, true);
  }

  adopt(a: SctpAssociation): void {
    this.#byId.set(a.id, a);
    const opener = a.incoming ? a.paths[0]?.remote.toString() : undefined;
    if (opener !== undefined) {
      a.openedFrom = opener;
      this.#openedFrom.set(opener, (this.#openedFrom.get(opener) ?? 0) + 1);
    }
    this.reindex(a);
  }

  reindex(a: SctpAssociation): void {
    this.#unindex(a);
    a.indexedTag = a.myVtag;
    this.#byTag.set(a.myVtag, a);
    const keys = new Set<string>();
    const port = a.paths[0]?.remotePort ?? 0;
    for (const p of a.peerAddresses) keys.add(addressKey(p, port, a.peerPort));
    for (const p of a.paths) keys.add(addressKey(p.remote, p.remotePort, a.peerPort));
    a.indexedKeys = Array.from(keys);
    for (const key of keys) if (!this.#byAddress.has(key)) this.#byAddress.set(key, a);
  }

  forget(a: SctpAssociation): void {
    this.#unindex(a);
    this.#byId.delete(a.id);
    releaseBuffers(a);
    if (a.reassembly.ready.length > 0) this.#closed.set(a.id, a);
    else this.#discount(a);
    this.#deadlines.remove(a);
  }

  attachPath(path: SctpPath): void {
    const local = this.#locals.find((l) => l.address.toString() === path.local.toString());
    if (local !== undefined) path.attach(local);
  }

  reply(to: PacketOrigin, vtag: number, chunk: Uint8Array): void {
    if (this.#replies.length >= MAX_REPLIES) {
      this.counters.repliesDropped++;
      return;
    }
    this.#replies.push({
      // The packet is only borrowed, the origin is kept.
      to: { ...to },
      vtag,
      chunk,
    });
  }

  // ---- inside

  /** Nothing is left of it. */
  #discount(a: SctpAssociation): void {
    const opener = a.openedFrom;
    if (opener === undefined) return;
    a.openedFrom = undefined;
    const left = (this.#openedFrom.get(opener) ?? 0) - 1;
    if (left > 0) this.#openedFrom.set(opener, left);
    else this.#openedFrom.delete(opener);
  }

  #unindex(a: SctpAssociation): void {
    if (this.#byTag.get(a.indexedTag) === a) this.#byTag.delete(a.indexedTag);
    for (const key of a.indexedKeys) {
      if (this.#byAddress.get(key) === a) this.#byAddress.delete(key);
    }
    a.indexedKeys = NO_KEYS;
  }

  /** Something of it changed: it may have something to send, and other deadlines. */
  #touch(a: SctpAssociation, input: boolean): void {
    if (input) for (const p of a.paths) p.burst = 0;
    if (a.queued) return;
    a.queued = true;
    this.#ready.push(a);
  }

  #settle(a: SctpAssociation): void {
    if (a.state.kind === "closed") this.#deadlines.remove(a);
    else this.#deadlines.set(a, a.nextDeadline());
  }

  #refuseBuffer(out: PacketRef): never {
    const room = out.end - out.start;
    const needed = this.config.mtu - LEAST_IP_HEADER;
    throw new StackError(
      "bufferTooSmall",
      `packet buffer: got room for ${room} bytes, expected ${needed} or more (mtu ${this.config.mtu})`,
      { room, needed },
    );
  }

  #writeReply(out: PacketRef, r: Reply): boolean {
    if (SCTP_HEADER_LENGTH + r.chunk.length > out.end - out.start) {
      this.counters.repliesDropped++;
      return false;
    }
    out.local = r.to.local;
    out.remote = r.to.remote;
    out.localPort = r.to.localPort;
    out.remotePort = r.to.remotePort;
    const at = out.start + writeSctpHeader(out.view, out.start, this.port, r.to.peerPort, r.vtag);
    out.bytes.set(r.chunk, at);
    out.end = at + r.chunk.length;
    writeSctpChecksum(out.bytes, out.view, out.start, out.end);
    this.counters.packetsSent++;
    this.counters.bytesSent += out.end - out.start;
    return true;
  }

  #handleIcmp(now: Instant, n: IcmpNotice): void {
    const peerPort =
      n.quoted.length >= 4 ? ((n.quoted[2] as number) << 8) | (n.quoted[3] as number) : 0;
    const found = this.findByAddress(n.remote, n.remotePort, peerPort);
    if (found === undefined || !icmpMatches(found, n)) {
      this.counters.icmpIgnored++; // RFC 9260 s10 ICMP5, ICMP6
      return;
    }
    this.counters.icmpAccepted++;
    handleIcmp(found, now, n);
    this.#touch(found, true);
  }

  #setAddresses(now: Instant, locals: readonly LocalAddress[]): void {
    this.#locals = locals;
    this.#localAddresses = allowedAddresses(locals);
    for (const a of [...this.#byId.values()]) {
      interfacesChanged(a, now, locals);
      this.#touch(a, true);
    }
  }
}

/** Where an association stands. Sizes in bytes. */
export interface SctpStatus {
  readonly state: SctpAssociation["state"]["kind"];
  /** The peer's SCTP port. */
  readonly peerPort: number;
  readonly bufferedBytes: number;
  readonly outstandingBytes: number;
  readonly unreadBytes: number;
  /** The sizes of both buffers now. */
  readonly sendBufferBytes: number;
  readonly receiveBufferBytes: number;
  readonly peerRwnd: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly errorCount: number;
}

const addressKey = (remote: IpAddress, remotePort: number, peerPort: number): string =>
  `${remote.toString()} ${remotePort} ${peerPort}`;

/** Data may be queued before the association is up; it leaves when it is. RFC 9260 s9.2 */
const mayQueue = (a: SctpAssociation): boolean =>
  a.state.kind === "established" ||
  (!a.shutdownWanted && (a.state.kind === "cookieWait" || a.state.kind === "cookieEchoed"));
