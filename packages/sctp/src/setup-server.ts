import { elapsed, type Instant, type IpAddress, millis, sameIp, tsn } from "@multihome/base";
import { ChunkType, ErrorCause, SCTP_HEADER_LENGTH } from "@multihome/wire";
import { type AssociationOwner, SctpAssociation } from "./association.js";
import { failMessages } from "./closing.js";
import {
  abortChunk,
  bareChunk,
  cause,
  errorChunk,
  newAddressesCause,
  staleCookieCause,
} from "./control-chunks.js";
import type { CookieContents, CookieJar } from "./cookie.js";
import { establish } from "./establish.js";
import type { AssociationId } from "./events.js";
import { addressesFor, initAckChunk } from "./init-chunks.js";
import { type InitContents, initFault } from "./init-parameters.js";
import { addPath, emitPath, learnPorts, pathName } from "./path-selection.js";
import { MAX_WAITING } from "./replies.js";
import { tellWritable } from "./sack-receiver.js";
import type { SctpPath } from "./sctp-path.js";
import { takePeerNumbers } from "./setup-client.js";

// The answering side of the four-way handshake and everything unexpected: RFC 9260 s5.1, s5.2.

/** Where a packet came from and to. */
export interface PacketOrigin {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly localPort: number;
  /** UDP port of the peer, 0 without UDP. */
  readonly remotePort: number;
  /** SCTP port of the peer. */
  readonly peerPort: number;
}

/** What the answering side needs of its endpoint. */
export interface SetupServer extends AssociationOwner {
  readonly cookies: CookieJar;
  readonly listening: boolean;
  /** A tag that no association of the endpoint uses. */
  freshTag(): number;
  nextId(): AssociationId;
  /** False when there are as many associations as allowed, at all or opened from this address. */
  hasRoom(peer: IpAddress): boolean;
  /** The association with this peer address, if there is one. */
  findByAddress(
    remote: IpAddress,
    remotePort: number,
    peerPort: number,
  ): SctpAssociation | undefined;
  /** Sends a packet that belongs to no association: one chunk. */
  reply(to: PacketOrigin, vtag: number, chunk: Uint8Array): void;
  adopt(a: SctpAssociation): void;
  /** The association has something to send although the packet at hand was not one of its own. */
  wake(a: SctpAssociation): void;
}

/** Takes an INIT: answers without keeping anything. RFC 9260 s5.1 step B, s5.2.1, s5.2.2 */
export function handleInit(
  s: SetupServer,
  now: Instant,
  init: InitContents,
  from: PacketOrigin,
): void {
  const fault = initFault(init);
  if (fault !== undefined) {
    s.counters.initInvalid++;
    // RFC 9260 s3.3.2: discarded; without a tag there is nothing to answer with.
    if (init.initiateTag === 0) return;
    refuse(s, from, init, cause(ErrorCause.invalidMandatoryParameter)); // no content: s3.3.10.7
    return;
  }
  if (init.hostName !== undefined) {
    s.counters.initInvalid++;
    // RFC 9260 s5.1.2 rule B, s3.3.10.5
    refuse(s, from, init, cause(ErrorCause.unresolvableAddress, init.hostName));
    return;
  }
  s.counters.unknownParameter += init.unrecognized.length;
  const a = existing(s, init, from);
  if (a === undefined) {
    if (!s.listening || !s.hasRoom(from.remote)) {
      s.counters.initRefused++;
      // RFC 9260 s5.1: ABORT; nobody listens, or no resources.
      refuse(s, from, init, s.listening ? cause(ErrorCause.outOfResource) : undefined);
      return;
    }
    answer(s, now, init, from, s.freshTag(), tsn(s.random.nextU32()), 0, 0);
    return;
  }
  const k = a.state.kind;
  if (k === "shutdownAckSent") {
    repeatShutdownAck(s, a, from); // RFC 9260 s9.2: the INIT is discarded
    return;
  }
  if (a.state.kind === "cookieWait") {
    // RFC 9260 s5.2.1: the same tag and TSN as in our own INIT.
    const to = collisionTarget(a, a.state.setup.candidates, init, from);
    if (to === undefined) s.counters.initRefused++;
    else answer(s, now, init, to, a.myVtag, a.myInitialTsn, 0, 0);
    return;
  }
  const added = init.addresses.filter((p) => !a.peerAddresses.some((q) => sameIp(p, q)));
  if (!a.peerAddresses.some((q) => sameIp(q, from.remote))) added.push(from.remote);
  if (added.length > 0) {
    s.counters.initRefused++;
    refuse(s, from, init, newAddressesCause(added)); // RFC 9260 s5.2.1, s5.2.2
    return;
  }
  if (a.localTieTag === 0) {
    a.localTieTag = nonZero(s);
    a.peerTieTag = nonZero(s);
  }
  if (k === "cookieEchoed") {
    answer(s, now, init, from, a.myVtag, a.myInitialTsn, a.localTieTag, a.peerTieTag);
  } else {
    // RFC 9260 s5.2.2: a new tag; the TCB stays as it is.
    answer(s, now, init, from, s.freshTag(), tsn(s.random.nextU32()), a.localTieTag, a.peerTieTag);
  }
}

/**
 * Where the INIT ACK of a collision goes: only to an address that the application gave and the INIT names,
 * the source of the INIT if it is one. RFC 9260 s5.2.1 rules 1 to 3
 */
function collisionTarget(
  a: SctpAssociation,
  candidates: readonly SctpPath[],
  init: InitContents,
  from: PacketOrigin,
): PacketOrigin | undefined {
  if (a.givenAddresses.some((g) => sameIp(g, from.remote))) return from;
  const other = candidates.find((p) => init.addresses.some((i) => sameIp(i, p.remote)));
  if (other === undefined) return undefined;
  const { local, remote, remotePort } = other;
  return { ...from, local, remote, remotePort };
}

/** RFC 9260 s9.2, s5.2.4 action A: to the source, if that is verified. */
function repeatShutdownAck(s: SetupServer, a: SctpAssociation, from: PacketOrigin): void {
  const path = a.findPath(from.local, from.remote);
  const bytes = bareChunk(ChunkType.shutdownAck);
  // One is enough for whatever came in before the next packet leaves.
  if (a.controls.length > 0) return;
  a.controls.push({
    bytes,
    path: path?.confirmed ? path : undefined,
    alone: false,
    vtag: undefined,
  });
  s.wake(a);
}

function existing(
  s: SetupServer,
  init: InitContents,
  from: PacketOrigin,
): SctpAssociation | undefined {
  const direct = s.findByAddress(from.remote, from.remotePort, from.peerPort);
  if (direct !== undefined) return direct;
  // RFC 9260 s5.1.2 rule D: any of the listed addresses may name the association.
  for (const address of init.addresses) {
    const a = s.findByAddress(address, from.remotePort, from.peerPort);
    if (a !== undefined) return a;
  }
  return undefined;
}

function nonZero(s: SetupServer): number {
  return s.random.nextU32() || 1;
}

function refuse(
  s: SetupServer,
  from: PacketOrigin,
  init: InitContents,
  because: Uint8Array | undefined,
): void {
  s.reply(
    from,
    init.initiateTag,
    because === undefined ? abortChunk(false) : abortChunk(false, because),
  );
}

function answer(
  s: SetupServer,
  now: Instant,
  init: InitContents,
  from: PacketOrigin,
  localTag: number,
  localInitialTsn: number,
  localTieTag: number,
  peerTieTag: number,
): void {
  const c = s.config;
  const outboundStreams = Math.min(c.outboundStreams, init.inboundStreams);
  const inboundStreams = Math.min(c.maxInboundStreams, init.outboundStreams);
  // RFC 9260 s3.3.2.1.3 lets the life be extended on request; never beyond twice our own.
  const extra = Math.min(millis(init.cookiePreservative), c.validCookieLife);
  const contents: CookieContents = {
    createdAt: now,
    lifespan: c.validCookieLife + extra,
    localTag,
    localInitialTsn,
    peerTag: init.initiateTag,
    peerInitialTsn: init.initialTsn,
    peerARwnd: init.aRwnd,
    localTieTag,
    peerTieTag,
    localPort: s.port,
    peerPort: from.peerPort,
    outboundStreams,
    inboundStreams,
    local: from.local,
    remote: from.remote,
    remoteUdpPort: from.remotePort,
    peerAddresses: init.addresses,
  };
  const cookie = s.cookies.seal(now, contents, s.localAddresses);
  const told = c.advertiseAddresses ? addressesFor(s.localAddresses, from.remote) : [];
  const headers =
    (from.local.family === 4 ? 20 : 40) + (from.remotePort > 0 ? 8 : 0) + SCTP_HEADER_LENGTH;
  const largest = Math.min(c.mtu, Math.floor(c.maxInitAckRatio * (headers + init.length)));
  const chunk = initAckChunk(
    {
      initiateTag: localTag,
      aRwnd: c.receiveBufferBytes,
      outboundStreams, // RFC 9260 s3.3.3: not more than the INIT allows
      inboundStreams: c.maxInboundStreams,
      initialTsn: localInitialTsn,
    },
    told.filter((a) => takesFamily(init, from, a.family)),
    cookie,
    init.unrecognized,
    from.local,
    largest - headers,
  );
  if (chunk === undefined) {
    s.counters.initRefused++;
    refuse(s, from, init, cause(ErrorCause.outOfResource));
  } else s.reply(from, init.initiateTag, chunk);
}

/** RFC 9260 s5.1.2: a family that the INIT lists as supported, or that its sender uses anyway. */
const takesFamily = (init: InitContents, from: PacketOrigin, family: 4 | 6): boolean =>
  from.remote.family === family || (family === 4 ? init.supportsIpv4 : init.supportsIpv6);

/**
 * Takes a COOKIE ECHO. RFC 9260 s5.1.5, s5.2.4
 * @returns the association that the rest of the packet belongs to, if there is one
 */
export function handleCookieEcho(
  s: SetupServer,
  now: Instant,
  cookie: Uint8Array,
  vtag: number,
  from: PacketOrigin,
  byTag: SctpAssociation | undefined,
): SctpAssociation | undefined {
  const c = s.cookies.open(now, cookie, s.localAddresses, from.local);
  if (c === "forged") {
    s.counters.cookieForged++;
    return undefined;
  }
  if (c.localTag !== vtag || c.localPort !== s.port || c.peerPort !== from.peerPort) {
    s.counters.cookieMismatch++;
    return undefined;
  }
  const a = byTag ?? associationOf(s, c);
  const tagsMatch = a !== undefined && a.myVtag === c.localTag && a.peerVtag === c.peerTag;
  const staleness = elapsed(c.createdAt, now) - c.lifespan;
  if (staleness > 0 && !tagsMatch) {
    s.counters.cookieStale++;
    s.reply(from, c.peerTag, errorChunk(staleCookieCause(staleness)));
    return undefined;
  }
  return a === undefined
    ? openAssociation(s, now, c, from)
    : handleCookieWithTcb(s, now, a, c, from);
}

function associationOf(s: SetupServer, c: CookieContents): SctpAssociation | undefined {
  const direct = s.findByAddress(c.remote, c.remoteUdpPort, c.peerPort);
  if (direct !== undefined) return direct;
  for (const p of c.peerAddresses) {
    const a = s.findByAddress(p, c.remoteUdpPort, c.peerPort);
    if (a !== undefined) return a;
  }
  return undefined;
}

function openAssociation(
  s: SetupServer,
  now: Instant,
  c: CookieContents,
  from: PacketOrigin,
): SctpAssociation | undefined {
  if (!s.listening || !s.hasRoom(c.remote)) {
    s.counters.initRefused++;
    s.reply(from, c.peerTag, abortChunk(false, cause(ErrorCause.outOfResource)));
    return undefined;
  }
  const a = new SctpAssociation(
    s,
    s.nextId(),
    c.peerPort,
    true,
    { kind: "closed" },
    c.localTag,
    tsn(c.localInitialTsn),
    now,
  );
  build(a, now, c);
  s.adopt(a);
  up(a, now, c, from);
  return a;
}

/** Fills a TCB from a cookie. */
function build(a: SctpAssociation, now: Instant, c: CookieContents): void {
  takePeerNumbers(a, {
    initiateTag: c.peerTag,
    aRwnd: c.peerARwnd,
    outboundStreams: c.inboundStreams,
    inboundStreams: c.outboundStreams,
    initialTsn: c.peerInitialTsn,
  });
  a.peerAddresses = [...c.peerAddresses];
  if (!a.peerAddresses.some((p) => sameIp(p, c.remote))) {
    a.peerAddresses = a.peerAddresses.concat(c.remote);
  }
  addPath(a, now, c.local, c.remote, c.remoteUdpPort);
}

function up(
  a: SctpAssociation,
  now: Instant,
  c: CookieContents,
  from: PacketOrigin,
  restarted = false,
): void {
  const via = addPath(a, now, c.local, c.remote, c.remoteUdpPort) ?? a.paths[0];
  if (via === undefined) return;
  a.setupRoundTrip = elapsed(c.createdAt, now);
  establish(a, now, via, restarted);
  acknowledgeCookie(a, now, from);
}

/** COOKIE ACK to where the COOKIE ECHO came from; unconfirmed, it takes a HEARTBEAT along (RFC 9260 s5.4). */
function acknowledgeCookie(a: SctpAssociation, now: Instant, from: PacketOrigin): void {
  const path = pathBack(a, now, from) ?? a.primary;
  if (path !== undefined && !path.confirmed) path.hbDue = true;
  // A repeated COOKIE ECHO may wait for its answer where many do.
  if (a.controls.length >= MAX_WAITING) {
    a.counters.repliesDropped++;
    return;
  }
  a.controls.unshift({
    bytes: bareChunk(ChunkType.cookieAck),
    path,
    alone: false,
    vtag: undefined,
  });
}

/** The path that a packet came over, made if the peer had listed its source; its UDP port is learned (RFC 6951 s5.4). */
function pathBack(a: SctpAssociation, now: Instant, from: PacketOrigin): SctpPath | undefined {
  const known = a.findPath(from.local, from.remote);
  if (known === undefined) {
    if (!a.peerAddresses.some((p) => sameIp(p, from.remote))) return undefined;
    return addPath(a, now, from.local, from.remote, from.remotePort);
  }
  if (known.remotePort !== from.remotePort) {
    learnPorts(a, known, from.localPort, from.remotePort);
  }
  return known;
}

/** RFC 9260 s5.2.4, table 12. */
function handleCookieWithTcb(
  s: SetupServer,
  now: Instant,
  a: SctpAssociation,
  c: CookieContents,
  from: PacketOrigin,
): SctpAssociation | undefined {
  const localMatches = a.myVtag === c.localTag;
  const peerMatches = a.peerVtag === c.peerTag;
  if (localMatches) {
    // Actions B (peer's tag differs or is unknown yet) and D (both match).
    const k = a.state.kind;
    if (!peerMatches || k === "cookieWait") {
      if (k === "cookieWait" || k === "cookieEchoed") build(a, now, c);
      else a.peerVtag = c.peerTag;
    }
    s.reindex(a);
    if (k === "cookieWait" || k === "cookieEchoed") {
      a.controls.clear();
      up(a, now, c, from);
    } else acknowledgeCookie(a, now, from);
    return a;
  }
  if (peerMatches) {
    s.counters.cookieMismatch++; // action C, or a case that table 12 does not show
    return undefined;
  }
  const tied =
    c.localTieTag !== 0 && c.localTieTag === a.localTieTag && c.peerTieTag === a.peerTieTag;
  if (!tied) {
    s.counters.cookieMismatch++;
    return undefined;
  }
  // Action A: the peer restarted.
  if (a.state.kind === "shutdownAckSent") {
    repeatShutdownAck(s, a, from);
    s.reply(from, c.peerTag, errorChunk(cause(ErrorCause.cookieReceivedWhileShuttingDown)));
    return undefined;
  }
  restart(s, now, a, c, from);
  return a;
}

function restart(
  s: SetupServer,
  now: Instant,
  a: SctpAssociation,
  c: CookieContents,
  from: PacketOrigin,
): void {
  failMessages(a, now);
  for (const path of a.paths) {
    emitPath(a, now, {
      kind: "removed",
      at: now,
      path: pathName(path),
      cause: "associationEnded",
    });
  }
  a.reset(c.localTag, tsn(c.localInitialTsn), now);
  build(a, now, c);
  s.reindex(a);
  up(a, now, c, from, true);
  tellWritable(a, now);
}
